"""User data with another maximum of pods, in the form that the AMI's family reads. All else in it stays.

Whatever is written here is read again by the reader of user data; what that does not confirm is left to a person.
"""

from __future__ import annotations

import base64
import email
import re
from collections.abc import Callable, Mapping

from functions.capacity.clusters import Family, NodeGroup
from functions.capacity.user_data import read
from functions.capacity.user_data.envelope import NODE_CONFIG

LARGEST = 16 * 1024  # bytes of raw user data (EC2 user guide, 'instancedata-add-user-data')
_BOUNDARY = "==HEADROOM=="
_FLAG = re.compile(r"--max-pods(?:=|[ \t]+)\d+")
_BOOTSTRAP = re.compile(r"/etc/eks/bootstrap\.sh[\"']?")
_SHELL_ARGUMENTS = re.compile(r"--kubelet-extra-args[ \t]+([\"'])")
_WINDOWS_ARGUMENTS = re.compile(r"-KubeletExtraArgs[ \t]+([\"'])", re.IGNORECASE)
_WINDOWS_CLUSTER = re.compile(r"-EKSClusterName[ \t]+\S+", re.IGNORECASE)
_TOML_NUMBER = re.compile(r"^([ \t]*[\"']?max-pods[\"']?[ \t]*=[ \t]*)\d+", re.MULTILINE)
_TOML_TABLE = re.compile(r"^[ \t]*\[[ \t]*settings\.kubernetes[ \t]*\][^\n]*$", re.MULTILINE)


class ByHand(Exception):  # noqa: N818 - it is a reason that people read, not a fault
    """Why the user data cannot be rewritten here, in words."""


def with_max_pods(group: NodeGroup, pods: int) -> str:
    """The group's user data as text, with this maximum of pods. Raises ByHand."""
    user_data = group.template.user_data if group.template else ""
    said = read(user_data)
    family = said.family or group.family
    if not user_data or family is None:
        raise ByHand("its launch template has no user data that starts a kubelet Headroom knows")
    written = _WRITERS[family](_plain(user_data), pods)
    again = read(encoded(written))
    if again.max_pods != pods or again.unknown:
        raise ByHand(f"its user data {again.unknown or 'sets max pods in a way that is not rewritten here'}")
    if len(written.encode()) > LARGEST:
        raise ByHand(f"its user data would be longer than the {LARGEST} bytes that EC2 keeps")
    return written


def encoded(text: str) -> str:
    """As a launch template keeps it."""
    return base64.b64encode(text.encode()).decode()


def _plain(user_data: str) -> str:
    """Raises ByHand for what is compressed or no text: it is somebody's build that makes it."""
    try:
        return base64.b64decode(user_data).decode()
    except ValueError:
        raise ByHand("its user data is compressed or no text") from None


def _al2(text: str, pods: int) -> str:
    if _FLAG.search(text):
        return _FLAG.sub(f"--max-pods={pods}", text)
    if _SHELL_ARGUMENTS.search(text):
        return _SHELL_ARGUMENTS.sub(lambda found: f"{found.group()}--max-pods={pods} ", text)
    option = f"--use-max-pods false --kubelet-extra-args '--max-pods={pods}'"
    return _BOOTSTRAP.sub(lambda found: f"{found.group()} {option}", text)


def _al2023(text: str, pods: int) -> str:
    """One more NodeConfig behind the others: nodeadm merges them in order (nodeadm/internal/api/merge.go)."""
    text = _FLAG.sub(f"--max-pods={pods}", text)
    own = (
        f"Content-Type: {NODE_CONFIG}\n\napiVersion: node.eks.aws/v1alpha1\nkind: NodeConfig\n"
        f"spec:\n  kubelet:\n    config:\n      maxPods: {pods}\n"
    )
    boundary = email.message_from_string(text).get_boundary()
    if boundary is None:
        start = f'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="{_BOUNDARY}"\n'
        first = f"Content-Type: {NODE_CONFIG}\n\n{text.rstrip()}\n"
        return f"{start}\n--{_BOUNDARY}\n{first}\n--{_BOUNDARY}\n{own}\n--{_BOUNDARY}--\n"
    before, end, after = text.rpartition(f"--{boundary}--")
    if not end:
        raise ByHand("its user data has a MIME container without an end")
    return f"{before}--{boundary}\n{own}\n{end}{after}"


def _bottlerocket(text: str, pods: int) -> str:
    if _TOML_NUMBER.search(text):
        return _TOML_NUMBER.sub(lambda found: f"{found[1]}{pods}", text)
    if _TOML_TABLE.search(text):
        return _TOML_TABLE.sub(lambda found: f"{found.group()}\nmax-pods = {pods}", text, count=1)
    return f"{text.rstrip()}\n\n[settings.kubernetes]\nmax-pods = {pods}\n"


def _windows(text: str, pods: int) -> str:
    if _FLAG.search(text):
        return _FLAG.sub(f"--max-pods={pods}", text)
    if _WINDOWS_ARGUMENTS.search(text):
        return _WINDOWS_ARGUMENTS.sub(lambda found: f"{found.group()}--max-pods={pods} ", text)
    return _WINDOWS_CLUSTER.sub(lambda found: f"{found.group()} -KubeletExtraArgs '--max-pods={pods}'", text)


_WRITERS: Mapping[Family, Callable[[str, int], str]] = {
    Family.AL2: _al2,
    Family.AL2023: _al2023,
    Family.BOTTLEROCKET: _bottlerocket,
    Family.WINDOWS: _windows,
}
