"""R4: the product's real boto3 clients, of whose calls half are throttled. Only the network is not there, and time.

botocore signs, sends, parses, retries and sleeps as ever; the request goes to this world's AWS instead of out, and
its sleeps let the world's time pass.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from math import inf
from random import Random
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch
from xml.sax.saxutils import escape

from botocore import endpoint, xform_name
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.compat import HTTPHeaders
from botocore.exceptions import ClientError
from moto.core.serialize import SerializationContext, get_serializer_class
from moto.core.utils import get_service_model

from functions.aws import clients
from functions.capacity.model import Policy
from functions.handlers import reconcile
from tests.simulation import lambdas
from tests.simulation.faults import Fault, Kind
from tests.simulation.invariants import Break, Observer
from tests.simulation.lambdas import Answer, Records, settings_of
from tests.simulation.nature import Nature
from tests.simulation.process import Process, Trace
from tests.simulation.world import Deployment, World

SHARE = 0.5  # of all attempts that are throttled
EVENTS = 12
SERVICES = ("ec2", "eks", "autoscaling", "dynamodb", "sns", "sqs", "ssm")
ENVIRONMENT = {
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_EC2_METADATA_DISABLED": "true",
}
_STATUS = {"RequestLimitExceeded": 503}

Params = Mapping[str, Any]


class _Body:
    """The part of a urllib3 response that botocore reads."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def stream(self) -> list[bytes]:
        return [self._content]


@dataclass
class Transport:
    """Where all requests go: to the world, seen through the process of the moment."""

    world: World | None = None
    process: Process | None = None
    asked: Params = field(default_factory=dict)  # the parameters of the request that is on its way
    attempts: int = 0

    def asking(self, params: Params, **_: Any) -> None:
        """botocore is about to send a request with these parameters."""
        self.asked = params

    def send(self, request: AWSPreparedRequest, event_name: str, **_: Any) -> AWSResponse:
        """botocore sends it, for the first time or again."""
        named, operation = event_name.split(".")[1:]
        service = named.replace("-", "")  # botocore says `auto-scaling` here
        self.attempts += 1
        try:
            status, body = 200, _rendered(service, operation, self._answer(service, operation))
        except ClientError as error:
            code = error.response["Error"].get("Code", "")
            status, body = _STATUS.get(code, 400), _error(service, error)
        return AWSResponse(request.url, status, HTTPHeaders(), _Body(body))

    def _answer(self, service: str, operation: str) -> Any:
        assert self.world is not None
        assert self.process is not None
        client = getattr(lambdas.Clients(self.world, self.process), service)()
        name, params = xform_name(operation), {**self.asked}
        if service in PAGED and operation in PAGED[service]:
            return self._page(client, service, name, params)
        return getattr(client, name)(**params)

    def _page(self, client: Any, service: str, name: str, params: dict[str, Any]) -> Any:
        """All in one page."""
        assert self.process is not None
        for size in ("MaxResults", "MaxRecords", "maxResults"):
            params.pop(size, None)
        show = getattr(client, f"_{name}", None) or client.get_paginator(name).show
        key, items = self.process.call(service, name, lambda: show(**params))
        return {key: list(items)}


PAGED: Mapping[str, frozenset[str]] = {
    "ec2": frozenset(
        {"DescribeSubnets", "DescribeNetworkInterfaces", "DescribeInstances", "DescribeInstanceTypes", "DescribeVpcs"}
    ),
    "eks": frozenset({"ListClusters", "ListNodegroups"}),
    "autoscaling": frozenset({"DescribeAutoScalingGroups"}),
}


@cache
def transport() -> Transport:
    """One for all runs, since clients are dear. The product's own functions make them, with its configuration."""
    found = Transport()
    with patch.dict("os.environ", ENVIRONMENT):
        for service in SERVICES:
            events = getattr(clients, service)().meta.events
            events.register(f"before-parameter-build.{service}", found.asking)
            events.register(f"before-send.{service}", found.send)
    return found


def run_reconcile(world: World, process: Process, records: Records) -> Answer:
    """What functions.handlers.reconcile.handler does with a batch, with its own clients."""
    batch = reconcile.read_batch(records)
    to = transport()
    to.world, to.process, process.back_off, process.stops_at = world, process, 0.0, inf
    outcome = None
    if batch.scope:
        invocation = reconcile.Invocation(
            id=process.name,
            clock=world.clock.utc,
            sleep=world.clock.sleep,
            ends=world.clock.utc_in(process.seconds_left()),
        )
        clients.deadline.set(invocation.ends - timedelta(seconds=reconcile.LAST_SECONDS), invocation.clock)
        outcome = reconcile.handle(batch, settings_of(world), clients, invocation, world.kept())
    return Answer(failed=frozenset(batch.malformed), outcome=outcome)


REAL = Deployment(name="real boto3 clients", reconcile=run_reconcile)


@contextmanager
def _fake_sleep(world: World) -> Iterator[None]:
    """botocore's pauses between attempts let the world's time pass (botocore/endpoint.py)."""
    with patch.object(endpoint, "time", SimpleNamespace(sleep=world.clock.sleep)):
        yield


def run_one(seed: int, trace: Trace = lambda _: None) -> list[Break]:
    """A few events and sweeps, with half of all attempts throttled; then none is, and all comes to rest."""
    rng = Random(seed)
    world = World(rng, Policy(), REAL, trace)
    observer = Observer(world)
    nature = Nature(world, rng)
    for number, mode in enumerate(rng.choice((("ahead",), ("steer",), ("ahead", "steer")))):
        network = world.region.add_network(f"10.0.{number}.0/24", mode)
        world.cluster.add_group(f"workers-{number}", network.id, desired=1, most=2)
    with _fake_sleep(world):
        world.faults.add(Fault(kind=Kind.THROTTLE, share=SHARE))
        for _ in range(EVENTS):
            rng.choice((nature.launch, nature.grow, nature.single_comes, nature.scale))()
            world.run_for(rng.uniform(0, 60))
        world.sweep()
        world.run_for(600)
        world.faults.clear()
        world.run_until_idle()
        world.sweep()
        world.run_until_idle()
    observer.check()
    observer.check_messages()
    return observer.breaks


# --- answers as the services send them ---


@cache
def _operation(service: str, operation: str) -> Any:
    return get_service_model(service).operation_model(operation)


def _rendered(service: str, operation: str, answer: Any) -> bytes:
    model = _operation(service, operation)
    serializer = get_serializer_class(service, model.metadata["protocol"])
    made = serializer(model, SerializationContext("request-1")).serialize(answer)["body"]
    return made if isinstance(made, bytes) else str(made).encode()


def _error(service: str, error: ClientError) -> bytes:
    said: Mapping[str, Any] = error.response["Error"]
    code, message = said["Code"], said["Message"]
    if service == "ec2":
        inner = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        return f"<Response><Errors><Error>{inner}</Error></Errors><RequestID>1</RequestID></Response>".encode()
    if service in {"sns", "autoscaling"}:
        inner = f"<Type>Sender</Type><Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        return f"<ErrorResponse><Error>{inner}</Error><RequestId>1</RequestId></ErrorResponse>".encode()
    reasons: Any = error.response.get("CancellationReasons", ())
    more = {"CancellationReasons": list(reasons)} if reasons else {}
    return json.dumps({"__type": code, "message": message, **more}).encode()
