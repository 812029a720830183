"""Every kind of page in a real browser: light and dark, wide and on a phone, read aloud, and within its weight.

`PODIUM_SCREENSHOTS=FOLDER pytest tests/reports/site` keeps pictures of all of them; `PODIUM_SITE=FOLDER` looks at
another site than the strangers' one, such as that of the sample season.
"""

import os
from pathlib import Path

import pytest

from pipelines.reports.site.links import path_of
from tests.reports.site import accessible, browsing
from tests.reports.site.conftest import PROFILES

KINDS = (
    "index.html", "boards.html", "boards/", "agents.html", "agents/", "users.html", "users/", "teams.html", "teams/",
    "race.html", "insight.html", "tasks.html", "advice.html", "trust.html", "badges.html", "changes.html",
    "quality.html", "review.html",
)  # fmt: skip
LOOKS = (("light", "wide"), ("light", "phone"), ("dark", "wide"), ("dark", "phone"))
READ = (("light", "wide"), ("dark", "phone"))  # that are looked at where no picture is kept: each of both, once
PICTURES = os.environ.get("PODIUM_SCREENSHOTS")
LIGHTEST = ("index.html", "agents/", "users/", "teams/")
MOST_BYTES = 300_000
FITS = (  # which charts do after a moment
    "document.documentElement.scrollWidth <= innerWidth && [...document.querySelectorAll('.plot')].every("
    "p => !p.querySelector('.main-svg') || Math.abs(p.querySelector('.main-svg').clientWidth - p.clientWidth) < 2)"
)
INERT = """[
  ...[...document.querySelectorAll([
    ".modebar-btn, [data-title*=loud]", "img, iframe, object, embed, base, [onerror], [onload]",
    "[href^=http], [href^=javascript], [src^=http]", "script:not([src]):not([type='application/json'])",
  ])].map((made) => made.outerHTML),
  ...(window.pwned === undefined && Object.keys(Object.prototype).length === 0 ? [] : ["a name has run"]),
]"""


def test_these_are_all_kinds_of_pages(site):
    assert sorted(browsing.kinds(site)) == sorted(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_fits_its_window_and_reads_well_in_light_and_dark(tab, site, axe, kind):
    path, complaints = browsing.kinds(site)[kind], []
    page = tab.open(path)
    tab.draw()
    accessible.load(page, axe)
    complaints += accessible.of_structure(page)
    for colours, size in LOOKS if PICTURES else READ:
        page.emulate_media(color_scheme=colours)
        page.set_viewport_size(browsing.WIDE if size == "wide" else browsing.PHONE)
        if not tab.comes_true(FITS):
            complaints.append(f"too wide ({colours}, {size})")
        complaints += [f"{found} ({colours}, {size})" for found in accessible.of_colours(page)]
        if PICTURES:
            picture = f"{kind.removesuffix('.html').replace('/', '-each')}-{colours}-{size}.png"
            page.screenshot(path=Path(PICTURES, picture), full_page=True)
    assert tab.complaints + complaints == []
    assert page.evaluate(INERT) == []
    if kind in LIGHTEST:
        assert (site / path).stat().st_size < MOST_BYTES


def test_every_other_page_fits_a_phone_without_a_complaint_and_is_called_as_its_subject(tab, site):
    names = {path_of("agent", name): name for name in PROFILES.agents}
    tab.page.set_viewport_size(browsing.PHONE)
    for path in sorted(set(browsing.pages(site)) - set(browsing.kinds(site).values())):
        page = tab.open(path)
        assert (page.evaluate(INERT), tab.comes_true(FITS)) == ([], True), path
        if path in names:
            assert page.locator("h1").text_content().strip() == names[path]
            assert page.title() == f"{names[path]} · Podium"
