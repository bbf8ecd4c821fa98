"""Whether the maximum of pods that nodes advertise is the one that EKS recommends for them.

Where EKS itself sets the number that is so; dragged_down.py says what it costs there. Where the CNI's settings are not
known nothing can be said, and cni-settings-unreadable says that for the whole cluster.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from functions.capacity.advertised import standard_max_pods
from functions.capacity.clusters import Origin
from functions.capacity.findings.advertising import (
    COSTLY,
    Advertising,
    advertising,
    leaves_it_open,
    set_by_eks,
    unreadable,
    why_unknown,
)
from functions.capacity.findings.facts import Facts, GroupFacts
from functions.capacity.findings.finding import Finding, FindingId, Number, Severity
from functions.capacity.findings.max_pods_setting import set_max_pods

HANG = "Pods beyond what the addresses allow are scheduled all the same and stay in ContainerCreating."
UNUSED = "The nodes take fewer pods than they have addresses and size for, so the same pods need more nodes."
OPEN = "The nodes take what their AMI makes up: too few pods for their addresses, or more, which then wait for ever."
ABOVE = "The addresses are there, but a node with more pods than EKS recommends for its size may be slow or unstable."

KARPENTER = "Karpenter's own rule counts single addresses and ignores prefixes, unless the EC2NodeClass says a number."


def max_pods_not_set(facts: Facts) -> Iterator[Finding]:
    """A group with an AMI of its own has to set max pods itself, and does not."""
    for of in _setting_it_themselves(facts):
        if leaves_it_open(of.group):
            yield from _not_set(of)
        elif of.group.origin is not Origin.KARPENTER and of.advertised.unknown:
            yield unreadable(FindingId.MAX_PODS_NOT_SET, of, why_unknown(of))


def max_pods_too_low(facts: Facts) -> Iterator[Finding]:
    """Nodes advertise less than EKS recommends: capacity is lost."""
    for of in _setting_it_themselves(facts):
        numbers = None if leaves_it_open(of.group) else advertising(of)
        if numbers and numbers.low:
            yield _too_low(of, numbers)
        else:
            yield from _unknown(FindingId.MAX_PODS_TOO_LOW, of)


def max_pods_too_high(facts: Facts) -> Iterator[Finding]:
    """Nodes advertise more than their addresses allow, or more than EKS recommends."""
    for of in _setting_it_themselves(facts):
        numbers = None if leaves_it_open(of.group) else advertising(of)
        if numbers and numbers.high:
            yield _too_high(of, numbers)
        else:
            yield from _unknown(FindingId.MAX_PODS_TOO_HIGH, of)


def _setting_it_themselves(facts: Facts) -> Iterator[GroupFacts]:
    """Groups whose number is neither EKS's nor Auto Mode's, in clusters whose settings are known."""
    for of in facts.groups:
        if of.cni is not None and of.group.origin is not Origin.AUTO_MODE and not set_by_eks(of.group):
            yield of


def _unknown(id_: FindingId, of: GroupFacts) -> Iterator[Finding]:
    """Where nothing is set, max-pods-not-set says all there is to say."""
    why = why_unknown(of)
    if why and not leaves_it_open(of.group):
        yield unreadable(id_, of, why)


def _not_set(of: GroupFacts) -> Iterator[Finding]:
    """What nodes come up with then is their AMI's own rule, which may happen to be right: no finding."""
    if of.missing_types or not of.types or of.cni is None:
        yield unreadable(FindingId.MAX_PODS_NOT_SET, of, why_unknown(of))
        return
    numbers = advertising(of)
    if numbers is None:
        wanted, means, critical = min(of.recommended.values()), OPEN, False
        instead = "it is not known what its nodes come up with"
    elif numbers.low or numbers.high:
        wanted, means, critical = numbers.fits_all, _means(numbers), bool(numbers.beyond)
        instead = f"its nodes come up with {_listed(numbers.advertised, numbers.low or numbers.high)}"
    else:
        return
    yield Finding(
        id=FindingId.MAX_PODS_NOT_SET,
        severity=Severity.CRITICAL if critical else Severity.WARNING,
        resource=of.resource,
        title=f"{of.group.label} has an AMI of its own and sets no max pods: {instead}, {wanted} is recommended",
        means=means,
        numbers=_figures(of, numbers) | {"maxPodsToSet": wanted},
        remedy=set_max_pods(of.group, wanted),
    )


def _means(numbers: Advertising) -> str:
    return HANG if numbers.beyond else UNUSED if numbers.low else ABOVE


def _too_low(of: GroupFacts, numbers: Advertising) -> Finding:
    costly = any(numbers.advertised[name] <= COSTLY * numbers.recommended[name] for name in numbers.low)
    lost = {name: numbers.recommended[name] - numbers.advertised[name] for name in numbers.low}
    return Finding(
        id=FindingId.MAX_PODS_TOO_LOW,
        severity=Severity.WARNING if costly else Severity.INFO,
        resource=of.resource,
        title=f"{of.group.label} lets its nodes take {_listed(numbers.advertised, numbers.low)} pods of the "
        f"{_listed(numbers.recommended, numbers.low)} that EKS recommends",
        means=UNUSED + (f" {KARPENTER}" if of.group.origin is Origin.KARPENTER else ""),
        numbers=_figures(of, numbers)
        | {
            "podsLostPerNode": lost,
            "podsLost": sum(lost.get(each.instance_type, 0) for each in of.group.nodes),
            "maxPodsToSet": numbers.fits_all,
        },
        remedy=set_max_pods(of.group, numbers.fits_all),
    )


def _too_high(of: GroupFacts, numbers: Advertising) -> Finding:
    names = numbers.beyond or numbers.high
    bound = (
        f"with addresses for {_listed(numbers.allowed, names)}"
        if numbers.beyond
        else f"EKS recommends {_listed(numbers.recommended, names)}"
    )
    harmless = Severity.INFO if _by_karpenters_rule(of, numbers) else Severity.WARNING
    return Finding(
        id=FindingId.MAX_PODS_TOO_HIGH,
        severity=Severity.CRITICAL if numbers.beyond else harmless,
        resource=of.resource,
        title=f"{of.group.label} lets its nodes take {_listed(numbers.advertised, names)} pods, {bound}",
        means=HANG if numbers.beyond else ABOVE,
        numbers=_figures(of, numbers) | {"maxPodsToSet": numbers.fits_all},
        remedy=set_max_pods(of.group, numbers.fits_all),
    )


def _by_karpenters_rule(of: GroupFacts, numbers: Advertising) -> bool:
    """Whether the numbers are Karpenter's own, which has no cap: nobody chose them."""
    rule = {each.name: standard_max_pods(each) for each in of.types}
    return of.group.origin is Origin.KARPENTER and all(numbers.advertised[each] == rule[each] for each in numbers.high)


def _figures(of: GroupFacts, numbers: Advertising | None) -> dict[str, Number]:
    if numbers is None:
        return {"recommended": of.recommended, "nodes": len(of.group.nodes)}
    allowed: dict[str, Number] = {"allowedByAddresses": numbers.allowed} if numbers.allowed else {}
    return {
        "advertised": numbers.advertised,
        "recommended": numbers.recommended,
        **allowed,
        "setBy": of.advertised.source,
        "nodes": len(of.group.nodes),
    }


def _listed(pods: Mapping[str, int], names: Iterable[str]) -> str:
    """`29`, or where types differ `29 (m5.large), 11 (t3.small)`."""
    numbers = {name: pods[name] for name in names}
    if len(set(numbers.values())) == 1:
        return str(next(iter(numbers.values())))
    return ", ".join(f"{each} ({name})" for name, each in numbers.items())
