from __future__ import annotations

import json
from dataclasses import fields

import pytest

from infra.allowed import ConfigurationError
from infra.config import Config, config_of
from infra.layers import ROOT
from infra.organisation_keys import OrganisationConfig
from tests.infra.synthesis import Assembly

SHIPPED = json.loads((ROOT / "cdk.json").read_text())["context"]


def test_cdk_json_shows_every_key_with_its_default():
    assert len(SHIPPED["headroom"]) == len(fields(Config))
    assert config_of(SHIPPED) == config_of({}) == Config()


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        pytest.param({"headroom": {"sweepMinutes": 15}}, Config(sweep_minutes=15), id="an object, from cdk.json"),
        pytest.param({"headroom": '{"trail": true}'}, Config(trail=True), id="a JSON text, from the command line"),
        pytest.param(
            SHIPPED | {"headroom.batchingWindowSeconds": "0"},
            Config(batching_window_seconds=0),
            id="one key from the command line, over cdk.json",
        ),
        pytest.param(
            {"headroom": {"trail": True, "sweepMinutes": 7}, "headroom.trail": "false"},
            Config(sweep_minutes=7),
            id="one key from the command line leaves the other keys as they are",
        ),
        pytest.param(
            {"headroom.alertEmails": '["a@example.com"]'}, Config(alert_emails=("a@example.com",)), id="a list as text"
        ),
        pytest.param(
            {"headroom": {"runbooksUrl": "https://git.example.com:8443/a/headroom/blob/main/docs/runbooks/"}},
            Config(runbooks_url="https://git.example.com:8443/a/headroom/blob/main/docs/runbooks"),
            id="where runbooks are, without the last slash",
        ),
        pytest.param({"headroom": {"runbooksUrl": ""}}, Config(), id="no URL of runbooks"),
        pytest.param({"@aws-cdk/some:flag": True, "headroomy": 1}, Config(), id="keys of others are not ours to judge"),
    ],
)
def test_configuration_is_read_from(context, expected):
    assert config_of(context) == expected


ORGANISATION = {"auditAccount": "111122223333", "regions": ["eu-west-1"], "externalId": "ours", "accounts": ["1" * 12]}


def organisation(**changes: object) -> dict[str, object]:
    """A context with this organisation; None takes a key away."""
    chosen = {key: value for key, value in {**ORGANISATION, **changes}.items() if value is not None}
    return {"headroom": {"organisation": chosen}}


@pytest.mark.parametrize("nothing", [None, {}], ids=["null", "an empty object"])
def test_without_an_organisation_there_is_no_such_audit(nothing):
    assert config_of({"headroom": {"organisation": nothing}}) == Config()


def test_an_organisation_is_read_whole():
    assert config_of(organisation(organisationId="o-exampleorg1", maxConcurrency=3)).organisation == OrganisationConfig(
        audit_account="111122223333",
        regions=("eu-west-1",),
        organisation_id="o-exampleorg1",
        external_id="ours",
        accounts=("1" * 12,),
        max_concurrency=3,
    )


@pytest.mark.parametrize(
    ("context", "message"),
    [
        pytest.param(
            organisation(region=["eu-west-1"]),
            'unknown key "headroom.organisation.region"; did you mean "regions"?',
            id="a misspelt key of the organisation",
        ),
        pytest.param(
            organisation(regions=None), "headroom.organisation lacks regions", id="no region: every one is not meant"
        ),
        pytest.param(
            organisation(regions=[]),
            "headroom.organisation.regions is []; allowed: a list of 1 to 40 regions",
            id="an empty list of regions",
        ),
        pytest.param(
            organisation(regions=["eu-west"]),
            'headroom.organisation.regions is ["eu-west"]; allowed: a list of 1 to 40 regions',
            id="no region's name",
        ),
        pytest.param(
            organisation(accounts=["111111111111", "111111111111"]),
            'headroom.organisation.accounts is ["111111111111", "111111111111"]; allowed: each once',
            id="an account twice",
        ),
        pytest.param(
            organisation(accounts=[111111111111]),
            "headroom.organisation.accounts is [111111111111]; allowed: a list of at most 100 account ids of 12 digits",
            id="an account as a number, which loses a zero in front",
        ),
        pytest.param(
            organisation(auditAccount="1111"),
            'headroom.organisation.auditAccount is "1111"; allowed: an account id of 12 digits',
            id="no account's id",
        ),
        pytest.param(
            organisation(externalId=None),
            "headroom.organisation has neither organisationId nor externalId: the role's trust has to demand one of "
            "them",
            id="a role that nothing protects",
        ),
        pytest.param(
            organisation(accounts=None),
            "headroom.organisation has neither accounts nor organisationId: whose accounts are meant?",
            id="nobody's accounts",
        ),
        pytest.param(
            organisation(organisationId="exampleorg"),
            'headroom.organisation.organisationId is "exampleorg"; allowed: an organisation\'s id, such as '
            "o-exampleorg1",
            id="no organisation's id",
        ),
        pytest.param(
            organisation(toleratedFailurePercentage=101),
            "headroom.organisation.toleratedFailurePercentage is 101; allowed: a whole number from 0 to 100",
            id="more than all may fail",
        ),
        pytest.param(
            organisation(roleName="HeadroomOrganisationAudit"),
            'headroom.organisation.roleName is "HeadroomOrganisationAudit"; allowed: any name but that of the '
            "audit's own role",
            id="the audit's own role",
        ),
        pytest.param(
            {"headroom": {"organisation": True}},
            "headroom.organisation is true; allowed: null or an object",
            id="an organisation that is only wanted",
        ),
    ],
)
def test_a_wrong_organisation_says_what_is_wrong(context, message):
    with pytest.raises(ConfigurationError) as raised:
        config_of(context)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("context", "message"),
    [
        pytest.param(
            {"headroom": {"sweepMinute": 5}},
            'unknown key "headroom.sweepMinute"; did you mean "sweepMinutes"?',
            id="a misspelt key names the nearest one",
        ),
        pytest.param(
            {"headroom.batchingWindow": "0"},
            'unknown key "headroom.batchingWindow"; did you mean "batchingWindowSeconds"?',
            id="a misspelt key on the command line too",
        ),
        pytest.param(
            {"headroom": {"colour": "red"}},
            'unknown key "headroom.colour"; known: sweepMinutes, batchingWindowSeconds, wakeAfterSeconds, '
            "settleSeconds, singleAddressFloor, "
            "maxCreatesPerRun, maxCreatesPerSubnetPerDay, maxReleasesPerSubnetPerDay, "
            "maxReservationsPerSubnet, alertEmails, runbooksUrl, logRetentionDays, trail, readKubernetes, auditDays, "
            "organisation",
            id="a key like none of ours lists them all",
        ),
        pytest.param(
            {"headroom": {"sweepMinutes": 0}},
            "headroom.sweepMinutes is 0; allowed: a whole number from 1 to 60",
            id="below the range",
        ),
        pytest.param(
            {"headroom": {"batchingWindowSeconds": 301}},
            "headroom.batchingWindowSeconds is 301; allowed: a whole number from 0 to 300",
            id="above the range",
        ),
        pytest.param(
            {"headroom": {"singleAddressFloor": 7}},
            "headroom.singleAddressFloor is 7; allowed: a whole number from 8 to 16384",
            id="a floor that a load balancer could not live on",
        ),
        pytest.param(
            {"headroom": {"maxCreatesPerRun": "5"}},
            'headroom.maxCreatesPerRun is "5"; allowed: a whole number from 1 to 100',
            id="a number as text inside the object",
        ),
        pytest.param(
            {"headroom": {"sweepMinutes": 2.5}},
            "headroom.sweepMinutes is 2.5; allowed: a whole number from 1 to 60",
            id="a fraction",
        ),
        pytest.param(
            {"headroom": {"sweepMinutes": True}},
            "headroom.sweepMinutes is true; allowed: a whole number from 1 to 60",
            id="true is no number",
        ),
        pytest.param(
            {"headroom": {"logRetentionDays": 31}},
            "headroom.logRetentionDays is 31; allowed: days, one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, "
            "400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653",
            id="a period that CloudWatch Logs does not have",
        ),
        pytest.param({"headroom": {"trail": 1}}, "headroom.trail is 1; allowed: true or false", id="1 is not true"),
        pytest.param(
            {"headroom.trail": "yes"}, 'headroom.trail is "yes"; allowed: true or false', id="yes is not true either"
        ),
        pytest.param(
            {"headroom": {"alertEmails": "a@example.com"}},
            'headroom.alertEmails is "a@example.com"; allowed: a list of e-mail addresses',
            id="one address is not a list",
        ),
        pytest.param(
            {"headroom": {"alertEmails": ["oncall"]}},
            'headroom.alertEmails is ["oncall"]; allowed: a list of e-mail addresses',
            id="an address without a domain",
        ),
        pytest.param(
            {"headroom": {"alertEmails": ["a@example.com", "a@example.com"]}},
            'headroom.alertEmails is ["a@example.com", "a@example.com"]; allowed: each address once',
            id="an address twice",
        ),
        pytest.param(
            {"headroom": {"runbooksUrl": "http://git.example.com"}},
            'headroom.runbooksUrl is "http://git.example.com"; '
            "allowed: an https URL of at most 200 characters, or nothing",
            id="a URL without TLS",
        ),
        pytest.param(
            {"headroom": {"runbooksUrl": "https://git.example.com/<!here>"}},
            'headroom.runbooksUrl is "https://git.example.com/<!here>"; '
            "allowed: an https URL of at most 200 characters, or nothing",
            id="a URL that a chat would read otherwise",
        ),
        pytest.param(
            {"headroom": "[1]"}, 'context key "headroom" is [1]; allowed: a JSON object', id="a list for the object"
        ),
        pytest.param(
            {"headroom": "{trail: true}"},
            "context key \"headroom\" is '{trail: true}'; allowed: a JSON object",
            id="a text that is not JSON",
        ),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(context, message):
    with pytest.raises(ConfigurationError) as raised:
        config_of(context)
    assert str(raised.value) == message


def test_what_is_chosen_reaches_the_resources(everything_chosen: Assembly):
    function = everything_chosen.the("AWS::Lambda::Function", of="Reconcile")
    sources = everything_chosen.resources("AWS::Lambda::EventSourceMapping")
    (mapping,) = (each for each in sources.values() if "WorkQueue" in str(each["EventSourceArn"]))
    subscriptions = everything_chosen.resources("AWS::SNS::Subscription").values()
    assert json.loads(function["Environment"]["Variables"]["HEADROOM_POLICY"]) == {
        "singleAddressFloor": 32,
        "maxCreatesPerRun": 3,
        "maxCreatesPerSubnetPerDay": 50,
        "maxReservationsPerSubnet": 10,
        "maxReleasesPerSubnetPerDay": 20,
    }
    assert everything_chosen.the("AWS::Scheduler::Schedule")["ScheduleExpression"] == "rate(15 minutes)"
    assert (mapping["BatchSize"], mapping["MaximumBatchingWindowInSeconds"]) == (10, 0)
    assert everything_chosen.the("AWS::SQS::Queue", of="FastQueue")["DelaySeconds"] == 2
    assert {each["Endpoint"] for each in subscriptions} == {"oncall@example.com", "network@example.com"}
    assert len(everything_chosen.resources("AWS::CloudTrail::Trail")) == 1


def test_a_trail_is_not_made_unless_chosen(shipped: Assembly):
    assert not shipped.resources("AWS::CloudTrail::Trail")
    assert not [name for name in shipped.resources("AWS::S3::Bucket") if name.startswith("Trail")]
