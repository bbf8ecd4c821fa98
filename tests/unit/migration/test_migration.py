"""The steps of a migration: which there are, in which order, and what is seen as done already."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from functions.capacity.clusters import Addon, HealthIssue, Node, Origin, Os
from functions.capacity.cni import Enforcing
from functions.capacity.migration.groups import new_name
from functions.capacity.migration.situation import Described, Room
from functions.capacity.migration.steps import State
from tests.builders import NOW, SUBNET, a_cluster, a_group, a_reservation, a_subnet, an_interface
from tests.unit.findings.views import settings
from tests.unit.migration.situations import (
    BLOCKS,
    REQUEST,
    SECONDARY,
    SINGLES,
    WORKERS,
    a_situation,
    chosen,
    group_with,
    of_group,
    plan,
    states,
    steps,
    switched,
)

OPEN, DONE, WAITING, BLOCKED = "to do", "done", "under way", "needs a decision"
NEW = a_group(name="workers-prefix", nodes=["i-2"])
MADE = {"workers-prefix": of_group(NEW, replaces="workers")}
BOTH = a_subnet(interfaces=[SINGLES, BLOCKS])


def test_a_cluster_in_secondary_mode_has_the_whole_way_before_it():
    assert states(a_situation()) == {
        "cni-version": DONE,
        "room": DONE,
        "tag-subnets": OPEN,
        f"reserve:{SUBNET}": OPEN,
        "prefix-mode": OPEN,
        "new-group:workers": OPEN,
        "cordon": OPEN,
        "drain:workers": OPEN,
        "scale-down:workers": OPEN,
        "delete:workers": OPEN,
        "verify": OPEN,
    }


def test_with_the_new_group_up_only_the_old_one_is_left():
    of = a_situation(WORKERS, NEW, cluster=switched(), subnets=[BOTH], described=MADE)
    assert states(of) == {
        "cni-version": DONE,
        "room": DONE,
        "prefix-mode": DONE,
        "new-group:workers": DONE,
        "cordon": OPEN,
        "drain:workers": OPEN,
        "scale-down:workers": OPEN,
        "delete:workers": OPEN,
        "verify": OPEN,
    }


def test_an_old_group_without_nodes_is_only_to_be_deleted():
    empty = group_with(nodes=(), desired_size=0)
    of = a_situation(empty, NEW, cluster=switched(), subnets=[a_subnet(interfaces=[BLOCKS])], described=MADE)
    left = {name for name, state in states(of).items() if state == OPEN}
    assert left == {"delete:workers", "verify"}


def test_with_the_old_group_gone_nothing_is_left():
    of = a_situation(NEW, cluster=switched(), subnets=[a_subnet(interfaces=[BLOCKS])], described=MADE)
    assert states(of) == {"prefix-mode": DONE, "new-group:workers": DONE, "verify": DONE}
    assert plan(of).following is None


@pytest.mark.parametrize(
    ("cluster", "groups", "says"),
    [
        pytest.param(a_cluster(ipv6=True), (WORKERS,), "IPv6 cluster is in prefix mode always", id="IPv6"),
        pytest.param(
            a_cluster(auto_mode=True),
            (group_with(origin=Origin.AUTO_MODE),),
            "EKS Auto Mode's nodes use prefixes by themselves",
            id="Auto Mode alone",
        ),
    ],
)
def test_where_nothing_is_to_be_migrated_that_is_said(cluster, groups, says):
    found = plan(a_situation(*groups, cluster=cluster))
    assert (found.steps, found.following) == ((), None)
    assert says in found.notes[0]


def test_settings_that_cannot_be_read_stop_everything():
    (step,) = plan(a_situation(cluster=a_cluster(cni=None))).steps
    assert (step.state, "vpc-cni's settings were not read" in step.why) == (State.BLOCKED, True)


# --- which groups are old -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("group", "interfaces", "old"),
    [
        pytest.param(WORKERS, [SINGLES], True, id="its node holds single addresses for pods"),
        pytest.param(
            WORKERS,
            [an_interface("10.0.0.4", "10.0.0.5", prefixes=["10.0.0.16/28"], instance_id="i-1")],
            True,
            id="its node holds both",
        ),
        pytest.param(
            WORKERS,
            [an_interface("10.0.0.4", prefixes=["10.0.0.16/28"], instance_id="i-1")],
            False,
            id="its node holds prefixes alone",
        ),
        pytest.param(
            group_with(nodes=(Node(instance_id="i-1", subnet_id=SUBNET, launched_at=NOW - timedelta(hours=2)),)),
            [],
            True,
            id="its node came before the change and holds nothing",
        ),
        pytest.param(
            group_with(nodes=(Node(instance_id="i-1", subnet_id=SUBNET, launched_at=NOW),)),
            [],
            False,
            id="its node came after the change and holds nothing yet",
        ),
        pytest.param(
            group_with(instance_types=("c4.large",)), [SINGLES], False, id="its nodes could not hold prefixes anyway"
        ),
        pytest.param(group_with(nodes=()), [], False, id="it has no nodes, and no migration is under way"),
    ],
)
def test_after_the_switch_a_group_is_old_by_what_its_nodes_hold(group, interfaces, old):
    of = a_situation(group, cluster=switched(), subnets=[a_subnet(interfaces=interfaces)])
    assert ("delete:workers" in states(of)) is old


@pytest.mark.parametrize(("hours", "old"), [(2, True), (0, False)], ids=["made before", "made after"])
def test_while_a_migration_is_under_way_an_empty_group_is_old_by_its_age(hours, old):
    empty = a_group(name="empty", desired=0)
    described = MADE | {"empty": of_group(empty, created_at=NOW - timedelta(hours=hours))}
    of = a_situation(NEW, empty, cluster=switched(), subnets=[a_subnet(interfaces=[BLOCKS])], described=described)
    assert ("new-group:empty" in states(of)) is old


def test_an_empty_group_of_a_cluster_that_was_in_prefix_mode_all_along_is_left_alone():
    described = {"workers": of_group(WORKERS, created_at=NOW - timedelta(days=9))}
    of = a_situation(group_with(nodes=()), cluster=switched(), described=described)
    assert states(of) == {"prefix-mode": DONE, "verify": DONE}


def test_a_group_that_is_kept_has_no_steps():
    assert states(a_situation(choices=chosen(keep=frozenset({"workers"})))) == {"prefix-mode": DONE, "verify": DONE}


def test_names_are_the_old_ones_and_never_two_alike():
    long = "a" * 62
    assert new_name("workers") == "workers-prefix"
    assert len(new_name(long)) == 63
    assert new_name(f"{long}b") != new_name(f"{long}c")


# --- before -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("version", "groups", "state"),
    [
        pytest.param((1, 8, 0), (WORKERS,), OPEN, id="1.8.0 is too old"),
        pytest.param((1, 9, 0), (WORKERS,), DONE, id="1.9.0 will do"),
        pytest.param((1, 9, 0), (group_with(instance_types=("m5.metal",)),), OPEN, id="but not on bare metal"),
        pytest.param((1, 11, 0), (group_with(instance_types=("m5.metal",)),), DONE, id="1.11.0 will do there"),
        pytest.param(None, (WORKERS,), OPEN, id="an unknown version is looked at by a person"),
    ],
)
def test_the_cni_must_know_prefixes(version, groups, state):
    cluster = a_cluster(cni=settings(prefix_delegation=False, version=version), addon=Addon(version=version))
    step = steps(a_situation(*groups, cluster=cluster, default_version="v1.20.0-eksbuild.1"))["cni-version"]
    assert (step.state, bool(step.calls)) == (state, state == OPEN and version is not None)
    if step.calls:
        assert step.calls[0].arguments["addonVersion"] == "v1.20.0-eksbuild.1"


@pytest.mark.parametrize(
    ("status", "state"), [("UPDATING", WAITING), ("DEGRADED", BLOCKED), ("UPDATE_FAILED", BLOCKED)]
)
def test_an_add_on_that_is_not_active_is_waited_for_or_looked_at(status, state):
    issues = (HealthIssue(code="ConfigurationConflict", message="x"),)
    cluster = a_cluster(cni=SECONDARY, addon=Addon(version=(1, 19, 2), status=status, issues=issues))
    assert states(a_situation(cluster=cluster))["cni-version"] == state


@pytest.mark.parametrize(
    ("types", "choices", "state", "says"),
    [
        pytest.param(("m5.large", "c4.large"), {}, DONE, "The new group takes m5.large", id="those that are Nitro"),
        pytest.param(("c4.large",), {}, BLOCKED, "--types workers=TYPE, or leave", id="none is: somebody chooses"),
        pytest.param(("c4.large",), {"workers": ("m5.large",)}, DONE, "The new group takes m5.large", id="chosen"),
        pytest.param(("c4.large",), {"workers": ("c4.large",)}, BLOCKED, "is none either", id="chosen wrongly"),
        pytest.param(("x9.new",), {}, BLOCKED, "The limits of x9.new are not known", id="limits that are not known"),
    ],
)
def test_a_group_needs_nitro_types(types, choices, state, says):
    step = steps(a_situation(group_with(instance_types=types), choices=chosen(types=choices)))["nitro:workers"]
    assert (step.state, says in step.why) == (state, True), step.why


@pytest.mark.parametrize(
    ("room", "anyway", "state"),
    [
        pytest.param(Room(asked=4, fit=4, fit_with_reservations=4), False, DONE, id="all fit"),
        pytest.param(Room(asked=4, fit=2, fit_with_reservations=4), False, DONE, id="all fit with reservations"),
        pytest.param(Room(asked=4, fit=2, fit_with_reservations=3), False, BLOCKED, id="not all fit"),
        pytest.param(Room(asked=4, fit=2, fit_with_reservations=3), True, DONE, id="not all fit, and so be it"),
        pytest.param(None, False, BLOCKED, id="nobody tried"),
    ],
)
def test_old_and_new_nodes_must_fit_together(room, anyway, state):
    assert states(a_situation(room=room, choices=chosen(anyway=anyway)))["room"] == state


def test_reservations_are_planned_for_the_nodes_to_come_and_not_twice():
    before = steps(a_situation())[f"reserve:{SUBNET}"]
    cidrs = [each.arguments["Cidr"] for each in before.calls]
    assert len(cidrs) == len(set(cidrs)) > 0
    reserved = a_subnet(interfaces=[SINGLES], reservations=[a_reservation(each) for each in cidrs])
    free = 256 - 5 - 2 - 16 * sum(2 ** (28 - int(each.split("/")[1])) for each in cidrs)
    after = states(a_situation(subnets=[replace(reserved, available=(free,))]))
    assert (after["tag-subnets"], after[f"reserve:{SUBNET}"]) == (DONE, DONE)


def test_nothing_is_reserved_on_a_view_that_is_not_whole():
    step = steps(a_situation(subnets=[a_subnet(interfaces=[SINGLES], available=7)]))[f"reserve:{SUBNET}"]
    assert (step.state, step.calls, "EC2 counts 7" in step.why) == (BLOCKED, (), True)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        pytest.param({"custom_networking": True}, "its ENIConfigs were not read", id="custom networking"),
        pytest.param({"pod_eni": True}, "enforcing mode strict", id="strict"),
        pytest.param({"pod_eni": True, "enforcing": Enforcing.STANDARD}, "the node's groups", id="standard"),
        pytest.param({"minimum_ip_target": 20}, "a node never gets more", id="a minimum alone"),
        pytest.param({}, "must not go below v1.9.0", id="no way down"),
    ],
)
def test_what_changes_beside_the_addresses_is_noted(facts, says):
    cluster = a_cluster(cni=settings(prefix_delegation=False, **facts))
    assert says in " ".join(plan(a_situation(cluster=cluster)).notes)


# --- the switch -----------------------------------------------------------------------------------------------------


def test_the_add_ons_configuration_is_merged():
    of = a_situation(configuration='{"env": {"MAX_ENI": "2"}, "tolerations": []}')
    (call,) = steps(of)["prefix-mode"].calls
    assert json.loads(call.arguments["configurationValues"]) == {
        "env": {"MAX_ENI": "2", "ENABLE_PREFIX_DELEGATION": "true", "WARM_PREFIX_TARGET": "1"},
        "tolerations": [],
    }


def test_windows_groups_are_switched_by_the_settings_of_windows():
    of = a_situation(group_with(os=Os.WINDOWS), cluster=a_cluster(cni=settings(), addon=Addon(version=(1, 19, 2))))
    (call,) = steps(of)["prefix-mode"].calls
    assert json.loads(call.arguments["configurationValues"]) == {
        "enableWindowsIpam": "true",
        "enableWindowsPrefixDelegation": "true",
    }


def test_a_self_managed_cni_is_switched_by_kubectl_and_only_the_person_knows():
    of = a_situation(cluster=a_cluster(cni=None, addon=None))
    step = steps(of)["prefix-mode"]
    assert (step.calls, step.visible) == ((), False)
    assert any("ENABLE_PREFIX_DELEGATION=true WARM_PREFIX_TARGET=1" in each for each in step.by_hand)
    said = replace(of, choices=chosen(done=frozenset({"prefix-mode", "new-group:workers"})))
    assert states(said)["prefix-mode"] == DONE
    assert states(said)["new-group:workers"] == OPEN, "what AWS shows is not taken on trust"


# --- new groups, old groups -----------------------------------------------------------------------------------------


def test_a_new_group_is_the_old_one_under_another_name():
    (call,) = steps(a_situation())["new-group:workers"].calls
    assert call.operation == "create_nodegroup"
    assert call.arguments == REQUEST | {
        "nodegroupName": "workers-prefix",
        "tags": {"cost": "1", "headroom:replaces": "workers"},
    }


@pytest.mark.parametrize(
    ("made", "group", "state", "says"),
    [
        pytest.param({"status": "CREATING"}, NEW, WAITING, "is CREATING", id="it is being made"),
        pytest.param({}, replace(NEW, nodes=()), WAITING, "0 of 1 node", id="its nodes are not there"),
        pytest.param({"status": "CREATE_FAILED"}, NEW, BLOCKED, "CREATE_FAILED", id="it could not be made"),
        pytest.param(
            {},
            replace(NEW, issues=(HealthIssue(code="InsufficientFreeAddresses", message="x"),)),
            BLOCKED,
            "InsufficientFreeAddresses: x",
            id="EKS says that it is not well",
        ),
        pytest.param({"replaces": ""}, NEW, BLOCKED, "was not made for this", id="somebody else made it"),
    ],
)
def test_a_new_group_is_looked_at_before_the_old_one_goes(made, group, state, says):
    facts = {"replaces": "workers", **made}
    described = {"workers-prefix": of_group(group, **facts)}
    of = a_situation(WORKERS, group, cluster=switched(), subnets=[BOTH], described=described)
    step = steps(of)["new-group:workers"]
    assert (step.state, says in step.why) == (state, True), step.why
    assert plan(of).undecided == (step if state == BLOCKED else None)


def test_all_old_nodes_are_cordoned_before_the_first_is_drained():
    other = a_group(name="other", nodes=["i-3"])
    ids = list(steps(a_situation(WORKERS, other)))
    assert ids[ids.index("cordon") :] == [
        "cordon",
        "drain:other",
        "drain:workers",
        "scale-down:other",
        "scale-down:workers",
        "delete:other",
        "delete:workers",
        "verify",
    ]
    assert max(map(ids.index, ("new-group:other", "new-group:workers"))) < ids.index("cordon")


def test_only_deleting_destroys():
    assert [name for name, each in steps(a_situation()).items() if each.destroys] == ["delete:workers"]


def test_it_has_not_ended_while_a_finding_still_speaks_of_the_old_mode():
    both = an_interface("10.0.0.4", "10.0.0.5", prefixes=["10.0.0.16/28"], instance_id="i-1")
    kept = chosen(keep=frozenset({"workers"}))
    step = steps(a_situation(cluster=switched(), subnets=[a_subnet(interfaces=[both])], choices=kept))["verify"]
    assert (step.state, "with single addresses and prefixes both" in step.why) == (OPEN, True)


def test_eks_takes_no_maximum_below_one():
    (call,) = steps(a_situation(group_with(max_size=0)))["scale-down:workers"].calls
    assert call.arguments["scalingConfig"] == {"minSize": 0, "desiredSize": 0, "maxSize": 1}


def test_nodes_that_are_still_ending_are_waited_for():
    of = a_situation(group_with(desired_size=0), NEW, cluster=switched(), subnets=[BOTH], described=MADE)
    assert states(of)["scale-down:workers"] == WAITING


@pytest.mark.parametrize("origin", [Origin.SELF_MANAGED, Origin.KARPENTER, Origin.ALONE])
def test_other_groups_are_replaced_by_a_person(origin):
    step = steps(a_situation(group_with(origin=origin, own_ami=True)))["new-nodes:workers"]
    assert (step.calls, bool(step.by_hand), step.visible) == ((), True, True)
    assert "110" in " ".join(step.by_hand)


def test_what_was_not_read_of_a_group_is_said():
    of = a_situation()
    step = steps(replace(of, described={}))["new-group:workers"]
    assert (step.state, "was not read" in step.why) == (BLOCKED, True)
    of = a_situation(described={"workers": Described(request={**REQUEST, "instanceTypes": ["c4.large"]})})
    assert steps(of)["new-group:workers"].state == OPEN
