"""An account and a region, which is where AWS's resources, quotas and permissions are: of an organisation, one part."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

ACCOUNT = re.compile(r"[0-9]{12}")
REGION = re.compile(r"[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}")  # us-east-1, us-gov-west-1, us-isob-east-1, mx-central-1


@dataclass(frozen=True, order=True)
class Place:
    """One region of one account. A cluster's name is unique in it only."""

    account: str
    region: str

    def __str__(self) -> str:
        """`111122223333/us-east-1`: how it stands in keys and in the folders of a report."""
        return f"{self.account}/{self.region}"

    def key(self, id_: str) -> str:
        """A resource's key among all places."""
        return f"{self}/{id_}"


def places(accounts: Iterable[str], regions: Iterable[str]) -> tuple[Place, ...]:
    """Every region of every account, each once, in order."""
    return tuple(sorted({Place(account, region) for account in accounts for region in set(regions)}))
