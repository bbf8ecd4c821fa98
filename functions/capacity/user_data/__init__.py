"""What user data says about a node's maximum of pods: `read` it, `pods_from` its expression.

What reads it is loaded when there is some to read: most managed node groups launch without any.
"""

from functions.capacity.user_data.settings import KubeletSettings, Unreadable

__all__ = ["KubeletSettings", "Unreadable", "pods_from", "read"]


def read(user_data: str) -> KubeletSettings:
    """See functions/capacity/user_data/reading.py; nothing is said where there is none."""
    from functions.capacity.user_data import reading  # noqa: PLC0415 - see above

    return reading.read(user_data)


def pods_from(expression: str, *, interfaces: int, addresses_per_interface: int) -> int:
    """See functions/capacity/user_data/expression.py. Raises Unreadable where Headroom can't tell."""
    from functions.capacity.user_data.expression import pods_from as found  # noqa: PLC0415 - see above

    return found(expression, interfaces=interfaces, addresses_per_interface=addresses_per_interface)
