"""Errors of a function as a state machine has them."""

from typing import Any

import pytest

from sandbox.organisation import role_arn
from sandbox.step_functions import ANY_ERROR, named

TRACE = """Traceback (most recent call last):
  File "a.py", line 1, in handler
botocore.exceptions.ClientError: An error occurred

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "b.py", line 2, in handler
{last}
"""


def failed(last: str, error: str = ANY_ERROR) -> dict[str, Any]:
    return {"error": True, "body": {"errorMessage": "x", "errorType": error}, "log": TRACE.format(last=last)}


@pytest.mark.parametrize(
    ("last", "name"),
    [
        ("functions.handlers.place.NotPermittedError: AccessDenied: no", "NotPermittedError"),
        ("KeyError: 'account'", "KeyError"),
        ("some.module.QuietError", "QuietError"),
        ("ValueError: first line\nsecond: line", "ValueError"),
    ],
)
def test_an_exception_is_named_after_its_class(last, name):
    assert named(failed(last))["body"]["errorType"] == name


def test_what_has_a_name_or_is_no_error_stays():
    timed_out = failed("KeyError: 1", "Sandbox.Timedout")
    assert named(timed_out) == timed_out
    assert named({"body": {"errorType": ANY_ERROR}}) == {"body": {"errorType": ANY_ERROR}}
    assert named({"error": True, "body": {"errorType": ANY_ERROR}})["body"]["errorType"] == ANY_ERROR


@pytest.mark.parametrize(
    ("principal", "role"),
    [
        ("arn:aws:sts::111122223333:assumed-role/Reads/headroom-1", "arn:aws:iam::111122223333:role/Reads"),
        ("arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:root"),
    ],
)
def test_a_session_is_its_roles(principal, role):
    assert role_arn(principal) == role
