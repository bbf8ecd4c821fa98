"""Updates of EKS add-ons that take a while: until one is done, only DescribeUpdate says what it will bring.

ministack's UpdateAddon is done at once and remembers no update.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.gateway import Handler, Response

SECONDS = 15.0  # an update of the vpc-cni add-on takes a minute or more on EKS; this is so that nobody has to wait

_NAME = r"[A-Za-z0-9_-]+"
_UPDATE_ADDON = re.compile(rf"/clusters/(?P<cluster>{_NAME})/addons/(?P<addon>{_NAME})/update")
_LIST_UPDATES = re.compile(rf"/clusters/(?P<cluster>{_NAME})/updates")
_DESCRIBE_UPDATE = re.compile(rf"/clusters/(?P<cluster>{_NAME})/updates/(?P<id>[0-9a-f-]+)")


@dataclass
class Update:
    """One update of one add-on: what ministack is told once it is due."""

    path: str
    addon: str  # cluster/name
    body: bytes
    due: float
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    done: bool = False

    @property
    def described(self) -> dict[str, Any]:
        """As DescribeUpdate shows it; the kinds of parameters are those of the EKS API reference, UpdateParam."""
        wanted = json.loads(self.body or b"{}")
        kinds = {"addonVersion": "AddonVersion", "configurationValues": "ConfigurationValues"}
        return {
            "id": self.id,
            "status": "Successful" if self.done else "InProgress",
            "type": "AddonUpdate",
            "params": [{"type": kinds[key], "value": value} for key, value in wanted.items() if key in kinds],
            "errors": [],
        }


@dataclass
class Updates:
    """EKS's handler with updates that end by the clock. A due one is done before the next request is answered."""

    original: Handler
    clock: Callable[[], float] = time.monotonic
    made: list[Update] = field(default_factory=list)

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> Response:
        """Answer one request."""
        for each in self.made:
            if not each.done and each.due <= self.clock():
                each.done = True
                await self.original("POST", each.path, headers, each.body, {})
        if method == "POST" and (match := _UPDATE_ADDON.fullmatch(path)):
            return await self._begin(match, headers, body)
        if method == "GET" and (match := _LIST_UPDATES.fullmatch(path)):
            addon = f"{match['cluster']}/{_first(query.get('addonName'))}"
            return _json(200, {"updateIds": [each.id for each in self.made if each.addon == addon]})
        if method == "GET" and (match := _DESCRIBE_UPDATE.fullmatch(path)):
            found = [each for each in self.made if each.id == match["id"]]
            return _json(200, {"update": found[0].described}) if found else _not_found(f"No update {match['id']}")
        return await self.original(method, path, headers, body, query)

    async def _begin(self, match: re.Match[str], headers: dict[str, str], body: bytes) -> Response:
        from ministack.services.eks import _addons  # noqa: PLC0415 - ministack reads the environment on import

        name = f"{match['cluster']}/{match['addon']}"
        if name not in _addons:
            return await self.original("POST", match.string, headers, body, {})  # refuses
        _addons[name]["status"] = "UPDATING"
        update = Update(path=match.string, addon=name, body=body, due=self.clock() + SECONDS)
        self.made.append(update)
        return _json(200, {"update": update.described})


def _first(value: object) -> str:
    return str(value[0]) if isinstance(value, list) and value else str(value or "")


def _not_found(message: str) -> Response:
    return (
        404,
        {"Content-Type": "application/json", "x-amzn-ErrorType": "ResourceNotFoundException"},
        json.dumps({"message": message}).encode(),
    )


def _json(status: int, body: dict[str, Any]) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(body).encode()
