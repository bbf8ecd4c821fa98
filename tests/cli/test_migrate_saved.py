"""`headroom migrate` on a saved snapshot: the plan with every value filled in."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import migrate
from cli.errors import UserError
from cli.migrating.look import beside
from tests.builders import a_group
from tests.cli.test_simulate import two_zones
from tests.unit.migration.situations import (
    WORKERS,
    a_situation,
)


def in_secondary_mode(*, nodes: int = 4, size: int = 6, taken: int = 0, nitro: bool = True) -> dict[str, Any]:
    view = two_zones(nodes=nodes, size=size, taken=taken)
    for each in view["networkInterfaces"]:
        each["Ipv4Prefixes"] = []
    for each in view["subnets"]:
        used = sum(one["SubnetId"] == each["SubnetId"] for one in view["networkInterfaces"])
        each["AvailableIpAddressCount"] = 507 - used
    view["addons"][0]["configurationValues"] = ""
    view["instanceTypes"][0]["Hypervisor"] = "nitro" if nitro else "xen"
    return view


@pytest.fixture
def saved(tmp_path) -> Callable[..., Result]:
    def invoked(view: dict[str, Any], *arguments: str) -> Result:
        path = tmp_path / "snapshot.json"
        path.write_text(json.dumps(view))
        app = typer.Typer()
        app.command()(migrate.command)
        return CliRunner().invoke(app, [*arguments, "--snapshot", str(path)])

    return invoked


def test_the_plan_of_a_snapshot_has_every_value_filled_in(saved):
    done = saved(in_secondary_mode(), "demo")
    assert done.exit_code == 2
    assert "[x] 1. A VPC CNI that knows prefixes  (cni-version, done)" in done.stdout
    assert "4 new nodes beside the old ones: all get their addresses" in done.stdout
    assert 'aws eks create-nodegroup --subnets \'["subnet-a", "subnet-b"]\'' in done.stdout
    assert "kubectl cordon -l eks.amazonaws.com/nodegroup=workers" in done.stdout
    assert "note: The way back" in done.stdout
    assert done.stdout == saved(in_secondary_mode(), "demo").stdout


def test_commands_are_for_the_account_that_was_named(saved):
    done = saved(in_secondary_mode(), "demo", "--profile", "other", "--region", "eu-west-1")
    assert done.stdout.startswith("for the commands below: export AWS_PROFILE=other AWS_DEFAULT_REGION=eu-west-1\n")


def test_where_the_subnets_do_not_hold_old_and_new_nodes_together_that_is_said(saved):
    view = in_secondary_mode(nodes=14, size=14)
    done = json.loads(saved(view, "demo", "--json").stdout)
    (room,) = [each for each in done["steps"] if each["id"] == "room"]
    assert (room["state"], "14 new nodes beside the old ones: only" in room["why"]) == ("needs a decision", True)
    assert room["commands"]
    anyway = json.loads(saved(view, "demo", "--json", "--anyway").stdout)
    assert [each["state"] for each in anyway["steps"] if each["id"] == "room"] == ["done"]


def test_what_fits_only_into_reserved_blocks_is_reserved_first(saved):
    """56 of 60 blocks: the nodes' own single addresses must not land in them."""
    done = json.loads(saved(in_secondary_mode(nodes=8, size=8), "demo", "--json").stdout)
    (room,) = [each for each in done["steps"] if each["id"] == "room"]
    assert (room["state"], "all with the reservations below" in room["why"]) == ("done", True), room["why"]


def test_no_old_node_goes_before_all_new_ones_are_there():
    other = a_group(name="other", nodes=["i-3", "i-4"])
    story = beside(a_situation(WORKERS, other))
    assert (story.nodes, len(story.steps)) == (3, 3)


def test_single_addresses_in_the_way_are_told_apart_from_too_few(saved):
    """21 prefixes for each zone, where an address stands in half of all blocks."""
    done = json.loads(saved(in_secondary_mode(nodes=6, taken=30), "demo", "--json").stdout)
    (room,) = [each for each in done["steps"] if each["id"] == "room"]
    assert (room["state"], "InsufficientCidrBlocks" in room["why"]) == ("needs a decision", True)
    assert any(each.startswith("Move single addresses") for each in room["commands"])


def test_a_type_that_is_not_nitro_has_its_successor_named(saved):
    view = in_secondary_mode(nitro=False)
    view["nodegroups"][0]["instanceTypes"] = ["c4.large"]
    view["instanceTypes"] = []
    done = saved(view, "demo")
    assert "--types workers=c5.large" in done.stdout
    chosen = json.loads(saved(view, "demo", "--types", "workers=c5.large", "--json").stdout)
    (made,) = [each for each in chosen["steps"] if each["id"] == "new-group:workers"]
    assert made["calls"][0]["parameters"]["instanceTypes"] == ["c5.large"]


def test_where_nothing_is_left_the_exit_is_0(saved):
    view = two_zones(nodes=4, size=6)
    done = saved(view, "demo")
    assert (done.exit_code, "nothing is left to do" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        pytest.param(["nobody"], "has no cluster 'nobody'; it has demo", id="no such cluster"),
        pytest.param(["demo", "--apply"], "not on a saved snapshot", id="a snapshot cannot be changed"),
        pytest.param(["demo", "--keep", "x"], "demo has no group 'x'; it has workers", id="no such group"),
        pytest.param(["demo", "--types", "workers"], "--types takes a group and its types", id="no types"),
    ],
)
def test_a_users_error_is_one_line(saved, arguments, says):
    done = saved(in_secondary_mode(), *arguments)
    assert isinstance(done.exception, UserError)
    assert says in str(done.exception)
    assert "\n" not in str(done.exception)
