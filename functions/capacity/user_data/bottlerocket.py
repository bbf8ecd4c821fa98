"""Bottlerocket's settings in TOML: https://bottlerocket.dev/en/os/latest/api/settings/kubernetes/"""

from __future__ import annotations

from typing import Any

from functions.capacity.clusters import Family
from functions.capacity.user_data.settings import KubeletSettings, Unreadable, pods_number

MOST_DOTS = 500  # in a line: tomllib takes time by the square of a dotted key's length


def read_bottlerocket(text: str) -> KubeletSettings:
    """settings.kubernetes.max-pods, a whole number. Raises Unreadable."""
    if any(line.count(".") > MOST_DOTS for line in text.splitlines()):
        raise Unreadable(f"has TOML with more than {MOST_DOTS} dots in a line")
    import tomllib  # noqa: PLC0415 - it takes long to load, and few nodes run Bottlerocket

    try:
        settings = tomllib.loads(text)
    except ValueError:  # TOMLDecodeError, or a number of more digits than Python converts
        raise Unreadable("has settings that are no TOML") from None
    except RecursionError:
        raise Unreadable("has TOML that nests too deep") from None
    return KubeletSettings(max_pods=_max_pods(settings), family=Family.BOTTLEROCKET)


def _max_pods(settings: dict[str, Any]) -> int | None:
    value: Any = settings
    for key in ("settings", "kubernetes", "max-pods"):
        if not isinstance(value, dict):
            raise Unreadable(f"has TOML with something else where {key} should be")
        if key not in value:
            return None
        value = value[key]
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unreadable(f"sets max-pods to {value!r:.60}, which is no whole number to Bottlerocket")
    return pods_number(str(value))
