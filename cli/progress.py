"""What is going on, on the terminal's error stream: nothing where that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str) -> Iterator[None]:
    """Show this while the block runs."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console  # 0.1 s

    with Console(stderr=True).status(f"{what} ..."):
        yield
