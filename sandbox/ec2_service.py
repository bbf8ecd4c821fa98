"""EC2 inside the gateway: requests to the address-space model, its effects to the event bus, IAM before both."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from ec2_rules.allocation import Order
from ec2_rules.errors import Ec2Error
from sandbox import api_calls, authorization, gateway, ledger
from sandbox.ec2 import wire
from sandbox.ec2.api import Ec2Api
from sandbox.ec2.cloudtrail import ApiCall, StateChange


@dataclass(frozen=True, kw_only=True)
class Weather:
    """What a Lambda's calls meet: `latency` in seconds, and the share of them that EC2 has no time for."""

    latency: float = 0
    throttled: float = 0


class Ec2Service:
    """The `ec2` service of one account and region of the embedded AWS. Only the first one's events are told."""

    def __init__(
        self, *, account: str, region: str, seed: int, order: Order, weather: Weather, first: bool = True
    ) -> None:
        self._account, self._region, self._weather = account, region, weather
        self._chance = Random(seed)
        self._api = Ec2Api(
            account_id=account,
            region_name=region,
            seed=seed,
            order=order,
            on_call=self._call_made if first else lambda _: None,
            on_state=self._state_changed if first else lambda _: None,
            first=first,
            clock=lambda: datetime.now(UTC),
        )

    async def handle(
        self, _method: str, _path: str, headers: dict[str, str], body: bytes, _query: dict[str, Any]
    ) -> gateway.Response:
        """Answer one request."""
        action = wire.action_of(body)
        if function := authorization.lambda_of(gateway.caller(headers)):
            ledger.note("call", action=action, function=function, account=self._account, region=self._region)
            await asyncio.sleep(self._weather.latency)
            if self._chance.random() < self._weather.throttled:
                return wire.render_error(Ec2Error("RequestLimitExceeded", "Request limit exceeded."), "req-throttled")
        return self._denial(action, headers, body) or self._api.handle(body, headers)

    def call(self, action: str, params: Mapping[str, Any]) -> Mapping[str, Any]:
        """The result of a call that another AWS service makes. Raises Ec2Error."""
        return wire.read(action, self._api.handle(wire.encode(action, dict(params)), {"user-agent": SERVICE_AGENT}))

    def _denial(self, action: str, headers: Mapping[str, str], body: bytes) -> gateway.Response | None:
        """AWS's refusal where a Lambda's role does not allow the call."""
        key = gateway.caller(headers)
        if not authorization.is_lambda(key):
            return None
        try:
            checks = self._checks(action, wire.parse(action, body))
        except Ec2Error:
            return None  # a malformed request is refused as such, by the API itself
        for check in checks:
            if denied := authorization.ec2_denial(key, check, self._region):
                return denied
        return None

    def _checks(self, action: str, params: wire.Params) -> list[authorization.Check]:
        """What IAM is asked: the action on each resource, and ec2:CreateTags where the call tags what it makes."""
        given = {
            tag["Key"]: tag["Value"] for each in params.get("TagSpecifications", []) for tag in each.get("Tags", [])
        }
        request_tags = {f"aws:RequestTag/{key}": value for key, value in given.items()} | {"aws:TagKeys": list(given)}
        checks = [
            authorization.Check(f"ec2:{action}", self._arn(use.arn_suffix), use.tags, request_tags if given else {})
            for use in self._api.resources_of(action, params)
        ]
        checks += [
            authorization.Check(
                "ec2:CreateTags",
                self._arn(f"{each['ResourceType']}/new"),
                {},
                request_tags | {"ec2:CreateAction": action},
            )
            for each in params.get("TagSpecifications", [])
        ]
        return checks

    def _arn(self, suffix: str) -> str:
        return suffix if suffix == "*" else f"arn:aws:ec2:{self._region}:{self._account}:{suffix}"

    def _call_made(self, call: ApiCall) -> None:
        made = api_calls.ApiCall(
            source="aws.ec2",
            name=call.event_name,
            access_key=call.access_key,
            user_agent=call.user_agent,
            request=call.request_parameters,
            response=call.response_elements,
            error_code=call.error_code or "",
            error_message=call.error_message or "",
        )
        api_calls.emit(made, account=self._account, region=self._region)

    def _state_changed(self, change: StateChange) -> None:
        arn = f"arn:aws:ec2:{self._region}:{self._account}:instance/{change.instance_id}"
        detail = {"instance-id": change.instance_id, "state": change.state}
        gateway.emit("aws.ec2", "EC2 Instance State-change Notification", detail, (arn,))


class Ec2Services:
    """EC2 of every account and region: `first` is the one that the server is for, others begin when they are asked."""

    def __init__(self, first: Ec2Service, *, account: str, region: str, seed: int, order: Order) -> None:
        self._services = {(account, region): first}
        self._seed, self._order = seed, order

    async def handle(
        self, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> gateway.Response:
        """Answer one request, in the account of its key and the region that it is signed for."""
        from ministack.core.responses import get_account_id, get_region  # noqa: PLC0415

        return await self._of(get_account_id(), get_region()).handle(method, path, headers, body, query)

    def _of(self, account: str, region: str) -> Ec2Service:
        if (account, region) not in self._services:
            self._services[account, region] = Ec2Service(
                account=account, region=region, seed=self._seed, order=self._order, weather=Weather(), first=False
            )
        return self._services[account, region]


SERVICE_AGENT = "autoscaling.amazonaws.com"  # how CloudTrail names Auto Scaling's own calls
