"""The bill of materials of what is deployed: the packages in the layers that are built, in CycloneDX's form.

    python -m infra.sbom

Made from the layers themselves and not from their lock files: what a build leaves out is not in it. The same layers
give the same bytes. https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import Property
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from infra.layers import KUBERNETES_REQUIREMENTS, REQUIREMENTS, ROOT, cached_dependencies

WRITTEN = ROOT / "build" / "sbom" / "headroom.cdx.json"
LAYERS: Mapping[str, Path] = {"dependencies": REQUIREMENTS, "kubernetes (opt-in)": KUBERNETES_REQUIREMENTS}


def sbom(layers: Mapping[str, Path]) -> str:
    """The document for these layers, each a folder with a `python` folder in it, by name."""
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    ours = Component(name="headroom", version=version, type=ComponentType.APPLICATION, bom_ref="headroom")
    bom = Bom()
    bom.metadata.component = ours
    components = [each for layer, folder in layers.items() for each in _components(layer, folder / "python")]
    bom.components.update(components)
    bom.register_dependency(ours, components)
    document: dict[str, Any] = json.loads(JsonV1Dot6(bom).output_as_string())
    # A time and a random number would make each of two equal builds a document of its own.
    del document["metadata"]["timestamp"], document["serialNumber"]
    named = uuid5(NAMESPACE_URL, json.dumps(document, sort_keys=True))
    return json.dumps(document | {"serialNumber": named.urn}, indent=2, sort_keys=True) + "\n"


def _components(layer: str, python: Path) -> Iterator[Component]:
    for each in sorted(distributions(path=[str(python)]), key=lambda found: found.name):
        url = PackageURL("pypi", name=each.name.lower().replace("_", "-"), version=each.version)
        yield Component(
            name=each.name,
            version=each.version,
            purl=url,
            bom_ref=f"{layer}/{url}",  # both layers may hold the same package
            type=ComponentType.LIBRARY,
            licenses=[LicenseFactory().make_from_string(text) for text in [_license(each)] if text],
            properties=[Property(name="lambda-layer", value=layer)],
        )


def _license(package: Distribution) -> str:
    """As the package says it: an SPDX expression since Metadata 2.4, its own words before. A whole text is no name."""
    said = (package.metadata[key] for key in ("License-Expression", "License") if key in package.metadata)
    return next((each for each in said if len(each.splitlines()) == 1), "")


def main() -> None:
    """Write it for the layers as they are built, and say where it is."""
    WRITTEN.parent.mkdir(parents=True, exist_ok=True)
    document = sbom({name: cached_dependencies(lock) for name, lock in LAYERS.items()})
    WRITTEN.write_text(document)
    print(f"{len(json.loads(document)['components'])} packages in {len(LAYERS)} layers -> {WRITTEN.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
