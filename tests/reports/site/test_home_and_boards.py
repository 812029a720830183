"""The season at a glance and the pages of boards: what they say is what the published tables hold."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.reports.reading import Reading
from pipelines.reports.site import agent_pages, board_pages, home_page
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import path_of
from tests.game.league import instant, rules, task, tried
from tests.reports.shown_season import called, publish
from tests.reports.site.rendered import pages_of, words

MARKUP = "</script><script>boom()</script>"
FIRST_WEEK = [
    task("t1"),
    task("t2", difficulty="medium", points=12),
    tried("s1", "ada", "t1", "2026-03-02T10:00:00Z", team_id="red"),
    tried("s2", "bob", "t1", "2026-03-02T11:00:00Z", team_id="red"),
    tried("s3", "bob", "t2", "2026-03-02T12:00:00Z", "rejected"),
]
SECOND_WEEK = [
    tried("s4", "bob", "t2", "2026-03-10T09:00:00Z"),
    tried("s5", MARKUP, "t1", "2026-03-11T09:00:00Z"),
    called("c1", "ann", "python-pro", "2026-03-11T10:00:00Z", project_id="orchard"),
    called("c2", "ann", "python-pro", "2026-03-11T11:00:00Z", success=False, project_id="harbour"),
]


def read(home: Path, records: list[dict[str, object]], as_of: str | None = None, **over: object) -> Held:
    """The season as pages read it. `over`: what differs from the default rules."""
    book = rules(**over)
    return Held.of(Reading(publish(home, records, rules=book, as_of=as_of and instant(as_of)), book))


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return read(tmp_path_factory.mktemp("home"), FIRST_WEEK + SECOND_WEEK)


@pytest.fixture(scope="module")
def one_day(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return read(tmp_path_factory.mktemp("home"), FIRST_WEEK)


@pytest.fixture(scope="module")
def home(held: Held) -> str:
    return words(pages_of(home_page.pages, held, board=held.boards())["index.html"])


@pytest.fixture(scope="module")
def boards(held: Held) -> dict[str, str]:
    return pages_of(board_pages.pages, held, board=held.boards(), agent=["ada"])


def told_of(pages: dict[str, str], board: str, window: str) -> dict[str, object]:
    """What the script is told of a window."""
    (file,) = [text for text in pages.values() if text.startswith(f'podium.take("{path_of("board", board)}/{window}",')]
    return json.loads(file.partition(",")[2].removesuffix(");\n"))


def entries(pages: dict[str, str], board: str, window: str) -> dict[str, list[object]]:
    """Its values, column by column."""
    return told_of(pages, board, window)["values"]


def test_the_key_figures_are_those_of_the_tables(home: str) -> None:
    assert (
        "agents competing 3 tasks completed of 5 attempts 4 tasks solved by anyone of 2 2 points awarded 37 "
        "user who calls agents 1 agent called 1 calls 50.0 % succeeded 2"
    ) in home


def test_the_first_page_says_who_leads_and_who_climbed(home: str) -> None:
    assert "2 Mar 2026 to 11 Mar 2026, days in UTC" in home
    assert "1 up 1 bob" in home.replace("▲ ", "")
    assert "bob from 2 to 1, with 17 points in the week from 9 Mar 2026" in home
    assert f"{MARKUP} the best so far" in home


@pytest.mark.parametrize("as_of", ["2026-03-16T09:00:00Z", "2026-03-22T09:00:00Z"])
def test_climbers_of_last_week_are_told_until_this_one_is_over(tmp_path: Path, as_of: str) -> None:
    season = read(tmp_path, FIRST_WEEK + SECOND_WEEK, as_of)
    assert "Climbers of last week" in words(pages_of(home_page.pages, season, board=season.boards())["index.html"])


def test_long_after_the_last_event_nobody_climbs_and_no_last_days_are_drawn(tmp_path: Path) -> None:
    season = read(tmp_path, FIRST_WEEK + SECOND_WEEK, "2026-05-01T09:00:00Z")
    page = pages_of(home_page.pages, season, board=season.boards())["index.html"]
    assert "Climbers" not in page
    assert "28 days" not in page
    assert "spark" not in entries(pages_of(board_pages.pages, season, board=season.boards()), "points", "all")


@pytest.mark.parametrize(
    "otherwise",
    [{"windows": ["week"]}, {"scope": "team"}, {"subject": "team"}, {"order": ["xp desc"]}, {"enabled": False}],
)
def test_a_board_that_ranks_others_than_by_default_is_told_on_its_own_page_alone(
    tmp_path: Path, otherwise: dict[str, object]
) -> None:
    season = read(tmp_path, FIRST_WEEK + SECOND_WEEK, board=[{"slug": "points", **otherwise}])
    page = words(pages_of(home_page.pages, season, board=season.boards())["index.html"])
    assert "Top agents" not in page
    assert "Climbers" not in page
    assert "Agents that are called" in page


def test_a_season_of_one_day_has_neither_moves_nor_a_course_of_days(one_day: Held) -> None:
    page = pages_of(home_page.pages, one_day, board=one_day.boards())["index.html"]
    assert "2 Mar 2026, days in UTC" in words(page)
    assert "28 days" not in page
    assert ">Move<" not in page
    told = entries(pages_of(board_pages.pages, one_day, board=one_day.boards()), "points", "all")
    assert {"spark", "rank_change"} & set(told) == set()


def test_every_window_of_a_board_holds_its_entries(held: Held, boards: dict[str, str]) -> None:
    rows = held.frame("leaderboards").filter((pl.col("board") == "points") & (pl.col("window") == "week"))
    for (start,), part in rows.partition_by("window_start_on", as_dict=True).items():
        told = entries(boards, "points", f"week:{start}")
        assert told["subject"] == part["subject_id"].to_list()
        assert told["points"] == part["points"].to_list()
        assert told["rank"] == part["rank"].to_list()


def test_the_newest_window_of_each_kind_comes_first_and_all_time_before_all(boards: dict[str, str]) -> None:
    page = boards[path_of("board", "points")]
    data = page.partition('<script type="application/json">')[2].partition("</script>")[0]
    keys = [window["key"] for window in json.loads(data)["windows"]]
    assert keys == [
        "all", "month:2026-03-01", "week:2026-03-09", "week:2026-03-02", "day:2026-03-11", "day:2026-03-10",
        "day:2026-03-02",
    ]  # fmt: skip


def test_who_has_a_page_is_linked_and_who_has_none_is_not(boards: dict[str, str]) -> None:
    told = entries(boards, "points", "all")
    pages = dict(zip(told["subject"], told["subject.page"], strict=True))
    assert pages == {"bob": None, "ada": path_of("agent", "ada"), MARKUP: None}


def test_a_board_of_scopes_tells_whose_each_entry_is(boards: dict[str, str]) -> None:
    told = entries(boards, "project-xp-agent", "all")
    assert sorted(zip(told["scope"], told["subject"], strict=True)) == [
        ("harbour", "python-pro"),
        ("orchard", "python-pro"),
    ]


def test_of_a_window_that_has_passed_the_first_are_told_and_how_many_there_are(
    held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_pages, "MAX_PAST", 1)
    pages = pages_of(board_pages.pages, held, board=held.boards())
    assert entries(pages, "points", "week:2026-03-02")["subject"] == ["ada"]
    assert told_of(pages, "points", "week:2026-03-02")["total"] == 2


def test_of_a_window_of_scopes_it_is_told_how_many_each_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = [(1, "py", "orchard"), (2, "go", "orchard"), (3, "py", "harbour")]
    records = [called(f"c{n}", "ann", agent, f"2026-03-11T1{n}:00:00Z", project_id=where) for n, agent, where in calls]
    season = read(tmp_path, records)
    monkeypatch.setattr(board_pages, "MAX_PAST", 1)
    told = entries(pages_of(board_pages.pages, season, board=season.boards()), "project-xp-agent", "week:2026-03-09")
    assert dict(zip(told["scope"], told["scope.total"], strict=True)) == {"orchard": 2, "harbour": 1}


def test_a_board_of_minutes_shows_whole_ones_and_says_who_comes_first(tmp_path: Path) -> None:
    start, end = (dt.datetime(2026, 3, 2, hour, tzinfo=dt.UTC) for hour in (9, 14))
    cup = {"slug": "cup", "name": "Cup", "start": start, "end": end}
    own = {"slug": "quick", "name": "Quick", "order": ["last_solve_minute asc"], "windows": ["cup"]}
    season = read(tmp_path, FIRST_WEEK, window=[cup], board=[own])
    pages = pages_of(board_pages.pages, season, board=season.boards())
    assert json.dumps(entries(pages, "quick", "cup")["last_solve_minute"]) == "[60, 120]"
    assert "Quick Ranks agents by the minute of the last solve, earliest first. – – 1" in words(pages["boards.html"])


def test_a_board_shows_the_measure_that_it_ranks_by(tmp_path: Path) -> None:
    own = [
        {"slug": "helpers", "name": "Helpers", "subject": "user", "order": ["successes desc"]},
        {"slug": "teams", "name": "Teams", "subject": "team", "order": ["points desc", "points_per_member desc"]},
    ]
    season = read(tmp_path, FIRST_WEEK + SECOND_WEEK, board=own)
    pages = pages_of(board_pages.pages, season, board=season.boards())
    assert entries(pages, "helpers", "all")["successes"] == [1]
    red = entries(pages, "teams", "all")
    assert (red["points"], red["n_members"], red["points_per_member"]) == ([15], [2], [7.5])


@pytest.mark.parametrize(("board", "measure"), [("points", "points"), ("xp-agent", "xp"), ("xp-user", "xp")])
def test_beneath_a_board_of_sums_the_first_grow_to_what_it_says(
    held: Held, boards: dict[str, str], board: str, measure: str
) -> None:
    drawn = boards[path_of("board", board)].partition('data-chart="growth">')[2].partition("</script>")[0]
    ends = [trace["y"][-1] for trace in json.loads(drawn)["data"] if trace.get("y")]
    assert ends == entries(boards, board, "all")[measure][:5]


def test_a_board_of_a_part_has_neither_the_growth_nor_the_last_days_of_everything(boards: dict[str, str]) -> None:
    for board in ("problem:collatz", "project-xp-agent"):
        assert "data-chart" not in boards[path_of("board", board)]
        assert "spark" not in entries(boards, board, "all")


def test_without_a_script_a_board_of_scopes_shows_the_first_of_them_and_commands_name_it(
    boards: dict[str, str],
) -> None:
    page = boards[path_of("board", "project-xp-agent")]
    assert page.count("<tr><td") == 1
    assert "podium export --board project-xp-agent --scope-id harbour --format csv" in page


def test_a_command_with_a_strangers_problem_is_one_word_to_a_shell(tmp_path: Path) -> None:
    records = [task("t1", problem="$(rm -rf ~)"), tried("s1", "ada", "t1", "2026-03-02T10:00:00Z")]
    season = read(tmp_path, records)
    pages = pages_of(board_pages.pages, season, board=season.boards())
    said = words(pages[path_of("board", "problem:$(rm -rf ~)")])
    assert "podium board 'problem:$(rm -rf ~)'" in said


def test_a_profile_leads_to_the_board_of_its_scope(held: Held) -> None:
    pages = pages_of(agent_pages.pages, held, agent=["python-pro"], board=held.boards())
    assert (
        f'{path_of("board", "project-xp-agent")}#window=all&amp;scope=orchard"' in pages[path_of("agent", "python-pro")]
    )


def test_of_pairs_both_lead(boards: dict[str, str]) -> None:
    assert "ann with python-pro" in words(boards["boards.html"])


def test_no_name_ends_a_script(boards: dict[str, str]) -> None:
    for path, text in boards.items():
        assert "<script>boom" not in text, path
