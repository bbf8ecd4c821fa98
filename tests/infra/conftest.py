from __future__ import annotations

import pytest

from tests.infra.synthesis import Assembly, synthesize


@pytest.fixture(scope="session")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """What `cdk synth` makes of the repository as it is."""
    return synthesize(tmp_path_factory.mktemp("shipped"))


@pytest.fixture(scope="session")
def everything_chosen(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """Every key of the configuration away from its default."""
    return synthesize(
        tmp_path_factory.mktemp("everything-chosen"),
        sweepMinutes=15,
        batchingWindowSeconds=0,
        wakeAfterSeconds=2,
        settleSeconds=3,
        singleAddressFloor=32,
        maxCreatesPerRun=3,
        maxCreatesPerSubnetPerDay=50,
        maxReleasesPerSubnetPerDay=20,
        maxReservationsPerSubnet=10,
        alertEmails=["oncall@example.com", "network@example.com"],
        logRetentionDays=365,
        trail=True,
    )


ORGANISATION = {
    "auditAccount": "111122223333",
    "regions": ["eu-west-1", "us-east-1"],
    "organisationId": "o-exampleorg1",
}


@pytest.fixture(scope="session")
def organisation(tmp_path_factory: pytest.TempPathFactory) -> Assembly:
    """An audit of all accounts of an organisation, on a schedule."""
    chosen = ORGANISATION | {"externalId": "headroom-audit", "maxConcurrency": 7, "toleratedFailurePercentage": 20}
    return synthesize(tmp_path_factory.mktemp("organisation"), auditDays=7, organisation=chosen)


@pytest.fixture(params=["shipped", "everything_chosen"])
def assembly(request: pytest.FixtureRequest) -> Assembly:
    """What must hold whatever is configured."""
    found: Assembly = request.getfixturevalue(request.param)
    return found
