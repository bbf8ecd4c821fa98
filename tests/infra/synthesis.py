"""Synthesizes the app the way the CDK command line does, and reads what came out."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aws_cdk as cdk

from infra.app import headroom_app
from infra.layers import ROOT

PARTITION, REGION, ACCOUNT = "aws-us-gov", "us-gov-west-1", "111122223333"


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """A cloud assembly with the stack in it, and its members' where there is an organisation."""

    folder: Path

    @property
    def template(self) -> dict[str, Any]:
        return self._json("Headroom.template.json")

    @property
    def member(self) -> dict[str, Any]:
        """The template for the accounts that an organisation's audit reads."""
        return self._json("HeadroomMember.template.json")

    @property
    def manifest(self) -> dict[str, Any]:
        return self._json("manifest.json")

    def resources(self, kind: str) -> dict[str, dict[str, Any]]:
        """The properties of all resources of a CloudFormation type, by logical id."""
        return {
            logical_id: resource.get("Properties", {})
            for logical_id, resource in self.template["Resources"].items()
            if resource["Type"] == kind
        }

    def the(self, kind: str, *, of: str = "") -> dict[str, Any]:
        """The properties of the only resource of a type, or of the only one in this construct of the stack."""
        (properties,) = (each for name, each in self.resources(kind).items() if name.startswith(of))
        return properties

    def asset_with(self, name: str) -> Path:
        """The staged asset that has this file or folder at its top."""
        (found,) = [asset for asset in self.folder.glob("asset.*") if (asset / name).exists()]
        return found

    def _json(self, name: str) -> dict[str, Any]:
        loaded: dict[str, Any] = json.loads((self.folder / name).read_text())
        return loaded


def command_line_context(**chosen: object) -> dict[str, Any]:
    """cdk.json's context with `-c headroom.key=value` on top of it."""
    shipped: dict[str, Any] = json.loads((ROOT / "cdk.json").read_text())["context"]
    return shipped | {f"headroom.{key}": json.dumps(value) for key, value in chosen.items()}


def synthesize(folder: Path, **chosen: object) -> Assembly:
    app = cdk.App(context=command_line_context(**chosen), outdir=str(folder), analytics_reporting=False)
    headroom_app(app).synth()
    return Assembly(folder=folder)


def statements(policy: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A policy document's statements, with lists where CloudFormation also allows a single value."""
    for statement in policy["Statement"]:
        yield statement | {key: _listed(statement[key]) for key in ("Action", "Resource") if key in statement}


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def resolved(value: object) -> Any:
    """What CloudFormation would make of a value: joins joined, pseudo parameters and attributes filled in."""
    match value:
        case {"Fn::Join": [separator, parts]}:
            return separator.join(resolved(part) for part in parts)
        case {"Ref": name}:
            return _PSEUDO.get(name, f"<{name}>")
        case {"Fn::GetAtt": [name, attribute]} | {"Fn::Select": [attribute, {"Fn::Split": [_, {"Ref": name}]}]}:
            return f"<{name}.{attribute}>"
        case dict():
            return {key: resolved(each) for key, each in value.items()}
        case list():
            return [resolved(each) for each in value]
    return value


_PSEUDO = {"AWS::Partition": PARTITION, "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
