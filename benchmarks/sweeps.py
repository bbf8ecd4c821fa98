"""What one sweep over a cluster asks of AWS, counted: for docs/cost.md.

    python -m benchmarks.sweeps --nodes 1000

N nodes over three subnets in the embedded AWS, with the app deployed; once all has come to rest, the reconcile's own
handler runs here, with the deployed environment, and what it calls, stores and prints is counted. Processor time is
this machine's; the time of the calls is left to whoever reckons, since nothing here is as far away as AWS is.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from math import ceil
from pathlib import Path
from typing import Any

from benchmarks.launching import build, launch
from benchmarks.storm import Product
from sandbox.deployment import deploy
from sandbox.process import EmbeddedAws, embedded_aws

SWEEPS = 5  # that are counted, after one that warms the process up
WRITE, READ = 1024, 4096  # bytes of a DynamoDB request unit (developer guide, 'read-write-capacity-units')
WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
TRANSACTIONAL = 2  # units for one (the same page)


@dataclass
class Counted:
    """Over some sweeps: calls by service and operation, DynamoDB's request units, bytes printed, processor seconds."""

    calls: Counter[str] = field(default_factory=Counter)
    write_units: int = 0
    read_units: int = 0
    printed: int = 0
    seconds: float = 0.0

    def called(self, model: Any, params: Any, **_: object) -> None:
        """A call is about to be made."""
        name = model.name
        self.calls[f"{model.service_model.service_name}:{name}"] += 1
        if name in WRITES:
            self.write_units += ceil(len(params["body"]) / WRITE)
        elif name == "TransactWriteItems":
            self.write_units += TRANSACTIONAL * ceil(len(params["body"]) / WRITE)

    def answered(self, http_response: Any, model: Any, **_: object) -> None:
        """It was; all reads of ours are consistent ones."""
        if model.service_model.service_name == "dynamodb" and model.name in {"GetItem", "Query"}:
            self.read_units += ceil(len(http_response.content) / READ)


@dataclass
class _Context:
    aws_request_id: str
    function_name: str = "reconcile"
    memory_limit_in_mb: int = 512
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:reconcile"

    def get_remaining_time_in_millis(self) -> int:
        return 110_000


def sweeps(nodes: int) -> dict[str, Any]:
    """The average of a sweep over so many nodes."""
    with tempfile.TemporaryDirectory() as folder, embedded_aws(Path(folder)) as aws:
        deployment = deploy(
            aws,
            Path(folder),
            {"sweepMinutes": 60, "batchingWindowSeconds": 0, "wakeAfterSeconds": 0, "settleSeconds": 0},
        )
        product = Product(aws, deployment)
        launch(aws, build(aws, nodes), nodes, 20)
        product.wait_until_quiet(500)
        with _deployed_environment(aws, deployment.outputs["ReconcileFunction"]):
            counted = _counted(aws)
    per_sweep = {name: count / SWEEPS for name, count in sorted(counted.calls.items())}
    average = {name: value / SWEEPS for name, value in asdict(counted).items() if name != "calls"}
    return {"nodes": nodes, "calls": per_sweep, "callsInAll": sum(per_sweep.values()), **average}


@contextlib.contextmanager
def _deployed_environment(aws: EmbeddedAws, function: str) -> Iterator[None]:
    """The function's own, and none of this machine's AWS settings; it runs nowhere else meanwhile."""
    lambda_ = aws.client("lambda")
    for each in lambda_.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]:
        lambda_.update_event_source_mapping(UUID=each["UUID"], Enabled=False)
    variables = lambda_.get_function_configuration(FunctionName=function)["Environment"]["Variables"]
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(aws.environment | variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _counted(aws: EmbeddedAws) -> Counted:
    counted, printed = Counted(), io.StringIO()
    with contextlib.redirect_stdout(printed):
        from functions.aws import clients  # noqa: PLC0415 - Powertools keeps the stream that it finds when it starts
        from functions.handlers import reconcile  # noqa: PLC0415

        _sweep(reconcile, 0)
        events = clients._session().get_component("event_emitter")  # noqa: SLF001 - as X-Ray's SDK would
        events.register("before-call", counted.called)
        events.register("after-call", counted.answered)
        clients.ec2.cache_clear()
        for each in (clients.eks, clients.autoscaling, clients.dynamodb, clients.sns, clients.sqs, clients.ssm):
            each.cache_clear()
        for number in range(1, SWEEPS + 1):
            reconcile._KEPT.reservations.forget(_subnets(aws))  # noqa: SLF001 - five minutes later they are too old
            start, before = time.process_time(), printed.tell()
            _sweep(reconcile, number)
            counted.seconds += time.process_time() - start
            counted.printed += printed.tell() - before
    return counted


def _subnets(aws: EmbeddedAws) -> list[str]:
    return [each["SubnetId"] for each in aws.client("ec2").describe_subnets()["Subnets"]]


def _sweep(reconcile: Any, number: int) -> None:
    sent = str(int(time.time() * 1000))
    record = {"messageId": str(number), "body": SWEEP, "attributes": {"SentTimestamp": sent}}
    answer = reconcile.handler({"Records": [record]}, _Context(aws_request_id=f"sweep-{number}"))
    assert answer == {"batchItemFailures": []}, answer  # noqa: S101


SWEEP = (Path(__file__).parent.parent / "events" / "headroom" / "Sweep.json").read_text()


def main() -> None:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--nodes", type=int, default=1000)
    print(json.dumps(sweeps(parser.parse_args().nodes), indent=1))


if __name__ == "__main__":
    main()
