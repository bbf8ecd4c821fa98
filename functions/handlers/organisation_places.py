"""An organisation's audit begins: which accounts and regions are to be read. The state machine's first step.

Its event: {"asked": {"accounts": [ids], "regions": [names]}, "run": the execution's name, "at": when it began}. Of what
is asked (events/organisation.json) each key may be left away or empty: all that the deployment was told, then.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions import settings
from functions.aws import clients
from functions.aws.accounts import active_accounts
from functions.aws.clients import OrganisationClients
from functions.aws.reports import Reports, folder_of
from functions.aws.waiting_parts import PLACES, Waiting
from functions.capacity.places import ACCOUNT, REGION, Place, places
from functions.settings import PlacesSettings

logger = Logger()

BELOW = "organisation"  # of the bucket
KEYS = {"accounts": (ACCOUNT, "account ids of 12 digits"), "regions": (REGION, "names of regions")}


class MalformedRequestError(ValueError):
    """An input that asks for nothing that can be done; the execution fails with this message."""


@logger.inject_lambda_context
def handler(event: Mapping[str, Any], _context: LambdaContext) -> dict[str, Any]:
    """Write down what is to be read; where that is. Any error escapes: the execution fails."""
    answer = begun(event, settings.places_from_environment(), clients)
    logger.info("an organisation's audit begins", places=answer["places"], folder=answer["folder"])
    return answer


def begun(event: Mapping[str, Any], config: PlacesSettings, to: OrganisationClients) -> dict[str, Any]:
    """Where the run's folder is, and how many places are to be read."""
    asked = asked_of(event["asked"])
    found = places(
        asked["accounts"] or config.accounts or active_accounts(to.organizations()), asked["regions"] or config.regions
    )
    if not found:
        raise MalformedRequestError("there is no account to read: Organizations lists no active one")
    waiting = Waiting(reports=Reports(s3=to.s3(), bucket=config.bucket), folder=_folder(event))
    waiting.ask(found)
    return _answer(found, waiting)


def asked_of(asked: object) -> dict[str, tuple[str, ...]]:
    """The accounts and regions in an execution's input. Raises MalformedRequestError, which names what is wrong."""
    if not isinstance(asked, Mapping):
        raise MalformedRequestError("the input is a JSON object: see events/organisation.json")
    if unknown := sorted(map(str, asked.keys() - KEYS.keys())):
        raise MalformedRequestError(f"unknown key {', '.join(unknown):.100}; there are accounts and regions")
    return {key: _named(asked.get(key, []), key, *KEYS[key]) for key in KEYS}


def _named(values: object, key: str, shape: re.Pattern[str], what: str) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(each, str) and shape.fullmatch(each) for each in values):
        raise MalformedRequestError(f"`{key}` is a list of {what}, this is {values!r:.100}")
    return tuple(values)


def _folder(event: Mapping[str, Any]) -> str:
    return folder_of(datetime.fromisoformat(event["at"]), event["run"], below=BELOW)


def _answer(found: tuple[Place, ...], waiting: Waiting) -> dict[str, Any]:
    return {"folder": waiting.folder, "items": f"{waiting.folder}/{PLACES}", "places": len(found)}
