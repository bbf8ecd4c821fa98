"""ministack's hook points: the private names that the embedded AWS builds on, checked before anything starts.

ministack gives the plumbing (EventBridge, SQS, SNS, Lambda, DynamoDB, SSM, IAM, CloudFormation ...). Where AWS does
something that it does not, a service handler is replaced or a private function called. Its version is pinned.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from sandbox import delivery, ledger

Response = tuple[int, dict[str, str], bytes]
Handler = Callable[[str, str, dict[str, str], bytes, dict[str, Any]], Awaitable[Response]]

_HOOKS = {
    "ministack.app": ("app", "SERVICE_HANDLERS", "AUTH", "pin_request_origin"),
    "ministack.core.iam_evaluator": ("_resolve_condition_key", "enforce", "pin_request_origin"),
    "ministack.core.iam_actions": ("access_denied_response",),
    "ministack.core.responses": ("get_account_id", "get_region", "request_scope"),
    "ministack.core.router": ("extract_access_key_id",),
    "ministack.services.autoscaling": ("_asgs", "_reconcile_instances"),
    "ministack.services.cloudformation.provisioners": ("_cw_metric_alarm_record",),
    "ministack.services.eks": ("_nodegroups",),
    "ministack.services.eventbridge": ("_put_events", "_dispatch_to_sqs"),
    "ministack.services.lambda_svc": ("_execute_function_with_config_scope", "_functions", "_iter_all_esms"),
    "ministack.services.organizations": ("_accounts", "_orgs"),
    "ministack.services.s3": ("_put_object",),
    "ministack.services.stepfunctions": ("_ExecutionError", "_invoke_aws_sdk_integration"),
    "ministack.services.sqs": (
        *("_collect_msgs", "_DEDUP_WINDOW_S", "_dlq_sweep", "_expire_retained", "_get_q", "_queue_by_arn"),
        *("_queues_lock", "_receive_messages_for_esm"),
    ),
    "ministack.services.sts": ("_sessions",),
}


class HookError(RuntimeError):
    """The installed ministack is not the one that the embedded AWS was made for."""


def check() -> None:
    """Raise HookError naming every hook point that is not there."""
    missing = [f"{module}.{name}" for module, names in _HOOKS.items() for name in names if not _has(module, name)]
    if missing:
        raise HookError(f"ministack has no {', '.join(missing)}; requirements.in pins the version that has")


def _has(module: str, name: str) -> bool:
    try:
        return hasattr(importlib.import_module(module), name)
    except ImportError:
        return False


def replace(service: str, wrap: Callable[[Handler], Handler]) -> None:
    """Put `wrap(handler)` in the place of a service's handler."""
    from ministack.app import SERVICE_HANDLERS  # noqa: PLC0415 - reads the environment when it is imported

    SERVICE_HANDLERS[service] = wrap(SERVICE_HANDLERS[service])


def emit(source: str, detail_type: str, detail: Mapping[str, Any], resources: tuple[str, ...] = ()) -> None:
    """Put one event of AWS's own on the default bus; PutEvents keeps refusing `aws.*` from clients, as AWS does."""
    entry = {"Source": source, "DetailType": detail_type, "Detail": json.dumps(detail), "Resources": list(resources)}
    delivery.deliver(lambda: _put(entry))


def _put(entry: Mapping[str, Any]) -> None:
    from ministack.services import eventbridge  # noqa: PLC0415

    ledger.note("event", source=entry["Source"], detailType=entry["DetailType"])
    status, _, body = eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)  # noqa: SLF001
    if status != 200 or json.loads(body)["FailedEntryCount"]:  # noqa: PLR2004
        raise HookError(f"the event bus refused {entry['Source']} / {entry['DetailType']}: {body!r}")


def caller(headers: Mapping[str, str]) -> str:
    """The access key that signed a request."""
    from ministack.core.router import extract_access_key_id  # noqa: PLC0415

    key: str = extract_access_key_id(headers, {})
    return key


def session(access_key: str) -> Mapping[str, Any] | None:
    """The role session behind a temporary access key, None for a lasting one."""
    from ministack.services import sts  # noqa: PLC0415

    found: Mapping[str, Any] | None = sts._sessions.get(access_key)  # noqa: SLF001
    return found
