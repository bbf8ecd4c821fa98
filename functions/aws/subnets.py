"""Reading subnets from EC2, whole: their interfaces and their reservations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from functions.aws import answers
from functions.aws.odd import reading
from functions.capacity.model import InstanceType

if TYPE_CHECKING:
    from mypy_boto3_ec2 import EC2Client

FILTER_VALUES = 200  # of one filter of a Describe call (EC2 API reference, 'Filtering')

Answer = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class SubnetReader:
    """Reads through this client; any error escapes."""

    ec2: EC2Client

    def subnets(self, ids: Iterable[str]) -> Iterator[Answer]:
        """By filter rather than by id: a subnet that was deleted meanwhile is then missing instead of an error."""
        yield from self._described("subnet-id", ids)

    def all_subnets(self) -> Iterator[Answer]:
        """Every subnet of the account and those shared with it."""
        for page in self.ec2.get_paginator("describe_subnets").paginate():
            yield from page["Subnets"]

    def tagged(self, *keys: str) -> Iterator[Answer]:
        """The subnets with any of these tags."""
        yield from self._described("tag-key", keys)

    def _described(self, name: str, values: Iterable[str]) -> Iterator[Answer]:
        pages = self.ec2.get_paginator("describe_subnets")
        with reading("DescribeSubnets"):
            for chunk in chunks(sorted(values)):
                for page in pages.paginate(Filters=[{"Name": name, "Values": chunk}]):
                    yield from page["Subnets"]

    def interfaces_in(self, subnet_ids: Iterable[str]) -> Iterator[Answer]:
        """Every interface of these subnets, whosever it is."""
        yield from self._interfaces("subnet-id", subnet_ids)

    def interfaces(self, ids: Iterable[str]) -> Iterator[Answer]:
        """Those of these interfaces that exist."""
        yield from self._interfaces("network-interface-id", ids)

    def _interfaces(self, name: str, values: Iterable[str]) -> Iterator[Answer]:
        pages = self.ec2.get_paginator("describe_network_interfaces")
        with reading("DescribeNetworkInterfaces"):
            for chunk in chunks(sorted(values)):
                filters: Any = [{"Name": name, "Values": chunk}]
                for page in pages.paginate(Filters=filters, PaginationConfig={"PageSize": 1000}):
                    yield from page["NetworkInterfaces"]

    def reservations(self, subnet_id: str) -> Answer:
        """GetSubnetCidrReservations takes one subnet, pages, and has no paginator in boto3."""
        found: dict[str, list[Any]] = {"SubnetIpv4CidrReservations": [], "SubnetIpv6CidrReservations": []}
        token: dict[str, str] = {}
        with reading(f"GetSubnetCidrReservations of {subnet_id}"):
            while True:
                page: Mapping[str, Any] = self.ec2.get_subnet_cidr_reservations(SubnetId=subnet_id, **token)  # type: ignore[arg-type]
                if not page.keys() & found.keys():
                    raise KeyError(*found)  # EC2 names empty lists too: an answer without any says nothing
                for key, reservations in found.items():
                    reservations.extend(page.get(key, ()))
                if not page.get("NextToken"):
                    return found
                if page["NextToken"] == token.get("NextToken"):
                    raise ValueError("the same NextToken twice")  # boto3's paginators stop there as well
                token = {"NextToken": page["NextToken"]}


def described_types(ec2: EC2Client, names: Iterable[str]) -> Iterator[Any]:
    """The types that exist. By filter: a name that EC2 does not know here is missing, not an error for the others."""
    pages = ec2.get_paginator("describe_instance_types")
    with reading("DescribeInstanceTypes"):
        for chunk in chunks(sorted(names)):
            for page in pages.paginate(Filters=[{"Name": "instance-type", "Values": chunk}]):
                yield from page["InstanceTypes"]


def instance_types(ec2: EC2Client, names: Iterable[str]) -> Mapping[str, InstanceType]:
    """The limits of those types that exist."""
    return {each.name: each for each in map(answers.instance_type, described_types(ec2, names))}


def chunks(values: Sequence[str]) -> Iterator[list[str]]:
    """As many values as one filter takes, at a time."""
    for start in range(0, len(values), FILTER_VALUES):
        yield list(values[start : start + FILTER_VALUES])
