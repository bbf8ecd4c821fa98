"""EC2's query protocol: form bodies to parameters, results to XML, both ways from botocore's service model."""

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl, urlencode

from botocore.parsers import create_parser
from botocore.serialize import create_serializer
from moto.core.model import OperationModel, ServiceModel
from moto.core.parse import EC2QueryParser
from moto.core.serialize import EC2Serializer, SerializationContext
from moto.core.utils import get_service_model

from ec2_rules.errors import Ec2Error

Params = dict[str, Any]  # named as boto3 names them
STATUS = {"DryRunOperation": 412, "InternalError": 500}  # every other error is a 400


class Response(NamedTuple):
    """An HTTP response."""

    status: int
    headers: dict[str, str]
    body: bytes


def action_of(body: bytes) -> str:
    """The API action that a request names, or the empty string."""
    return dict(parse_qsl(body.decode())).get("Action", "")


def parse(action: str, body: bytes) -> Params:
    """The parameters of a request. Raises Ec2Error: unknown action, required parameter missing, number that is none."""
    operation = _operation(action)
    values = dict(parse_qsl(body.decode(), keep_blank_values=True))
    try:
        params = cast("Params", EC2QueryParser(operation).parse({"values": values}))
    except ValueError as error:
        raise Ec2Error("InvalidParameterValue", str(error)) from error
    for name in operation.input_shape.required_members:
        if name not in params:
            raise Ec2Error("MissingParameter", f"The request must contain the parameter {name}")
    return params


def render(action: str, result: Params, request_id: str) -> Response:
    """The response that carries a result."""
    answer = EC2Serializer(_operation(action), SerializationContext(request_id)).serialize(result)
    return _response(200, cast("str", answer["body"]))


def render_error(error: Ec2Error, request_id: str) -> Response:
    """The response that carries an error."""
    any_operation = _operation("DescribeSubnets")  # the envelope is the same for all
    answer = EC2Serializer(any_operation, SerializationContext(request_id)).serialize(error)
    return _response(STATUS.get(error.code, 400), cast("str", answer["body"]))


def encode(action: str, params: Params) -> bytes:
    """A request body: the inverse of `parse`."""
    request = create_serializer("ec2").serialize_to_request(params, _operation(action))
    return urlencode(request["body"]).encode()


def read(action: str, response: Response) -> Params:
    """The result in a response: the inverse of `render`. Raises Ec2Error if it carries an error."""
    raw = {"status_code": response.status, "headers": response.headers, "body": response.body}
    result = cast("Params", create_parser("ec2").parse(raw, _operation(action).output_shape))
    if response.status >= 300:  # noqa: PLR2004 HTTP's border of success
        error = result["Error"]
        raise Ec2Error(error["Code"], error["Message"])
    del result["ResponseMetadata"]
    return result


def output_shape(action: str) -> Any:
    """The botocore shape of an action's result; None when it has none."""
    return _operation(action).output_shape


def known(action: str) -> bool:
    """Whether EC2 has such an action."""
    return action in _service().operation_names


def header(headers: Mapping[str, str], name: str) -> str:
    """A header's value, whatever the case of its name; empty when it is missing."""
    return next((value for key, value in headers.items() if key.lower() == name.lower()), "")


@cache
def _service() -> ServiceModel:
    return get_service_model("ec2")


def _operation(action: str) -> OperationModel:
    if not known(action):
        raise Ec2Error("InvalidAction", f"The action {action} is not valid for this web service.")
    return _service().operation_model(action)


def _response(status: int, body: str) -> Response:
    return Response(status, {"Content-Type": "text/xml;charset=UTF-8"}, body.encode())
