"""One run at a time: a lease in the table that the next run waits for, numbered so that a late holder is found out.

Several batches may be under way, and SQS allows no fewer than two; two runs over the same subnets would plan the same
reservations and tell people the same news. Waiting, rather than giving up, makes sure that the last event is followed
by a look.
A lease alone does not stop a holder that was held up until it lapsed; so each taking gets a number that only grows, and
what is about to change a network is written down only while the number is still the last (functions/aws/journal.py).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

POLL_SECONDS = 0.5
KEY: dict[str, Any] = {"pk": {"S": "LEASE"}, "sk": {"S": "RECONCILE"}}

_NOT_NOW = {"ConditionalCheckFailedException", "TransactionConflictException"}


class LeaseNotHadError(RuntimeError):
    """Another run kept the lease for longer than this one could wait; its messages will be delivered again."""


class LeaseLostError(RuntimeError):
    """The run was held up until its lease lapsed and another run took it; what it saw is too old to act on."""


@dataclass(frozen=True, kw_only=True)
class Holding:
    """A lease as it was taken. `fence` grows with each taking."""

    holder: str
    fence: int

    @property
    def still_held(self) -> dict[str, Any]:
        """The ConditionCheck of a transaction that may only happen while nobody else has taken the lease."""
        return {
            "Key": KEY,
            "ConditionExpression": "holder = :me AND fence = :fence",
            "ExpressionAttributeValues": {":me": {"S": self.holder}, ":fence": {"N": str(self.fence)}},
        }


@dataclass(frozen=True, kw_only=True)
class Lease:
    """The lease, for one holder. It lapses by itself `seconds` after it was taken: longer than any run may last."""

    dynamodb: DynamoDBClient
    table: str
    holder: str
    seconds: int
    clock: Callable[[], float] = time.time
    sleep: Callable[[float], None] = time.sleep

    @contextmanager
    def held(self, *, wait_seconds: float) -> Iterator[Holding]:
        """Hold it while the block runs. Raises LeaseNotHadError after waiting that long."""
        holding = self._taken(wait_seconds)
        try:
            yield holding
        finally:
            self._give_back(holding)

    def _taken(self, wait_seconds: float) -> Holding:
        until = self.clock() + wait_seconds
        while (holding := self._take()) is None:
            if self.clock() >= until:
                raise LeaseNotHadError(f"another run has held the lease for {wait_seconds:.0f} s")
            self.sleep(POLL_SECONDS)
        return holding

    def _take(self) -> Holding | None:
        """The item stays when the lease is given back, for its number; so its end is not the table's `expiresAt`."""
        now = int(self.clock())
        taken = self._update(
            UpdateExpression="SET holder = :me, heldUntil = :end ADD fence :one",
            # `holder = :me`: the SDK repeats a call whose answer got lost, and then finds itself.
            ConditionExpression="attribute_not_exists(heldUntil) OR heldUntil < :now OR holder = :me",
            ExpressionAttributeValues={
                ":me": {"S": self.holder},
                ":end": {"N": str(now + self.seconds)},
                ":now": {"N": str(now)},
                ":one": {"N": "1"},
            },
            ReturnValues="UPDATED_NEW",
        )
        return Holding(holder=self.holder, fence=int(taken["fence"]["N"])) if taken else None

    def _give_back(self, holding: Holding) -> None:
        """Where it has lapsed and another run holds it, it stays theirs."""
        condition = holding.still_held
        self._update(
            UpdateExpression="REMOVE holder, heldUntil",
            ConditionExpression=condition["ConditionExpression"],
            ExpressionAttributeValues=condition["ExpressionAttributeValues"],
        )

    def _update(self, **arguments: Any) -> dict[str, Any] | None:
        """The item's new attributes; None where the condition does not hold, or the holder is just using the lease."""
        try:
            answer = self.dynamodb.update_item(TableName=self.table, Key=KEY, **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_NOW:
                return None
            raise
        return dict(answer.get("Attributes", {}))
