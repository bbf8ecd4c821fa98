"""The commands of remedies and of their pages name operations, options and queries that AWS's CLI has."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import botocore.session
import jmespath  # type: ignore[import-untyped]
import pytest
from botocore import xform_name

from functions.capacity.arrivals import Kind
from functions.capacity.clusters import Addon, HealthIssue, Node, Origin, Os
from functions.capacity.cni import Enforcing
from functions.capacity.findings.facts import Facts
from functions.capacity.findings.finding import Finding, FindingId
from functions.capacity.findings.own import Denied, events_missing, not_permitted, switch_unreadable, tripped
from tests.builders import NOW, SUBNET, a_cluster, a_group, a_reservation, a_subnet, an_interface
from tests.unit.findings.test_healthy_clusters import CHECKS
from tests.unit.findings.views import a_view, group_with, settings

PAGES = Path(__file__).parents[3] / "docs/runbooks"
MINE = (
    FindingId.CNI_TOO_OLD,
    FindingId.CNI_DOWNGRADE,
    FindingId.CNI_SETTINGS,
    FindingId.WARM_PREFIX_ZERO,
    FindingId.WARM_IP_ZERO,
    FindingId.WARM_OVERRIDDEN,
    FindingId.WARM_WASTE,
    FindingId.POD_GROUPS_STANDARD,
    FindingId.POD_GROUPS_STRICT,
    FindingId.WINDOWS_IN_IPV6,
    FindingId.NO_IPV6_BLOCK,
    FindingId.SUBNET_UNPREPARED,
    FindingId.EKS_HEALTH,
)
OF_ITSELF = (
    tripped(SUBNET, "3 surprises in 6 hours: x"),
    not_permitted(Denied(action="ec2:DescribeSubnets", resource="", message="UnauthorizedOperation: no")),
    switch_unreadable("the switch /x says 'maybe'", "/x"),
    *(events_missing(kind, Node(instance_id="i-1", subnet_id=SUBNET, launched_at=NOW)) for kind in Kind),
)
OF_THE_CLI = {"query", "output", "max-items", "cli-input-json"}  # and of no operation

SPOILT = a_subnet(
    mode="",
    interfaces=[an_interface(f"10.0.0.{16 * n + 1}", interface_id=f"eni-{n}") for n in range(1, 8)],
    reservations=[a_reservation("10.0.0.128/28")],
)
HELD = a_subnet(interfaces=[an_interface("10.0.0.4", prefixes=["10.0.0.16/28"], instance_id="i-1")])
NODE = a_group(nodes=["i-1"], most=9)
ISSUES = tuple(
    HealthIssue(code=code, resource_ids=(SUBNET,))
    for code in ("InsufficientFreeAddresses", "AsgInstanceLaunchFailures", "Ec2SubnetInvalidConfiguration")
)
OLD = settings(version=(1, 8, 0), warm_prefix_target=4, minimum_ip_target=20, warm_prefix_target_set=True)
OTHER_SETTINGS = (
    OLD,
    settings(warm_prefix_target=0),
    settings(warm_prefix_target=4),
    settings(warm_ip_target=0, pod_eni=True),
    settings(pod_eni=True, enforcing=Enforcing.STANDARD),
    settings(version=None, ipv6=True, warm_ip_target=1),
    settings(custom_networking=True),
    None,
)


def views() -> Iterator[Facts]:
    downgrade = Addon(version=(1, 19, 2), updating_to=(1, 8, 0))
    for addon in (Addon(), downgrade, None):
        for cni in OTHER_SETTINGS:
            cluster = a_cluster(cni=cni, ipv6=bool(cni and cni.ipv6), addon=addon, issues=ISSUES)
            for origin in Origin:
                windows = group_with(NODE, name="win", os=Os.WINDOWS, origin=origin, auto_scaling_groups=("a b",))
                groups = group_with(NODE, issues=ISSUES), windows
                yield from (a_view(*groups, cluster=cluster, subnets=[each]) for each in (SPOILT, HELD))


def findings() -> dict[str, Finding]:
    """One of each title."""
    return {found.title: found for view in views() for check in CHECKS for found in check(view)}


@cache
def aws_models() -> botocore.session.Session:
    """One for all tests, because each new one reads the descriptions of its services anew (EC2's takes 0.2 s)."""
    return botocore.session.get_session()


def problems(text: str) -> Iterator[str]:
    session = aws_models()
    for line in text.splitlines():
        for call in re.split(r"\baws (?=[a-z0-9]+ [a-z-]+ )", line)[1:]:
            service, operation = call.split()[:2]
            yield from (f"{service} {operation}: {each}" for each in _wrong(session, service, operation, call))
    for single, double in re.findall(r"--query '([^']*)'|--query \"([^\"]*)\"", text):
        jmespath.compile(single or double)


def _wrong(session: botocore.session.Session, service: str, operation: str, call: str) -> Iterator[str]:
    if operation == "update-kubeconfig":  # the CLI's own
        return
    model = session.get_service_model(service)
    if operation == "wait":
        waiters = {xform_name(each, "-") for each in session.get_waiter_model(service).waiter_names}
        yield from {call.split()[2]} - waiters
        return
    names = {xform_name(each, "-"): each for each in model.operation_names}
    if operation not in names:
        yield "no such operation"
        return
    shape = model.operation_model(names[operation]).input_shape
    allowed = {xform_name(each, "-") for each in shape.members} if shape else set()
    options = {each.removeprefix("no-") for each in re.findall(r" --([a-z0-9-]+)", call)}
    yield from sorted(options - allowed - OF_THE_CLI)


def test_every_check_speaks_in_these_views():
    assert {each.id for each in findings().values()} == set(MINE)


@pytest.mark.parametrize("finding", [*findings().values(), *OF_ITSELF], ids=lambda each: each.title[:60])
def test_a_remedys_commands_exist(finding):
    assert finding.remedy
    assert not list(problems("\n".join(finding.remedy)))
    scripts = [step.partition("\n")[2] for step in finding.remedy]
    shell = subprocess.run(["bash", "-n"], input="\n".join(scripts), text=True, capture_output=True, check=False)
    assert not shell.stderr


@pytest.mark.parametrize("page", [*FindingId, *sorted(each.stem for each in PAGES.glob("alarm-*.md"))])
def test_a_pages_commands_exist(page):
    text = (PAGES / f"{page}.md").read_text()
    assert [
        each for each in ("What it means for pods", "Confirm", "Fix", "Silence") if f"\n## {each}" not in text
    ] == []
    assert not list(problems(text))


def test_the_overviews_commands_exist():
    assert not list(problems((PAGES / "README.md").read_text()))


@pytest.mark.parametrize("page", [each for each in FindingId if each is not FindingId.MESSAGE_REFUSED])
def test_a_page_says_how_to_mute_its_finding(page):
    silence = (PAGES / f"{page}.md").read_text().partition("\n## Silence")[2]
    assert "(README.md#mute)" in silence
    assert f"`{page}" in silence
