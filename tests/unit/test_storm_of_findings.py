"""A thousand subnets that fail at once: one digest in each form, and everything is known afterwards."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from functions.capacity.model import Snapshot
from functions.capacity.remembered import Chapter, Known, News, Remembered
from functions.capacity.scope import Scope
from functions.capacity.wording import Form, Message
from sandbox.demo.published_schemas import breaches
from tests.builders import NOW, a_group, a_snapshot, a_subnet
from tests.fakes import World

MANY = 1000
LATER = timedelta(minutes=10)


@dataclass
class Fleet(World):
    """A thousand subnets instead of one, each with a node group of its own, which asks for so many nodes."""

    nodes: int = 9
    many: int = MANY
    known: dict[str, tuple[Known, int]] = field(default_factory=dict)

    def read(self, _scope: Scope, _now: datetime) -> Snapshot:
        subnet = a_subnet("10.0.0.0/26", mode="")
        ids = [f"subnet-{n:04}" for n in range(self.many)]
        groups = [a_group(name=each, desired=self.nodes, most=self.nodes, subnets=[each]) for each in ids]
        return a_snapshot(*(replace(subnet, id=each) for each in ids), groups=groups)

    def recount(self, snapshot: Snapshot) -> Snapshot:
        return snapshot

    def of_subnet(self, subnet_id: str, _now: datetime) -> Remembered:
        known, version = self.known.get(subnet_id, (Known(), 0))
        return Remembered(known=known, version=version)

    def keep_news(self, news: Sequence[News], messages: Sequence[Message], now: datetime) -> None:
        super().keep_news([each for each in news if each.chapter is not Chapter.SUBNET], messages, now)
        self.known |= {each.name: (each.known, each.replaces + 1) for each in news if each.chapter is Chapter.SUBNET}


def heard(fleet: Fleet) -> list[tuple[Form, str]]:
    said, fleet.said = fleet.said, []
    assert [breaches(each) for each in said] == [[]] * len(said)
    return [(each.form, each.subject) for each in said]


def test_a_thousand_subnets_that_fail_at_once_are_one_digest_and_one_page_and_so_is_their_end():
    fleet = Fleet(subnet=a_subnet())
    fleet.run()
    assert [form for form, _ in heard(fleet)] == [Form.MAIL, Form.CHAT, Form.PAGING]
    assert len([each for each, _ in fleet.known.values() if each.incidents]) == MANY
    fleet.now += timedelta(minutes=1)
    fleet.run()
    assert heard(fleet) == []
    fleet.nodes = 0
    for _ in range(2):
        fleet.now += LATER
        fleet.run()
    over = heard(fleet)
    assert [form for form, _ in over] == [Form.MAIL, Form.CHAT, Form.PAGING]
    assert over[0][1] == f"[CRITICAL] resolved: {MANY} findings at once: {MANY} resolved (us-east-1)"
    assert over[2][1].startswith('OK: "several')


def test_the_digest_lists_the_first_and_counts_the_rest():
    fleet = Fleet(subnet=a_subnet())
    fleet.run()
    mail, chat, page = fleet.said
    assert mail.subject.startswith(f"[CRITICAL] open: {MANY} findings at once")
    assert f"\nand 900 more; in all: {MANY} subnet-cannot-hold-demand\n" in mail.body
    assert json.loads(page.body)["NewStateValue"] == "ALARM"
    assert json.loads(chat.body)["metadata"]["eventType"] == "several"
    assert f"since {NOW:%Y-%m-%d %H:%M} UTC" in mail.body


def test_what_was_told_of_subnets_that_nobody_uses_any_more_is_over_and_the_page_is_closed():
    fleet = Fleet(subnet=a_subnet(), many=2)
    fleet.run()
    assert [subject.split(" ")[0] for form, subject in heard(fleet) if form is Form.PAGING] == ["ALARM:", "ALARM:"]
    fleet.many = 1
    for _ in range(2):
        fleet.now += timedelta(minutes=10)
        fleet.run(Scope(subnets=frozenset({"subnet-0000"})))
    assert [subject for form, subject in heard(fleet) if form is Form.PAGING] == []
    for _ in range(2):
        fleet.now += timedelta(minutes=10)
        fleet.run()
    (over,) = [subject for form, subject in heard(fleet) if form is Form.PAGING]
    assert over.startswith("OK: ")
    assert "subnet-0001" in over
