"""Which subnets a cluster's CNI may take besides the node's own."""

import pytest

from functions.capacity.cni import CniSettings
from functions.capacity.discovery import discovers
from tests.builders import a_cluster

TAKES_PART = {"kubernetes.io/role/cni": "1"}
OURS, ANOTHERS = "cni.networking.k8s.aws/cluster/demo", "cni.networking.k8s.aws/cluster/other"


@pytest.mark.parametrize(
    ("cni", "tags", "expected"),
    [
        pytest.param(CniSettings(), {}, False, id="an untagged subnet"),
        pytest.param(CniSettings(), TAKES_PART, True, id="a tagged one"),
        pytest.param(CniSettings(), {"kubernetes.io/role/cni": "0"}, False, id="one tagged to be left out"),
        pytest.param(CniSettings(), {"kubernetes.io/role/cni": ""}, False, id="a tag without a value"),
        pytest.param(CniSettings(subnet_discovery=False), TAKES_PART, False, id="discovery switched off"),
        pytest.param(None, TAKES_PART, True, id="settings that are not known: it is the default"),
        pytest.param(CniSettings(), TAKES_PART | {OURS: "1"}, True, id="for this cluster"),
        pytest.param(CniSettings(), TAKES_PART | {ANOTHERS: "1"}, False, id="for another"),
        pytest.param(CniSettings(), TAKES_PART | {OURS: "", ANOTHERS: "1"}, True, id="for both"),
        pytest.param(CniSettings(), {OURS: "1"}, False, id="a cluster's tag alone"),
    ],
)
def test_subnets_are_discovered(cni, tags, expected):
    assert discovers(a_cluster(cni=cni), tags) is expected
