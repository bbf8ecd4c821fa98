from typing import Any

import pytest

from functions.capacity.cni import Enforcing
from functions.capacity.findings.finding import FindingId, Severity
from functions.capacity.findings.pod_security_groups import pod_security_groups
from tests.unit.findings.views import commands, only, with_settings

STANDARD: dict[str, Any] = {"pod_eni": True, "enforcing": Enforcing.STANDARD}


def test_standard_mode_without_external_snat_leaves_traffic_out_of_the_vpc_to_the_nodes_groups():
    found = only(pod_security_groups, with_settings(**STANDARD))
    assert (found.id, found.severity) == (FindingId.POD_GROUPS_STANDARD, Severity.WARNING)
    assert found.numbers == {"enforcingMode": "standard", "externalSnat": False}
    assert '.env += {"AWS_VPC_K8S_CNI_EXTERNALSNAT": "true"}' in commands(found)


def test_a_self_managed_cni_gets_kubectls_command():
    found = only(pod_security_groups, with_settings(cluster={"addon": None}, **STANDARD))
    assert "kubectl set env daemonset/aws-node -n kube-system AWS_VPC_K8S_CNI_EXTERNALSNAT=true" in commands(found)


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({"external_snat": True}, id="external SNAT, so nothing is translated on the node"),
        pytest.param({"ipv6": True}, id="an IPv6 cluster, which translates nothing"),
        pytest.param({"pod_eni": False}, id="no security groups for pods"),
    ],
)
def test_one_fact_apart_it_is_no_finding(of):
    assert not list(pod_security_groups(with_settings(**STANDARD | of)))


@pytest.mark.parametrize(
    "of",
    [
        pytest.param({}, id="strict, the default"),
        pytest.param({"enforcing": Enforcing.STANDARD, "version": (1, 10, 4)}, id="standard, before there were modes"),
    ],
)
def test_strict_mode_is_worth_knowing(of):
    found = only(pod_security_groups, with_settings(pod_eni=True, **of))
    assert (found.id, found.severity) == (FindingId.POD_GROUPS_STRICT, Severity.INFO)
    assert found.numbers["enforcingMode"] == "strict"


def test_strict_mode_without_security_groups_for_pods_is_no_finding():
    assert not list(pod_security_groups(with_settings()))
