"""One browser and one season for all tests of the site that this process runs."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.reading import Reading
from pipelines.reports.site.held import Held
from pipelines.reports.site.publishing import Profiles, publish_site
from pipelines.settings import BROWSER_VARIABLE, browser, settings
from tests.reports.site import browsing, measured_season, strangers

PROFILES = Profiles(1, ("__proto__", strangers.SCRIPTS[0], strangers.LONG))


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
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the strangers' home and site, made by the first of the processes that run tests at once."""
    shared = tmp_path_factory.getbasetemp().parent if "PYTEST_XDIST_WORKER" in os.environ else None
    folder = shared / "strangers" if shared else tmp_path_factory.mktemp("strangers")
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "site").exists():
            shutil.rmtree(folder, ignore_errors=True)  # of one that failed
            folder.mkdir()
            publish_site(strangers.play(folder / "home"), folder / "site", PROFILES)
    return folder


@pytest.fixture(scope="session")
def season(played: Path) -> Reading:
    """The strangers' season, as it is read."""
    return Reading.open(settings(played / "home"))


@pytest.fixture(scope="session")
def site(played: Path) -> Path:
    """Its site. PODIUM_SITE: another one, to be looked at instead."""
    return Path(os.environ.get("PODIUM_SITE") or played / "site")


@pytest.fixture(scope="session")
def visit(chromium: Any, site: Path) -> Iterator[browsing.Tab]:
    with browsing.tab(chromium, site, color_scheme="light") as made:
        yield made


@pytest.fixture
def tab(visit: browsing.Tab) -> Iterator[browsing.Tab]:
    """A tab on the site, wide and light, that has complained of nothing when the test is over."""
    visit.page.set_viewport_size(browsing.WIDE)
    visit.page.emulate_media(color_scheme="light", media="screen")
    yield visit
    visit.page.evaluate("localStorage.clear()")  # of the colours chosen
    said, visit.complaints[:] = list(visit.complaints), []
    assert said == []


@pytest.fixture(scope="session")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """A small season with the tables of statistics."""
    return measured_season.play(tmp_path_factory.mktemp("measured"))


@pytest.fixture(scope="session")
def unmeasured(tmp_path_factory: pytest.TempPathFactory) -> Held:
    """The same, as it was published before there were such tables."""
    return measured_season.play(tmp_path_factory.mktemp("unmeasured"), has_insight=False)
