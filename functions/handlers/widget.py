"""The subnet map as a CloudWatch custom widget: reads EC2, answers HTML, changes nothing.

CloudWatch calls it with the widget's parameters and a `widgetContext`, or with `describe` for its documentation.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.utilities.typing import LambdaContext

from functions.aws import clients
from functions.aws.clients import Clients
from functions.aws.denied import denied
from functions.aws.saved import Saved, snapshot_of
from functions.aws.subnets import SubnetReader
from functions.capacity.analyse import Analysis, analyse
from functions.capacity.model import MODE_TAG
from functions.report.map_palette import Theme
from functions.report.map_widget import DOCUMENTATION, Widget, map_page, message_page, overview_page

logger = Logger()

# Of an overview: each takes a call for its reservations, and EC2's bucket for those refills at 20 a second.
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html
MOST_SUBNETS = 20
_SUBNET_ID = re.compile(r"subnet-[0-9a-f]{8,17}")


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What EC2 says of some subnets, and since when their interfaces are attached."""

    analyses: tuple[Analysis, ...]
    since: Mapping[str, datetime]


@logger.inject_lambda_context
def handler(event: Mapping[str, Any], context: LambdaContext) -> str:
    """Markdown for `describe`, else HTML. What goes wrong is logged, and said in words to whoever looks."""
    if "describe" in event:
        return DOCUMENTATION
    widget = Widget(function_arn=context.invoked_function_arn, theme=_theme(event))
    try:
        return answer(event, widget, clients, datetime.now(UTC))
    except Exception as error:
        logger.exception("the subnets could not be read")
        return message_page(_words(error), widget)


def answer(event: Mapping[str, Any], widget: Widget, to: Clients, now: datetime) -> str:
    """The page that the event's parameters ask for. Errors of AWS escape."""
    reader = SubnetReader(ec2=to.ec2())
    wanted = _wanted(event)
    if wanted is None:
        return _overview(reader, widget, now)
    if not isinstance(wanted, str) or not _SUBNET_ID.fullmatch(wanted):
        return message_page(f"subnetId is {wanted!r:.80}, which is no id of a subnet.", widget)
    seen = look(reader, list(reader.subnets([wanted])), now)
    if not seen.analyses:
        return message_page(f"There is no subnet {wanted} in this account and region.", widget)
    return map_page(seen.analyses[0], widget, now=now, since=seen.since)


def look(reader: SubnetReader, subnets: Iterable[Any], now: datetime) -> Seen:
    """These subnets with what stands in them; node groups are not read."""
    subnets = list(subnets)
    ids = [each["SubnetId"] for each in subnets]
    interfaces = list(reader.interfaces_in(ids))
    reservations = {each: reader.reservations(each) for each in ids}
    saved = Saved(subnets=subnets, networkInterfaces=interfaces, subnetCidrReservations=reservations)
    return Seen(analyses=analyse(snapshot_of(saved, now)), since=dict(_attached(interfaces)))


def _overview(reader: SubnetReader, widget: Widget, now: datetime) -> str:
    tagged = sorted(reader.tagged(MODE_TAG), key=lambda each: str(each["SubnetId"]))
    if not tagged:
        return message_page(f"No subnet of this account and region has the tag {MODE_TAG}.", widget)
    others = [each["SubnetId"] for each in tagged[MOST_SUBNETS:]]
    return overview_page(look(reader, tagged[:MOST_SUBNETS], now).analyses, others, widget)


def _wanted(event: Mapping[str, Any]) -> object:
    """The subnet that the widget or the clicked link names; a link to the overview outdoes the widget's own."""
    return None if event.get("overview") else event.get("subnetId") or None


def _attached(interfaces: Iterable[Any]) -> Iterable[tuple[str, datetime]]:
    """Since when each interface is attached: EC2 tells no other time of it (DescribeNetworkInterfaces)."""
    for each in interfaces:
        at = (each.get("Attachment") or {}).get("AttachTime")
        if isinstance(at, datetime):
            yield each["NetworkInterfaceId"], at


def _theme(event: Mapping[str, Any]) -> Theme:
    """The dashboard's own; light where it says none that we know."""
    context = event.get("widgetContext")
    theme = context.get("theme") if isinstance(context, Mapping) else None
    return Theme.DARK if theme == Theme.DARK else Theme.LIGHT


def _words(error: Exception) -> str:
    refused = denied(error)
    if refused is not None:
        return f"The widget's role may not call {refused.action}; deploy Headroom's stack anew to repair it."
    return f"The subnets could not be read: {error}. Try again; the function's log says more."
