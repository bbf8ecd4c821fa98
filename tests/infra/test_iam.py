"""Every role of every template against the rules, and each rule against a template that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any

import pytest

from tests.infra.conftest import ORGANISATION
from tests.infra.iam_rules import (
    CREATE,
    DELETE,
    PLACE,
    RECONCILE,
    RELEASE,
    TAG,
    breaches,
    breaches_of_member,
    grants,
    role_of,
    rows,
    types_of,
)
from tests.infra.synthesis import Assembly, resolved

Template = dict[str, Any]
Change = Callable[[Template], None]


def test_no_rule_is_broken(assembly: Assembly):
    assert breaches(assembly.template) == []


def test_the_rules_have_seen_every_role_and_statement(assembly: Assembly):
    seen = list(grants(assembly.template))
    documents = assembly.resources("AWS::IAM::Policy").values()
    assert {each.role for each in seen} == assembly.resources("AWS::IAM::Role").keys()
    assert len(seen) == sum(len(each["PolicyDocument"]["Statement"]) for each in documents)
    assert all(each.actions and each.resources for each in seen)


def test_the_reference_is_there_and_knows_what_the_rules_ask():
    assert types_of(CREATE) == {"subnet"}
    assert types_of(DELETE) == set()
    assert "subnet-cidr-reservation" in types_of(TAG)
    assert len(rows("ec2:*")) > 1000
    assert rows("ec2:NoSuchAction") == rows("nosuchservice:Get") == rows("nonsense") == ()


# --- templates that break a rule ---


def policy(template: Template, handler: str) -> Template:
    """The policy of the role of the function with this handler."""
    role = {"Ref": role_of(template, handler)}
    (found,) = (
        each["Properties"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::IAM::Policy" and role in each["Properties"]["Roles"]
    )
    return found  # type: ignore[no-any-return]


def statement_of(template: Template, action: str, handler: str = RECONCILE) -> Template:
    """The first statement of this role that has the action."""
    found: Template = next(
        each
        for each in policy(template, handler)["PolicyDocument"]["Statement"]
        if action in ([each["Action"]] if isinstance(each["Action"], str) else each["Action"])
    )
    return found


def allowed(action: str, *, on: str = "*", handler: str = RECONCILE, effect: str = "Allow", **more: Any) -> Change:
    """One more statement in a role."""
    statement = {"Effect": effect, "Action": action, "Resource": on} | more

    def change(template: Template) -> None:
        policy(template, handler)["PolicyDocument"]["Statement"].append(statement)

    return change


def changed(action: str, *, handler: str = RECONCILE, **properties: Any) -> Change:
    """Another value in the statement that has this action."""
    return lambda template: statement_of(template, action, handler).update(properties)


def without(action: str, handler: str = RECONCILE) -> Change:
    def change(template: Template) -> None:
        policy(template, handler)["PolicyDocument"]["Statement"].remove(statement_of(template, action, handler))

    return change


def in_role(handler: str, **properties: Any) -> Change:
    return lambda template: template["Resources"][role_of(template, handler)]["Properties"].update(properties)


def beside(kind: str, **properties: Any) -> Change:
    """One more resource."""
    return lambda template: template["Resources"].update(Another={"Type": kind, "Properties": properties})


def here(service: str, resource: str) -> str:
    return f"arn:aws-us-gov:{service}:us-gov-west-1:111122223333:{resource}"


def inside(action: str) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}


def of_another_function(action: str) -> Change:
    """A third role with a policy of its own kind, as a construct of CDK brings it along."""

    def change(template: Template) -> None:
        template["Resources"] |= {
            "Helper": {"Type": "AWS::IAM::Role", "Properties": {}},
            "HelperPolicy": {
                "Type": "AWS::IAM::ManagedPolicy",
                "Properties": {"Roles": [{"Ref": "Helper"}], "PolicyDocument": inside(action)},
            },
        }

    return change


ON_TAG = {"StringEquals": {"ec2:CreateAction": "CreateSubnetCidrReservation"}}
ON_ANY_VALUE = {"StringLike": {"aws:ResourceTag/headroom:mode": "*"}}

BROKEN = [
    pytest.param(allowed("*"), "* is a wildcard", id="everything"),
    pytest.param(allowed("*"), "may ec2:AcceptAddressTransfer", id="everything is all of EC2's changes"),
    pytest.param(allowed("ec2:*"), "ec2:* is a wildcard", id="a service's every action"),
    pytest.param(allowed("ec2:Describe*"), "ec2:Describe* is a wildcard", id="a wildcard that only reads"),
    pytest.param(allowed("ec2:GetSubnetCidrReservation?"), "Reservation? is a wildcard", id="a question mark"),
    pytest.param(allowed("ec2:*SubnetCidrReservation"), f"may {DELETE}", id="a wildcard that may delete"),
    pytest.param(allowed("ec2:createsubnetcidrreservation"), "on everything", id="an action in small letters counts"),
    pytest.param(allowed("ec2:CreateSubnetReservation"), "does not exist", id="an action that does not exist"),
    pytest.param(allowed("ecs2:RunTask"), "does not exist", id="a service that does not exist"),
    pytest.param(allowed(DELETE), f"may {DELETE}", id="the reconcile may delete"),
    pytest.param(allowed("ec2:ModifySubnetAttribute", on=here("ec2", "subnet/*")), "may ec2:Modify", id="a 2nd change"),
    pytest.param(allowed("ec2:DeleteTags", on=here("ec2", "subnet/*")), "may ec2:DeleteTags", id="taking tags away"),
    pytest.param(allowed(CREATE, on=here("ec2", "subnet/*"), handler=RELEASE), f"may {CREATE}", id="release creates"),
    pytest.param(of_another_function(DELETE), f"Helper: may {DELETE}", id="a third function's role may delete"),
    pytest.param(without(CREATE), f"may not {CREATE}", id="the reconcile cannot create"),
    pytest.param(without(TAG), f"may not {TAG}", id="what it creates cannot be tagged"),
    pytest.param(without(DELETE, RELEASE), f"may not {DELETE}", id="nobody can give back"),
    pytest.param(changed(CREATE, Resource="*"), f"{CREATE} on everything", id="reservations everywhere"),
    pytest.param(changed(TAG, Resource="*"), f"{TAG} on everything", id="tags on everything"),
    pytest.param(changed("eks:DescribeCluster", Resource="*"), "eks:DescribeCluster on everything", id="clusters"),
    pytest.param(changed("sns:Publish", Resource=["*"]), "sns:Publish on everything", id="a list with a wildcard"),
    pytest.param(changed("ssm:GetParameter", Resource="*"), "ssm:GetParameter on everything", id="each parameter"),
    pytest.param(
        changed("dynamodb:UpdateItem", handler=RELEASE, Resource="*"), "dynamodb:UpdateItem on ev", id="each table"
    ),
    pytest.param(
        changed(CREATE, Resource=here("ec2", "vpc/*")), f"{CREATE} is not about vpc", id="a type it does not take"
    ),
    pytest.param(
        changed(DELETE, handler=RELEASE, Resource=here("ec2", "subnet/*")),
        f"{DELETE} is not about subnet",
        id="a resource where there is no resource level",
    ),
    pytest.param(
        changed(CREATE, Resource="arn:aws-us-gov:ec2:*:111122223333:subnet/*"),
        "not of this account and region",
        id="every region",
    ),
    pytest.param(
        changed(CREATE, Resource="arn:aws-us-gov:ec2:us-gov-west-1:*:subnet/*"),
        "not of this account and region",
        id="every account",
    ),
    pytest.param(changed(TAG, Condition=ON_TAG), f"{TAG} under other conditions", id="tags that are not ours"),
    pytest.param(changed(TAG, Condition={}), f"{TAG} under other conditions", id="tags without a condition"),
    pytest.param(changed(CREATE, Condition={}), f"{CREATE} under other conditions", id="without the owner's consent"),
    pytest.param(
        changed(CREATE, Condition=ON_ANY_VALUE), f"{CREATE} under other", id="any value of the tag is consent"
    ),
    pytest.param(
        changed("ec2:DescribeSubnets", Condition={"StringEquals": {"aws:ResourceTag/a": "b"}}),
        "ec2:DescribeSubnets knows no condition key aws:ResourceTag/a",
        id="a tag that is not looked at",
    ),
    pytest.param(
        changed(DELETE, handler=RELEASE, Condition={"StringEquals": {"ec2:ResourceTag/headroom:owner": "headroom"}}),
        f"{DELETE} knows no condition key ec2:ResourceTag/headroom:owner",
        id="an owner tag that Delete does not know",
    ),
    pytest.param(
        changed("sns:Publish", Condition={"StringEquals": {"sns:Colour": "red"}}),
        "sns:Publish knows no condition key sns:Colour",
        id="a condition key that does not exist",
    ),
    pytest.param(
        changed("ssm:GetParameter", Action=["ssm:GetParameter"], NotResource="*"),
        "all but what it names",
        id="all resources but one",
    ),
    pytest.param(
        changed("sns:Publish", NotAction=["sns:Subscribe"]), "all but what it names", id="all actions but one"
    ),
    pytest.param(allowed("iam:PassRole", on=here("iam", "role/x")), "gives permissions away", id="handing a role on"),
    pytest.param(allowed("sts:AssumeRole", on=here("iam", "role/x")), "gives permissions away", id="another's role"),
    pytest.param(allowed("sqs:AddPermission", on=here("sqs", "queue")), "gives permissions away", id="opening a queue"),
    pytest.param(
        in_role(RECONCILE, ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
        "AdministratorAccess stands elsewhere",
        id="a managed policy of AWS",
    ),
    pytest.param(
        in_role(RELEASE, Policies=[{"PolicyName": "p", "PolicyDocument": inside("ec2:TerminateInstances")}]),
        "may ec2:TerminateInstances",
        id="a policy inside the role",
    ),
    pytest.param(
        beside("AWS::IAM::Policy", Users=["somebody"], PolicyDocument=inside("ec2:RunInstances")),
        "a user's or a group's",
        id="a policy for people",
    ),
    pytest.param(
        lambda template: beside(
            "AWS::IAM::RolePolicy",
            RoleName={"Ref": role_of(template, RECONCILE)},
            PolicyDocument=inside("ec2:RunInstances"),
        )(template),
        "may ec2:RunInstances",
        id="a policy beside the role",
    ),
]


# --- an organisation's audit ---

REGIONS = ORGANISATION["regions"]
MACHINE = {"Service": "states.amazonaws.com"}


def of_member(template: Template) -> list[str]:
    return breaches_of_member(template, audit_account="111122223333", regions=REGIONS)


def test_no_rule_is_broken_by_an_organisations_audit(organisation: Assembly):
    assert breaches(organisation.template) == []
    assert of_member(organisation.member) == []
    assert len(list(grants(organisation.member))) == 2


def test_one_role_alone_assumes_others_and_only_the_members(organisation: Assembly):
    (found,) = [each for each in grants(organisation.template) if "sts:AssumeRole" in each.actions]
    assert found.role == role_of(organisation.template, PLACE)
    assert found.resources == ("arn:aws-us-gov:iam::*:role/HeadroomAudit",)
    assert found.condition == {"StringEquals": {"aws:ResourceOrgID": "o-exampleorg1"}}


OF_ORGANISATION = [
    pytest.param(
        changed("sts:AssumeRole", handler=PLACE, Condition={}), "in anybody's account", id="whoever makes such a role"
    ),
    pytest.param(
        changed("sts:AssumeRole", handler=PLACE, Resource="arn:aws-us-gov:iam::*:role/*"),
        "is not one role of an account",
        id="every role of every account",
    ),
    pytest.param(
        changed("sts:AssumeRole", handler=PLACE, Resource="*"), "sts:AssumeRole on everything", id="every role there is"
    ),
    pytest.param(
        allowed("sts:AssumeRole", on="arn:aws-us-gov:iam::111122223333:role/x"),
        "sts:AssumeRole gives permissions away",
        id="the reconcile's role in another account",
    ),
    pytest.param(
        allowed("logs:PutResourcePolicy", handler=PLACE),
        "logs:PutResourcePolicy gives permissions away",
        id="a function that opens logs",
    ),
    pytest.param(allowed("ec2:RunInstances", handler=PLACE), "may ec2:RunInstances", id="a child that changes EC2"),
]


@pytest.mark.parametrize(("change", "breach"), OF_ORGANISATION)
def test_an_organisations_template_that_breaks_a_rule_is_told_of_it(
    organisation: Assembly, change: Change, breach: str
):
    template = deepcopy(organisation.template)
    change(template)
    assert any(breach in each for each in breaches(template)), breaches(template)


def the(template: Template, kind: str) -> Template:
    (found,) = (each["Properties"] for each in template["Resources"].values() if each["Type"] == kind)
    return found  # type: ignore[no-any-return]


def statement(**changes: Any) -> Change:
    """Changed in the members' first statement."""
    return lambda template: the(template, "AWS::IAM::Policy")["PolicyDocument"]["Statement"][0].update(changes)


def trust(**changes: Any) -> Change:
    return lambda template: the(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"][0].update(changes)


def without_condition(operator: str) -> Change:
    return lambda template: the(template, "AWS::IAM::Role")["AssumeRolePolicyDocument"]["Statement"][0][
        "Condition"
    ].pop(operator)


OF_MEMBER = [
    pytest.param(statement(Action="ec2:*"), "ec2:* is a wildcard", id="all of EC2"),
    pytest.param(statement(Action="ec2:CreateTags"), "ec2:CreateTags is more than reading", id="a tag"),
    pytest.param(statement(Action="iam:PassRole"), "iam:PassRole is more than reading", id="handing a role on"),
    pytest.param(statement(Condition={}), "in other regions", id="every region"),
    pytest.param(
        statement(Action="eks:DescribeCluster", Resource="arn:aws-us-gov:eks:*:*:cluster/*", Condition={}),
        "is not of this account and these regions",
        id="clusters of every region",
    ),
    pytest.param(trust(Principal={"AWS": "*"}), "trusts {'AWS': '*'}", id="trust in everybody"),
    pytest.param(trust(Action="sts:*"), "lets others sts:*", id="more than to assume it"),
    pytest.param(without_condition("ArnEquals"), "trusts every role", id="every role of the audit's account"),
    pytest.param(without_condition("StringEquals"), "neither an organisation nor", id="nothing else is demanded"),
    pytest.param(
        lambda template: the(template, "AWS::IAM::Role").update(
            ManagedPolicyArns=["arn:aws:iam::aws:policy/ReadOnlyAccess"]
        ),
        "ReadOnlyAccess stands elsewhere",
        id="a managed policy of AWS",
    ),
]


@pytest.mark.parametrize(("change", "breach"), OF_MEMBER)
def test_a_members_template_that_breaks_a_rule_is_told_of_it(organisation: Assembly, change: Change, breach: str):
    template = deepcopy(organisation.member)
    change(template)
    assert any(breach in each for each in of_member(template)), of_member(template)


@pytest.mark.parametrize(("change", "breach"), BROKEN)
def test_a_template_that_breaks_a_rule_is_told_of_it(shipped: Assembly, change: Change, breach: str):
    template = deepcopy(shipped.template)
    change(template)
    assert any(breach in each for each in breaches(template)), breaches(template)


def test_a_denial_widens_nothing(shipped: Assembly):
    template = deepcopy(shipped.template)
    allowed("ec2:*", effect="Deny")(template)
    assert breaches(template) == []


def test_tags_are_written_on_reservations_alone(shipped: Assembly):
    assert resolved(statement_of(shipped.template, TAG)["Resource"]) == here("ec2", "subnet-cidr-reservation/*")
