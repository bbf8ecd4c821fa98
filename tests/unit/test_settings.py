import json

import pytest

from functions.capacity.model import Policy
from functions.settings import SettingsError, settings

POLICY = {
    "singleAddressFloor": 16,
    "maxCreatesPerRun": 5,
    "maxCreatesPerSubnetPerDay": 200,
    "maxReservationsPerSubnet": 64,
    "maxReleasesPerSubnetPerDay": 300,
}
ENVIRONMENT = {
    "HEADROOM_TABLE_NAME": "table",
    "HEADROOM_TOPIC_ARN": "arn:aws:sns:us-east-1:123456789012:topic",
    "HEADROOM_FAST_QUEUE_URL": "https://sqs/queue.fifo",
    "HEADROOM_RELEASE_QUEUE_URL": "https://sqs/releases",
    "HEADROOM_SWITCH_PARAMETER": "/Headroom/switch",
    "HEADROOM_READ_KUBERNETES": "false",
    "HEADROOM_SETTLE_SECONDS": "5",
    "HEADROOM_POLICY": json.dumps(POLICY),
}


def test_settings_come_from_the_environment():
    found = settings(ENVIRONMENT)
    assert found.policy == Policy()
    assert (found.table_name, found.fast_queue_url) == ("table", "https://sqs/queue.fifo")


def test_topics_of_other_forms_and_mutes_may_be_missing():
    more = {"HEADROOM_CHAT_TOPIC_ARN": "c", "HEADROOM_PAGING_TOPIC_ARN": "p", "HEADROOM_MUTES_PARAMETER": "m"}
    with_them, without = settings(ENVIRONMENT | more), settings(ENVIRONMENT)
    assert (with_them.chat_topic_arn, with_them.paging_topic_arn, with_them.mutes_parameter) == ("c", "p", "m")
    assert (without.chat_topic_arn, without.paging_topic_arn, without.mutes_parameter) == ("", "", "")


@pytest.mark.parametrize("missing", ENVIRONMENT)
def test_a_missing_variable_is_named(missing):
    with pytest.raises(SettingsError, match=missing):
        settings({key: value for key, value in ENVIRONMENT.items() if key != missing})


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param("{", id="not JSON"),
        pytest.param("[]", id="a list"),
        pytest.param(json.dumps({}), id="nothing"),
        pytest.param(json.dumps(POLICY | {"maxCreates": 1}), id="a key too many"),
        pytest.param(json.dumps(POLICY | {"maxCreatesPerRun": "5"}), id="a text"),
        pytest.param(json.dumps(POLICY | {"maxCreatesPerRun": True}), id="a boolean"),
        pytest.param(json.dumps(POLICY | {"maxCreatesPerRun": -1}), id="below zero"),
    ],
)
def test_a_policy_that_is_not_whole_stops_the_start(policy):
    with pytest.raises(ValueError, match=r".+"):
        settings(ENVIRONMENT | {"HEADROOM_POLICY": policy})
