"""An alert in the shape of a CloudWatch alarm's notification, which pagers read: ALARM opens, OK really resolves.

PagerDuty's integration wants the subject to begin with the state that NewStateValue says, and takes AlarmName as the
key: https://www.pagerduty.com/docs/guides/aws-cloudwatch-integration-guide/ and, of what it drops,
http://cetinich.net/content/2022/cloudwatch-pagerduty-sns/. Fields and lengths are those of CloudWatch's own messages
(CloudWatch API reference, MetricAlarm). [unproven: on PagerDuty itself]
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

from functions.capacity.forms.alert import Alert
from functions.capacity.incidents import State
from functions.capacity.wording import Form, Message, subject, within

DESCRIPTION, REASON = 1024, 1023  # characters


def message(alert: Alert) -> Message:
    """The page, or the end of it."""
    value, before = ("OK", "ALARM") if alert.state is State.RESOLVED else ("ALARM", "OK")
    place = alert.place
    body = {
        "AlarmName": alert.page,
        "AlarmDescription": _description(alert),
        "AWSAccountId": place.account,
        "AlarmConfigurationUpdatedTimestamp": _time(alert.since),
        "NewStateValue": value,
        "NewStateReason": within("; ".join(_reasons(alert)), REASON),
        "StateChangeTime": _time(alert.at),
        "Region": place.region,
        "AlarmArn": f"arn:aws:cloudwatch:{place.region}:{place.account}:alarm:{alert.page}",
        "OldStateValue": before,
        "OKActions": [],
        "AlarmActions": [],
        "InsufficientDataActions": [],
        "Trigger": {
            "Namespace": "Headroom",
            "MetricName": alert.finding,
            "StatisticType": "Statistic",
            "Statistic": "MAXIMUM",
            "Unit": None,
            "Dimensions": [{"name": name, "value": value} for name, value in _dimensions(alert)],
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "GreaterThanThreshold",
            "Threshold": 0.0,
        },
    }
    title = subject(f'{value}: "{alert.page}" in {place.region}')
    text = json.dumps(body, ensure_ascii=False)
    return Message(subject=title, body=text, attributes=alert.attributes, form=Form.PAGING)


def _reasons(alert: Alert) -> list[str]:
    return [" ".join(each.split()) for each in (alert.what, ", ".join(alert.where), alert.when, *alert.numbers)]


def _description(alert: Alert) -> str:
    """What it means, what was done, the steps as far as there is room for whole ones, and always the runbook."""
    runbook = f"Runbook: {alert.runbook}"
    done = f"Done: {'; '.join(alert.done)}" if alert.done else ""
    kept, room = list[str](), DESCRIPTION - len(runbook)
    for each in (alert.means, done, *(alert.steps if alert.asks else ())):
        said = each if len(each) < room else each.partition("\n")[0].rstrip(":")
        if each and len(said) < room:
            kept.append(said)
            room -= len(said) + 1
    return "\n".join([*kept, runbook])


def _dimensions(alert: Alert) -> list[tuple[str, str]]:
    every = {"SubnetId": alert.subnet, "ClusterName": alert.cluster, "Resource": alert.resource}
    return [(name, value) for name, value in every.items() if value]


def _time(at: datetime) -> str:
    """As CloudWatch writes it: `2026-11-23T12:00:00.000+0000`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
