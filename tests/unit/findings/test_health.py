from dataclasses import replace
from typing import Any

import pytest

from functions.capacity.clusters import Addon, HealthIssue, Origin
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.health import eks_health
from tests.builders import SUBNET, a_cluster, a_group, a_reservation, a_subnet
from tests.unit.findings.views import a_view, commands, group_with, only, settings

OTHER = "subnet-0bb2cc3dd4ee5ff60"


def ailing(*issues: HealthIssue, group=None, subnet=None, **cluster: Any):
    groups = group_with(group, issues=issues)
    return a_view(groups, cluster=a_cluster(cni=settings(), **cluster), subnets=[subnet or a_subnet()])


def an_issue(code, message="", *ids: str):
    return HealthIssue(code=code, message=message, resource_ids=ids)


def test_addresses_that_a_group_lacks_are_told_with_what_each_subnet_has_open_beside_ec2s_count():
    kept = (
        a_reservation("10.0.0.16/28", reservation_id="scr-small"),
        a_reservation("10.0.0.32/27", reservation_id="scr-b"),
    )
    subnet = a_subnet(reservations=kept, available=203)
    found = only(eks_health, ailing(an_issue("InsufficientFreeAddresses", "Too few.", SUBNET), subnet=subnet))
    assert (found.id, found.severity) == (FindingId.EKS_HEALTH, Severity.CRITICAL)
    assert (str(found.resource), found.means) == ("nodegroup/demo/workers", "Too few.")
    assert found.numbers == {
        "code": "InsufficientFreeAddresses",
        "resourceIds": (SUBNET,),
        "availableBySubnet": {SUBNET: 203},
        "openAddressesBySubnet": {SUBNET: 203},
    }
    assert "delete-subnet-cidr-reservation --subnet-cidr-reservation-id scr-small" in commands(found)


def test_nothing_is_given_back_where_nothing_of_ours_is_reserved():
    theirs = a_subnet(reservations=[a_reservation("10.0.0.16/28", ours=False)])
    found = only(eks_health, ailing(an_issue("InsufficientFreeAddresses", "", SUBNET), subnet=theirs))
    assert "delete-subnet-cidr-reservation" not in commands(found)


def test_an_issue_that_names_no_subnet_is_about_those_of_its_group():
    found = only(eks_health, ailing(an_issue("Ec2SubnetInvalidConfiguration", "", "asg-1")))
    assert f"modify-subnet-attribute --subnet-id {SUBNET} --map-public-ip-on-launch" in commands(found)


def test_one_that_names_some_is_about_those_only():
    group = a_group(subnets=[SUBNET, OTHER])
    found = only(eks_health, ailing(an_issue("Ec2SubnetInvalidConfiguration", "", OTHER), group=group))
    assert (OTHER in commands(found), SUBNET in commands(found)) == (True, False)


@pytest.mark.parametrize(
    ("code", "severity", "words"),
    [
        pytest.param("AsgInstanceLaunchFailures", "critical", "describe-scaling-activities", id="launches that fail"),
        pytest.param("Ec2SubnetMissingIpv6Assignment", "critical", "--assign-ipv6-address-on-creation", id="no IPv6"),
        pytest.param("Ec2SubnetNotFound", "critical", "describe-subnets --filters", id="a subnet that is gone"),
        pytest.param("NodeCreationFailure", "critical", "what EKS's message says", id="EKS's own words say it"),
        pytest.param("Ec2SubnetListTooLong", "warning", "what EKS's message says", id="a code that is less grave"),
        pytest.param("SomethingNewOf2027", "warning", "what EKS's message says", id="a code that is not known here"),
    ],
)
def test_each_code_has_its_severity_and_its_remedy(code, severity, words):
    found = only(eks_health, ailing(an_issue(code)))
    assert (found.severity, found.numbers["code"]) == (severity, code)
    assert words in commands(found)
    assert "describe-nodegroup --cluster-name demo --nodegroup-name workers --query nodegroup.health" in commands(found)


def test_the_same_code_twice_is_one_finding_and_another_code_another():
    issues = an_issue("AccessDenied", "a", "r-1"), an_issue("Unknown"), an_issue("AccessDenied", "b", "r-2")
    found = list(eks_health(ailing(*issues)))
    assert [(each.numbers["code"], each.means) for each in found] == [
        ("AccessDenied", "a b"),
        ("Unknown", "EKS says no more than the code."),
    ]
    assert found[0].numbers["resourceIds"] == ("r-1", "r-2")


def test_the_control_plane_and_the_add_on_are_told_of_too_each_with_its_own_command():
    addon = Addon(issues=(an_issue("InsufficientNumberOfReplicas", "0 of 3"),))
    found = list(eks_health(ailing(addon=addon, issues=(an_issue("InsufficientFreeAddresses", "", SUBNET),))))
    assert [(each.numbers["code"], str(each.resource)) for each in found] == [
        ("InsufficientFreeAddresses", "cluster/demo"),
        ("InsufficientNumberOfReplicas", "cluster/demo"),
    ]
    assert "aws eks describe-cluster --name demo --query cluster.health" in commands(found[0])
    assert "kubectl get pods -n kube-system -l k8s-app=aws-node" in commands(found[1])


def test_a_conflict_is_about_aws_node_only_where_the_add_on_has_it():
    issue = an_issue("ConfigurationConflict")
    cluster, addon = eks_health(ailing(issues=(issue,), addon=Addon(issues=(issue,))))
    assert ("aws-node" in commands(cluster), "aws-node" in commands(addon)) == (False, True)


def test_no_issue_no_finding():
    assert not list(eks_health(ailing()))


def test_a_managed_group_that_was_not_read_whole_is_unknown_and_one_of_another_origin_has_no_health():
    group = replace(a_group(), unknown="AccessDenied on DescribeNodegroup")
    assert only(eks_health, ailing(group=group)).severity is Severity.UNKNOWN
    assert not list(eks_health(ailing(group=replace(group, origin=Origin.SELF_MANAGED))))


def test_foreign_texts_come_out_on_one_line_bounded_and_never_as_commands():
    message, ids = "x\r\n\x1b[31m" + "y" * 600, ("subnet-$(reboot)", "subnet-1 --dry-run")
    known, odd = eks_health(ailing(an_issue("Ec2SubnetInvalidConfiguration", message, *ids), an_issue("Odd\ncode")))
    assert "\n" not in known.title + known.means + odd.title
    assert len(known.means) == 500
    assert f"modify-subnet-attribute --subnet-id {SUBNET}" in commands(known)
    assert "reboot" not in commands(known)
    assert "dry-run" not in commands(known)
