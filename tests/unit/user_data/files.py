"""The corpus: user data as people write it, and as nobody should, each with what it says in expected.toml."""

import base64
import tomllib
from pathlib import Path
from typing import Any

from functions.capacity.clusters import Family
from functions.capacity.user_data import KubeletSettings

FOLDER = Path(__file__).parent / "corpus"
EXPECTED: dict[str, dict[str, Any]] = tomllib.loads((FOLDER / "expected.toml").read_text())
NAMES = sorted(path.name for path in FOLDER.iterdir() if path.name != "expected.toml")


def raw(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def encoded(data: str | bytes) -> str:
    """As EC2 keeps it."""
    return base64.b64encode(data.encode() if isinstance(data, str) else data).decode()


def expected(name: str) -> KubeletSettings:
    said = dict(EXPECTED[name])
    family = said.pop("family", None)
    return KubeletSettings(family=Family[family] if family else None, **said)
