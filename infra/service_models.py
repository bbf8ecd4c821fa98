"""The layer's copy of botocore's descriptions, cut down to the calls that the functions make.

What is left out is what nothing here can ask for: a name in the sources that might be a call's keeps it, so nobody has
to keep a list.
"""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from botocore import xform_name
from botocore.loaders import Loader

from service_models import Description, paginators, trimmed


def calls_in(sources: Path, services: Iterable[str]) -> frozenset[str]:
    """The calls of these services that these Python files may make, as clients name them: `describe_subnets`.

    Every attribute and every text is one that bears the name of a call: so clients and paginators are asked.
    """
    loader = Loader()
    described = (loader.load_service_model(each, "service-2") for each in services)
    calls = frozenset(xform_name(call) for each in described for call in each["operations"])
    return calls.intersection(name for path in sources.rglob("*.py") for name in _names(ast.parse(path.read_text())))


def _names(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def trim(service: Path, named: Collection[str]) -> None:
    """Cut the description in this folder of botocore's data down to these calls, in place."""
    packed = service / "service-2.json.gz"
    described = json.loads(gzip.decompress(packed.read_bytes()) if packed.exists() else _of(service))
    calls = {name for name in described["operations"] if xform_name(name) in named}
    _write(service / "service-2.json", trimmed(described, calls))
    packed.unlink(missing_ok=True)
    pages = service / "paginators-1.json"
    if pages.exists():
        _write(pages, paginators(json.loads(pages.read_text()), calls))
    for unused in ("examples-1.json", "waiters-2.json"):
        (service / unused).unlink(missing_ok=True)


def _of(service: Path) -> bytes:
    return (service / "service-2.json").read_bytes()


def _write(path: Path, content: Description) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")))
