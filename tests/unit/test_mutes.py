"""What people may write to hear less, and what it keeps from them."""

from dataclasses import replace

import pytest

from functions.capacity.findings.finding import Finding, FindingId, Kind, Resource, Severity
from functions.capacity.mutes import MUTE_TAG, Mute, muted, of_parameter, of_tags
from tests.builders import SUBNET, a_cluster, a_snapshot, a_subnet


def about(kind: Kind, name: str, cluster: str = "") -> Finding:
    return Finding(
        id=FindingId.SHORTAGE,
        severity=Severity.WARNING,
        resource=Resource(kind=kind, name=name, cluster=cluster),
        title="t",
        means="m",
    )


IN_SUBNET, OF_GROUP = about(Kind.SUBNET, SUBNET, "demo"), about(Kind.NODE_GROUP, "workers", "demo")
OF_ITSELF = about(Kind.HEADROOM, "switch")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", [], id="nothing"),
        pytest.param("# finding[@resource], one in each line\n\n", [], id="a comment"),
        pytest.param("subnet-cannot-hold-demand", [IN_SUBNET, OF_GROUP, OF_ITSELF], id="a finding, wherever it is"),
        pytest.param("other\n", [], id="another finding"),
        pytest.param(f"subnet-cannot-hold-demand@{SUBNET}", [IN_SUBNET], id="in one subnet"),
        pytest.param(f" subnet-cannot-hold-demand @ subnet/{SUBNET} # why", [IN_SUBNET], id="as messages name it"),
        pytest.param("all@demo", [IN_SUBNET, OF_GROUP], id="all of a cluster"),
        pytest.param("all@nodegroup/demo/workers", [OF_GROUP], id="all of a node group"),
        pytest.param("all", [IN_SUBNET, OF_GROUP, OF_ITSELF], id="all"),
        pytest.param(
            "@demo\n@\nall@\n", [IN_SUBNET, OF_GROUP, OF_ITSELF], id="a resource alone is nothing, a finding alone is"
        ),
        pytest.param("\x00\ud800@@@\n" * 9000, [], id="rubbish"),
    ],
)
def test_what_a_parameter_mutes(text, expected):
    mutes = of_parameter(text)
    assert [each for each in (IN_SUBNET, OF_GROUP, OF_ITSELF) if muted(each, mutes)] == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        pytest.param(None, [], id="no tag"),
        pytest.param("", [], id="an empty tag"),
        pytest.param("all", ["all"], id="all"),
        pytest.param(" a  b ", ["a", "b"], id="ids with blanks between them"),
    ],
)
def test_what_tags_mute(tag, expected):
    subnet = a_subnet()
    subnet = replace(subnet, tags={**subnet.tags, **({} if tag is None else {MUTE_TAG: tag})})
    snapshot = replace(a_snapshot(subnet), clusters={"demo": a_cluster(mutes=tag or "")})
    resources = "demo", f"subnet/{SUBNET}"
    assert of_tags(snapshot) == {Mute(finding=each, resource=resource) for each in expected for resource in resources}


def test_a_subnets_tag_mutes_nothing_elsewhere():
    snapshot = a_snapshot(replace(a_subnet(), tags={MUTE_TAG: "all"}))
    assert muted(IN_SUBNET, of_tags(snapshot))
    assert not muted(about(Kind.SUBNET, "subnet-other"), of_tags(snapshot))
