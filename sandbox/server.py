"""The embedded AWS as one process on one port: `python -m sandbox.server --port 4800 --seed 1`.

ministack's plumbing, moto's instance types, and an EC2 whose subnets fragment as real ones do.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import signal
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sandbox import delivery, ledger

ACCOUNT = "123456789012"
REGION = "us-east-1"


def main() -> None:
    """Serve until terminated."""
    arguments = _arguments()
    if arguments.until_stdin_ends:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    _set_environment(arguments.port)
    if arguments.ledger:
        ledger.keep(arguments.ledger)
    delivery.choose(delivery.Delivery(twice=arguments.twice, rng=random.Random(arguments.seed)))
    _install(arguments)
    _serve(arguments.port)


def _arguments() -> argparse.Namespace:
    from ec2_rules.allocation import Order  # noqa: PLC0415 - keeps --help quick

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the port on 127.0.0.1 to listen on")
    parser.add_argument("--seed", type=int, default=1, help="for everything that EC2 does at random")
    parser.add_argument("--order", type=Order, default=Order.RANDOM, choices=list(Order), help="of single addresses")
    parser.add_argument("--ledger", type=Path, help="a file for what happens: EC2 calls of Lambdas, events, batches")
    parser.add_argument("--time-factor", type=float, default=1, help="how many times faster fixed intervals pass")
    parser.add_argument("--latency", type=float, default=0, help="seconds that an EC2 call of a Lambda takes to arrive")
    parser.add_argument("--throttled", type=float, default=0, help="the share of those calls that EC2 has no time for")
    parser.add_argument("--twice", type=float, default=0, help="the share of events that come a second time, late")
    parser.add_argument("--pollers", type=int, default=1, help="how many gather the batches of a standard queue")
    parser.add_argument("--until-stdin-ends", action="store_true", help="end, Lambdas included, when stdin does")
    return parser.parse_args()


def _end_with_stdin() -> None:
    """Whoever started us holds the other end of stdin; it closes even if they are killed."""
    while os.read(0, 4096):
        pass
    os.killpg(os.getpgrp(), signal.SIGKILL)


def _set_environment(port: int) -> None:
    """Ministack reads these when it is imported; Lambdas inherit them, so nobody's AWS settings may be among them."""
    for name in [name for name in os.environ if name.startswith(("AWS_", "MINISTACK_", "MOTO_", "LAMBDA_"))]:
        del os.environ[name]
    os.environ.update(
        BIND_HOST="127.0.0.1",
        GATEWAY_PORT=str(port),
        MINISTACK_ACCOUNT_ID=ACCOUNT,
        MINISTACK_REGION=REGION,
        MOTO_ACCOUNT_ID=ACCOUNT,
        IOT_MTLS_ENABLED="0",
        SFTP_ENABLED="0",
        LOG_LEVEL=os.environ.get("LOG_LEVEL", "INFO"),
        AWS_ACCESS_KEY_ID="test",
        AWS_SECRET_ACCESS_KEY="test",  # noqa: S106 - no secret: the emulator takes any
        AWS_DEFAULT_REGION=REGION,
    )


def _install(arguments: argparse.Namespace) -> None:
    from sandbox import (  # noqa: PLC0415
        addon_updates,
        authorization,
        auto_scaling,
        ec2_service,
        gateway,
        node_groups,
        organisation,
        query_alarms,
        queues,
        step_functions,
    )

    gateway.check()
    authorization.install()
    organisation.install()
    step_functions.install()
    queues.install(time_factor=arguments.time_factor, pollers=arguments.pollers)
    query_alarms.install()
    ec2 = ec2_service.Ec2Service(
        account=ACCOUNT,
        region=REGION,
        seed=arguments.seed,
        order=arguments.order,
        weather=ec2_service.Weather(latency=arguments.latency, throttled=arguments.throttled),
    )
    everywhere = ec2_service.Ec2Services(
        ec2, account=ACCOUNT, region=REGION, seed=arguments.seed, order=arguments.order
    )
    gateway.replace("ec2", lambda _: everywhere.handle)
    launcher = auto_scaling.Launcher(ec2)

    from ministack.services import autoscaling  # noqa: PLC0415

    autoscaling._reconcile_instances = launcher.reconcile  # noqa: SLF001
    gateway.replace("autoscaling", auto_scaling.heard)
    gateway.replace("eks", lambda original: addon_updates.Updates(original).handle)
    gateway.replace("eks", lambda original: node_groups.eks(original, autoscaling.handle_request))


def _serve(port: int) -> None:
    from hypercorn.asyncio import serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415
    from ministack.app import app  # noqa: PLC0415

    config = Config()
    config.bind = [f"127.0.0.1:{port}"]
    config.accesslog = None
    asyncio.run(serve(app, config))


def clean_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment for the server: without the machine's AWS settings, on this Python."""
    kept: dict[str, Any] = {name: value for name, value in environment.items() if not name.startswith("AWS_")}
    return kept | {"PYTHONUNBUFFERED": "1"}


if __name__ == "__main__":
    main()
