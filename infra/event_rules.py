"""The EventBridge rules: exactly the events of the table in `functions.capacity.routes`.

All go to the work queue with their content, and wake the fast way. The urgent ones have rules of their own besides,
which send nothing but a message that the fast way does not mistake for any other.

Rules stand on the default bus, where AWS puts its own events. Calls through CloudTrail arrive there only where a trail
records management events (see `trail.py`).
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from aws_cdk import Duration
from aws_cdk import aws_events as events
from aws_cdk import aws_events_targets as targets
from constructs import Construct

from functions.capacity.routes import API_CALL, OWN_SOURCE, ROUTES, URGENT, WAKE, Route, Urgent
from infra.fast_queue import FastQueue
from infra.work_queue import WorkQueue

# EventBridge's longest: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-retry-policy.html
_RETRY_FOR = Duration.hours(24)
_RETRIES = 185


class EventRules(Construct):
    """One rule for each family of routes. `own_role_arns` are the roles whose own EC2 calls are no news."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        work_queue: WorkQueue,
        fast_queue: FastQueue,
        own_role_arns: Sequence[str],
    ) -> None:
        super().__init__(scope, id_)
        work = targets.SqsQueue(
            work_queue.queue,
            dead_letter_queue=work_queue.dead_letters,
            max_event_age=_RETRY_FOR,
            retry_attempts=_RETRIES,
        )
        wake, urgent = (fast_queue.constant(kind, undelivered=work_queue.dead_letters) for kind in (WAKE, URGENT))
        for name, family in families(ROUTES).items():
            self._rule(name, family, own_role_arns, targets=[work, wake])
        for name, family in families(urgent_routes(ROUTES)).items():
            self._rule(f"Urgent{name}", family, own_role_arns, targets=[urgent])

    def _rule(
        self, name: str, family: Sequence[Route], own_role_arns: Sequence[str], *, targets: Sequence[events.IRuleTarget]
    ) -> None:
        events.Rule(
            self,
            name,
            description=f"Headroom: {family[0].source}, {len(family)} kind(s) of event",
            event_pattern=events.EventPattern(**pattern_of(family, own_role_arns=own_role_arns)),
            targets=targets,
        )


def urgent_routes(routes: Sequence[Route]) -> list[Route]:
    """Those that go the fast way in their own name; a call that is urgent when it fails, only as failed."""
    return [
        replace(route, failed_only=route.failed_only or route.urgent is Urgent.WHEN_FAILED)
        for route in routes
        if route.urgent is not Urgent.NEVER
    ]


def families(routes: Sequence[Route]) -> dict[str, list[Route]]:
    """The routes that one pattern can express, by the rule's name. Our own messages need no rule."""
    foreign = sorted((route for route in routes if route.source != OWN_SOURCE), key=_family_of)
    return {name: list(family) for name, family in itertools.groupby(foreign, key=_family_of)}


def _family_of(route: Route) -> str:
    service = route.source.removeprefix("aws.").capitalize()
    if route.detail_type != API_CALL:
        return f"{service}Events"
    return f"{'Failed' if route.failed_only else ''}{service}{'Subnet' if route.subnets_only else ''}Calls"


def pattern_of(family: Sequence[Route], *, own_role_arns: Sequence[str]) -> dict[str, Any]:
    """The event pattern of a family, as the arguments of `events.EventPattern`."""
    pattern: dict[str, Any] = {
        "source": [family[0].source],
        "detail_type": sorted({route.detail_type for route in family}),
    }
    if family[0].detail_type == API_CALL:
        pattern["detail"] = _detail_of_calls(family, own_role_arns)
    return pattern


def _detail_of_calls(family: Sequence[Route], own_role_arns: Sequence[str]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""
    first = family[0]
    detail: dict[str, Any] = {"eventName": sorted(route.call for route in family)}
    if first.failed_only:
        detail["errorCode"] = [{"exists": True}]  # with and without `Client.`, and whatever else it says
    if first.subnets_only:
        detail["requestParameters"] = {"resourcesSet": {"items": {"resourceId": [{"prefix": "subnet-"}]}}}
    if first.source == "aws.ec2":
        detail["userIdentity"] = _anybody_but(own_role_arns)
    return detail


def _anybody_but(role_arns: Sequence[str]) -> Mapping[str, Any]:
    """Calls by users have no session issuer, and `anything-but` alone does not match a field that is not there."""
    return {"sessionContext": {"sessionIssuer": {"arn": [{"anything-but": [*role_arns]}, {"exists": False}]}}}
