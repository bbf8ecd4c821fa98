"""docs/cost.md: the bill of a month with its arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from functions.capacity.subnet_metrics import METRICS
from reference import prices
from reference.markdown import bullet, paragraph, table
from reference.reckoning import (
    ALARMS,
    BUSY,
    CALL_SECONDS,
    CLUSTER_METRICS,
    CORES,
    EVENTS_A_LAUNCH,
    NOTICES,
    POLL_SECONDS,
    POLLERS,
    QUIET,
    RUN,
    Line,
    Month,
    bill,
    run_seconds,
    total,
)

SUBNETS = (3, 12, 50)


def page() -> str:
    """The page as it has to stand in docs/."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield from _head()
    yield from ("", "## The bill for 1,000 nodes", "")
    yield from _bill()
    yield from ("", "## More subnets", "")
    yield from _subnets()
    yield from ("", "## The prices", "")
    yield from _prices()
    yield from ("", "## How the quantities come about", "")
    yield from _quantities()
    yield from ("", "## What makes it cheaper", "")
    yield from _cheaper()
    yield from ("", "## What is not in it", "")
    yield from _left_out()


def _head() -> Iterator[str]:
    metrics = sum(each.dollars for each in bill(QUIET) if each.price is prices.METRIC)
    yield from ("# What it costs", "")
    yield from ("<!-- written by `make docs` from reference/prices.py and reference/reckoning.py -->", "")
    yield paragraph(
        f"""**About ${total(QUIET):.0f} a month for 1,000 nodes** of one cluster in {RUN.subnets} subnets in a quiet
        month, ${total(BUSY):.0f} in one in which every node is replaced every day. ${metrics:.0f} of it are
        CloudWatch's custom metrics, which are paid for each subnet, whatever happens in it: not the nodes but the
        subnets make the bill. All is reckoned, not read off a bill: nothing here has run on a live account."""
    )


def _bill() -> Iterator[str]:
    yield from table(
        ("what", "unit", "quiet: how many", "$", "busy: how many", "$"),
        (
            *(_row(quiet, busy) for quiet, busy in zip(bill(QUIET), bill(BUSY), strict=True)),
            ("**in all**", "", "", f"**{total(QUIET):.2f}**", "", f"**{total(BUSY):.2f}**"),
        ),
    )


def _row(quiet: Line, busy: Line) -> tuple[str, ...]:
    return (
        quiet.what,
        quiet.price.unit,
        f"{quiet.quantity:,.0f}",
        f"{quiet.dollars:.2f}",
        f"{busy.quantity:,.0f}",
        f"{busy.dollars:.2f}",
    )


def _subnets() -> Iterator[str]:
    yield paragraph(
        f"""{len(METRICS)} metrics a subnet, ${prices.METRIC.of(len(METRICS)):.2f} a month; {CLUSTER_METRICS} metrics a
        cluster, ${prices.METRIC.of(CLUSTER_METRICS):.2f} a month. Reads, writes and logs grow with the subnets too; a
        run's time was measured for three and is left as it is."""
    )
    yield ""
    months = {name: [replace(month, subnets=each) for each in SUBNETS] for name, month in _MONTHS.items()}
    yield from table(
        ("", *(f"{each} subnets" for each in SUBNETS)),
        ((f"{name} month, $", *(f"{total(each):.2f}" for each in of)) for name, of in months.items()),
    )


_MONTHS: dict[str, Month] = {"quiet": QUIET, "busy": BUSY}


def _prices() -> Iterator[str]:
    yield paragraph(
        f"""List prices in {prices.REGION}, read in {prices.READ}, without free tiers. They differ by region and change:
        look them up before you rely on them."""
    )
    yield ""
    yield from table(
        ("what", "$", "for", "page"),
        ((each.unit, f"{each.dollars:g}", f"{each.per:,}", f"<{each.page}>") for each in prices.ALL),
    )


def _quantities() -> Iterator[str]:
    processor, calls = RUN.processor_seconds / CORES, RUN.calls * CALL_SECONDS
    yield bullet(
        f"""**A run** over 1,000 nodes in {RUN.subnets} subnets was measured on the embedded AWS
        (`python -m benchmarks.sweeps --nodes 1000`): {RUN.calls} calls of AWS's APIs, {RUN.processor_seconds} s of one
        core, {RUN.write_units} write and {RUN.read_units} read units of DynamoDB, {RUN.printed:,} bytes printed."""
    )
    yield bullet(
        f"""**Its time** is reckoned: 512 MB get {CORES:.2f} of a core, so {processor:.1f} s, and {RUN.calls} calls at
        {CALL_SECONDS * 1000:.0f} ms are {calls:.1f} s; in all {run_seconds():.1f} s at 0.5 GB. Lambda's cores are not
        those of the machine of the measurement."""
    )
    yield bullet(
        f"""**Quiet**: {QUIET.runs} sweeps a day and nothing else. **Busy**: {BUSY.runs:,} runs a day, as many as the
        batching window of a minute and the fast way let through, and {BUSY.launches:,} launches and as many ends a day,
        {EVENTS_A_LAUNCH} events each. A storm of 1,000 launches in seven minutes by itself was measured at
        6,985 events,
        10 runs and 39 reads of EC2 ([18](decisions/0018-storms.md))."""
    )
    yield bullet(
        f"""**Queues**: Lambda is taken to ask each of the three with {POLLERS} long polls of {POLL_SECONDS} s
        at a time,
        whether there is anything or not. A message of the work queue is at most three requests; one for the fast queue,
        which SQS takes once in five minutes, is one."""
    )
    yield bullet(
        f"""**Metrics and alarms** are counted in the code and the template, see [metrics.md](metrics.md).
        {ALARMS} alarms
        read one metric each, the one over all subnets one of each subnet."""
    )
    yield bullet(f"**Notices**: {NOTICES} a month, each as mail, chat and page.")


def _cheaper() -> Iterator[str]:
    metrics = sum(each.dollars for each in bill(QUIET) if each.price is prices.METRIC)
    rare = replace(QUIET, runs=QUIET.runs // 3)
    yield bullet(
        f"""**No metrics**: ${metrics:.2f} less. Set `POWERTOOLS_METRICS_DISABLED` to `true` on the reconcile function.
        Alerts do not need them; the dashboard and the alarm SubnetsShort do."""
    )
    yield bullet(
        f"""**`sweepMinutes` of 15**: ${total(QUIET) - total(rare):.2f} less, and lost events are repaired ten minutes
        later. Not worth it."""
    )
    yield bullet(
        f"""**`trail` only where there is none**: the first trail of a region costs nothing but its bucket, a second one
        ${prices.TRAIL.dollars:g} for 100,000 management events of the whole account, not only Headroom's."""
    )
    yield bullet("**`logRetentionDays`** hardly matters: a month of logs is less than a third of a gigabyte.")
    yield bullet("**Subnets**: one that no node group uses and no tag names is not looked at, and costs nothing.")


def _left_out() -> Iterator[str]:
    yield bullet(
        """EC2's, EKS's and Auto Scaling's APIs, events of AWS's services on the default bus, and standard parameters of
        SSM: they cost nothing."""
    )
    yield bullet("Storage: a few megabytes of table, logs and reports, a cent or two.")
    yield bullet(
        f"""The audit: a run of some seconds and four PUT requests (${4 * prices.S3_PUT.of(1):.5f}) a report,
        the release
        function, and the widget where somebody looks."""
    )
    yield bullet("A second rotation of the key's material, after two years: KMS then takes up to $2 a month more.")
