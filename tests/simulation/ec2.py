"""EC2 as boto3's client shows it to one process: the calls that the product makes, and no others."""
# ruff: noqa: N803, ARG002 - arguments are named as AWS names them, and some say nothing here

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from ec2_rules.errors import Ec2Error
from tests.simulation.faults import client_error
from tests.simulation.network import ACCOUNT, VPC, Answer, Network, Region, View
from tests.simulation.process import Process

PAGE = 10  # items; EC2 may give fewer than it was asked for
TYPES: Mapping[str, Answer] = {
    "t3.small": {
        "InstanceType": "t3.small",
        "Hypervisor": "nitro",
        "BareMetal": False,
        "VCpuInfo": {"DefaultVCpus": 2},
        "NetworkInfo": {
            "DefaultNetworkCardIndex": 0,
            "NetworkCards": [{"MaximumNetworkInterfaces": 3}],
            "Ipv4AddressesPerInterface": 4,
        },
    }
}

Filters = list[dict[str, Any]]
_META = SimpleNamespace(region_name="us-east-1", events=SimpleNamespace(register=lambda *_, **__: None))


@dataclass
class Ec2Client:
    """The client of one process. Reads may be old; `watch` sees each change that it makes."""

    process: Process
    region: Region
    watch: Callable[[str, Process, Network, Answer], None]
    meta = _META

    def get_paginator(self, operation: str) -> "Paginator":
        """For the Describe calls."""
        return Paginator(self.process, "ec2", operation, getattr(self, f"_{operation}"))

    def get_subnet_cidr_reservations(self, **asked: str) -> Answer:
        """One page; boto3 has no paginator for it."""
        network = self._network(asked["SubnetId"], "GetSubnetCidrReservations")
        start = int(asked.get("NextToken", "0"))

        def page() -> Answer:
            before = self.process.seen.get(("reservations", network.id)) if start else None
            view = self._seen("reservations", network)
            found, shown = view.reservations, view.reservations[start : start + PAGE]
            if before:  # each page may be of another replica: what was shown is all of them together
                view = view._replace(at=max(before.at, view.at), reservations=before.reservations + shown)
            elif len(found) > PAGE:
                view = view._replace(reservations=shown)
            self.process.seen["reservations", network.id] = view
            more = {"NextToken": str(start + PAGE)} if len(found) > start + PAGE else {}
            return {"SubnetIpv4CidrReservations": list(shown), "SubnetIpv6CidrReservations": [], **more}

        return self.process.call("ec2", "get_subnet_cidr_reservations", page, page=start)

    def create_subnet_cidr_reservation(
        self, *, SubnetId: str, Cidr: str, ReservationType: str, Description: str, TagSpecifications: list[Answer]
    ) -> Answer:
        """Takes no client token: asked twice, it fails with the overlap error."""
        tags = {each["Key"]: each["Value"] for each in TagSpecifications[0]["Tags"]}

        def create() -> Answer:
            network = self._network(SubnetId, "CreateSubnetCidrReservation")
            try:
                made = self.region.reserve(network, Cidr, ReservationType, tags, Description)
            except Ec2Error as error:
                raise client_error(error.code, "CreateSubnetCidrReservation", error.message) from error
            self.watch("created", self.process, network, made)
            return {"SubnetCidrReservation": made}

        return self.process.call("ec2", "create_subnet_cidr_reservation", create)

    def delete_subnet_cidr_reservation(self, *, SubnetCidrReservationId: str) -> Answer:
        """By its id alone: EC2 does not ask whose it is."""

        def delete() -> Answer:
            network = self.region.network_of(SubnetCidrReservationId)
            if network is None:
                code = "InvalidSubnetCidrReservationID.NotFound"
                raise client_error(code, "DeleteSubnetCidrReservation")
            gone = self.region.unreserve(network, SubnetCidrReservationId)
            self.watch("deleted", self.process, network, gone)
            return {"DeletedSubnetCidrReservation": gone}

        return self.process.call("ec2", "delete_subnet_cidr_reservation", delete)

    # --- what the paginators show: each a list of items and the key that they stand under ---

    def _describe_subnets(self, Filters: Filters) -> tuple[str, Sequence[Answer]]:
        return "Subnets", [self._seen("subnet", each).subnet for each in self._chosen(Filters)]

    def _chosen(self, filters: Filters) -> Iterable[Network]:
        ((name, values),) = _named(filters)
        match name:
            case "subnet-id":
                return [each for each in self.region.networks.values() if each.id in values]
            case "tag-key":
                return [each for each in self.region.networks.values() if values.intersection(each.tags)]
            case "vpc-id":
                return self.region.networks.values() if VPC in values else ()
        raise NotImplementedError(name)

    def _describe_network_interfaces(
        self, Filters: Filters, PaginationConfig: object = None
    ) -> tuple[str, Sequence[Answer]]:
        ((name, values),) = _named(Filters)
        if name == "subnet-id":
            shown = [self._seen("interfaces", self.region.networks[each]).interfaces for each in sorted(values)]
            return "NetworkInterfaces", [each for interfaces in shown for each in interfaces]
        if name == "network-interface-id":
            everywhere = (self._seen("interfaces", each).interfaces for each in self.region.networks.values())
            return "NetworkInterfaces", [
                each for shown in everywhere for each in shown if each["NetworkInterfaceId"] in values
            ]
        raise NotImplementedError(name)

    def _describe_instances(self, Filters: Filters) -> tuple[str, Sequence[Answer]]:
        found = [each for each in self.region.instances.values() if all(_passes(each, *one) for one in _named(Filters))]
        return "Reservations", [{"Instances": [each]} for each in found]

    def _describe_instance_types(self, Filters: Filters) -> tuple[str, Sequence[Answer]]:
        ((_, values),) = _named(Filters)
        return "InstanceTypes", [TYPES[each] for each in values if each in TYPES]

    def _describe_vpcs(self, Filters: Filters) -> tuple[str, Sequence[Answer]]:
        ((_, values),) = _named(Filters)
        block = {"CidrBlock": "10.0.0.0/16", "CidrBlockState": {"State": "associated"}}
        vpc = {"VpcId": VPC, "OwnerId": ACCOUNT, "CidrBlock": "10.0.0.0/16", "CidrBlockAssociationSet": [block]}
        return "Vpcs", [vpc] if VPC in values else []

    def _seen(self, what: str, network: Network) -> View:
        """What a replica shows, which the process is then held to."""
        now = self.region.clock.now
        faults = self.process.faults
        view = network.view(faults.as_of(now)) if faults.active else network.log[-1]
        self.process.served_old |= view is not network.log[-1]
        seen = self.process.seen
        seen[what, network.id] = view
        counts = seen.setdefault(("counts", network.id), [])
        if what == "subnet":
            counts.append(view.subnet["AvailableIpAddressCount"])
        elif what == "interfaces":
            del counts[:-1]  # those of an earlier look at the same subnet
        return view

    def _network(self, subnet_id: str, operation: str) -> Network:
        if subnet_id not in self.region.networks:
            raise client_error("InvalidSubnetID.NotFound", operation)
        return self.region.networks[subnet_id]


@dataclass
class Paginator:
    """boto3's: an iterator of pages, each of which is a call."""

    process: Process
    service: str
    operation: str
    show: Callable[..., tuple[str, Sequence[Any]]]

    def paginate(self, **asked: Any) -> Iterator[Answer]:
        """At least one page."""
        key, items = self.process.call(self.service, self.operation, lambda: self.show(**asked))
        yield {key: list(items[:PAGE])}
        for start in range(PAGE, len(items), PAGE):
            page = {key: list(items[start : start + PAGE])}
            yield self.process.call(self.service, self.operation, lambda page=page: page, page=start)  # type: ignore[misc]


def _named(filters: Filters) -> list[tuple[str, set[str]]]:
    return [(each["Name"], set(each["Values"])) for each in filters]


def _passes(instance: Answer, name: str, values: set[str]) -> bool:
    match name:
        case "instance-id":
            return instance["InstanceId"] in values
        case "instance-state-name":
            return instance["State"]["Name"] in values
        case "tag-key":
            return any(each["Key"] in values for each in instance["Tags"])
    raise NotImplementedError(name)
