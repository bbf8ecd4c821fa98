"""nodeadm's maxPodsExpression, in CEL over three whole numbers.

Source: awslabs/amazon-eks-ami, nodeadm/internal/kubelet/eni_max_pods.go. nodeadm falls back to the standard value where
its CEL (cel-go) refuses the expression, where evaluating fails, and where the result is no int32 above zero.
"""

from __future__ import annotations

from math import isfinite

from functions.capacity.user_data.expression_types import Ill, check
from functions.capacity.user_data.settings import LARGEST, Unreadable


def pods_from(expression: str, *, interfaces: int, addresses_per_interface: int) -> int:
    """The maximum of pods that nodeadm computes on an instance type. Raises Unreadable where Headroom can't tell."""
    standard = interfaces * (addresses_per_interface - 1) + 2
    if not expression:
        return standard
    try:
        check(expression)
    except Ill:
        return standard
    variables = {"default_enis": interfaces, "ips_per_eni": addresses_per_interface, "max_pods": standard}
    result = _evaluated(expression, variables)
    return result if result is not None and 0 < result <= LARGEST else standard


def _evaluated(expression: str, variables: dict[str, int]) -> int | None:
    """The result as a whole number, cut as cel-go converts a double; None where evaluating it fails."""
    import cel  # noqa: PLC0415 - its import takes 150 ms, and few groups have an expression

    try:
        result = cel.evaluate(expression, variables)
    except ArithmeticError:  # division by zero, overflow
        return None
    except Exception as fault:
        raise Unreadable(f"has a maxPodsExpression that Headroom can't evaluate ({type(fault).__name__})") from fault
    return int(result) if _is_number(result) else None


def _is_number(result: object) -> bool:
    """Whether cel-go converts it to an int; it refuses booleans and doubles that are infinite or none."""
    return isinstance(result, int | float) and not isinstance(result, bool) and isfinite(result)
