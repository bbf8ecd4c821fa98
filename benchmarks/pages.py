"""Reading pages of DescribeNetworkInterfaces: `interfaces_in` against boto3's paginator, over HTTP on this machine.

The pages are written as the examples of EC2's API reference are: indented, every element that an attached interface
has, 1,000 a page.
"""

from __future__ import annotations

import gc
import os
import platform
import random
import re
import statistics
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import IPv4Address
from multiprocessing import get_context
from typing import Any
from urllib.parse import parse_qs

import boto3
from botocore.config import Config
from botocore.parsers import create_parser
from botocore.session import get_session

from functions.aws import answers
from functions.aws.interface_pages import PAGE, interfaces_in
from functions.aws.interface_xml import InterfaceXml
from functions.capacity.model import Interface

SEED = 1
RUNS = 5
SUBNET = "subnet-0aa1bb2cc3dd4ee5f"


@dataclass(frozen=True, kw_only=True)
class Load:
    """What is read: so many pages of interfaces with so many addresses and prefixes each."""

    name: str
    pages: int
    addresses: int
    prefixes: int
    others: float = 0  # the share of interfaces that are no node's
    compact: bool = False  # without line ends and indentation: not as its examples are


LOADS = (
    Load(name="prefix mode: 1 address, 9 prefixes", pages=7, addresses=1, prefixes=9),
    Load(name="the same, a fifth are load balancers', functions' ...", pages=7, addresses=1, prefixes=9, others=0.2),
    Load(name="secondary mode: 15 addresses", pages=7, addresses=15, prefixes=0),
    Load(name="prefix mode, not indented", pages=7, addresses=1, prefixes=9, compact=True),
    Load(name="prefix mode, a single page", pages=1, addresses=1, prefixes=9),
    Load(name="a single interface: what starting costs", pages=0, addresses=1, prefixes=1),
)


def run() -> list[dict[str, Any]]:
    """Each load, both ways, and that they agree.

    Times are medians of CPU time, memory is the peak of what Python allocates. The parsers are measured alone as well,
    on a page in memory. End to end, memory is measured in three ways: where our values are made of boto3's answers page
    by page and kept, as they are in our own way; where nothing is kept in either; and where what is kept is boto3's
    own answers, as most of its users do.
    """
    return [_row(load) for load in LOADS]


def _row(load: Load) -> dict[str, Any]:
    pages = list(_pages(load, random.Random(SEED)))
    with _served(pages) as url:
        client = _client(url)
        if list(_ours(client)) != list(_stock(client)):
            raise AssertionError(f"the two readings of '{load.name}' differ")
        row = {"load": load.name, "interfaces": load.pages * PAGE or 1}
        row |= _compared("", lambda: list(_ours(client)), lambda: list(_stock(client)))
        row |= _memory("reading", lambda: deque(_ours(client), 0), lambda: deque(_stock(client), 0))
        row |= _memory("answers", lambda: list(_ours(client)), lambda: list(_answers(client)))
    return row | _compared("parser", partial(_scanned, pages[0]), partial(parsed_by_botocore, pages[0]))


def _compared(what: str, ours: Callable[[], object], stock: Callable[[], object]) -> dict[str, Any]:
    """Taken in turns, so that what else the machine does meets both alike."""
    times = [(_milliseconds(ours), _milliseconds(stock)) for _ in range(RUNS)]
    ms, stock_ms = (statistics.median(each) for each in zip(*times, strict=True))
    return _named(what, {"ms": ms, "stockMs": stock_ms, "ratio": stock_ms / ms}) | _memory(what, ours, stock)


def _memory(what: str, ours: Callable[[], object], stock: Callable[[], object]) -> dict[str, Any]:
    peak, stock_peak = _megabytes(ours), _megabytes(stock)
    return _named(what, {"peakMB": peak, "stockPeakMB": stock_peak, "memoryRatio": stock_peak / peak})


def _named(what: str, figures: dict[str, float]) -> dict[str, float]:
    return {f"{what}{key[0].upper()}{key[1:]}" if what else key: round(each, 2) for key, each in figures.items()}


def show(rows: list[dict[str, Any]]) -> None:
    """The rows as a table, ours and boto3's side by side."""
    print(f"machine: {os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}; seed {SEED}")
    print("interfaces to values, CPU time             ours ms  boto3 ms   ratio   ours MB  boto3 MB   ratio")
    for row in rows:
        print(f"  {row['interfaces']} interfaces, {row['load']}")
        for what, name in (("", "end to end over HTTP"), ("parser", "the parser alone, on one page")):
            figures = [
                row[f"{what}{key[0].upper()}{key[1:]}" if what else key]
                for key in ("ms", "stockMs", "ratio", "peakMB", "stockPeakMB", "memoryRatio")
            ]
            print("    {:<34}{:>12.1f}{:>10.1f}{:>7.1f}x{:>10.2f}{:>10.2f}{:>7.1f}x".format(name, *figures))
        for what, name in (
            ("reading", "reading only, over HTTP: the values not kept"),
            ("answers", "the values kept, and of boto3 its own answers"),
        ):
            memory = [row[f"{what}{key}"] for key in ("PeakMB", "StockPeakMB", "MemoryRatio")]
            print("    {:<64}{:>10.2f}{:>10.2f}{:>7.1f}x".format(name, *memory))


def _scanned(page: bytes) -> list[Interface]:
    return InterfaceXml().read(page)[0]


def parsed_by_botocore(page: bytes) -> list[Interface]:
    """The stock way: botocore's dictionaries, and our values out of them."""
    parsed = create_parser("ec2").parse({"body": page, "headers": {}, "status_code": 200}, _output_shape())
    return list(map(answers.interface, parsed["NetworkInterfaces"]))


@cache
def _output_shape() -> Any:
    return get_session().get_service_model("ec2").operation_model("DescribeNetworkInterfaces").output_shape


def _ours(client: Any) -> Iterator[Interface]:
    return interfaces_in(client, [SUBNET])


def _stock(client: Any) -> Iterator[Interface]:
    return map(answers.interface, _answers(client))


def _answers(client: Any) -> Iterator[Any]:
    pages = client.get_paginator("describe_network_interfaces").paginate(
        Filters=[{"Name": "subnet-id", "Values": [SUBNET]}], PaginationConfig={"PageSize": PAGE}
    )
    return (each for page in pages for each in page["NetworkInterfaces"])


def _milliseconds(read: Callable[[], object]) -> float:
    """Of the processor, in this process: what else the machine does, and waiting for the server, is left out."""
    gc.collect()  # what another one left is not looked through in the time of this one
    began = time.process_time()
    read()
    return (time.process_time() - began) * 1000


def _megabytes(read: Callable[[], object]) -> float:
    tracemalloc.start()
    read()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 1e6


def _client(url: str) -> Any:
    session = boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")  # noqa: S106 - nothing checks it
    return session.client("ec2", endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))


@contextmanager
def _served(pages: list[bytes]) -> Iterator[str]:
    """An HTTP server in a process of its own, so that neither its time nor its memory counts."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(pages))
    process = get_context("fork").Process(target=server.serve_forever, daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        process.terminate()
        process.join()
        server.server_close()


def _handler(pages: list[bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            body = pages[int(asked.get("NextToken", ["0"])[0])]
            self.send_response(200)
            self.send_header("Content-Type", "text/xml;charset=UTF-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing on the terminal."""

    return Handler


# --- pages as EC2 writes them ---


def _pages(load: Load, rng: random.Random) -> Iterator[bytes]:
    for number in range(max(1, load.pages)):
        items = "".join(_item(load, rng) for _ in range(PAGE if load.pages else 1))
        items = re.sub(r">\s+<", "><", items) if load.compact else items
        yield _page(items, f"    <nextToken>{number + 1}</nextToken>\n" if number + 1 < load.pages else "")


def page_of(addresses: list[list[int]]) -> bytes:
    """A page of nodes' interfaces that have these addresses, counted from 10.0.0.0."""
    rng = random.Random(SEED)
    return _page("".join(_nodes_item(rng, each, []) for each in addresses))


def _page(items: str, token: str = "") -> bytes:
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<DescribeNetworkInterfacesResponse xmlns="http://ec2.amazonaws.com/doc/2016-11-15/">\n'
        "    <requestId>7a20c6a1-0000-4000-8000-example</requestId>\n"
        f"    <networkInterfaceSet>\n{items}    </networkInterfaceSet>\n{token}"
        "</DescribeNetworkInterfacesResponse>"
    ).encode()


def _item(load: Load, rng: random.Random) -> str:
    if rng.random() < load.others:
        return _others_item(rng)
    addresses = [rng.getrandbits(16) for _ in range(load.addresses)]
    return _nodes_item(rng, addresses, [rng.getrandbits(12) for _ in range(load.prefixes)])


def _nodes_item(rng: random.Random, addresses: list[int], blocks: list[int]) -> str:
    instance = f"i-{rng.getrandbits(68):017x}"
    secondary = rng.random() < 2 / 3  # two of a node's three interfaces are the CNI's
    tags = {"cluster.k8s.amazonaws.com/name": "demo", "node.k8s.amazonaws.com/instance_id": instance}
    attachment = (
        ("attachmentId", f"eni-attach-{rng.getrandbits(68):017x}"),
        ("instanceId", instance),
        ("instanceOwnerId", "123456789012"),
        ("deviceIndex", "1" if secondary else "0"),
        ("networkCardIndex", "0"),
        ("status", "attached"),
        ("attachTime", "2026-11-23T12:00:00.000Z"),
        ("deleteOnTermination", "true"),
    )
    return _written(
        rng,
        description=f"aws-K8S-{instance}" if secondary else "",
        attachment=attachment,
        tags=tags if secondary else {"eks:cluster-name": "demo", "Name": "demo-workers"},
        addresses=addresses,
        blocks=blocks,
    )


def _others_item(rng: random.Random) -> str:
    description, requester, kind = rng.choice(
        [
            ("ELB app/shop/50dc6c495c0c9188", "amazon-elb", "interface"),
            ("AWS Lambda VPC ENI-orders-1d8e", "AROAEXAMPLE:orders", "lambda"),
            ("VPC Endpoint Interface vpce-0f1e2d3c4b5a69788", "727180483921", "vpc_endpoint"),
            ("RDSNetworkInterface", "amazon-rds", "interface"),
        ]
    )
    attachment = (
        ("attachmentId", f"ela-attach-{rng.getrandbits(68):017x}"),
        ("instanceOwnerId", "amazon-aws"),
        ("deviceIndex", "1"),
        ("networkCardIndex", "0"),
        ("status", "attached"),
        ("deleteOnTermination", "false"),
    )
    return _written(
        rng,
        description=description,
        attachment=attachment,
        tags={},
        addresses=[rng.getrandbits(16)],
        blocks=[],
        requester=requester,
        kind=kind,
    )


def _written(
    rng: random.Random,
    *,
    description: str,
    attachment: tuple[tuple[str, str], ...],
    tags: dict[str, str],
    addresses: list[int],
    blocks: list[int],
    requester: str = "",
    kind: str = "interface",
) -> str:
    private = [
        [("privateIpAddress", _ip(each)), ("privateDnsName", _dns(each)), ("primary", "false" if place else "true")]
        for place, each in enumerate(addresses)
    ]
    parts = [
        *_texts(
            ("networkInterfaceId", f"eni-{rng.getrandbits(68):017x}"),
            ("subnetId", SUBNET),
            ("vpcId", "vpc-0aa1bb2cc3dd4ee5f"),
            ("availabilityZone", "us-east-1a"),
            ("description", description),
            ("ownerId", "123456789012"),
            *([("requesterId", requester)] if requester else []),
            ("requesterManaged", "true" if requester else "false"),
            ("status", "in-use"),
            ("macAddress", f"02:{rng.getrandbits(8):02x}:{rng.getrandbits(8):02x}:dd:ee:ff"),
            ("privateIpAddress", _ip(addresses[0])),
            ("privateDnsName", _dns(addresses[0])),
            ("sourceDestCheck", "true"),
        ),
        *_list("groupSet", [[("groupId", "sg-0aa1bb2cc3dd4ee5f"), ("groupName", "eks-cluster-sg-demo-1234567")]]),
        *_nested("attachment", _texts(*attachment)),
        *_list("tagSet", [[("key", key), ("value", value)] for key, value in tags.items()]),
        *_list("privateIpAddressesSet", private),
        *(_list("ipv4PrefixSet", [[("ipv4Prefix", f"{_ip(each * 16)}/28")] for each in blocks]) if blocks else []),
        *_texts(("interfaceType", kind)),
    ]
    return "".join(f"{' ' * 8}{line}\n" for line in _nested("item", parts))


def _texts(*parts: tuple[str, str]) -> list[str]:
    return [f"<{name}>{text}</{name}>" if text else f"<{name}/>" for name, text in parts]


def _list(name: str, items: list[list[tuple[str, str]]]) -> list[str]:
    return _nested(name, [line for item in items for line in _nested("item", _texts(*item))])


def _nested(name: str, lines: list[str]) -> list[str]:
    return [f"<{name}>", *(f"    {line}" for line in lines), f"</{name}>"] if lines else [f"<{name}/>"]


def _ip(offset: int) -> str:
    return str(IPv4Address((10 << 24) + offset))


def _dns(offset: int) -> str:
    return f"ip-{_ip(offset).replace('.', '-')}.ec2.internal"


if __name__ == "__main__":
    show(run())
