"""What every page has around it: the field that finds names, colours, keys; also without a script, on paper.

Not here: tables and boards (test_clicks.py), and names that mean harm (test_strangers.py).
"""

from pipelines.reports.site.links import path_of
from tests.reports.site import browsing
from tests.reports.site.strangers import PROBLEMS

POINTS, FIRST = path_of("board", "points"), path_of("board", f"problem:{min(PROBLEMS)}")
INK, WHITE, DARK = "rgb(29, 35, 48)", "rgb(245, 247, 251)", "rgb(18, 21, 28)"
GROUND = "getComputedStyle(document.body).backgroundColor"
FOCUS = "[...document.querySelectorAll('a[href], button, input, select, [tabindex=\"0\"]')]"
FOCUSED = "(e => [e.textContent.trim(), getComputedStyle(e).outlineStyle])(document.activeElement)"


def test_the_field_finds_a_name_and_enter_goes_to_its_page(tab):
    page = tab.open(POINTS)
    field, found = page.get_by_role("combobox", name="Find"), page.locator("#found li")
    field.press_sequentially("PROBLEM:")
    assert tab.comes_true("document.querySelectorAll('#found li').length === 4")
    assert found.all_text_contents() == [f"problem:{problem}board" for problem in sorted(PROBLEMS)]
    assert field.get_attribute("aria-expanded") == "true"
    for key, chosen in (("ArrowDown", 1), ("ArrowDown", 2), ("ArrowUp", 1), ("ArrowUp", 0), ("ArrowUp", 3)):
        field.press(key)
        assert [option.get_attribute("aria-selected") for option in found.all()].index("true") == chosen
        assert field.get_attribute("aria-activedescendant") == found.nth(chosen).get_attribute("id")
    field.press("ArrowDown")
    with page.expect_navigation():
        field.press("Enter")
    assert page.url.endswith(FIRST)


def test_escape_and_a_name_of_nobody_close_the_list_of_names(tab):
    page = tab.open("boards.html")
    field = page.get_by_role("combobox", name="Find")
    for key in ("Escape", "x"):
        field.fill("problem")
        assert tab.comes_true("!document.getElementById('found').hidden")
        field.press(key)
        assert tab.comes_true("document.getElementById('found').hidden")
        assert field.get_attribute("aria-expanded") == "false"
        assert field.get_attribute("aria-activedescendant") is None
    field.fill("problem")
    with page.expect_navigation():
        page.locator("#found li").first.click()
    assert page.url.endswith(FIRST)


def test_the_colours_chosen_hold_for_every_page_and_charts_follow_them(tab):
    page = tab.open("index.html", charts=True)
    button = page.get_by_role("button", name="Colours:")
    texts = "[...new Set([...document.querySelectorAll('.main-svg text')].map(t => getComputedStyle(t).fill))]"
    chosen = "[document.documentElement.dataset.theme ?? 'system', document.getElementById('theme-now').textContent]"
    assert [page.evaluate(GROUND), page.evaluate(texts)] == [WHITE, [INK]]
    button.click()
    assert page.evaluate(chosen) == ["light", "light"]
    button.click()
    assert page.evaluate(chosen) == ["dark", "dark"]
    assert [page.evaluate(GROUND), page.evaluate(texts)] == [DARK, ["rgb(233, 236, 243)"]]
    page.reload()
    assert [page.evaluate(chosen), page.evaluate(GROUND)] == [["dark", "dark"], DARK]
    tab.open(POINTS)
    assert [page.evaluate(chosen), page.evaluate(GROUND)] == [["dark", "dark"], DARK]
    button.click()
    assert page.evaluate(chosen) == ["system", "as the system says"]
    assert page.evaluate(GROUND) == WHITE
    page.emulate_media(color_scheme="dark")
    assert page.evaluate(GROUND) == DARK


def test_the_tab_key_leads_through_the_page_in_its_order_and_past_the_navigation(tab):
    page = tab.open("boards.html")
    order = page.evaluate(f"{FOCUS}.filter(e => e.checkVisibility()).map(e => e.textContent.trim())")[:20]
    walked = []
    for _ in order:
        page.keyboard.press("Tab")
        text, outline = page.evaluate(FOCUSED)
        assert outline != "none", text
        walked.append(text)
    assert walked == order
    page.reload()
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    assert skip.bounding_box()["x"] > 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_without_a_script_the_first_entries_can_be_read(chromium, site, season):
    entries = season.collect(season.table("leaderboards")).to_dicts()
    first = [row["subject_id"] for row in entries if (row["board"], row["window"]) == ("points", "all")][:50]
    with browsing.tab(chromium, site, java_script_enabled=False) as tab:
        tab.open(POINTS)
        assert tab.texts("[data-board] tbody td.k-who") == first
        assert tab.page.locator("noscript").first.is_visible()
    assert tab.complaints == []


def test_paper_shows_the_table_and_nothing_to_click(tab):
    page = tab.open(POINTS)
    page.get_by_role("button", name="Colours:").dblclick()
    assert page.evaluate(GROUND) == DARK
    page.emulate_media(media="print", color_scheme="dark")
    for hidden in (".top", ".tools", ".pages", ".skip"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator("tbody tr").last.is_visible()
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('.card')).backgroundColor") == "rgb(255, 255, 255)"


def test_on_a_phone_the_page_one_is_on_is_in_sight_among_all_pages(tab):
    tab.page.set_viewport_size(browsing.PHONE)
    for path, entry in (("trust.html", "Insight"), ("quality.html", "Data"), ("index.html", "Season")):
        now = tab.open(path).locator("nav ul [aria-current]")
        box = now.bounding_box()
        assert now.text_content() == entry
        assert 0 <= box["x"] <= browsing.PHONE["width"] - box["width"]
