"""The dashboard: what Headroom does, how it goes in each subnet, and the subnet map."""

from __future__ import annotations

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from infra.audit import Audit
from infra.fast_queue import FastQueue
from infra.reconcile import Reconcile
from infra.release import Release
from infra.widget import SubnetMapWidget
from infra.work_queue import WorkQueue

NAMESPACE, SERVICE = "Headroom", "headroom"  # as the functions' environment has them
_WIDTH = 24  # of a dashboard
_PERIOD = Duration.minutes(5)


class Dashboard(Construct):
    """One dashboard. Its custom widget runs with the rights of whoever looks (infra/widget.py)."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        work_queue: WorkQueue,
        fast_queue: FastQueue,
        reconcile: Reconcile,
        release: Release,
        audit: Audit,
        subnet_map: SubnetMapWidget,
        single_address_floor: int,
    ) -> None:
        super().__init__(scope, id_)
        dashboard = cloudwatch.Dashboard(self, "Dashboard", default_interval=Duration.days(1))
        dashboard.add_widgets(*_of_subnets(single_address_floor))
        dashboard.add_widgets(_map(subnet_map))
        dashboard.add_widgets(*_of_runs(reconcile, release))
        dashboard.add_widgets(*_of_queues(work_queue, fast_queue, release, audit))
        self.name = dashboard.dashboard_name


def worst_of_subnets(metric: str, *, function: str, order: str, period: Duration) -> cloudwatch.MathExpression:
    """Metrics Insights: one time series for each subnet, the worst 500 of them first.

    SCHEMA takes the metrics with just this dimension. An alarm on more than one time series needs GROUP BY and
    ORDER BY, sees three hours back, and 500 subnets.
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Create_Metrics_Insights_Alarm.html
    https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-limits.html
    """
    series = f"SCHEMA({NAMESPACE}, SubnetId) GROUP BY SubnetId ORDER BY {function}() {order}"
    query = f"SELECT {function}({metric}) FROM {series}"  # noqa: S608 - of metrics, with names of ours
    return cloudwatch.MathExpression(expression=query, period=period, label="", using_metrics={})


def _of_subnets(floor: int) -> list[cloudwatch.IWidget]:
    """In each the subnets that are worst off, by name."""
    nothing_left = cloudwatch.HorizontalAnnotation(value=floor, label="floor", color=cloudwatch.Color.RED)
    return [
        _subnets("Prefixes missing", "MissingPrefixes", worst="MAX"),
        _subnets("Free prefixes, reserved", "FreePrefixesReserved", worst="MIN"),
        _subnets("Free prefixes, open", "FreePrefixesOpen", worst="MIN"),
        _subnets("Open single addresses", "OpenAddresses", worst="MIN", line=nothing_left),
        _subnets("Hours to exhaustion", "HoursToExhaustion", worst="MIN"),
        _subnets("Fragmentation (%)", "Fragmentation", worst="MAX"),
        _subnets("Assigned prefixes", "AssignedPrefixes", worst="MAX"),
        _subnets("Draining blocks", "DrainingBlocks", worst="MAX"),
        _subnets("Requests refused for lack of room", "FailuresSeen", worst="SUM"),
        _subnets("Calls spent today", "CallsToday", worst="MAX"),
        _subnets("Age of the view (s)", "ViewAge", worst="MAX"),
    ]


def _subnets(
    title: str, metric: str, *, worst: str, line: cloudwatch.HorizontalAnnotation | None = None
) -> cloudwatch.GraphWidget:
    order = "ASC" if worst == "MIN" else "DESC"
    series = worst_of_subnets(metric, function=worst, order=f"{order} LIMIT 10", period=_PERIOD)
    return _graph(title, series, lines=[line] if line else [])


def _map(subnet_map: SubnetMapWidget) -> cloudwatch.CustomWidget:
    return cloudwatch.CustomWidget(
        title="Subnet map",
        function_arn=subnet_map.function.function_arn,
        update_on_resize=False,  # each answer reads EC2
        update_on_time_range_change=False,  # it shows now
        width=_WIDTH,
        height=9,
    )


def _of_runs(reconcile: Reconcile, release: Release) -> list[cloudwatch.IWidget]:
    functions = {"reconcile": reconcile.function, "release": release.function}
    return [
        _graph(
            "Runs",
            *(each.metric_invocations(label=name, period=_PERIOD) for name, each in functions.items()),
            _sum("BatchesCovered", "covered by a later look"),
        ),
        _graph(
            "Runs that failed",
            *(each.metric_errors(label=name, period=_PERIOD) for name, each in functions.items()),
            _sum("Denied", "denied"),
        ),
        _graph(
            "Looks at subnets",
            _sum("SubnetsLookedAt", "all"),
            _sum("SubnetsShort", "short of prefixes"),
            _sum("SubnetsPartial", "not seen whole"),
        ),
        _graph(
            "Writes",
            _sum("ReservationsCreated", "reserved"),
            _sum("ReleasesAsked", "releases asked for"),
            _sum("ReservationsRefused", "refused by EC2"),
        ),
        _graph(
            "Events",
            _sum("EventsIgnored", "ignored"),
            _sum("EventsMalformed", "malformed"),
            _sum("FailuresSeen", "requests refused for lack of room"),
        ),
        _graph("Findings and notices", _sum("Findings", "findings"), _sum("NoticesSent", "notices")),
    ]


def _of_queues(
    work_queue: WorkQueue, fast_queue: FastQueue, release: Release, audit: Audit
) -> list[cloudwatch.IWidget]:
    dead = {
        "work": work_queue.dead_letters,
        "fast": fast_queue.dead_letters,
        "release": release.dead_letters,
        "audit": audit.dead_letters,
    }
    live = {"work": work_queue.queue, "fast": fast_queue.queue, "release": release.queue}
    return [
        _graph("Dead letters", *(_waiting(queue, name) for name, queue in dead.items())),
        _graph("Age of the oldest message (s)", *(_oldest(queue, name) for name, queue in live.items())),
    ]


def _waiting(queue: sqs.IQueue, label: str) -> cloudwatch.Metric:
    return queue.metric_approximate_number_of_messages_visible(label=label, period=_PERIOD, statistic="Maximum")


def _oldest(queue: sqs.IQueue, label: str) -> cloudwatch.Metric:
    return queue.metric_approximate_age_of_oldest_message(label=label, period=_PERIOD, statistic="Maximum")


def _sum(metric: str, label: str) -> cloudwatch.Metric:
    """Of one of the reconcile function's own metrics."""
    return cloudwatch.Metric(
        namespace=NAMESPACE,
        metric_name=metric,
        dimensions_map={"service": SERVICE},
        label=label,
        statistic="Sum",
        period=_PERIOD,
    )


def _graph(
    title: str, *series: cloudwatch.IMetric, lines: list[cloudwatch.HorizontalAnnotation] | None = None
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(
        title=title,
        left=[*series],
        left_annotations=lines or [],
        left_y_axis=cloudwatch.YAxisProps(min=0, show_units=False),
        width=_WIDTH // 4,
        height=6,
    )
