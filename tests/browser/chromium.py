"""Headless Chromium, started for one picture at a time."""

from __future__ import annotations

import os
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome")
_LIGHT, _DARK = 1, 0  # blink::mojom::PreferredColorScheme


@dataclass(frozen=True)
class Chromium:
    """A browser, and a folder that it may write to."""

    program: str
    folder: Path

    def picture(self, page: Path, *, width: int, height: int, dark: bool = False) -> Path:
        """A screenshot (PNG) of an SVG or HTML file."""
        target = self.folder / f"{page.stem}-{width}-{'dark' if dark else 'light'}.png"
        command = [
            self.program,
            "--headless",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--no-first-run",
            "--disable-background-networking",
            "--force-device-scale-factor=1",
            f"--blink-settings=preferredColorScheme={_DARK if dark else _LIGHT}",
            f"--user-data-dir={self.folder / 'profile'}",
            f"--window-size={width},{height}",
            f"--screenshot={target}",
            *(["--no-sandbox"] if os.geteuid() == 0 else []),  # its sandbox does not run as root
            page.as_uri(),
        ]
        done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
        assert target.exists(), f"Chromium made no picture: {done.stderr[-2000:]}"
        return target


def found() -> str | None:
    """The browser of this machine. In CI, where it may be, Debian's package is installed first."""
    here = next(filter(None, map(shutil.which, NAMES)), None)
    if here or os.environ.get("CI") != "true" or os.geteuid() != 0 or not shutil.which("apt-get"):
        return here
    install = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium fonts-dejavu-core"
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with suppress(subprocess.TimeoutExpired):  # no mirror in reach: the tests say that there is no browser
        subprocess.run(["sh", "-c", install], env=environment, capture_output=True, timeout=120, check=False)
    return shutil.which("chromium")
