"""Every kind of page in a real browser: light and dark, wide and on a phone, read aloud, and within its weight.

`PODIUM_SCREENSHOTS=FOLDER pytest tests/reports/site` keeps pictures of all of them; `PODIUM_SITE=FOLDER` looks at
another site than the strangers' one, such as that of the sample season.
"""

import os
from pathlib import Path

import pytest

from tests.reports.site import browsing

KINDS = ("index.html", "boards.html", "boards/")
LIGHTEST = ("index.html", "agents/", "users/", "teams/")
MOST_BYTES = 300_000
AXE = "axe.run({resultTypes: ['violations'], selectors: false, elementRef: false, preload: false, %s})"
EVERYTHING = "runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']"
COLOURS = "runOnly: ['color-contrast', 'link-in-text-block']"
FOUND = "found => found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join(' | '))"
FITS = "document.documentElement.scrollWidth <= innerWidth"  # charts need a moment


@pytest.fixture(scope="session")
def axe() -> str:
    package = pytest.importorskip("axe_playwright_python", reason="axe-playwright-python is not installed")
    return (Path(package.__file__).parent / "axe.min.js").read_text("utf-8")


def test_these_are_all_kinds_of_pages(site):
    assert tuple(browsing.kinds(site)) == KINDS


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_its_window_and_reads_well_in_light_and_dark(chromium, site, axe, kind):
    path, complaints = browsing.kinds(site)[kind], []
    with browsing.tab(chromium, site, color_scheme="light") as tab:
        page = tab.open(path, charts=True)
        page.evaluate(axe)
        for colours, rules in (("light", EVERYTHING), ("dark", COLOURS)):
            page.emulate_media(color_scheme=colours)
            for size, view in (("phone", browsing.PHONE), ("wide", browsing.WIDE)):
                page.set_viewport_size(view)
                if not tab.comes_true(FITS):
                    complaints.append(f"wider than {view['width']} pixels")
                _keep(page, f"{kind.strip('/').removesuffix('.html')}-{colours}-{size}")
            complaints += [f"{colours} {found}" for found in page.evaluate(f"{AXE % rules}.then({FOUND})")]
    assert tab.complaints + complaints == []
    if kind in LIGHTEST:
        assert (site / path).stat().st_size < MOST_BYTES


def _keep(page, name: str) -> None:
    if folder := os.environ.get("PODIUM_SCREENSHOTS"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
