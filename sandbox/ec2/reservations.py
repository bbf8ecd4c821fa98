"""The actions on subnet CIDR reservations."""

from ec2_rules.subnet import Reservation, reservation_not_found
from sandbox.ec2 import described
from sandbox.ec2.filters import Values, select
from sandbox.ec2.paging import page
from sandbox.ec2.region import Region
from sandbox.ec2.resources import SubnetRecord
from sandbox.ec2.wire import Params

FILTERS: dict[str, Values[Params]] = {
    "reservationType": lambda one: [one["ReservationType"]],
    "subnet-id": lambda one: [one["SubnetId"]],
}


def create_subnet_cidr_reservation(region: Region, params: Params) -> Params:
    """CreateSubnetCidrReservation. EC2 takes no client token, so a repeated call fails with the overlap error."""
    subnet = region.subnet(params["SubnetId"])
    reservation = subnet.space.create_reservation(
        region.new_id("scr"), params["Cidr"], params["ReservationType"], params.get("Description", "")
    )
    region.remember_reservation(reservation.reservation_id, subnet)
    region.tag(reservation.reservation_id, described.tags_for(params, "subnet-cidr-reservation"))
    return {"SubnetCidrReservation": _show(region, subnet, reservation)}


def get_subnet_cidr_reservations(region: Region, params: Params) -> Params:
    """GetSubnetCidrReservations: IPv4 and IPv6 in lists of their own, paged together."""
    subnet = region.subnet(params["SubnetId"])
    shown = [_show(region, subnet, one) for one in subnet.space.reservations]
    passed = select(shown, params.get("Filters", []), FILTERS, _tags)
    found, token = page(passed, params, lambda one: str(one["SubnetCidrReservationId"]))
    return {
        "SubnetIpv4CidrReservations": [one for one in found if ":" not in one["Cidr"]],
        "SubnetIpv6CidrReservations": [one for one in found if ":" in one["Cidr"]],
        "NextToken": token,
    }


def delete_subnet_cidr_reservation(region: Region, params: Params) -> Params:
    """DeleteSubnetCidrReservation."""
    reservation_id = params["SubnetCidrReservationId"]
    subnet = region.subnet_of_reservation(reservation_id)
    if subnet is None:
        raise reservation_not_found(reservation_id)
    reservation = subnet.space.delete_reservation(reservation_id)
    shown = _show(region, subnet, reservation)
    region.forget_reservation(reservation_id)
    return {"DeletedSubnetCidrReservation": shown}


def _show(region: Region, subnet: SubnetRecord, reservation: Reservation) -> Params:
    return {
        "SubnetCidrReservationId": reservation.reservation_id,
        "SubnetId": subnet.subnet_id,
        "Cidr": reservation.cidr,
        "ReservationType": reservation.reservation_type.value,
        "OwnerId": region.account_id,
        "Description": reservation.description,
        "Tags": described.tag_list(region.tags(reservation.reservation_id)),
    }


def _tags(shown: Params) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in shown["Tags"]}
