"""axe-core, the accessibility checker, from npm: fetched once into build/axe, and used only if it is the pinned one."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.browser.chromium import Chromium

PACKAGE, VERSION = "axe-core", "4.14.1"
INTEGRITY = "FHfa+lmNjQZfJz1q8wKqIDwC6DExcHt/pkjNQb09a3NPjCKg2rhu5qb2S4r76ASyFNNtuFooJpZe37OgudVGtQ=="  # SHA-512, npm's
CACHE = Path(__file__).parents[2] / "build" / "axe"
SERIOUS = frozenset({"serious", "critical"})  # axe's words for how much an issue hinders people

# All that is folded away is unfolded first: it is part of the page.
RUN = """
addEventListener("load", async () => {
  for (const each of document.querySelectorAll("details")) each.open = true;
  const {violations, passes} = await axe.run();
  const wide = document.documentElement.scrollWidth > innerWidth;
  const found = JSON.stringify({violations, passes: passes.map(each => each.id), wide, width: innerWidth});
  const said = document.createElement("pre");
  said.id = "axe";
  said.textContent = found;
  document.body.replaceChildren(said);
});
"""


def source() -> str:
    """The checker's script. Skips where npm has no way to get it."""
    kept = CACHE / f"{VERSION}.tgz"
    if not kept.exists() and not _fetched(kept):
        pytest.skip(f"npm could not fetch {PACKAGE} {VERSION}")
    packed = kept.read_bytes()
    assert base64.b64encode(hashlib.sha512(packed).digest()).decode() == INTEGRITY, f"{kept} is not {PACKAGE} {VERSION}"
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        script = archive.extractfile("package/axe.min.js")
        assert script is not None
        return script.read().decode()


def _fetched(kept: Path) -> bool:
    npm = shutil.which("npm", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if npm is None:
        return False
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--pack-destination", folder]
        subprocess.run(command, cwd=folder, capture_output=True, timeout=120, check=False)
        made = next(Path(folder).glob("*.tgz"), None)
        if made:
            made.replace(kept)
    return kept.exists()


def checked(browser: Chromium, html: str, *, width: int, dark: bool = False) -> dict[str, Any]:
    """What axe finds on a page (`violations`, `passes`), and whether the page is `wide`r than its window."""
    head = f"<script>{source()}</script><script>{RUN}</script>"
    page = browser.folder / "checked.html"
    page.write_text(re.sub("<head>", lambda found: found.group() + head, html, count=1))
    command = [
        browser.program,
        "--headless",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        f"--blink-settings=preferredColorScheme={0 if dark else 1}",
        f"--user-data-dir={browser.folder / 'profile'}",
        f"--window-size={width},900",
        "--virtual-time-budget=60000",
        "--dump-dom",
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # its sandbox does not run as root
        page.as_uri(),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180, check=False)
    said = re.search(r'<pre id="axe">(.*?)</pre>', done.stdout, re.DOTALL)
    assert said, f"axe said nothing: {done.stdout[:300]} {done.stderr[-2000:]}"
    found: dict[str, Any] = json.loads(unescape(said.group(1)))
    return found


def issues(found: dict[str, Any]) -> list[str]:
    """The serious ones in words: the rule, and where."""
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['html'][:160]} {node.get('failureSummary', '')[:300]}"
        for each in found["violations"]
        if each["impact"] in SERIOUS
        for node in each["nodes"][:3]
    ]
