"""Pages of the Describe calls, in the order of the items' ids: stable, whatever comes and goes in between."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from typing import TypeVar

from ec2_rules.errors import Ec2Error
from sandbox.ec2.wire import Params

T = TypeVar("T")
FEWEST, MOST = 5, 1000  # MaxResults of DescribeNetworkInterfaces, DescribeSubnets, DescribeInstances and the others


def page(items: Iterable[T], params: Params, key: Callable[[T], str]) -> tuple[list[T], str | None]:
    """The page that MaxResults and NextToken ask for, and the token of the next one. Without MaxResults, all."""
    size = params.get("MaxResults")
    if size is not None and not FEWEST <= size <= MOST:
        message = f"Value ( {size} ) for parameter maxResults is invalid. Expecting a value between {FEWEST} and {MOST}"
        raise Ec2Error("InvalidParameterValue", message)
    after = _decode(params["NextToken"]) if params.get("NextToken") else ""
    rest = sorted((item for item in items if key(item) > after), key=key)
    if size is None or len(rest) <= size:
        return rest, None
    return rest[:size], _encode(key(rest[size - 1]))


def no_paging_of_ids(params: Params, ids: str) -> None:
    """MaxResults does not go with named ids: "You cannot specify this parameter and ... in the same request"."""
    if params.get("MaxResults") is not None and params.get(ids):
        message = f"The parameter {ids} cannot be used with the parameter MaxResults"
        raise Ec2Error("InvalidParameterCombination", message)


def _encode(key: str) -> str:
    return urlsafe_b64encode(f"after:{key}".encode()).decode()


def _decode(token: str) -> str:
    try:
        text = urlsafe_b64decode(token).decode()
    except ValueError:
        text = ""
    if not text.startswith("after:"):
        raise Ec2Error("InvalidPaginationToken", "The specified pagination token is not valid or is expired.")
    return text.removeprefix("after:")
