"""The EC2 API: requests in, responses out, what happened to whoever listens."""

import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from threading import Lock

from ec2_rules.allocation import Order
from ec2_rules.errors import Ec2Error
from sandbox.ec2 import (
    addresses,
    authorization,
    cloudtrail,
    instances,
    interfaces,
    reservations,
    subnets,
    tags,
    wire,
)
from sandbox.ec2.authorization import ResourceUse
from sandbox.ec2.cloudtrail import ApiCall, StateChange
from sandbox.ec2.region import Region
from sandbox.ec2.resources import Tags
from sandbox.ec2.wire import Params, Response

Action = Callable[[Region, Params], Params]

ACTIONS: dict[str, Action] = {
    "AssignIpv6Addresses": addresses.assign_ipv6_addresses,
    "AssignPrivateIpAddresses": addresses.assign_private_ip_addresses,
    "AssociateSubnetCidrBlock": subnets.associate_subnet_cidr_block,
    "AttachNetworkInterface": interfaces.attach_network_interface,
    "CreateNetworkInterface": interfaces.create_network_interface,
    "CreateSubnet": subnets.create_subnet,
    "CreateSubnetCidrReservation": reservations.create_subnet_cidr_reservation,
    "CreateTags": tags.create_tags,
    "DeleteNetworkInterface": interfaces.delete_network_interface,
    "DeleteSubnet": subnets.delete_subnet,
    "DeleteSubnetCidrReservation": reservations.delete_subnet_cidr_reservation,
    "DeleteTags": tags.delete_tags,
    "DescribeInstances": instances.describe_instances,
    "DescribeNetworkInterfaces": interfaces.describe_network_interfaces,
    "DescribeSubnets": subnets.describe_subnets,
    "DescribeTags": tags.describe_tags,
    "DetachNetworkInterface": interfaces.detach_network_interface,
    "GetSubnetCidrReservations": reservations.get_subnet_cidr_reservations,
    "ModifyNetworkInterfaceAttribute": interfaces.modify_network_interface_attribute,
    "RunInstances": instances.run_instances,
    "TerminateInstances": instances.terminate_instances,
    "UnassignIpv6Addresses": addresses.unassign_ipv6_addresses,
    "UnassignPrivateIpAddresses": addresses.unassign_private_ip_addresses,
}
READS = ("Describe", "Get", "List", "Search")  # such calls are read-only, and no event tells of them


class Ec2Api:
    """EC2 of one account and region. Thread-safe; the same seed and calls give the same ids and addresses.

    `on_call` hears of every write call, refused ones included, `on_state` of every state of an instance. Both are
    called in the thread of the request, after it is done and outside of the lock. `first`: of all in this process;
    the others begin without turning back the random numbers that they share.
    """

    def __init__(
        self,
        *,
        seed: int = 0,
        order: Order = Order.RANDOM,
        region_name: str = "us-east-1",
        account_id: str = "123456789012",
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        on_call: Callable[[ApiCall], None] = lambda _: None,
        on_state: Callable[[StateChange], None] = lambda _: None,
        first: bool = True,
    ) -> None:
        self._region = Region(account_id=account_id, name=region_name, seed=seed, order=order, clock=clock, first=first)
        self._request_ids = Random(seed)
        self._on_call = on_call
        self._on_state = on_state
        self._lock = Lock()

    def handle(self, body: bytes, headers: Mapping[str, str]) -> Response:
        """Answer a request, given as a form body; the query string of a GET will do as well."""
        action = wire.action_of(body)
        with self._lock:
            request_id = str(uuid.UUID(int=self._request_ids.getrandbits(128), version=4))
            response, report = self._answer(action, body, headers, request_id)
            changes, self._region.state_changes = self._region.state_changes, []
        if report and not action.startswith(READS):
            self._on_call(report())
        for instance_id, state in changes:
            self._on_state(StateChange(instance_id, state))
        return response

    def resources_of(self, action: str, params: Params) -> list[ResourceUse]:
        """The resources that a call touches, with their tags. Raises Ec2Error."""
        with self._lock:
            return authorization.resources_of(action, params, lambda one: tags.tags_of(self._region, one))

    def subnet_tags(self, subnet_id: str) -> Tags:
        """The tags of a subnet. Raises Ec2Error."""
        with self._lock:
            return self._region.subnet_tags(subnet_id)

    def _answer(
        self, action: str, body: bytes, headers: Mapping[str, str], request_id: str
    ) -> tuple[Response, Callable[[], ApiCall] | None]:
        """The response, and what makes the report of the call; there is none of an action that EC2 does not have."""
        try:
            params = wire.parse(action, body)
        except Ec2Error as error:
            return wire.render_error(error, request_id), None
        if action not in ACTIONS:
            response = self._region.moto.forward(body)
            return response, lambda: cloudtrail.api_call(
                action, params, _outcome(action, response), headers, request_id
            )
        try:
            result = self._perform(action, params)
        except Ec2Error as error:
            refusal = error
            return (
                wire.render_error(refusal, request_id),
                lambda: cloudtrail.api_call(action, params, refusal, headers, request_id),
            )
        return (
            wire.render(action, result, request_id),
            lambda: cloudtrail.api_call(action, params, result, headers, request_id),
        )

    def _perform(self, action: str, params: Params) -> Params:
        if params.pop("DryRun", False):
            raise Ec2Error("DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
        return ACTIONS[action](self._region, params)


def _outcome(action: str, response: Response) -> Params | Ec2Error:
    try:
        return wire.read(action, response)
    except Ec2Error as error:
        return error
