"""botocore's descriptions of AWS services, cut down to the calls that the functions make.

A description of EC2 has 700 calls and takes longer to read than all our own code together. What is left out is what
nothing here can ask for: a name in the sources that might be a call's keeps it, so nobody has to keep a list.
"""

from __future__ import annotations

import ast
import gzip
import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader

Description = dict[str, Any]

_WORDS = frozenset({"documentation", "documentationUrl"})  # for people


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
        listed = json.loads(pages.read_text())["pagination"]
        _write(pages, {"pagination": {name: each for name, each in listed.items() if name in calls}})
    for unused in ("examples-1.json", "waiters-2.json"):
        (service / unused).unlink(missing_ok=True)


def _of(service: Path) -> bytes:
    return (service / "service-2.json").read_bytes()


def _write(path: Path, content: Description) -> None:
    path.write_text(json.dumps(content, separators=(",", ":")))


def trimmed(described: Description, calls: Collection[str]) -> Description:
    """The same with just these calls and the shapes that they reach, and without words for people."""
    operations = {name: each for name, each in described["operations"].items() if name in calls}
    wanted = _reached(described["shapes"], _named(operations))
    shapes = {name: each for name, each in described["shapes"].items() if name in wanted}
    kept = {name: each for name, each in described.items() if name != "examples"}
    cut: Description = _without_words({**kept, "operations": operations, "shapes": shapes})
    # botocore asks for the words of these whenever it makes a client (model.py, client_context_parameters): S3 has some
    return cut | {name: kept[name] for name in ("clientContextParams",) if name in kept}


def _reached(shapes: Description, first: Iterator[str]) -> set[str]:
    reached, pending = set[str](), list(first)
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending.extend(_named(shapes[name]))
    return reached


def _named(value: Any) -> Iterator[str]:
    """The shapes that something names: `{"shape": NAME}`, anywhere below."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key == "shape" and isinstance(each, str):
                yield each
            else:
                yield from _named(each)
    elif isinstance(value, list):
        for each in value:
            yield from _named(each)


def _without_words(value: Any) -> Any:
    """A member of a structure may bear such a name, too: then it is no text."""
    if isinstance(value, list):
        return [_without_words(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_words(each) for key, each in value.items() if not (key in _WORDS and isinstance(each, str))}
