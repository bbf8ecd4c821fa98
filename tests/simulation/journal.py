"""I11: the product's journal, read as its table holds it, against what EC2 really did in its name."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from tests.simulation.dynamodb import Table
from tests.simulation.dynamodb_expressions import Item
from tests.simulation.network import Answer, tags_of

INTENT = "headroom:intent"
REFUSED = {"throttled", "denied"}  # an overlap may be with what the call itself made, when its answer got lost

Entries = Mapping[str, Item]


@dataclass
class Log:
    """What the product made and gave back, as EC2 knows it: by reservation, with the intent in its tag."""

    made: dict[str, str] = field(default_factory=dict)  # reservation -> intent
    given_back: set[str] = field(default_factory=set)
    unsaid: set[str] = field(default_factory=set)  # disagreements that were already reported
    news: bool = False  # since they were last compared

    def wrote(self, key: tuple[str, str]) -> None:
        """The table was written to."""
        self.news |= key[0].startswith("JOURNAL#")

    def changed(self, how: str, reservation: Answer) -> None:
        """EC2 did it."""
        self.news = True
        id_ = reservation["SubnetCidrReservationId"]
        if how == "created":
            self.made[id_] = tags_of(reservation).get(INTENT, "")
        else:
            self.given_back.add(id_)

    def disagreements(self, table: Table) -> Iterator[str]:
        """What the journal and EC2 do not both say, each once. An entry that is not settled yet may be either."""
        if not self.news:
            return
        self.news = False
        for what in self._disagreements(*_entries(table)):
            if what not in self.unsaid:
                self.unsaid.add(what)
                yield what

    def _disagreements(self, creates: Entries, releases: Entries) -> Iterator[str]:
        by_intent = {intent: id_ for id_, intent in self.made.items()}
        for id_, item in creates.items():
            outcome, said = item["outcome"]["S"], item["reservation"]["S"]
            if outcome == "done" and said != by_intent.get(id_):
                yield f"the journal says that {id_} made {said}, EC2 says {by_intent.get(id_)}"
            if outcome in REFUSED and id_ in by_intent:
                yield f"the journal says that {id_} was {outcome}, EC2 made {by_intent[id_]}"
        for reservation, intent in self.made.items():
            if intent not in creates:
                yield f"{reservation} is in no entry of the journal"
        yield from (f"{each} was given back, the journal does not know" for each in self.given_back - releases.keys())

    def unsettled(self, table: Table, standing: Iterable[Answer]) -> Iterator[str]:
        """After quiet: what stands and is ours, and what was given back, must be in the journal as it ended."""
        creates, releases = _entries(table)
        for each in standing:
            id_, intent = each["SubnetCidrReservationId"], tags_of(each).get(INTENT, "")
            if id_ in self.made and intent and (said := _outcome(creates.get(intent))) != "done":
                yield f"{id_} stands, and the journal says of {intent}: {said}"
        for id_ in self.given_back:
            if (said := _outcome(releases.get(id_))) != "done":
                yield f"{id_} was given back, and the journal says: {said}"


def _outcome(item: Item | None) -> str:
    return str(item["outcome"]["S"]) if item else "nothing"


def _entries(table: Table) -> tuple[Entries, Entries]:
    """Creates by intent, releases by reservation."""
    entries = [
        (sk.partition("#")[2], item)
        for pk, items in table.partitions.items()
        if pk.startswith("JOURNAL#")
        for sk, item in sorted(items.items())
    ]
    creates = {id_: item for id_, item in entries if item["kind"]["S"] == "create"}
    # Of several tries at one release, the one that did it counts.
    releases = {item["reservation"]["S"]: item for _, item in _done_last(entries) if item["kind"]["S"] == "release"}
    return creates, releases


def _done_last(entries: list[tuple[str, Item]]) -> list[tuple[str, Item]]:
    return sorted(entries, key=lambda each: each[1]["outcome"]["S"] == "done")
