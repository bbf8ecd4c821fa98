"""The accounts of an organisation, as AWS Organizations lists them for its management or a delegated account."""

from __future__ import annotations

from typing import Any


def active_accounts(organizations: Any) -> tuple[str, ...]:
    """The ids of all that are active, in order: one that is suspended or closing can be neither read nor helped."""
    pages = organizations.get_paginator("list_accounts").paginate()
    found = (each for page in pages for each in page["Accounts"])
    # `State` takes the place of `Status`, which goes away in September 2026 (Organizations API reference, Account).
    return tuple(sorted(each["Id"] for each in found if each.get("State", each.get("Status")) == "ACTIVE"))
