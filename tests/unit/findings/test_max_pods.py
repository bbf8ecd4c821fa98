import re
from dataclasses import replace

import pytest

from functions.capacity.clusters import Family, Origin, Os
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.max_pods import max_pods_not_set, max_pods_too_high, max_pods_too_low
from tests.builders import TYPES, a_cluster, a_group
from tests.unit.findings.nodes import (
    NOTHING_SAID,
    a_template,
    node_config,
    nodes,
    of_karpenter,
    own_ami,
    with_max_pods,
)
from tests.unit.findings.views import a_view, commands, group_with, only, settings, with_settings

CHECKS = (max_pods_not_set, max_pods_too_low, max_pods_too_high)
SECONDARY = {"prefix_delegation": False}
SHELL = a_template('#!/bin/bash\n/etc/eks/bootstrap.sh demo --kubelet-extra-args "--max-pods=$(max)"')


def windows_says(pods):
    return a_template(f"<powershell>\n& $EKSBootstrapScriptFile -KubeletExtraArgs '--max-pods={pods}'\n</powershell>")


def raised(view):
    return [(each.id, each.severity) for check in CHECKS for each in check(view)]


LOW, HIGH, NOT_SET = FindingId.MAX_PODS_TOO_LOW, FindingId.MAX_PODS_TOO_HIGH, FindingId.MAX_PODS_NOT_SET
WARNING, CRITICAL, INFO, UNKNOWN = Severity.WARNING, Severity.CRITICAL, Severity.INFO, Severity.UNKNOWN


@pytest.mark.parametrize(
    ("group", "cni", "expected"),
    [
        pytest.param(own_ami(with_max_pods(110)), {}, [], id="the recommended number is no finding"),
        pytest.param(own_ami(with_max_pods(29)), {}, [(LOW, WARNING)], id="secondary mode's number in prefix mode"),
        pytest.param(own_ami(with_max_pods(82)), {}, [(LOW, WARNING)], id="a quarter less and a bit"),
        pytest.param(own_ami(with_max_pods(83)), {}, [(LOW, INFO)], id="a bit less than a quarter may be meant so"),
        pytest.param(own_ami(with_max_pods(111)), {}, [(HIGH, WARNING)], id="more than recommended, with addresses"),
        pytest.param(own_ami(with_max_pods(434)), {}, [(HIGH, WARNING)], id="as many as there are addresses for"),
        pytest.param(own_ami(with_max_pods(435)), {}, [(HIGH, CRITICAL)], id="one more than there are addresses for"),
        pytest.param(own_ami(with_max_pods(110)), SECONDARY, [(HIGH, CRITICAL)], id="prefixes' number without them"),
        pytest.param(
            own_ami(with_max_pods(29)), SECONDARY | {"custom_networking": True}, [(HIGH, CRITICAL)],
            id="custom networking gives up an interface",
        ),
        pytest.param(
            own_ami(with_max_pods(435)), {"ipv6": True}, [(HIGH, WARNING)], id="a /80 never runs out of addresses"
        ),
        pytest.param(own_ami(NOTHING_SAID), {}, [(NOT_SET, WARNING)], id="nothing set in prefix mode, and said once"),
        pytest.param(own_ami(NOTHING_SAID), SECONDARY, [], id="nothing set where the AMI's own rule is right"),
        pytest.param(
            own_ami(NOTHING_SAID), SECONDARY | {"custom_networking": True}, [(NOT_SET, CRITICAL)],
            id="nothing set where the AMI's own rule is beyond the addresses",
        ),
        pytest.param(
            own_ami(a_template(""), family=None), {}, [(NOT_SET, WARNING)], id="nothing set, whatever the AMI then does"
        ),
        pytest.param(
            own_ami(NOTHING_SAID, origin=Origin.SELF_MANAGED), {}, [(NOT_SET, WARNING)], id="a self-managed group"
        ),
        pytest.param(
            own_ami(NOTHING_SAID, types=["m5.large", "x9.new"]), {}, [(NOT_SET, UNKNOWN)],
            id="nothing set, and a type without known limits",
        ),
        pytest.param(
            own_ami(SHELL, family=Family.AL2), {}, [(NOT_SET, UNKNOWN), (LOW, UNKNOWN), (HIGH, UNKNOWN)],
            id="user data that only a shell understands",
        ),
        pytest.param(
            own_ami(with_max_pods(29), types=["m5.large", "x9.new"]), {}, [(LOW, WARNING), (HIGH, UNKNOWN)],
            id="what is known of one type is said, of the other it is not",
        ),
        pytest.param(
            own_ami(with_max_pods(29), types=["m5.large", "c4.large"]), {}, [],
            id="one number for all types need only be right for the smallest",
        ),
        pytest.param(
            own_ami(with_max_pods(110), types=["m5.large", "c4.large"]), {}, [(HIGH, CRITICAL)],
            id="one number for all types is too high for the smallest",
        ),
        pytest.param(own_ami(with_max_pods(29)), None, [], id="settings unknown: cni-settings-unreadable says so"),
        pytest.param(own_ami(SHELL), None, [], id="settings and user data unknown"),
        pytest.param(a_group(types=["m5.large", "x9.new"]), {}, [], id="a number that EKS sets"),
        pytest.param(
            group_with(a_group(), origin=Origin.AUTO_MODE, own_ami=True), {}, [], id="EKS Auto Mode's nodes"
        ),
        pytest.param(
            group_with(a_group(), origin=Origin.AUTO_MODE, own_ami=True), SECONDARY, [],
            id="EKS Auto Mode's nodes have prefixes whatever the cluster's CNI says",
        ),
        pytest.param(of_karpenter(with_max_pods(29)), {}, [(LOW, WARNING)], id="Karpenter's rule in prefix mode"),
        pytest.param(of_karpenter(with_max_pods(110)), {}, [], id="Karpenter with spec.kubelet.maxPods"),
        pytest.param(of_karpenter(None), {}, [(LOW, UNKNOWN), (HIGH, UNKNOWN)], id="Karpenter's template is gone"),
        pytest.param(
            of_karpenter(with_max_pods(234), instance_types=("m5.4xlarge",)), SECONDARY, [(HIGH, INFO)],
            id="Karpenter's rule has no cap, which nobody chose",
        ),
        pytest.param(
            own_ami(with_max_pods(234), types=["m5.4xlarge"]), SECONDARY, [(HIGH, WARNING)],
            id="the same number, put into user data by somebody",
        ),
        pytest.param(
            of_karpenter(with_max_pods(200), instance_types=("m5.4xlarge",)), SECONDARY, [(HIGH, WARNING)],
            id="somebody chose more than recommended under Karpenter",
        ),
        pytest.param(
            own_ami(windows_says(60), os=Os.WINDOWS, family=Family.WINDOWS), {}, [],
            id="Windows without prefixes has 9 addresses, and its scheduler counts them",
        ),
    ],
)  # fmt: skip
def test_one_cause_is_one_finding(group, cni, expected):
    types = {**TYPES, "m5.4xlarge": replace(TYPES["m5.8xlarge"], name="m5.4xlarge", vcpus=16)}
    cluster = a_cluster(cni=None if cni is None else settings(**cni), ipv6=bool(cni and cni.get("ipv6")))
    assert raised(a_view(group, cluster=cluster, types=types)) == expected


def test_too_low_says_what_is_lost_and_the_line_to_put_instead():
    group = own_ami(with_max_pods(29), nodes=nodes("i-1", "i-2"))
    found = only(max_pods_too_low, a_view(group))
    assert found.title == "demo/workers lets its nodes take 29 pods of the 110 that EKS recommends"
    assert found.numbers == {
        "advertised": {"m5.large": 29},
        "recommended": {"m5.large": 110},
        "allowedByAddresses": {"m5.large": 434},
        "setBy": "max pods in the user data of lt-0abc version 3",
        "nodes": 2,
        "podsLostPerNode": {"m5.large": 81},
        "podsLost": 162,
        "maxPodsToSet": 110,
    }
    assert "maxPods: 110" in commands(found)
    assert "create-launch-template-version --launch-template-id lt-0abc --source-version 3" in commands(found)
    assert "update-nodegroup-version --cluster-name demo --nodegroup-name workers" in commands(found)


def test_karpenter_is_told_in_its_node_class():
    found = only(max_pods_too_low, a_view(of_karpenter(with_max_pods(29))))
    assert "ignores prefixes" in found.means
    assert re.search(r"kubectl edit ec2nodeclass .*nodepool default", commands(found))
    assert "maxPods: 110  # of the EC2NodeClass" in commands(found)
    assert "launch-template" not in commands(found)


def test_windows_that_advertises_less_than_its_prefixes_hold_loses_capacity():
    group = own_ami(windows_says(9), os=Os.WINDOWS, family=Family.WINDOWS)
    windows = replace(settings().windows, prefix_delegation=True)
    found = only(max_pods_too_low, with_settings(group, windows=windows))
    assert (found.numbers["advertised"], found.numbers["recommended"]) == ({"m5.large": 9}, {"m5.large": 110})
    assert "-KubeletExtraArgs '--max-pods=110'" in commands(found)


def test_too_high_names_the_type_whose_addresses_do_not_suffice():
    found = only(max_pods_too_high, a_view(own_ami(with_max_pods(110), types=["m5.large", "c4.large"])))
    assert found.title == "demo/workers lets its nodes take 110 pods, with addresses for 29"
    assert found.numbers["allowedByAddresses"] == {"m5.large": 434, "c4.large": 29}
    assert found.numbers["maxPodsToSet"] == 29
    assert "ContainerCreating" in found.means


def test_types_that_differ_are_named_with_their_numbers():
    template = a_template(node_config('    maxPodsExpression: "default_enis * (ips_per_eni - 1) + 2"\n'))
    found = only(max_pods_too_low, a_view(own_ami(template, types=["m5.large", "t3.small"])))
    assert "29 (m5.large), 11 (t3.small) pods" in found.title
    assert found.numbers["podsLostPerNode"] == {"m5.large": 81, "t3.small": 99}


def test_not_set_gives_the_number_and_what_comes_instead():
    found = only(max_pods_not_set, a_view(own_ami(NOTHING_SAID)))
    assert found.title == (
        "demo/workers has an AMI of its own and sets no max pods: its nodes come up with 29, 110 is recommended"
    )
    assert (found.numbers["maxPodsToSet"], found.numbers["advertised"]) == (110, {"m5.large": 29})
    assert "maxPods: 110" in commands(found)


def test_not_set_with_an_ami_of_no_known_family_gives_the_number_all_the_same():
    found = only(max_pods_not_set, a_view(own_ami(a_template(""), family=None)))
    assert "it is not known what its nodes come up with, 110 is recommended" in found.title
    assert found.numbers == {"recommended": {"m5.large": 110}, "nodes": 0, "maxPodsToSet": 110}


def test_what_cannot_be_read_names_its_reason_and_the_command_that_shows_it():
    gone = a_template(unknown="launch template lt-0abc, version 3, does not exist or was not read")
    found = only(max_pods_not_set, a_view(own_ami(gone)))
    assert found.severity is UNKNOWN
    assert "launch template lt-0abc, version 3, does not exist" in found.title
    assert "kubectl get nodes -l eks.amazonaws.com/nodegroup=workers" in commands(found)


def test_a_self_managed_group_is_refreshed_by_auto_scaling():
    group = own_ami(with_max_pods(29), origin=Origin.SELF_MANAGED, name="asg of mine")
    found = only(max_pods_too_low, a_view(group))
    assert "aws autoscaling start-instance-refresh --auto-scaling-group-name 'asg of mine'" in commands(found)
