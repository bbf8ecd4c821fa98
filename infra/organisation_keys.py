"""What an audit of a whole organisation is told: the object under the key `organisation`. Without it there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.allowed import Allowed, ConfigurationError, Text, Texts, Whole, nearest, refused

_ACCOUNT, _REGION = "[0-9]{12}", "[a-z]{2,4}(-[a-z]+){1,3}-[0-9]{1,2}"
# A role's own policies together hold 10,240 characters (IAM quotas); an account's role in one takes some 65.
MOST_ACCOUNTS = 100


@dataclass(frozen=True, kw_only=True)
class OrganisationConfig:
    """Who audits whom. Without `accounts` every active one of the organisation is meant, listed at each run."""

    audit_account: str
    regions: tuple[str, ...]
    organisation_id: str = ""
    external_id: str = ""
    accounts: tuple[str, ...] = ()
    role_name: str = "HeadroomAudit"
    max_concurrency: int = 40
    tolerated_failure_percentage: int = 50


@dataclass(frozen=True, kw_only=True)
class _Key:
    field: str
    allowed: Allowed
    meaning: str


KEYS = {
    "auditAccount": _Key(
        field="audit_account",
        allowed=Text(_ACCOUNT, "an account id of 12 digits"),
        meaning="the account that Headroom is deployed in: the only one whose audit the members' role trusts",
    ),
    "regions": _Key(
        field="regions",
        allowed=Texts(_REGION, "a list of 1 to 40 regions", 1, 40),
        meaning="which regions are read in each account; the role can read in no other",
    ),
    "organisationId": _Key(
        field="organisation_id",
        allowed=Text("o-[a-z0-9]{10,32}", "an organisation's id, such as o-exampleorg1", optional=True),
        meaning="demanded on both sides: of whoever assumes the role, and of the role that is assumed",
    ),
    "externalId": _Key(
        field="external_id",
        # https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        allowed=Text(
            r"[\w+=,.@:/-]{2,1224}", "2 to 1224 characters out of letters, digits and +=,.@:/-_", optional=True
        ),
        meaning="demanded by the role's trust, where there is one",
    ),
    "accounts": _Key(
        field="accounts",
        allowed=Texts(_ACCOUNT, f"a list of at most {MOST_ACCOUNTS} account ids of 12 digits", 0, MOST_ACCOUNTS),
        meaning="which accounts are read; empty: all active ones of the organisation, which needs `organisationId`",
    ),
    "roleName": _Key(
        field="role_name",
        allowed=Text(r"[\w+=,.@-]{1,64}", "an IAM role's name"),
        meaning="the role in each account",
    ),
    "maxConcurrency": _Key(
        field="max_concurrency",
        # Lambda's quota begins at 1,000 runs at once for all functions of an account and region.
        allowed=Whole(1, 500),
        meaning="how many accounts and regions are read at once",
    ),
    "toleratedFailurePercentage": _Key(
        field="tolerated_failure_percentage",
        allowed=Whole(0, 100),
        meaning="how many of them may fail until the rest is not read any more; what was read is reported in any case",
    ),
}
# The audit's own role, whose name the members' role trusts; it has to be known in their accounts beforehand.
AUDIT_ROLE = "HeadroomOrganisationAudit"
_REQUIRED = ("auditAccount", "regions")


@dataclass(frozen=True)
class AnOrganisation:
    """An object with those keys, or nothing."""

    words: str = "null, or an object with the keys [below](#an-organisation)"

    def read(self, key: str, value: object) -> OrganisationConfig | None:
        """None where there is to be no such audit."""
        if value is None or value == {}:
            return None
        if not isinstance(value, Mapping):
            raise refused(key, value, "null or an object")
        for each in value:
            if each not in KEYS:
                raise ConfigurationError(f'unknown key "headroom.{key}.{each}"; {nearest(str(each), KEYS)}')
        if missing := [each for each in _REQUIRED if each not in value]:
            raise ConfigurationError(f"headroom.{key} lacks {' and '.join(missing)}")
        return _consistent(
            key, {each: KEYS[each].allowed.read(f"{key}.{each}", given) for each, given in value.items()}
        )


def _consistent(key: str, values: Mapping[str, Any]) -> OrganisationConfig:
    found = OrganisationConfig(**{KEYS[name].field: value for name, value in values.items()})
    if not found.organisation_id and not found.external_id:
        raise ConfigurationError(
            f"headroom.{key} has neither organisationId nor externalId: the role's trust has to demand one of them"
        )
    if not found.organisation_id and not found.accounts:
        raise ConfigurationError(f"headroom.{key} has neither accounts nor organisationId: whose accounts are meant?")
    if found.role_name == AUDIT_ROLE:
        raise refused(f"{key}.roleName", found.role_name, "any name but that of the audit's own role")
    return found
