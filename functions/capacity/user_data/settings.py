"""What user data says about the kubelet's maximum of pods, and the reason where that can't be told."""

from __future__ import annotations

import re
from dataclasses import dataclass

from functions.capacity.clusters import Family

LARGEST = 2**31 - 1  # maxPods is an int32 (kubelet's KubeletConfiguration v1beta1)


class Unreadable(Exception):  # noqa: N818 - it is a reason that people read, not a fault
    """Why user data does not tell the maximum of pods, in words that follow 'its user data'."""


@dataclass(frozen=True, kw_only=True)
class KubeletSettings:
    """What user data says: a number, else an expression over the instance type, else nothing.

    `standard` is AL2's --use-max-pods: false leaves the kubelet its own default where no number is said.
    `family` is what the user data is written for, None where it fits any. `unknown` is the reason why the rest
    can't be told; empty where everything was read.
    """

    max_pods: int | None = None
    expression: str | None = None
    standard: bool = True
    family: Family | None = None
    unknown: str = ""


def pods_number(text: str) -> int:
    """A maximum of pods as people write it: plain decimal, 1 to 2^31 - 1. Raises Unreadable for anything else.

    The kubelet takes more (hexadecimal, octal by a leading zero); YAML, TOML and flags disagree on them.
    """
    if re.fullmatch(r"[1-9][0-9]{0,9}", text) and int(text) <= LARGEST:
        return int(text)
    if "$" in text or "`" in text:
        raise Unreadable(f"sets max pods to {text:.60}, which only the node's shell knows")
    raise Unreadable(f"sets max pods to {text!r:.60}, which is no whole number from 1 to {LARGEST}")
