"""Node groups as the checks of max pods and modes need them: nodes with what they hold, and user data."""

from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from functions.capacity.clusters import Family, LaunchTemplate, Node, NodeGroup, Origin
from functions.capacity.model import Interface, Subnet
from tests.builders import NOW, SUBNET, a_group, a_subnet, an_interface

LONG_AGO = NOW - timedelta(days=30)
YESTERDAY = NOW - timedelta(days=1)


def a_node(name: str = "i-1", **facts: Any) -> Node:
    """An m5.large that has run for a month."""
    of: dict[str, Any] = {"instance_type": "m5.large", "launched_at": LONG_AGO, "subnet_id": SUBNET} | facts
    return Node(instance_id=name, **of)


def nodes(*names: str, **facts: Any) -> tuple[Node, ...]:
    return tuple(a_node(name, **facts) for name in names)


def holding(*, singles: int = 0, prefixes: int = 0, names: Iterable[str] = ("i-1",)) -> Subnet:
    """A subnet in which each of these nodes has so many addresses for pods and so many prefixes."""
    return a_subnet("10.0.0.0/20", interfaces=[_interface(n, name, singles, prefixes) for n, name in enumerate(names)])


def _interface(n: int, name: str, singles: int, prefixes: int) -> Interface:
    base = n + 1
    addresses = [f"10.0.{base}.{last}" for last in range(4, 5 + singles)]
    blocks = [f"10.0.{base}.{128 + 16 * block}/28" for block in range(prefixes)]
    return an_interface(*addresses, prefixes=blocks, instance_id=name, interface_id=f"eni-{n}")


def a_template(user_data: str = "", *, version: str = "3", unknown: str = "") -> LaunchTemplate:
    return LaunchTemplate(
        id="lt-0abc", version=version, user_data=b64encode(user_data.encode()).decode(), unknown=unknown
    )


def node_config(kubelet: str) -> str:
    return f"apiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\nspec:\n  kubelet:\n{kubelet}"


def with_max_pods(pods: int) -> LaunchTemplate:
    return a_template(node_config(f"    config:\n      maxPods: {pods}\n"))


NOTHING_SAID = a_template(node_config("    config: {}\n"))


def own_ami(template: LaunchTemplate | None, *, types: Iterable[str] = ("m5.large",), **facts: Any) -> NodeGroup:
    """A managed group whose launch template names an AL2023 image."""
    of: dict[str, Any] = {"own_ami": True, "family": Family.AL2023, "template": template} | facts
    return replace(a_group(types=types), **of)


def of_karpenter(template: LaunchTemplate | None, **facts: Any) -> NodeGroup:
    return own_ami(template, origin=Origin.KARPENTER, bounded=False, name="default", **facts)


def days_ago(days: float) -> datetime:
    return NOW - timedelta(days=days)
