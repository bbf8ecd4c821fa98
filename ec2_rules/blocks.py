"""Where /28 and /80 blocks lie: text to numbers and back, and the checks on a prefix or address that a caller names."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ec2_rules.errors import Ec2Error

Network = IPv4Network | IPv6Network


def parse_cidr(text: str) -> Network:
    """The CIDR block, in any spelling, but without host bits.

    EC2 keeps an IPv6 block in its RFC 5952 form, however it was spelled (https://docs.aws.amazon.com/cdk/api/v2/docs/
    aws-cdk-lib.aws_ec2.CfnSubnetCidrReservationProps.html). What it does with host bits is [unproven]; the wording is
    moto's.
    """
    try:
        return ip_network(text)
    except ValueError:
        message = f"Value ({text}) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        raise Ec2Error("InvalidParameterValue", message) from None


def parse_prefix(text: str, space: Network, prefix_length: int) -> int:
    """The number of a block given as CIDR: 0 is the first of that length in the space. Wording [unproven]."""
    network = parse_cidr(text)
    if network.prefixlen != prefix_length:
        raise Ec2Error("InvalidParameterValue", f"The prefix {text} must have a length of /{prefix_length}")
    if not inside(network, space):
        raise Ec2Error("InvalidParameterValue", f"The prefix {text} does not fall within the subnet's address range")
    shift = space.max_prefixlen - prefix_length
    return (int(network.network_address) - int(space.network_address)) >> shift


def parse_address(text: str, space: Network) -> int:
    """The offset of an address in the space; the wording outside of it is EC2's, as many reports quote it. [I]"""
    try:
        address = ip_address(text)
    except ValueError:
        raise Ec2Error("InvalidParameterValue", f"invalid value for parameter address: {text}") from None
    if address not in space:
        raise Ec2Error("InvalidParameterValue", "Address does not fall within the subnet's address range")
    return int(address) - int(space.network_address)


def inside(network: Network, space: Network) -> bool:
    """Whether the network lies within the space, of the same IP version."""
    if isinstance(network, IPv4Network):
        return isinstance(space, IPv4Network) and network.subnet_of(space)
    return isinstance(space, IPv6Network) and network.subnet_of(space)


def address_text(space: Network, offset: int) -> str:
    """The address at that offset of the space."""
    number = int(space.network_address) + offset
    return str(IPv4Address(number) if space.version == 4 else IPv6Address(number))  # noqa: PLR2004 the IP version


def kept_by_aws(text: str) -> Ec2Error:
    """The address is one of the five that nobody gets. [I] quoted in many reports, the documentation has the rule."""
    return Ec2Error("InvalidParameterValue", f"Address {text} is in subnet's reserved address range")


def address_in_use() -> Ec2Error:
    """[I] https://github.com/pulumi/pulumi/issues/10923."""
    return Ec2Error("InvalidIPAddress.InUse", "The specified address is already in use")


def prefix_in_use(text: str) -> Ec2Error:
    """A named prefix that is not wholly free, or that contains addresses which AWS keeps. Wording [unproven]."""
    return Ec2Error("InvalidParameterValue", f"The prefix {text} is not available in the subnet")
