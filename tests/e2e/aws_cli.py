"""As much of the AWS command line as docs/tutorial.md uses, over boto3: `python -m tests.e2e.aws_cli sqs ...`."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

import boto3
import jmespath  # type: ignore[import-untyped]
from botocore import xform_name

OF_THE_CLI = {"query", "output", "cli-binary-format"}
RENAMED = {"notification-endpoint": "endpoint"}  # `--endpoint-url` is every command's


def main(arguments: list[str]) -> None:
    service, operation, *rest = arguments
    client = boto3.client(service)
    (name,) = [each for each in client.meta.service_model.operation_names if xform_name(each, "-") == operation]
    shapes = client.meta.service_model.operation_model(name).input_shape.members
    options, positional = _options(rest)
    called = {
        member: _value(shape, options[xform_name(member, "-")])
        for member, shape in shapes.items()
        if xform_name(member, "-") in options
    }
    unknown = options.keys() - {xform_name(each, "-") for each in called} - OF_THE_CLI
    assert not unknown, f"{service} {operation} has no {unknown}"
    answer = getattr(client, xform_name(name))(**called)
    if positional:
        assert not answer.get("FunctionError"), answer["Payload"].read()
        Path(positional[0]).write_bytes(answer["Payload"].read())
    if "query" in options:
        found = jmespath.search(options["query"][0], answer)
        sys.stdout.write(("\t".join(found) if isinstance(found, list) else str(found)) + "\n")


def _options(rest: list[str]) -> tuple[dict[str, list[str]], list[str]]:
    """`--name value value`, and what stands alone at the end: the file that `lambda invoke` writes."""
    options: dict[str, list[str]] = {}
    positional = [rest.pop()] if rest[-1].endswith(".json") and not rest[-1].startswith("file://") else []
    for each in rest:
        if each.startswith("--"):
            name = each.removeprefix("--")
            options[RENAMED.get(name, name)] = []
        else:
            options[list(options)[-1]].append(each)
    return options, positional


def _value(shape: Any, texts: list[str]) -> Any:
    read = [Path(each.removeprefix("file://")).read_text() if each.startswith("file://") else each for each in texts]
    if shape.type_name == "list":
        if shape.member.type_name == "structure":
            return [dict(re.findall(r"(\w+)=([^,]*)", each)) for each in read]
        return read
    return True if shape.type_name == "boolean" else read[0]


if __name__ == "__main__":
    main(sys.argv[1:])
