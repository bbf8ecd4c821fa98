"""AWS's list prices in us-east-1, without free tiers, as they were read in November 2026.

The pages themselves show prices by script, so the figures are those that guides to them name, of February to June 2026;
DynamoDB's since November 2024. A price that AWS changes is changed here, and `make docs` reckons anew.
"""

from __future__ import annotations

from dataclasses import dataclass

REGION, READ = "us-east-1 (N. Virginia)", "November 2026"
MILLION = 1_000_000
GIB = 2**30


@dataclass(frozen=True, kw_only=True)
class Price:
    """Dollars for `per` units."""

    dollars: float
    per: int
    unit: str
    page: str

    def of(self, quantity: float) -> float:
        """What so many units cost, in dollars."""
        return quantity * self.dollars / self.per


def _price(dollars: float, per: int, unit: str, page: str) -> Price:
    return Price(dollars=dollars, per=per, unit=unit, page=f"https://aws.amazon.com/{page}/pricing/")


LAMBDA_REQUEST = _price(0.20, MILLION, "requests", "lambda")
LAMBDA_TIME = _price(13.3334, MILLION, "GB-seconds on Arm", "lambda")
WRITE_UNIT = _price(0.625, MILLION, "write request units", "dynamodb")
READ_UNIT = _price(0.125, MILLION, "read request units", "dynamodb")
SQS_STANDARD = _price(0.40, MILLION, "requests to standard queues", "sqs")
SQS_FIFO = _price(0.50, MILLION, "requests to FIFO queues", "sqs")
SCHEDULER = _price(1.00, MILLION, "scheduled invocations", "eventbridge")
SNS_PUBLISH = _price(0.50, MILLION, "publishes", "sns")
SNS_EMAIL = _price(2.00, 100_000, "e-mails", "sns")
KMS_KEY = _price(1.00, 1, "keys of one's own", "kms")
KMS_REQUEST = _price(0.03, 10_000, "requests", "kms")
METRIC = _price(0.30, 1, "custom metrics", "cloudwatch")
ALARM = _price(0.10, 1, "metrics that alarms read", "cloudwatch")
DASHBOARD = _price(3.00, 1, "dashboards", "cloudwatch")
LOGS = _price(0.50, GIB, "bytes of logs", "cloudwatch")
TRAIL = _price(2.00, 100_000, "management events of a second trail", "cloudtrail")
S3_PUT = _price(0.005, 1000, "PUT requests", "s3")
ALL = (
    *(LAMBDA_REQUEST, LAMBDA_TIME, WRITE_UNIT, READ_UNIT, SQS_STANDARD, SQS_FIFO, SCHEDULER, SNS_PUBLISH, SNS_EMAIL),
    *(KMS_KEY, KMS_REQUEST, METRIC, ALARM, DASHBOARD, LOGS, TRAIL, S3_PUT),
)
