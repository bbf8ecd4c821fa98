"""I8: what a subscriber hears of each alert: opened, perhaps worse, resolved, and so on, each once."""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.simulation.dynamodb_expressions import Item
from tests.simulation.queues import Delivered

Key = tuple[str, str, str, str]  # form, finding, subnet, resource
OUTBOX = "OUTBOX"
ALERT_HOLDS = 601.0  # seconds: longer than a finding must last, or stay away, to be told
PAGING = "paging"
AFTER = {  # which states may follow which
    None: {"open"},
    "open": {"worse", "reminded", "resolved"},
    "worse": {"worse", "reminded", "resolved"},
    "reminded": {"worse", "reminded", "resolved"},
    "resolved": {"open"},
}


@dataclass
class Heard:
    """By alert, what came of it, each message once."""

    came: dict[Key, list[Delivered]] = field(default_factory=lambda: defaultdict(list))
    digested: set[str] = field(default_factory=set)  # clusters of which several changes came in one message
    heard: int = 0
    mishap_at: float = -1.0  # until when a run that was in trouble may say again what was said already
    repeats: int = 0
    stored: list[tuple[Key, str]] = field(default_factory=list)  # what went into the outbox: alert and body

    def wrote(self, key: tuple[str, str], item: Item | None) -> None:
        """The table was written to."""
        if key[0] == OUTBOX and item is not None and "message" in item:
            message = json.loads(item["message"]["S"])
            self.stored.append((_key(message["form"], message["attributes"]), message["body"]))

    def mishap(self, at: float) -> None:
        """A run died, was held up, or an answer got lost: what it was saying may be said once more."""
        self.mishap_at = max(self.mishap_at, at)

    def listen(self, delivered: list[Delivered]) -> Iterator[str]:
        """What is wrong with the messages that came since."""
        for message in delivered[self.heard :]:
            if what := self._wrong(message):
                yield what
        self.heard = len(delivered)

    def undelivered(self) -> Iterator[str]:
        """Alerts whose messages did not all come, in the order in which they went into the outbox."""
        wanted: dict[Key, list[str]] = defaultdict(list)
        for key, body in self.stored:
            wanted[key].append(body)
        for key, bodies in wanted.items():
            if [each.body for each in self.came[key]] != bodies:
                alert = " ".join(filter(None, key))
                yield f"{alert}: {len(bodies)} messages were stored, {len(self.came[key])} came, or in another order"

    def _wrong(self, message: Delivered) -> str:
        said = message.attributes
        key = _key(message.form, said)
        before = self.came[key]
        last = before[-1] if before else None
        again = [each for each in before if each.body == message.body]
        if again and len(again) >= self.stored.count((key, message.body)):
            return self._repeated(message, again[-1])
        before.append(message)
        if self._may_follow(message, last):
            return ""
        return f"{message.subject!r} came after {last.attributes['state'] if last else 'nothing'}"

    def _may_follow(self, message: Delivered, last: Delivered | None) -> bool:
        """A digest names no alert, so after one anything may follow in its cluster."""
        said = message.attributes
        if message.form == PAGING:  # a page stands for several alerts
            return True
        if said["finding"] == "several":
            self.digested.add(said.get("cluster", ""))
        if said["state"] == "done" or (said.get("cluster", "") in self.digested and "subnet" not in said):
            return True
        return said["state"] in AFTER[last.attributes["state"] if last else None]

    def _repeated(self, message: Delivered, first: Delivered) -> str:
        self.repeats += 1
        return "" if self.mishap_at >= first.at else f"{message.subject!r} was said twice with no reason"


def _key(form: str, attributes: Mapping[str, Any]) -> Key:
    return form, attributes.get("finding", ""), attributes.get("subnet", ""), attributes.get("resource", "")
