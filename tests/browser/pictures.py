"""Makes the PNGs of docs/pictures anew: `python -m tests.browser.pictures`. Then look at them."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from functions.report.map_palette import Theme
from functions.report.subnet_map import page_parts, subnet_map
from tests.browser import chromium
from tests.browser.chromium import Chromium
from tests.browser.test_pictures import page_of, widget_page
from tests.builders import NOW
from tests.unit.report import scenes
from tests.unit.report.ec2 import SUBNETS
from tests.unit.report.test_audit_forms import HTML

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"


def made() -> dict[str, tuple[str, int, int]]:
    """Each picture's content, width and height."""
    busy, both, large = scenes.busy(), scenes.dual_stack(), scenes.large()
    return {
        "every-state-light": (subnet_map(busy, now=NOW, trend=scenes.TREND, theme=Theme.LIGHT), 1200, 706),
        "every-state-dark": (subnet_map(busy, now=NOW, trend=scenes.TREND, theme=Theme.DARK), 600, 353),
        "dual-stack-dark": (subnet_map(both, now=NOW, theme=Theme.DARK), 1200, 1230),
        "a-16-light": (subnet_map(large, now=NOW, theme=Theme.LIGHT), 600, 1494),
        "widget-dark": (widget_page(Theme.DARK, {"subnetId": SUBNETS[0]}), 588, 522),
        "widget-overview-light": (widget_page(Theme.LIGHT, {}), 588, 202),
    }


def reports() -> dict[str, tuple[str, int, int, bool]]:
    """The report's: content, width, height, and whether in the dark."""
    subnet = HTML[: HTML.index("</head>")] + '</head><body><main class="wide">' + page_parts()
    first = HTML.index('<article class="subnet"')
    subnet += HTML[first : HTML.index("</article>", first)].replace("<details>", "<details open>") + "</article></main>"
    return {
        "report-wide-light": (HTML, 1200, 1500, False),
        "report-narrow-dark": (HTML, 500, 1500, True),
        "report-subnet-light": (subnet, 1200, 1280, False),
    }


def main() -> None:
    """Writes them all."""
    program = chromium.found()
    if program is None:
        sys.exit("no Chromium on this machine")
    with tempfile.TemporaryDirectory() as folder:
        browser = Chromium(program, Path(folder))
        for name, (content, width, height) in made().items():
            page = page_of(Path(folder), content)
            shutil.move(browser.picture(page, width=width, height=height), FOLDER / f"{name}.png")
        for name, (content, width, height, dark) in reports().items():
            report = Path(folder) / f"{name}.html"
            report.write_text(content)
            shutil.move(browser.picture(report, width=width, height=height, dark=dark), FOLDER / f"{name}.png")


if __name__ == "__main__":
    main()
