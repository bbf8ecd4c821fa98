"""Where each form goes, what no retry helps, and what is muted when nobody can say."""

from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from functions.aws.mutes import MutesParameter
from functions.aws.notify import Topic, place_of
from functions.capacity.forms.alert import Place
from functions.capacity.mutes import NOTHING, Mute
from functions.capacity.wording import Form, Message

ARN = "arn:aws-us-gov:sns:us-gov-west-1:111122223333:Headroom-Topic"


class Sns:
    """An SNS that notes what it is asked, or answers with an error."""

    def __init__(self, code: str = "") -> None:
        self.code = code
        self.asked: list[dict[str, Any]] = []

    def publish(self, **request: Any) -> None:
        self.asked.append(request)
        if self.code:
            raise ClientError({"Error": {"Code": self.code, "Message": "no"}}, "Publish")


def topic(sns: Any, **arns: str) -> Topic:
    return Topic(sns=sns, arn="mail", **arns)


def a_message(form: Form) -> Message:
    return Message(subject="s", body="b", attributes={"finding": "f"}, form=form)


def test_each_form_goes_to_its_topic_with_its_attributes():
    sns = Sns()
    for form in Form:
        assert topic(sns, chat_arn="chat", paging_arn="paging").publish(a_message(form)) == ""
    assert [each["TopicArn"] for each in sns.asked] == list(Form)
    assert sns.asked[0]["MessageAttributes"] == {"finding": {"DataType": "String", "StringValue": "f"}}


def test_a_form_without_a_topic_is_left_out():
    sns = Sns()
    assert [topic(sns).publish(a_message(form)) for form in Form] == ["", "", ""]
    assert [each["TopicArn"] for each in sns.asked] == ["mail"]


@pytest.mark.parametrize("code", ["InvalidParameter", "ParameterValueInvalid"])
def test_what_no_retry_helps_is_said(code):
    assert code in topic(Sns(code)).publish(a_message(Form.MAIL))


@pytest.mark.parametrize("code", ["Throttled", "KMSThrottling", "InternalError", "AuthorizationError", "NotFound"])
def test_any_other_error_escapes(code):
    with pytest.raises(ClientError):
        topic(Sns(code)).publish(a_message(Form.MAIL))


def test_the_topic_tells_the_account_and_the_region():
    assert place_of(ARN) == Place(account="111122223333", region="us-gov-west-1")
    assert place_of("") == Place()


class Ssm:
    """A parameter store with one value, or an error."""

    def __init__(self, value: str = "", error: Exception | None = None) -> None:
        self._value, self._error = value, error

    def get_parameter(self, **_: Any) -> dict[str, Any]:
        if self._error:
            raise self._error
        return {"Parameter": {"Value": self._value}}


def muted_by(ssm: Any, parameter: str = "/x") -> object:
    return MutesParameter(ssm=ssm, parameter=parameter).read()


def test_what_the_parameter_says_is_muted_and_where_it_cannot_be_read_nothing():
    denied = ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "GetParameter")
    assert muted_by(Ssm("all@demo")) == {Mute(finding="all", resource="demo")}
    assert muted_by(Ssm(error=denied)) == NOTHING
    assert muted_by(Ssm(error=EndpointConnectionError(endpoint_url="x"))) == NOTHING
    assert muted_by(Ssm(error=AssertionError("nobody asks")), parameter="") == NOTHING
