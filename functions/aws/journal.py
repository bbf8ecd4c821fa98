"""The journal in the table: an entry before each call that changes a reservation, and how the call ended.

Items: pk `JOURNAL#<subnet>`, sk `<ISO time>#<entry id>` {kind, cidr, reason, decision, outcome, reservation,
expiresAt: epoch s}. The entry, the day's count and the proof that the lease is still ours are one transaction, so that
a run whose lease has lapsed changes nothing and a cap cannot be passed by two runs or by a crash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from functions.aws.lease import Holding, LeaseLostError
from functions.aws.table import counted, expires, time_text
from functions.capacity.journal import WATCHED, Entry, Kind, Outcome
from functions.capacity.plan import CreateReservation
from functions.capacity.release import ReleaseRequest

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

KEPT = timedelta(days=90)  # what `headroom explain` can still tell of a reservation; older ones keep their tags
ATTEMPTS = 4  # at a transaction that met another one on the lease or the counter; SDKs do not repeat these
CONFLICT, FAILED = "TransactionConflict", "ConditionalCheckFailed"
COUNTERS = {Kind.CREATE: "created", Kind.RELEASE: "released"}

Item = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Journal:
    """The journal of one run. Without a `holding` (the release function needs no lease) there is nothing to prove."""

    dynamodb: DynamoDBClient
    table: str
    decision: str
    holding: Holding | None = None

    def entries(self, subnet_id: str, now: datetime) -> tuple[Entry, ...]:
        """Those that still matter to a decision, oldest first."""
        return self.since(subnet_id, now - WATCHED)

    def since(self, subnet_id: str, start: datetime) -> tuple[Entry, ...]:
        """All entries of a subnet since then, oldest first."""
        pages = self.dynamodb.get_paginator("query").paginate(
            TableName=self.table,
            KeyConditionExpression="pk = :pk AND sk >= :start",
            ExpressionAttributeValues={":pk": {"S": f"JOURNAL#{subnet_id}"}, ":start": {"S": time_text(start)}},
            ConsistentRead=True,
        )
        return tuple(_entry(subnet_id, item) for page in pages for item in page["Items"])

    def intend_create(self, action: CreateReservation, now: datetime, *, at_most: int) -> Entry | None:
        """Write down what is about to be made; None at the day's cap. Raises LeaseLostError."""
        entry = Entry(
            id=f"{self.decision}/{action.cidr}",
            subnet_id=action.subnet_id,
            kind=Kind.CREATE,
            cidr=action.cidr,
            at=now,
            reason=action.reason,
            decision=self.decision,
        )
        return entry if self._written(entry, at_most) else None

    def intend_release(self, request: ReleaseRequest, now: datetime, *, at_most: int) -> Entry | None:
        """Write down what is about to be given back; None at the day's cap."""
        entry = Entry(
            id=f"{self.decision}/{request.reservation_id}",
            subnet_id=request.subnet_id,
            kind=Kind.RELEASE,
            cidr=request.cidr,
            at=now,
            reason=request.reason,
            decision=request.decision,
            reservation_id=request.reservation_id,
        )
        return entry if self._written(entry, at_most) else None

    def settle(self, entry: Entry, outcome: Outcome, reservation_id: str = "") -> Entry:
        """Write down how it ended."""
        settled = replace(entry, outcome=outcome, reservation_id=reservation_id or entry.reservation_id)
        self.dynamodb.update_item(
            TableName=self.table,
            Key=_key(entry),
            UpdateExpression="SET outcome = :outcome, reservation = :reservation",
            ExpressionAttributeValues={
                ":outcome": {"S": settled.outcome},
                ":reservation": {"S": settled.reservation_id},
            },
        )
        return settled

    def _written(self, entry: Entry, at_most: int) -> bool:
        for attempt in range(ATTEMPTS):
            try:
                self.dynamodb.transact_write_items(TransactItems=self._transaction(entry, at_most))
            except ClientError as error:
                reasons = _reasons(error)
                if CONFLICT in reasons and attempt + 1 < ATTEMPTS:
                    continue
                at_cap, _, *lost = (each == FAILED for each in reasons)
                if any(lost):
                    raise LeaseLostError(f"the lease was taken over before {entry.cidr} could be reserved") from error
                if at_cap:
                    return False
                raise
            return True
        raise AssertionError("unreachable")

    def _transaction(self, entry: Entry, at_most: int) -> list[Any]:
        count = {"Update": counted(self.table, entry.subnet_id, entry.at, COUNTERS[entry.kind], at_most)}
        put = {"Put": {"TableName": self.table, "Item": _item(entry)}}
        checks = [{"ConditionCheck": {"TableName": self.table, **self.holding.still_held}}] if self.holding else []
        return [count, put, *checks]


def _reasons(error: ClientError) -> list[str]:
    """For each item of the transaction why it was cancelled ('None': not because of this one). Other errors raise."""
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        raise error
    reasons: Any = error.response.get("CancellationReasons", ())
    if not reasons:
        raise error  # nobody says whether it was the cap: what the run does next would be a guess
    return [each.get("Code", "None") for each in reasons]


def _key(entry: Entry) -> dict[str, Any]:
    return {"pk": {"S": f"JOURNAL#{entry.subnet_id}"}, "sk": {"S": f"{time_text(entry.at)}#{entry.id}"}}


def _item(entry: Entry) -> dict[str, Any]:
    return _key(entry) | {
        "kind": {"S": entry.kind},
        "cidr": {"S": str(entry.cidr)},
        "reason": {"S": entry.reason},
        "decision": {"S": entry.decision},
        "outcome": {"S": entry.outcome},
        "reservation": {"S": entry.reservation_id},
        "expiresAt": expires(entry.at + KEPT),
    }


def _entry(subnet_id: str, item: Item) -> Entry:
    at, _, id_ = item["sk"]["S"].partition("#")
    return Entry(
        id=id_,
        subnet_id=subnet_id,
        kind=Kind(item["kind"]["S"]),
        cidr=ip_network(item["cidr"]["S"]),
        at=datetime.fromisoformat(at),
        reason=item["reason"]["S"],
        decision=item["decision"]["S"],
        outcome=Outcome(item["outcome"]["S"]),
        reservation_id=item["reservation"]["S"],
    )
