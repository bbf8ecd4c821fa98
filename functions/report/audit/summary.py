"""What whoever reads only the top must know: what is wrong, where, and what to do first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from functions.capacity.findings.finding import Finding, FindingId, Severity
from functions.capacity.wording import count
from functions.report.audit.facts import Fact, Record
from functions.report.audit.severities import GRAVEST_FIRST

_ADJECTIVES = {
    Severity.CRITICAL: "critical finding",
    Severity.WARNING: "warning",
    Severity.UNKNOWN: "finding that cannot be judged",
    Severity.INFO: "note",
}
FEW = 3
_MANY = {Severity.UNKNOWN: "findings that cannot be judged"}


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """All findings of one kind and severity, in the order of the report."""

    id: FindingId
    severity: Severity
    findings: tuple[Finding, ...]

    @property
    def where(self) -> tuple[str, ...]:
        """The resources, each once."""
        return tuple(dict.fromkeys(str(each.resource) for each in self.findings))

    @property
    def first_step(self) -> str:
        """What to do first, of the first of them; without its commands."""
        steps = self.findings[0].remedy
        return steps[0].partition("\n")[0].rstrip(":") if steps else ""


def troubles(findings: Iterable[Finding]) -> tuple[Trouble, ...]:
    """The findings, those of a kind together, the gravest first."""
    grouped: dict[tuple[Severity, FindingId], list[Finding]] = defaultdict(list)
    for each in findings:
        grouped[each.severity, each.id].append(each)
    order = sorted(grouped, key=lambda key: (GRAVEST_FIRST.index(key[0]), -len(grouped[key]), key[1]))
    return tuple(Trouble(id=key[1], severity=key[0], findings=tuple(grouped[key])) for key in order)


def totals(findings: Sequence[Finding], subnets: Sequence[Record], clusters: Sequence[Record]) -> tuple[Fact, ...]:
    """The counts of the whole report."""
    seen = [each for each in subnets if not each["partial"]]
    return (
        *(_of_severity(each, findings) for each in GRAVEST_FIRST),
        Fact(key="clusters", label="Clusters", value=len(clusters)),
        Fact(key="nodes", label="Nodes", value=_sum(clusters, "nodes")),
        Fact(key="subnets", label="Subnets", value=len(subnets)),
        Fact(key="freePrefixes", label="/28 free where all was seen", value=_sum(seen, "freePrefixes")),
        Fact(key="prefixesToCome", label="/28 to come", value=_sum(subnets, "prefixesToCome")),
        Fact(key="prefixesMissing", label="/28 missing", value=_sum(subnets, "prefixesMissing")),
    )


def verdict(findings: Sequence[Finding], subnets: Sequence[Record], unknowns: Sequence[str]) -> str:
    """The report in a sentence or two."""
    return " ".join(_verdict(findings, subnets, unknowns))


def _verdict(findings: Sequence[Finding], subnets: Sequence[Record], unknowns: Sequence[str]) -> Iterator[str]:
    said = [counted(each, n) for each in GRAVEST_FIRST if (n := sum(f.severity is each for f in findings))]
    yield f"{listed(said)}." if said else "Nothing wrong was seen."
    short = [each for each in subnets if each["prefixesMissing"]]
    if short:
        missing = count(_sum(short, "prefixesMissing"), "prefix")
        which = f"{count(len(short), 'subnet')} cannot hold what may be asked{_names(short)}"
        yield f"{which}: {missing} (/28) missing in all."
    full = [each for each in subnets if each["allocatablePrefixes"] and not each["freePrefixes"]]
    if full:
        yield f"{count(len(full), 'subnet')} {'has' if len(full) == 1 else 'have'} no free /28 at all{_names(full)}."
    if unknowns:
        yield f"{count(len(unknowns), 'thing')} could not be read, so what is not named here is not proven fine."


def _names(subnets: Sequence[Record]) -> str:
    """Which they are, where they are few."""
    return f" ({', '.join(each.id for each in subnets)})" if len(subnets) <= FEW else ""


def _of_severity(severity: Severity, findings: Sequence[Finding]) -> Fact:
    label = {Severity.CRITICAL: "Critical", Severity.WARNING: "Warnings", Severity.INFO: "Notes"}
    value = sum(each.severity is severity for each in findings)
    return Fact(key=severity.value, label=label.get(severity, "Not known"), value=value)


def counted(severity: Severity, number: int) -> str:
    """`2 warnings`, `1 finding that cannot be judged`."""
    if number > 1 and severity in _MANY:
        return f"{number} {_MANY[severity]}"
    return count(number, _ADJECTIVES[severity])


def listed(parts: Sequence[str]) -> str:
    """`a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


def _sum(records: Iterable[Record], key: str) -> int:
    return sum(value for each in records if isinstance(value := each[key], int))
