"""JSON files that people name on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from cli.errors import UserError


def json_of(path: Path) -> Any:
    """What the file holds. Raises UserError, which names the file and what is wrong with it."""
    try:
        content = path.read_bytes()
        if not content.strip():
            raise UserError(f"{path} is empty: did the command that wrote it fail?")
        return json.loads(content)
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is no JSON: it is no text") from error
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path} is no JSON, or not all of it: {error!s:.200}") from error
