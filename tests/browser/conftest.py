from __future__ import annotations

import pytest

from tests.browser import chromium
from tests.browser.chromium import Chromium


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Chromium:
    program = chromium.found()
    if program is None:
        pytest.skip(f"none of {', '.join(chromium.NAMES)} is on this machine (Debian: apt-get install chromium)")
    return Chromium(program, tmp_path_factory.mktemp("chromium"))
