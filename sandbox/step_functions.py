"""What a state machine can do on AWS, and with ministack cannot: put an object, and tell a function's errors apart.

https://docs.aws.amazon.com/step-functions/latest/dg/supported-services-awssdk.html
"""

from __future__ import annotations

import json
import re
from typing import Any

Result = dict[str, Any]  # of a function's run, as ministack has it

ANY_ERROR = "Runtime.HandlerError"  # ministack's name for every exception of a handler
_LAST_OF_TRACE = re.compile(r"^(?:\w+\.)*([A-Za-z_]\w*)(?::|$)")
PUT_OBJECT = ":states:::aws-sdk:s3:putObject"


def install() -> None:
    """Answer for this integration and name these errors; all else is ministack's."""
    from ministack.services import lambda_svc, s3, stepfunctions  # noqa: PLC0415 - reads the environment on import

    original = stepfunctions._invoke_aws_sdk_integration  # noqa: SLF001
    execute = lambda_svc._execute_function_with_config_scope  # noqa: SLF001

    def invoke(resource: str, parameters: dict[str, Any]) -> Any:
        if not resource.endswith(PUT_OBJECT):
            return original(resource, parameters)
        body = parameters["Body"]
        status, headers, answer = s3._put_object(  # noqa: SLF001
            parameters["Bucket"],
            parameters["Key"],
            (body if isinstance(body, str) else json.dumps(body)).encode(),
            {"content-type": parameters.get("ContentType", "")},
        )
        if status != 200:  # noqa: PLR2004
            raise stepfunctions._ExecutionError("S3.S3Exception", answer.decode(errors="replace"))  # noqa: SLF001
        return {"ETag": headers.get("ETag", "")}

    stepfunctions._invoke_aws_sdk_integration = invoke  # noqa: SLF001
    lambda_svc._execute_function_with_config_scope = lambda *given: named(execute(*given))  # noqa: SLF001


def named(result: Result) -> Result:
    """The result with its error named after the exception's class, as Lambda's Python runtime does."""
    body = result.get("body")
    if not isinstance(body, dict) or not result.get("error") or body.get("errorType") != ANY_ERROR:
        return result
    _, _, trace = result.get("log", "").rpartition("Traceback (most recent call last)")
    names = [found[1] for line in trace.splitlines() if (found := _LAST_OF_TRACE.match(line))]
    return {**result, "body": {**body, "errorType": names[0] if names else ANY_ERROR}}
