"""The three functions of an organisation's audit, on the embedded AWS, without the state machine between them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

import pytest
from botocore.exceptions import ClientError

from functions.aws.accounts import active_accounts
from functions.aws.clients import Keys
from functions.aws.elsewhere import NAME_LIMIT, Elsewhere, Member, NotPermittedError, ThrottledError
from functions.aws.reports import Reports
from functions.aws.waiting_parts import NO_WORD, STOPPED, Waiting, reason
from functions.capacity.model import Policy
from functions.capacity.places import Place
from functions.handlers.organisation_place import placed
from functions.handlers.organisation_places import MalformedRequestError, asked_of, begun
from functions.handlers.organisation_report import reported
from functions.settings import PlaceSettings, PlacesSettings, SettingsError, place_settings
from sandbox.process import embedded_aws
from tests.events import FOLDER

NOW = datetime(2026, 11, 28, 6, 0, tzinfo=UTC)
BUCKET = "reports-of-the-organisation"
ONE, TWO = "111111111111", "222222222222"
REGIONS = ("eu-west-1", "us-east-1")
CONFIG = PlacesSettings(bucket=BUCKET, organisation_id="o-exampleorg1", accounts=(ONE, TWO), regions=REGIONS)
PLACE = PlaceSettings(bucket=BUCKET, role="arn:aws:iam::{account}:role/Reads", policy=Policy(), external_id="ours")


@dataclass
class Sts:
    """Lets in everybody but into the accounts that are closed, with this error."""

    closed: tuple[str, ...] = ()
    code: str = "AccessDenied"

    def __post_init__(self) -> None:
        self.asked: list[dict[str, Any]] = []

    def assume_role(self, **asked: Any) -> dict[str, Any]:
        self.asked.append(asked)
        if asked["RoleArn"].split(":")[4] in self.closed:
            message = f"User: me is not authorized to perform: sts:AssumeRole on resource: {asked['RoleArn']}"
            raise ClientError({"Error": {"Code": self.code, "Message": message}}, "AssumeRole")
        keys = {"AccessKeyId": asked["RoleArn"].split(":")[4], "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": keys}


@dataclass
class AllClients:
    """Of the embedded AWS, and this STS."""

    make: Any
    sts_: Sts

    def sts(self) -> Sts:
        return self.sts_

    def __getattr__(self, service: str) -> Any:
        return lambda: self.make(service)


@pytest.fixture(scope="module")
def client(tmp_path_factory) -> Iterator[Any]:
    """Of an embedded AWS of its own: its EKS is one for all accounts, and others' clusters are in the shared one."""
    with embedded_aws(tmp_path_factory.mktemp("organisation")) as aws:
        made = cache(aws.client)
        made("s3").create_bucket(Bucket=BUCKET)
        yield made


def everything(client: Any, sts: Sts, run: str, asked: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """As the state machine does it; the answer, and the errors by place."""
    to: Any = AllClients(client, sts)
    began = begun({"asked": asked, "run": run, "at": NOW.isoformat()}, CONFIG, to)
    waiting = Waiting(reports=Reports(s3=client("s3"), bucket=BUCKET), folder=began["folder"])
    errors: dict[str, str] = {}

    def make(service: str, region: str, keys: Keys) -> Any:
        return client(service, account=keys.access_key, region=region)

    for place in waiting.asked():
        event = {"account": place.account, "region": place.region, "folder": began["folder"], "run": run}
        try:
            placed(event, PLACE, to, now=NOW, make=make)
        except (NotPermittedError, ThrottledError) as error:
            errors[str(place)] = type(error).__name__
            cause = json.dumps({"errorMessage": str(error), "errorType": type(error).__name__})
            said = json.dumps({"error": type(error).__name__, "cause": cause})
            waiting.reports.put(f"{began['folder']}/{place}/failed.json", said, "application/json")
    return reported({"folder": began["folder"]}, CONFIG, to, now=NOW), errors


def kept(client: Any, answer: dict[str, Any], name: str) -> str:
    key = answer["folder"].removeprefix(f"s3://{BUCKET}/") + name
    return str(client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read().decode())


def test_all_that_lets_itself_be_read_is_one_report_and_the_rest_is_named(client):
    answer, errors = everything(client, Sts(closed=(TWO,)), "r-1", {})
    report = json.loads(kept(client, answer, "report.json"))
    assert errors == {f"{TWO}/{region}": "NotPermittedError" for region in REGIONS}
    assert {key: row["read"] for key, row in report["places"].items()} == {
        f"{account}/{region}": account == ONE for account in (ONE, TWO) for region in REGIONS
    }
    assert report["where"] == "organisation o-exampleorg1"
    assert {row["worst"] for row in report["places"].values() if row["read"]} == {"no finding"}, "nothing is in them"
    assert all(f"arn:aws:iam::{TWO}:role/Reads" in each["why"] for each in answer["notRead"])
    assert answer["folder"] == f"s3://{BUCKET}/organisation/2026/11/28/060000-r-1/"
    assert len(json.dumps(answer)) < 10_000


def test_the_role_is_assumed_once_for_each_place_with_the_external_id_and_the_runs_name(client):
    sts = Sts()
    everything(client, sts, "a run/with odd letters and " + 60 * "x", {"accounts": [ONE], "regions": ["us-east-1"]})
    (asked,) = sts.asked
    assert (asked["RoleArn"], asked["ExternalId"], asked["DurationSeconds"]) == (
        f"arn:aws:iam::{ONE}:role/Reads",
        "ours",
        900,
    )
    assert len(asked["RoleSessionName"]) == NAME_LIMIT
    assert asked["RoleSessionName"].startswith("headroom-a-run-with-odd-letters-and-x")


def test_without_an_external_id_none_is_sent():
    sts: Any = Sts()
    there: Any = Elsewhere(
        place=Place(ONE, "us-east-1"),
        member=Member(role=PLACE.role),
        sts=sts,
        run="r",
        make=lambda service, region, keys: (service, region, keys.access_key),
    )
    assert there.ec2() == ("ec2", "us-east-1", ONE)
    assert there.eks() == ("eks", "us-east-1", ONE)
    assert "ExternalId" not in sts.asked[0]
    assert len(sts.asked) == 1


def test_what_is_throttled_is_told_apart_from_what_is_denied(client):
    _, errors = everything(client, Sts(closed=(ONE,), code="Throttling"), "r-2", {"accounts": [ONE]})
    assert set(errors.values()) == {"ThrottledError"}


def test_another_error_escapes_as_it_is(client):
    with pytest.raises(ClientError, match="Nonsense"):
        everything(client, Sts(closed=(ONE,), code="Nonsense"), "r-3", {"accounts": [ONE]})


def test_keys_are_not_printed():
    assert "secret" not in repr(Keys(access_key="a", secret_key="secret", token="secret"))


# --- what waits ---


def a_folder(client: Any, name: str) -> Waiting:
    waiting = Waiting(reports=Reports(s3=client("s3"), bucket=BUCKET), folder=f"organisation/{name}")
    waiting.ask([Place(ONE, "eu-west-1"), Place(TWO, "eu-west-1")])
    return waiting


@pytest.mark.parametrize(("stopped", "why"), [(False, NO_WORD), (True, STOPPED)])
def test_a_place_that_left_no_word_is_not_read_and_says_so(client, tmp_path, stopped, why):
    waiting = a_folder(client, f"silent-{stopped}")
    parts, unread = waiting.fetch(tmp_path, stopped=stopped)
    assert parts == {}
    assert unread == {Place(ONE, "eu-west-1"): why, Place(TWO, "eu-west-1"): why}


def test_a_part_that_is_none_costs_the_others_nothing(client):
    waiting = a_folder(client, "spoiled")
    waiting.reports.put(f"{waiting.folder}/{ONE}/eu-west-1/part.json", "{", "application/json")
    to: Any = AllClients(client, Sts())
    answer = reported({"folder": waiting.folder}, CONFIG, to, now=NOW)
    whys = {each["account"]: each["why"] for each in answer["notRead"]}
    assert whys[ONE].startswith("its part of the report cannot be read")
    assert whys[TWO] == NO_WORD


@pytest.mark.parametrize(
    ("failed", "says"),
    [
        ({"error": "NotPermittedError", "cause": '{"errorMessage": "AccessDenied: no"}'}, "AccessDenied: no"),
        ({"error": "KeyError", "cause": '{"errorMessage": "x"}'}, "KeyError: x"),
        ({"error": "States.Timeout", "cause": "too long"}, "States.Timeout: too long"),
        ({"error": "Odd", "cause": "[1]"}, "Odd: [1]"),
        ({}, ": "),
    ],
)
def test_why_a_place_was_not_read(failed, says):
    assert reason(failed) == says


def test_a_reason_is_not_endless():
    assert len(reason({"error": "Odd", "cause": "x" * 10_000})) == 1000


# --- what is asked for ---


def test_the_sample_asks_for_everything():
    assert asked_of(json.loads((FOLDER / "organisation.json").read_text())) == {"accounts": (), "regions": ()}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ([], "a JSON object"),
        ({"account": [ONE]}, "unknown key account"),
        ({"accounts": "1"}, "`accounts` is a list of account ids"),
        ({"accounts": [111111111111]}, "`accounts` is a list of account ids"),
        ({"regions": ["everywhere"]}, "`regions` is a list of names of regions"),
    ],
    ids=repr,
)
def test_what_cannot_be_asked_is_refused(asked, says):
    with pytest.raises(MalformedRequestError, match=says):
        asked_of(asked)


@dataclass
class Organizations:
    """Two pages of accounts."""

    pages: list[dict[str, Any]]

    def get_paginator(self, _: str) -> Any:
        return self

    def paginate(self) -> list[dict[str, Any]]:
        return self.pages


def test_active_accounts_are_those_of_all_pages_by_either_name_of_their_state():
    pages = [
        {"Accounts": [{"Id": TWO, "Status": "ACTIVE"}, {"Id": "3" * 12, "Status": "SUSPENDED"}]},
        {"Accounts": [{"Id": ONE, "State": "ACTIVE"}, {"Id": "4" * 12, "State": "PENDING_CLOSURE"}]},
    ]
    assert active_accounts(Organizations(pages)) == (ONE, TWO)


def test_an_organisation_without_accounts_is_an_error():
    config = PlacesSettings(bucket=BUCKET, organisation_id="o-exampleorg1", regions=REGIONS)
    to: Any = AllClients(lambda _: Organizations([]), Sts())
    with pytest.raises(MalformedRequestError, match="no account"):
        begun({"asked": {}, "run": "r", "at": NOW.isoformat()}, config, to)


def test_a_missing_setting_is_named():
    with pytest.raises(SettingsError, match="HEADROOM_MEMBER_ROLE"):
        place_settings({"HEADROOM_REPORTS_BUCKET": BUCKET})
