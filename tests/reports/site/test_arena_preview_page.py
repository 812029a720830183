"""The preview in a real browser: it asks for nothing, fits a phone, reads well in light and dark; names do nothing."""

from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.arena_preview_pages import write_preview
from tests.reports.arena_house import HOSTILE, house, ledger
from tests.reports.site import accessible, browsing

LOOKS = (("light", browsing.WIDE), ("dark", browsing.PHONE))
TOO_WIDE = "document.documentElement.scrollWidth > innerWidth"


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("house")
    made = ledger(place)
    return write_preview(house(made), made, place / "preview").out


@pytest.mark.parametrize("whose", ["index", "ada"])
def test_a_page_asks_for_nothing_fits_and_reads_well(chromium: Any, preview: Path, axe: str, whose: str) -> None:
    [path] = [path for path in browsing.pages(preview) if Path(path).name.startswith(whose)]
    complaints = []
    with browsing.tab(chromium, preview) as tab:
        page = tab.open(path)
        page.evaluate("document.querySelectorAll('details').forEach((part) => { part.open = true; })")
        accessible.load(page, axe)
        complaints += accessible.of_structure(page)
        for colours, size in LOOKS:
            page.emulate_media(color_scheme=colours)
            page.set_viewport_size(size)
            complaints += accessible.of_colours(page)
            complaints += ["too wide"] if page.evaluate(TOO_WIDE) else []
        assert tab.complaints + complaints == []


def test_from_the_page_of_all_a_stranger_is_reached_and_shown_as_named(chromium: Any, preview: Path) -> None:
    with browsing.tab(chromium, preview, viewport=browsing.PHONE) as tab:
        page = tab.open("index.html")
        page.get_by_role("link", name=HOSTILE).click()
        assert page.locator("h1").text_content().strip() == HOSTILE
        assert page.evaluate("window.pwned") is None
        assert not page.evaluate(TOO_WIDE)
        page.get_by_role("link", name="All owners").click()
        assert page.url.endswith("/index.html")
        assert tab.complaints == []
