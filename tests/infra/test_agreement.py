"""What `infra` deploys and what `functions` expects are written down on both sides; here they are held together."""

from __future__ import annotations

import json

from functions.capacity import switch
from functions.capacity.model import MODE_TAG, OWNER_TAG, Policy
from functions.capacity.mutes import NOTHING, of_parameter
from functions.capacity.scope import EVERYWHERE, scope_of
from functions.settings import settings
from infra import reconcile_role
from tests.infra.synthesis import Assembly, resolved


def test_the_function_can_read_its_settings_from_the_deployed_environment(everything_chosen: Assembly):
    variables = everything_chosen.the("AWS::Lambda::Function", of="Reconcile")["Environment"]["Variables"]
    found = settings(resolved(variables))
    assert found.policy == Policy(
        single_address_floor=32,
        max_creates_per_run=3,
        max_creates_per_subnet_per_day=50,
        max_reservations_per_subnet=10,
        max_releases_per_subnet_per_day=20,
    )
    assert all([found.table_name, found.topic_arn, found.fast_queue_url, found.switch_parameter, found.mutes_parameter])
    assert len({found.topic_arn, found.chat_topic_arn, found.paging_topic_arn}) == 3


def test_the_role_demands_the_tags_that_the_function_reads_and_writes():
    assert (reconcile_role.MODE_TAG, reconcile_role.OWNER_TAG) == (MODE_TAG, OWNER_TAG)


def test_the_switch_is_on_and_takes_just_the_two_values_that_the_function_knows(shipped: Assembly):
    parameter = shipped.the("AWS::SSM::Parameter", of="State")
    assert parameter["Value"] == switch.ACT
    assert parameter["AllowedPattern"] == f"^({switch.ACT}|{switch.OBSERVE})$"


def test_a_sweep_asks_the_function_to_look_everywhere(shipped: Assembly):
    assert scope_of(json.loads(shipped.the("AWS::Scheduler::Schedule")["Target"]["Input"])) == EVERYWHERE


def test_at_first_nothing_is_muted(shipped: Assembly):
    assert of_parameter(shipped.the("AWS::SSM::Parameter", of="Alerts")["Value"]) == NOTHING
