"""An alert: one thing to tell, with all that any form says of it, in the order in which they say it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from functions.capacity.findings.finding import Finding, Kind, Number, Severity
from functions.capacity.forms.commands import aimed
from functions.capacity.incidents import RANK, Change, Incident, State
from functions.capacity.wording import ATTRIBUTE_LIMIT, clean, count, time, within

DIGEST_ABOVE = 10  # changes of one run; more become one alert
LISTED = 100  # changes in a digest: what SNS takes, 256 KiB, is far away
LINE = 150  # characters of each
SEVERAL = "several"  # in place of a finding's id
NUMBER = 2000  # characters of one number
STEP = 4000  # characters of one step
KEY_LIMIT = 100  # characters of a thread's id or an alarm's name; CloudWatch takes 255
RUNBOOKS = "docs/runbooks"  # in the repository
OVERVIEW = "README"
UNTOUCHED = "nothing: Headroom changes reservations in subnets, and nothing else"


@dataclass(frozen=True, kw_only=True)
class Place:
    """The account and the region that Headroom runs in, and where readers find the runbooks: a URL, if there is one."""

    account: str = ""
    region: str = ""
    runbooks: str = ""

    def runbook(self, page: str) -> str:
        """Where a page is: a link, or its path in the repository, which nobody can click on."""
        if self.runbooks:
            return f"{self.runbooks.rstrip('/')}/{page}.md"
        return f"{RUNBOOKS}/{page}.md in the repository that Headroom was deployed from"


@dataclass(frozen=True, kw_only=True)
class Alert:
    """What, where, how bad and since when, what was done, what to do. Its texts hold no control characters but lines.

    `thread` names one incident, `page` its cause and resource: the page that its end closes.
    """

    state: State
    severity: Severity
    finding: str
    thread: str
    page: str
    what: str
    place: Place
    since: datetime
    at: datetime
    cluster: str = ""
    subnet: str = ""
    resource: str = ""
    stands: str = ""  # where, beyond the resource's name
    numbers: tuple[str, ...] = ()
    means: str = ""
    done: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    page_of: str = OVERVIEW  # its runbook's name

    @property
    def headline(self) -> str:
        """Severity, state and what: what every form begins with."""
        return f"[{self.severity.upper()}] {self.state}: {self.what}"

    @property
    def where(self) -> tuple[str, ...]:
        """The resource, where it stands, its cluster, the account and the region, as far as they are known."""
        named = self.resource == f"{Kind.CLUSTER}/{self.cluster}"
        cluster = f"cluster {self.cluster}" if self.cluster and not named else ""
        account = f"account {self.place.account}" if self.place.account else ""
        ours = ", ".join(filter(None, (account, self.place.region)))
        return tuple(filter(None, (self.resource, self.stands, cluster, ours)))

    @property
    def when(self) -> str:
        """Since when it is so, or from when to when it was."""
        match self.state:
            case State.DONE:
                return time(self.at)
            case State.RESOLVED:
                return f"since {time(self.since)}, over {time(self.at)}, after {spell(self.at - self.since)}"
            case _:
                return f"since {time(self.since)}"

    @property
    def runbook(self) -> str:
        """Where its runbook is."""
        return self.place.runbook(self.page_of)

    @property
    def asks(self) -> bool:
        """Whether somebody should do something."""
        return self.state not in {State.RESOLVED, State.DONE}

    @property
    def attributes(self) -> dict[str, str]:
        """For subscriptions' filter policies; SNS takes no empty ones."""
        every = {
            "finding": self.finding,
            "state": self.state.value,
            "severity": self.severity.value,
            "cluster": self.cluster,
            "subnet": self.subnet,
            "resource": self.resource,
        }
        return {name: within(value, ATTRIBUTE_LIMIT) for name, value in every.items() if value}


def alert(change: Change, place: Place, at: datetime) -> Alert:
    """What there is to tell of one change."""
    incident, finding = change.incident, change.finding
    kind, _, name = incident.resource.partition("/")
    return Alert(
        state=change.state,
        severity=change.severity,
        finding=incident.finding,
        thread=_name(f"{change.key} {incident.since:%Y-%m-%dT%H:%M:%SZ}"),
        page=_name(f"{change.key} {place.account} {place.region}"),
        what=clean(incident.title if finding else _over(incident)),
        place=place,
        since=incident.since,
        at=at,
        cluster=clean(incident.cluster),
        subnet=clean(name) if kind == Kind.SUBNET else "",
        resource=clean(incident.resource),
        stands=clean(incident.where),
        numbers=tuple(_numbers(finding)),
        means=clean(finding.means) if finding else "",
        done=tuple(map(clean, finding.done or (UNTOUCHED,))) if finding else (),
        steps=tuple(_step(each, incident, place) for each in finding.remedy) if finding else (),
        page_of=incident.finding,
    )


def digest(changes: Sequence[Change], place: Place, at: datetime) -> Alert:
    """Many changes as one alert: each in a line, the gravest first."""
    ordered = sorted(changes, key=lambda each: -RANK[each.severity])
    states = Counter(each.state for each in changes)
    said = ", ".join(f"{states[state]} {state}" for state in State if states[state])
    lines = [f"{each.state:<8} {each.severity:<8} {_line(each)}" for each in ordered[:LISTED]]
    lines += [f"and {len(changes) - LISTED} more; in all: {_in_all(changes)}"] if len(changes) > LISTED else []
    page = _name(f"{SEVERAL} {at:%Y-%m-%dT%H:%M:%SZ} {place.account} {place.region}")
    return Alert(
        state=next((each for each in _LOUDEST if states[each]), State.DONE),
        severity=ordered[0].severity,
        finding=SEVERAL,
        thread=page,
        page=page,
        what=f"{len(changes)} findings at once: {said}",
        place=place,
        since=min(each.incident.since for each in changes),
        at=at,
        numbers=tuple(lines),
        steps=(
            "Begin with the first: they are in the order of their severity. The id in brackets is the runbook's name.",
            f"For what helps each of them now, with its commands:\nheadroom audit{_at(place)} --format md",
        ),
    )


def _at(place: Place) -> str:
    return f" --region {place.region}" if place.region else ""


def _in_all(changes: Sequence[Change]) -> str:
    """How many of each finding, the most frequent first."""
    return ", ".join(f"{n} {name}" for name, n in Counter(each.incident.finding for each in changes).most_common())


_LOUDEST = (State.OPEN, State.WORSE, State.REMINDED, State.RESOLVED)


def alerts(changes: Sequence[Change], place: Place, at: datetime) -> Iterator[Alert]:
    """Each change alone, or all of them as one where they are many."""
    if len(changes) > DIGEST_ABOVE:
        yield digest(changes, place, at)
    else:
        yield from (alert(each, place, at) for each in changes)


def _over(incident: Incident) -> str:
    return incident.over or f"no longer so: {incident.title}"


def _line(change: Change) -> str:
    said = change.incident.title if change.finding else _over(change.incident)
    return f"{within(clean(said), LINE)} [{change.incident.finding}]"


def _step(text: str, incident: Incident, place: Place) -> str:
    """A step whole, or its words: half of its commands would be worse than none."""
    step = _lines(aimed(text, cluster=incident.cluster, region=place.region))
    words = step.partition("\n")[0]
    return step if len(step) <= STEP else f"{within(words, STEP - 50)} (too long for a message: see the runbook)"


def spell(span: timedelta) -> str:
    """How long, in its two largest units: `3 days 4 hours`, `40 minutes`."""
    minutes = max(0, round(span / timedelta(minutes=1)))
    parts = ((minutes // 1440, "day"), (minutes // 60 % 24, "hour"), (minutes % 60, "minute"))
    said = [count(n, unit) for n, unit in parts if n][:2]
    return " ".join(said) or "less than a minute"


def _lines(text: str) -> str:
    """A step may be of several lines, such as commands; its names may hold anything."""
    return "\n".join(clean(line) for line in text.splitlines())


def _name(text: str) -> str:
    """Printable ASCII without blanks or quotes, short, and still different for what is different."""
    plain = re.sub(r"[^A-Za-z0-9._:/-]+", "-", text)
    if plain.replace("-", " ") == text.replace("-", " ") and len(plain) <= KEY_LIMIT:
        return plain
    mark = sha256(text.encode(errors="replace")).hexdigest()[:12]
    return f"{plain[: KEY_LIMIT - len(mark) - 1]}-{mark}"


def _numbers(finding: Finding | None) -> Iterator[str]:
    for name, value in finding.numbers.items() if finding else ():
        if isinstance(value, Sequence) and not isinstance(value, str) and any(" " in str(each) for each in value):
            yield from (f"{_words(name)}: {within(clean(str(each)), NUMBER)}" for each in value)
        else:
            yield f"{_words(name)}: {within(clean(_number(value)), NUMBER)}"


_LABELS = {  # of numbers whose names in JSON are too short for somebody who was woken
    "prefixesToCome": "prefixes (/28) that nodes may still ask for",
    "ofThemUrgent": "of them by nodes that are there or asked for",
    "freeInReservations": "free blocks inside reservations",
    "freeOutside": "free blocks outside of them",
    "draining": "reserved blocks with single addresses, draining",
    "expectedToDrainWithinADay": "of these expected to be free within a day",
    "spoiltOutside": "other blocks with single addresses",
    "assigned": "blocks assigned to nodes",
    "openSingleAddresses": "single addresses that can still be had",
}


def _words(name: str) -> str:
    """`maxPodsNow` as `max pods now`."""
    return _LABELS.get(name) or "".join(f" {c.lower()}" if c.isupper() else c for c in name)


def _number(value: Number) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {each}" for key, each in value.items())
    if isinstance(value, str) or not isinstance(value, Iterable):
        return str(value)
    return ", ".join(map(str, value)) or "none"
