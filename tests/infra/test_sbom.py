"""The bill of materials names what is in the layers, no more and no less."""

import json
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from infra.layers import cached_dependencies
from infra.sbom import LAYERS, sbom


@pytest.fixture(scope="module")
def built() -> dict[str, Path]:
    return {name: cached_dependencies(lock) for name, lock in LAYERS.items()}


@pytest.fixture(scope="module")
def document(built) -> str:
    return sbom(built)


def test_it_obeys_the_schema_of_cyclonedx(document):
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    assert validator.validate_str(document) is None
    assert validator.validate_str(document.replace('"library"', '"books"', 1)) is not None


def test_it_names_each_package_of_each_layer_with_its_version_and_a_licence(built, document):
    folders = {
        (layer, folder.name.removesuffix(".dist-info").replace("_", "-").lower())
        for layer, where in built.items()
        for folder in (where / "python").glob("*.dist-info")
    }
    components = json.loads(document)["components"]
    said = {
        (each["properties"][0]["value"], f"{each['name']}-{each['version']}".replace("_", "-").lower())
        for each in components
    }
    assert said == folders
    assert {layer for layer, _ in said} == set(LAYERS)
    assert [each["name"] for each in components if not each.get("licenses")] == []


def test_what_a_build_leaves_out_is_not_in_it(document):
    assert "typer" not in document, "only the command line of a package wants it"


def test_the_same_layers_give_the_same_bytes(built, document):
    assert sbom(built) == document
    other = json.loads(sbom({"dependencies": built["dependencies"]}))
    assert other["serialNumber"] != json.loads(document)["serialNumber"]
