"""What a deployed stack tells the command line: its settings, or the defaults with the reason why not its own."""

from datetime import UTC, datetime

import pytest
from botocore.exceptions import ClientError

from cli.access import Access
from cli.beside import told
from cli.deployment import Deployment
from functions.capacity.model import Policy
from functions.capacity.model import Snapshot as View
from infra.config import Config

NOTHING = View(taken_at=datetime(2026, 11, 23, tzinfo=UTC), subnets=(), node_groups=(), instance_types={}, clusters={})


def a_stack(policy: str) -> Deployment:
    return Deployment(
        access=Access(region="us-east-1"), stack="S", table="t", switch_parameter="/S/switch", policy_text=policy
    )


def denied() -> Deployment:
    raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks")


DEFAULTS = Policy()
UNKNOWN = "default settings (stack S does not tell its own in a way that this version knows)"


@pytest.mark.parametrize(
    ("deployed", "policy", "settings"),
    [
        pytest.param(
            lambda: a_stack(Config(single_address_floor=99).policy),
            Policy(single_address_floor=99),
            "settings of stack S",
            id="its own",
        ),
        pytest.param(lambda: a_stack(""), DEFAULTS, UNKNOWN, id="a stack of an earlier version"),
        pytest.param(lambda: a_stack('{"singleAddressFloor": 99}'), DEFAULTS, UNKNOWN, id="one with other keys"),
        pytest.param(lambda: None, DEFAULTS, "default settings (no such stack is deployed)", id="no stack"),
        pytest.param(denied, DEFAULTS, "default settings (AWS denies to read the stack's)", id="denied"),
    ],
)
def test_whose_settings_count(deployed, policy, settings):
    found = told(deployed, NOTHING)
    assert (found.policy, found.settings, found.histories) == (policy, settings, {})
