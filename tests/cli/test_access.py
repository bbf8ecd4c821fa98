"""What AWS denies: in one line, or done without where a command is not about it."""

import pytest
from botocore.exceptions import ClientError

from cli.access import asking_aws, unless_denied
from cli.errors import UserError


def refusal(code: str) -> ClientError:
    message = "User: someone is not authorized to perform: ec2:DescribeVpcs on resource: *"
    return ClientError({"Error": {"Code": code, "Message": message}}, "DescribeVpcs")


def fail(error: Exception) -> None:
    raise error


def test_what_is_denied_is_done_without_and_said(capsys):
    with unless_denied("the VPCs' ranges"):
        fail(refusal("UnauthorizedOperation"))
    assert capsys.readouterr().err == "headroom: without the VPCs' ranges: AWS denies ec2:DescribeVpcs\n"


def test_what_is_denied_where_it_is_needed_is_one_line_that_names_the_permission():
    with pytest.raises(UserError) as raised, asking_aws():
        fail(refusal("UnauthorizedOperation"))
    assert str(raised.value).startswith("AWS denies ec2:DescribeVpcs: UnauthorizedOperation: User: someone")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("error", [refusal("Throttling"), ValueError("odd")], ids=str)
def test_any_other_error_escapes(error):
    with pytest.raises(type(error)), unless_denied("the VPCs' ranges"):
        fail(error)
