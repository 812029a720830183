"""What the pages do when they are clicked and typed at: tables, windows of boards, the field that finds names, colours.

What a table must show is asked of the published one, `leaderboards`.
"""

import datetime as dt

import polars as pl
import pytest

from pipelines.reports.site.links import path_of
from tests.reports.site import browsing, strangers

POINTS, PROJECTS = path_of("board", "points"), path_of("board", "project-xp-agent")
WEEK = dt.date(2026, 4, 6)
PER_PAGE = 50
LISTED = "document.querySelector('.pages [role=status]')?.textContent.startsWith('Rows 1 to')"
ADVICE = (
    "[...document.querySelectorAll('[data-listing] tbody tr')].map(r => [...r.cells].map(c => c.textContent.trim()))"
)
ROWS = "[...document.querySelectorAll('[data-board] tbody tr')].map(r => [...r.cells].map(c => c.textContent.trim()))"
EVERY_WINDOW = f"""async () => {{
  const pick = document.querySelector("[data-window]"), found = [];
  for (const {{ value }} of [...pick.options]) {{
    const before = document.querySelector("[data-board] table");
    pick.value = value;
    pick.dispatchEvent(new Event("change"));
    while (document.querySelector("[data-board] table") === before) await new Promise((done) => setTimeout(done, 5));
    found.push([value, document.querySelector(".pages [role=status]").textContent, {ROWS}]);
  }}
  return found;
}}"""


@pytest.fixture(scope="module")
def table(season):
    """The published table of all boards."""
    return season.collect(season.table("leaderboards"))


@pytest.fixture(scope="module")
def entries(table):
    """Entries of the table in their order: `entries(board, window, start=None, scope=None)`."""

    def of(board, window, start=None, scope=None):
        asked = (pl.col("board") == board) & (pl.col("window") == window)
        began = pl.col("window_start_on").eq_missing(pl.lit(start))
        return table.filter(asked & began & pl.col("scope_id").eq_missing(pl.lit(scope))).to_dicts()

    return of


def shown(tab):
    """The rows of the board that is open, each cell as its text, by the heading of its column."""
    heads = [text.strip() for text in tab.texts("[data-board] thead th")]
    return [dict(zip(heads, row, strict=True)) for row in tab.page.evaluate(ROWS)]


def column(tab, heading):
    return [row[heading] for row in shown(tab)]


def first_page(rows, key=None, *, reverse=False):
    """The names that stand on the first page when rows are sorted so; equals stay as they were."""
    ordered = sorted(rows, key=key, reverse=reverse) if key else rows
    return [row["subject_id"] for row in ordered[:PER_PAGE]]


def said(tab):
    return tab.page.get_by_role("status").text_content()


def opened(tab, path):
    tab.open(path)
    assert tab.comes_true("!!document.querySelector('.pages')")


def test_a_click_on_a_heading_sorts_numbers_from_the_largest_and_then_from_the_smallest(tab, entries):
    rows = entries("points", "all")
    opened(tab, POINTS)
    heading = tab.page.get_by_role("button", name="Tasks")
    heading.click()
    assert column(tab, "Agent") == first_page(rows, key=lambda row: -row["tasks_completed"])
    assert tab.page.locator("th[aria-sort=descending]").text_content() == "Tasks"
    tab.page.keyboard.press("Enter")  # the heading has kept the focus
    assert column(tab, "Agent") == first_page(rows, key=lambda row: row["tasks_completed"])


def test_a_click_on_a_heading_sorts_names_from_a_to_z(tab, entries):
    rows = entries("points", "all")
    opened(tab, POINTS)
    tab.page.get_by_role("button", name="Agent").click()
    assert column(tab, "Agent") == first_page(rows, key=lambda row: row["subject_id"])
    tab.page.get_by_role("button", name="Agent").click()
    assert column(tab, "Agent") == first_page(rows, key=lambda row: row["subject_id"], reverse=True)


def test_what_is_not_known_stands_last_whichever_way_a_column_is_sorted(tab, entries):
    rows = entries("points", "week", WEEK)
    unknown = [row["subject_id"] for row in rows if row["rank_change"] is None]
    opened(tab, f"{POINTS}#window=week%3A{WEEK}")
    assert tab.comes_true(f"document.querySelectorAll('tbody tr').length === {len(rows)}")
    assert 0 < len(unknown) < len(rows) <= PER_PAGE
    for _ in range(2):
        tab.page.get_by_role("button", name="Move").click()
        assert column(tab, "Agent")[-len(unknown) :] == unknown


def test_the_search_of_a_table_keeps_rows_with_that_part_of_a_name_and_says_how_many(tab, entries):
    names = [row["subject_id"] for row in entries("points", "all")]
    opened(tab, POINTS)
    for part in ("Agent-1", "<SCRIPT>", "%3C", "\\", "עולם", "__"):
        tab.page.get_by_placeholder("part of a name").fill(part)
        found = [name for name in names if part.lower() in name.lower()]
        assert column(tab, "Agent") == found != []
        assert said(tab) == f"Rows 1 to {len(found)} of {len(found)}"
    tab.page.get_by_placeholder("part of a name").fill("nobody is called so")
    assert (shown(tab), said(tab)) == ([], "No row matches.")


def test_a_table_is_leafed_through_page_by_page(tab, entries):
    names = [row["subject_id"] for row in entries("points", "all")]
    after, before = (tab.page.get_by_role("button", name=name) for name in ("Next", "Previous"))
    opened(tab, POINTS)
    assert said(tab) == f"Rows 1 to 50 of {len(names)}"
    assert before.is_disabled()
    after.click()
    assert (column(tab, "Agent"), said(tab)) == (names[50:], f"Rows 51 to {len(names)} of {len(names)}")
    assert after.is_disabled()
    before.click()
    assert column(tab, "Agent") == names[:50]


def test_every_window_shows_the_entries_of_the_published_table(tab, entries, table):
    opened(tab, POINTS)
    found = tab.page.evaluate(EVERY_WINDOW)
    windows = table.filter(pl.col("board") == "points").select("window", "window_start_on")
    assert len(found) == windows.n_unique() > 30
    for key, text, rows in found:
        kind, _, start = key.partition(":")
        held = entries("points", kind, dt.date.fromisoformat(start) if start else None)
        assert text.endswith(f" of {len(held)}"), key
        expected = [[str(row["rank"]), row["subject_id"], f"{row['points']:,}"] for row in held[:PER_PAGE]]
        name = 2 if any(row["rank_change"] is not None for row in held) else 1  # the first window has no moves
        assert [[row[0], row[name], row[name + 1]] for row in rows] == expected, key


def test_windows_are_stepped_through_and_their_address_leads_back_to_them(tab, entries):
    earlier, later = (tab.page.get_by_role("button", name=name) for name in ("Earlier", "Later"))
    opened(tab, f"{POINTS}#window=week%3A{WEEK}")
    assert tab.comes_true("document.querySelector('[data-title]').textContent === '6 Apr 2026 to 12 Apr 2026'")
    earlier.click()
    assert tab.comes_true("document.querySelector('[data-title]').textContent === '30 Mar 2026 to 5 Apr 2026'")
    assert tab.page.url.endswith("#window=week%3A2026-03-30")
    later.click()
    later.click()
    assert later.is_disabled()
    assert not earlier.is_disabled()
    newest_week = "document.querySelector('[data-title]').textContent === '13 Apr 2026 to 19 Apr 2026'"
    assert tab.comes_true(newest_week)
    tab.page.reload()
    assert tab.comes_true(newest_week)
    newest = [row["subject_id"] for row in entries("points", "week", dt.date(2026, 4, 13))]
    assert tab.comes_true(f"document.querySelectorAll('tbody tr').length === {len(newest)}")
    assert (column(tab, "Agent"), tab.page.get_by_label("Window", exact=True).input_value()) == (
        newest,
        "week:2026-04-13",
    )
    tab.page.get_by_label("Window", exact=True).select_option("week:2026-02-23")
    assert tab.comes_true("document.querySelector('[data-title]').textContent === '23 Feb 2026 to 1 Mar 2026'")
    assert earlier.is_disabled()


def test_a_board_of_projects_shows_one_at_a_time(tab, entries):
    opened(tab, PROJECTS)
    scopes = tab.page.get_by_label("Project")
    projects = scopes.locator("option").all_text_contents()
    assert len(projects) == 11
    for project in projects[::4]:
        scopes.select_option(project)
        rows = entries("project-xp-agent", "all", scope=project)
        assert column(tab, "Agent") == [row["subject_id"] for row in rows] != [], project
    address = tab.page.url
    tab.open("boards.html")
    opened(tab, f"{PROJECTS}#{address.partition('#')[2]}")
    assert (scopes.input_value(), column(tab, "Agent")) == (project, [row["subject_id"] for row in rows])


def test_the_list_of_boards_is_searched_and_sorted(tab):
    tab.open("boards.html")
    tab.page.get_by_label("Board", exact=True).fill("TEAM")
    of_teams = [text for text in tab.texts("#boards tbody tr") if "team" in text.lower()]
    assert tab.texts("#boards tbody tr:visible") == of_teams != []
    tab.page.get_by_label("Board", exact=True).fill("")
    tab.page.get_by_role("button", name="Windows").click()
    windows = [int(text) for text in tab.texts("#boards tbody td:last-child")]
    assert windows == sorted(windows, reverse=True)
    assert len(set(windows)) > 1


def test_advice_is_found_by_work_and_sorted_by_chance(tab):
    page, work = tab.open("advice.html"), f"complex {strangers.NAMES[1]}"
    assert tab.comes_true(LISTED)
    page.locator("#search").fill(work)
    assert {row[2] for row in page.evaluate(ADVICE)} == {work}
    page.locator("#search").fill("")
    page.get_by_role("button", name="Chance").click()
    chances = [int(row[5].split(" %")[0]) for row in page.evaluate(ADVICE)]
    assert chances == sorted(chances, reverse=True)
    page.get_by_role("button", name="Chance").click()
    assert int(page.evaluate(ADVICE)[0][5].split(" %")[0]) < chances[0]


@pytest.mark.parametrize("path", ["advice.html", "tasks.html"])
def test_a_table_shows_the_same_with_a_script_as_without(tab, chromium, site, path):
    with browsing.tab(chromium, site, java_script_enabled=False) as still:
        without = still.open(path).locator("[data-listing] tbody td").all_text_contents()
    tab.open(path)
    assert tab.comes_true(LISTED)
    with_script = tab.texts("[data-listing] tbody td")[: len(without)]
    assert [" ".join(text.split()) for text in with_script] == [" ".join(text.split()) for text in without]
