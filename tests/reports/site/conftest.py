"""One browser and one season for all tests of the site that this process runs."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.reading import Reading
from pipelines.reports.site.publishing import Profiles, publish_site
from pipelines.settings import BROWSER_VARIABLE, browser
from tests.reports.site import browsing, strangers


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    program = browser()
    if program is None:
        pytest.skip(f"there is no Chromium on this machine; {BROWSER_VARIABLE} names one")
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=browsing.SWITCHES)
        yield started
        started.close()


@pytest.fixture(scope="session")
def season(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """The strangers' season, as it is read."""
    return strangers.play(tmp_path_factory.mktemp("strangers") / "home")


@pytest.fixture(scope="session")
def site(season: Reading, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its site, in an empty folder of its own. PODIUM_SITE: another one, to be looked at instead."""
    if given := os.environ.get("PODIUM_SITE"):
        return Path(given)
    return publish_site(season, tmp_path_factory.mktemp("site") / "site", Profiles(3, strangers.SHOWN)).out
