"""The kubelet's command line, where flags go before every file of settings.

https://kubernetes.io/docs/reference/command-line-tools-reference/kubelet/
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from functions.capacity.user_data.settings import Unreadable, pods_number

# Flags that move the settings, or a second bound, to where user data does not show them.
_ELSEWHERE = {
    "--config": "names a file of kubelet settings on the node",
    "--config-dir": "names a folder of kubelet settings on the node",
}


def max_pods_flag(arguments: Sequence[str]) -> int | None:
    """The last --max-pods of a kubelet's arguments, None without one. Raises Unreadable where others decide."""
    found = None
    for name, value in _flags(arguments):
        if name in _ELSEWHERE:
            raise Unreadable(_ELSEWHERE[name])
        if name == "--pods-per-core" and value != "0":
            raise Unreadable(f"bounds the pods by cores too (pods per core: {value:.20})")
        if name == "--max-pods":
            found = pods_number(value)
    return found


def split_arguments(text: str) -> list[str]:
    """Arguments as systemd splits them out of a variable: at blanks, quotes respected. Raises Unreadable."""
    try:
        return shlex.split(text)
    except ValueError:
        raise Unreadable("has kubelet arguments with a quote that never ends") from None


def _flags(arguments: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Each flag with its value, whether written --flag=value or --flag value; kubelet takes _ for - in names."""
    following = [*arguments[1:], ""]
    for argument, after in zip(arguments, following, strict=False):
        if argument.startswith(("$", "`")):
            raise Unreadable(f"has kubelet arguments in {argument:.60}, which only the node's shell knows")
        name, equals, value = argument.partition("=")
        if name.startswith("--"):
            yield name.replace("_", "-"), value if equals else after
