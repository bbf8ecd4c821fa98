"""What Headroom costs in a month, as quantities times prices; each quantity is measured, or counted in the stack."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from functions.capacity.subnet_metrics import METRICS
from infra.config import Config
from reference import prices
from reference.prices import Price

DAYS, MINUTES = 30, 24 * 60
SWEEPS_A_DAY = MINUTES // Config().sweep_minutes


@dataclass(frozen=True, kw_only=True)
class Run:
    """One look at 1,000 nodes in 3 subnets, by `python -m benchmarks.sweeps --nodes 1000` on 28 November 2026."""

    calls: int = 31
    processor_seconds: float = 0.85  # of one core of the machine that it was measured on
    write_units: int = 12
    read_units: int = 38
    printed: int = 6324  # bytes, metrics included
    subnets: int = 3


RUN = Run()
CALL_SECONDS = 0.06  # reckoned for each call; the benchmark's AWS is on the same machine
MEMORY_GB = 0.5  # infra/function.py
CORES = 512 / 1769  # of a core that 512 MB get (Lambda developer guide, 'configuration-memory')
PLATFORM_LINES = 300  # bytes that Lambda itself adds to the log of a run
POLLERS, POLL_SECONDS = 5, 20  # of an event source, each in a long poll (Lambda developer guide, 'with-sqs')
STANDARD_SOURCES, FIFO_SOURCES = 2, 1  # work and release queue; fast queue
CLUSTER_METRICS = len(METRICS)
OWN_METRICS = 24  # docs/metrics.md, if each occurs
ALARMS = 9  # beside the one over all subnets, which reads one metric of each
NOTICES = 100  # a month, in three forms
EVENTS_A_LAUNCH = 7  # decision 18; as many for an end
KMS_CALLS = 3 * 2 * DAYS * MINUTES // 5  # at most: 2 for each data key of each topic (SNS guide, 'sns-key-management')
RUNS_AT_MOST = MINUTES + MINUTES // 5  # a day: one a minute by the batching window, and one in five on the fast way


@dataclass(frozen=True, kw_only=True)
class Month:
    """A month of 30 days: `runs` a day, over so many subnets of one cluster, with so many node launches a day."""

    name: str
    runs: int
    subnets: int = RUN.subnets
    launches: int = 0

    @property
    def all_runs(self) -> int:
        """In the month."""
        return self.runs * DAYS

    @property
    def scale(self) -> float:
        """How many times the subnets that were measured."""
        return self.subnets / RUN.subnets


QUIET = Month(name="quiet", runs=SWEEPS_A_DAY)
BUSY = Month(name="busy", runs=RUNS_AT_MOST, launches=1000)


@dataclass(frozen=True, kw_only=True)
class Line:
    """One position of the bill."""

    what: str
    quantity: float
    price: Price

    @property
    def dollars(self) -> float:
        """Its part of the bill."""
        return self.price.of(self.quantity)


def run_seconds() -> float:
    """What a run is billed for: its processor time on Lambda's part of a core, and its calls one after the other."""
    return RUN.processor_seconds / CORES + RUN.calls * CALL_SECONDS


def bill(month: Month) -> Iterator[Line]:
    """Every position, the dearest service first."""
    runs, events = month.all_runs, 2 * EVENTS_A_LAUNCH * month.launches * DAYS
    polls = POLLERS * DAYS * MINUTES * 60 // POLL_SECONDS
    yield Line(what="metrics of subnets", quantity=len(METRICS) * month.subnets, price=prices.METRIC)
    yield Line(what="metrics of the cluster", quantity=CLUSTER_METRICS, price=prices.METRIC)
    yield Line(what="metrics of Headroom itself", quantity=OWN_METRICS, price=prices.METRIC)
    yield Line(what="dashboard", quantity=1, price=prices.DASHBOARD)
    yield Line(what="alarms", quantity=ALARMS, price=prices.ALARM)
    yield Line(what="the alarm over all subnets", quantity=month.subnets, price=prices.ALARM)
    yield Line(what="logs", quantity=runs * (RUN.printed * month.scale + PLATFORM_LINES), price=prices.LOGS)
    yield Line(what="key of the topics", quantity=1, price=prices.KMS_KEY)
    yield Line(what="its use", quantity=KMS_CALLS, price=prices.KMS_REQUEST)
    yield Line(what="runs", quantity=runs, price=prices.LAMBDA_REQUEST)
    yield Line(what="time of runs", quantity=runs * run_seconds() * MEMORY_GB, price=prices.LAMBDA_TIME)
    yield Line(
        what="polls and messages of the work and release queue",
        quantity=STANDARD_SOURCES * polls + 3 * (events + SWEEPS_A_DAY * DAYS),
        price=prices.SQS_STANDARD,
    )
    yield Line(
        what="polls and messages of the fast queue", quantity=FIFO_SOURCES * polls + events, price=prices.SQS_FIFO
    )
    yield Line(what="sweeps", quantity=SWEEPS_A_DAY * DAYS, price=prices.SCHEDULER)
    yield Line(what="writes to the table", quantity=runs * RUN.write_units * month.scale, price=prices.WRITE_UNIT)
    yield Line(what="reads of the table", quantity=runs * RUN.read_units * month.scale, price=prices.READ_UNIT)
    yield Line(what="notices", quantity=3 * NOTICES, price=prices.SNS_PUBLISH)
    yield Line(what="notices by mail, one reader", quantity=NOTICES, price=prices.SNS_EMAIL)


def total(month: Month) -> float:
    """Dollars in the month."""
    return sum(each.dollars for each in bill(month))
