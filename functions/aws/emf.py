"""Values as lines of the log, which CloudWatch makes metrics of (its embedded metric format): no call, one line each.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

from collections.abc import Iterable

from aws_lambda_powertools.metrics import EphemeralMetrics

from functions.capacity.subnet_metrics import UNITS, Measured


def print_lines(of: Iterable[Measured], *, namespace: str | None) -> None:
    """One line for each subnet and cluster. With a dimension of its own and no other, so that a query can name it."""
    for each in of:
        line = EphemeralMetrics(namespace=namespace, service="")  # with a service, it would be one more dimension
        line.add_dimension(each.dimension, each.name)
        for name, value in each.values.items():
            line.add_metric(name=name, unit=UNITS[name], value=value)
        line.flush_metrics()
