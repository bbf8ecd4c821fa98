"""The audit is right where its nearest peer is wrong; what is true of each scene was worked out by hand."""

from dataclasses import replace

import pytest

from benchmarks.endpoint import endpoint, environment
from benchmarks.verdicts import SCENES, Account, ours, second_page_fails
from tests.cli.program import headroom

BY_NAME = {scene.name: scene for scene in SCENES}


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_the_audit_says_what_is_true(scene):
    assert ours(scene) == scene.truth


WHOLE = BY_NAME["the same asked twice"]
HOLES = [
    (
        BY_NAME["GetSubnetCidrReservations is denied"],
        "AWS denies GetSubnetCidrReservations: UnauthorizedOperation: You are not authorized",
    ),
    *(
        (
            replace(WHOLE, name=f"the second page of {operation} fails", spoil=second_page_fails(operation)),
            f"AWS says: An error occurred (RequestExpired) when calling the {operation} operation",
        )
        for operation in ("DescribeNetworkInterfaces", "GetSubnetCidrReservations", "DescribeSubnets")
    ),
]


@pytest.mark.parametrize("command", [["audit"], ["plan", "--json"], ["snapshot"]], ids=" ".join)
@pytest.mark.parametrize(("scene", "says"), HOLES, ids=lambda each: getattr(each, "name", ""))
def test_of_a_view_with_a_hole_nothing_is_said_but_what_could_not_be_read(scene, says, command):
    with endpoint(Account(scene), 0) as url:
        done = headroom(*command, environment=environment(url))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith(f"headroom: {says}")
