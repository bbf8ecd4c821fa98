"""One run at a time: a lease in the table that the next run waits for.

SQS allows no fewer than two concurrent batches; two runs over the same subnets would plan the same reservations and
tell people the same news. Waiting, rather than giving up, makes sure that the last event is followed by a look.
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

POLL_SECONDS = 0.25
_KEY: dict[str, Any] = {"pk": {"S": "LEASE"}, "sk": {"S": "RECONCILE"}}


class LeaseNotHadError(RuntimeError):
    """Another run kept the lease for longer than this one could wait; its messages will be delivered again."""


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
    def held(self, *, wait_seconds: float) -> Iterator[None]:
        """Hold it while the block runs. Raises LeaseNotHadError after waiting that long."""
        until = self.clock() + wait_seconds
        while not self._take():
            if self.clock() >= until:
                raise LeaseNotHadError(f"another run has held the lease for {wait_seconds:.0f} s")
            self.sleep(POLL_SECONDS)
        try:
            yield
        finally:
            self._give_back()

    def _take(self) -> bool:
        now = int(self.clock())
        return self._succeeded(
            self.dynamodb.put_item,
            Item=_KEY | {"holder": {"S": self.holder}, "expiresAt": {"N": str(now + self.seconds)}},
            ConditionExpression="attribute_not_exists(pk) OR expiresAt < :now",
            ExpressionAttributeValues={":now": {"N": str(now)}},
        )

    def _give_back(self) -> None:
        """Where it has lapsed and another run holds it, it stays theirs."""
        self._succeeded(
            self.dynamodb.delete_item,
            Key=_KEY,
            ConditionExpression="holder = :me",
            ExpressionAttributeValues={":me": {"S": self.holder}},
        )

    def _succeeded(self, call: Callable[..., object], **arguments: Any) -> bool:
        try:
            call(TableName=self.table, **arguments)
        except ClientError as error:
            if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
                return False
            raise
        return True
