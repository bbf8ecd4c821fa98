"""From the text that EC2 keeps to what it says: open it, read each document, put them together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from functions.capacity.clusters import Family
from functions.capacity.user_data.bottlerocket import read_bottlerocket
from functions.capacity.user_data.envelope import (
    BOTTLEROCKET,
    CLOUD_CONFIG,
    ELSEWHERE,
    NODE_CONFIG,
    SHELL,
    WINDOWS,
    Part,
    opened,
)
from functions.capacity.user_data.settings import KubeletSettings, Unreadable
from functions.capacity.user_data.shell import read_cloud_config, read_shell
from functions.capacity.user_data.windows import read_windows

_FAMILIES = {NODE_CONFIG: Family.AL2023, WINDOWS: Family.WINDOWS, BOTTLEROCKET: Family.BOTTLEROCKET}


def read(user_data: str) -> KubeletSettings:
    """What a launch template's user data, base64 as EC2 keeps it, says about the kubelet's maximum of pods.

    Total: any text gives an answer, in bounded time and memory; what can't be told is named in `unknown`.
    """
    try:
        return _together([*_each(opened(user_data))])
    except Unreadable as reason:
        return KubeletSettings(unknown=str(reason))
    except Exception as fault:  # noqa: BLE001 - the parsers below meet hostile text; one group must not stop the rest
        return KubeletSettings(unknown=f"could not be read ({type(fault).__name__})")


def _each(parts: Sequence[Part]) -> Iterator[KubeletSettings]:
    """NodeConfigs speak together, all else document by document."""
    node_configs = [part for part in parts if part.kind == NODE_CONFIG]
    if node_configs:
        yield _said(NODE_CONFIG, lambda: _node_configs(node_configs))
    for part in parts:
        if part.kind in _READERS:
            yield _said(part.kind, lambda part=part: _READERS[part.kind](part.text))  # type: ignore[misc]


def _said(kind: str, reading: Callable[[], KubeletSettings]) -> KubeletSettings:
    try:
        return reading()
    except Unreadable as reason:
        return KubeletSettings(family=_FAMILIES.get(kind), unknown=str(reason))


def _node_configs(parts: Sequence[Part]) -> KubeletSettings:
    if any(part.nested for part in parts):  # nodeadm reads the outermost container only (configprovider/mime.go)
        raise Unreadable("has a NodeConfig in a nested MIME part, where nodeadm does not look")
    from functions.capacity.user_data.node_config import read_node_configs  # noqa: PLC0415 - YAML takes long to load

    return read_node_configs([part.text for part in parts])


def _elsewhere(_: str) -> KubeletSettings:
    raise Unreadable("takes instructions from elsewhere (an include, a handler or a template)")


_READERS: dict[str, Callable[[str], KubeletSettings]] = {
    SHELL: read_shell,
    CLOUD_CONFIG: read_cloud_config,
    WINDOWS: read_windows,
    BOTTLEROCKET: read_bottlerocket,
    ELSEWHERE: _elsewhere,
}


def _together(said: Sequence[KubeletSettings]) -> KubeletSettings:
    """One answer out of several documents: they must be for one family, and agree."""
    families = sorted({each.family for each in said if each.family})
    family = families[0] if len(families) == 1 else None
    reason = next((each.unknown for each in said if each.unknown), "")
    if reason:
        return KubeletSettings(family=family, unknown=reason)
    if len(families) > 1:
        raise Unreadable(f"is for {' and for '.join(families)} at once")
    speaking = {each for each in said if each.family}
    if len(speaking) > 1:
        raise Unreadable("starts the kubelet more than once, with different settings")
    return next(iter(speaking), KubeletSettings())
