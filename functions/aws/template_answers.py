"""Launch templates, as EC2 describes them and as groups and instances name them. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from functions.aws.answers import tags
from functions.capacity.clusters import LaunchTemplate

Answer = Mapping[str, Any]

TEMPLATE_TAG, TEMPLATE_VERSION_TAG = "aws:ec2launchtemplate:id", "aws:ec2launchtemplate:version"


def by_version(versions: Iterable[Answer]) -> Mapping[str, Answer]:
    """By `id:number`, `id:$Default` and `id:$Latest`: the highest number that was read, since $Latest was read too."""
    found: dict[str, Answer] = {}
    for each in sorted(versions, key=lambda each: each["VersionNumber"]):
        id_ = each["LaunchTemplateId"]
        found[f"{id_}:{each['VersionNumber']}"] = found[f"{id_}:$Latest"] = each
        if each.get("DefaultVersion"):
            found[f"{id_}:$Default"] = each
    return found


def template_key(specification: Answer) -> tuple[str, str]:
    """Id and version of a launch template as EKS (`id`, `version`) or EC2 (`LaunchTemplateId`, `Version`) name it."""
    id_ = specification.get("id") or specification.get("LaunchTemplateId") or ""
    return str(id_), str(specification.get("version") or specification.get("Version") or "$Default")


def specifications(user: Answer) -> Iterator[Answer]:
    """The launch template that a managed group, an Auto Scaling group or an instance says it launches from."""
    mixed = user.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
    named = (user.get("launchTemplate"), user.get("LaunchTemplate"), mixed, specification(user))
    yield from (each for each in named if each and template_key(each)[0])


def template_named(
    specification: Answer | None, templates: Mapping[str, Answer]
) -> tuple[LaunchTemplate | None, Mapping[str, Any]]:
    """The template with its LaunchTemplateData; None where the group has no template of its own."""
    if not specification:
        return None, {}
    id_, version = template_key(specification)
    found = templates.get(f"{id_}:{version}")
    if found is None:
        unknown = f"launch template {id_ or 'without an id'}, version {version}, does not exist or was not read"
        return LaunchTemplate(id=id_, version=version, unknown=unknown), {}
    data = found.get("LaunchTemplateData") or {}
    template = LaunchTemplate(
        id=id_,
        version=str(found["VersionNumber"]),
        image_id=data.get("ImageId", ""),
        user_data=data.get("UserData", ""),
    )
    return template, data


def specification(instance: Answer) -> Answer | None:
    """The launch template that an instance came from, by its tags; None where it has none."""
    found = tags(instance)
    if TEMPLATE_TAG not in found:
        return None
    return {"id": found[TEMPLATE_TAG], "version": found.get(TEMPLATE_VERSION_TAG, "")}


def type_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The instance type in LaunchTemplateData, if any."""
    return (data["InstanceType"],) if data.get("InstanceType") else ()
