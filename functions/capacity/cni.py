"""The VPC CNI's settings that decide about addresses.

Sources: amazon-vpc-cni-k8s, README.md and pkg/ipamd/ipamd.go; EKS user guide, 'cni-increase-ip-addresses'.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

# The first versions of the VPC CNI that assign prefixes (EKS user guide, 'cni-increase-ip-addresses'; bare metal:
# the CNI's release notes).
PREFIXES_SINCE, PREFIXES_ON_METAL_SINCE, IPV6_SINCE = (1, 9, 0), (1, 11, 0), (1, 10, 1)


class Enforcing(StrEnum):
    """POD_SECURITY_GROUP_ENFORCING_MODE: how security groups of single pods are applied."""

    STRICT = "strict"
    STANDARD = "standard"


@dataclass(frozen=True, kw_only=True)
class WindowsSettings:
    """What the cluster's VPC resource controller does on Windows nodes (ConfigMap amazon-vpc-cni).

    Source: https://github.com/aws/amazon-vpc-resource-controller-k8s/blob/master/docs/windows/prefix_delegation_config_options.md
    """

    prefix_delegation: bool = False
    warm_prefix_target: int | None = None
    warm_ip_target: int = 1  # with prefixes; without them the controller keeps 3
    minimum_ip_target: int = 3


@dataclass(frozen=True, kw_only=True)
class CniSettings:
    """The settings as they stand, with the CNI's defaults for an IPv4 cluster where nothing is set.

    `version` as numbers, (1, 19, 2); None where it is not known, which counts as new enough.
    `source` says where they were read, in words that fit 'according to ...'.
    """

    prefix_delegation: bool = False
    version: tuple[int, ...] | None = None
    ipv6: bool = False
    warm_prefix_target: int = 1
    warm_prefix_target_set: bool = False  # whether somebody set it, rather than the default
    warm_ip_target: int | None = None
    minimum_ip_target: int | None = None
    max_eni: int | None = None
    custom_networking: bool = False
    pod_eni: bool = False  # ENABLE_POD_ENI: a trunk interface takes one of the node's
    enforcing: Enforcing = Enforcing.STRICT
    external_snat: bool = False
    subnet_discovery: bool = True
    windows: WindowsSettings = WindowsSettings()
    source: str = "the vpc-cni add-on"

    @property
    def with_default_targets(self) -> CniSettings:
        """The same with the warm targets as EKS has them where nobody chose others."""
        windows = WindowsSettings(prefix_delegation=self.windows.prefix_delegation)
        return replace(self, warm_prefix_target=1, warm_ip_target=None, minimum_ip_target=None, windows=windows)


def cni_version(text: str) -> tuple[int, ...]:
    """`v1.19.2-eksbuild.5` as (1, 19, 2): the build does not matter. Raises ValueError for what is no version."""
    match = re.fullmatch(r"v?(\d+)\.(\d+)(?:\.(\d+))?(?:[-+].*)?", text.strip())
    if not match:
        raise ValueError(f"{text!r:.60} is not a version of the VPC CNI, such as v1.19.2-eksbuild.5")
    return tuple(int(each or 0) for each in match.groups())
