"""A board as it is shown: which entries, what stands beside them, and what it holds for."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.board_page import BoardPage, board_page
from pipelines.reports.board_view import show_board
from pipelines.reports.choices import Misuse
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.game.league import rules, task, tried
from tests.reports.shown_season import publish

WEEK_1, WEEK_2 = "2026-03-02", "2026-03-09"
SEASON = [
    task("t1"),
    task("t2", problem="erdos-straus"),
    task("t3", task_type="pattern"),
    tried("s1", "ada", "t1", f"{WEEK_1}T10:00:00Z", team_id="red"),
    tried("s2", "bob", "t1", f"{WEEK_1}T11:00:00Z", team_id="blue"),
    tried("s3", "bob", "t2", f"{WEEK_2}T10:00:00Z", "pending", team_id="blue"),
    tried("s4", "bob", "t3", f"{WEEK_2}T10:30:00Z", team_id="blue"),
    tried("s5", "eve", "t2", f"{WEEK_2}T11:00:00Z", "rejected"),
    tried("s6", "eve", "t2", f"{WEEK_2}T12:00:00Z"),
]


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish(home, SEASON)
    return Reading.open(settings(home))


def text_of(page: BoardPage, width: int = 100, *, fancy: bool = False) -> str:
    output = io.StringIO()
    show_board(page, screen(output, width, fancy=fancy))
    return output.getvalue()


def lines_of(page: BoardPage, width: int = 100) -> list[str]:
    return [" ".join(line.split()) for line in text_of(page, width).splitlines()]


def entries(page: BoardPage, *columns: str) -> list[Any]:
    return page.entries.select(columns).rows()


def test_entries_stand_in_order_with_points_tasks_accuracy_streak_and_badges(reading: Reading) -> None:
    lines = lines_of(board_page(reading, "points"))
    assert lines[1] == "Points: all time"
    assert lines[4:7] == [
        "* 1 +1 bob 35 2 100.0 % (2) 1 d Scholar, Champion, First Blood",
        "* 2 -1 ada 10 1 100.0 % (1) 0 d Champion, First Blood",
        "* 3 new eve 10* 1 50.0 % (2) 1 d First Blood",
    ]


def test_points_that_a_pending_verdict_can_take_away_are_marked_and_summed(reading: Reading) -> None:
    page = board_page(reading, "points")
    assert entries(page, "subject_id", "n_provisional_points") == [("bob", 0), ("ada", 0), ("eve", 5)]
    assert "* 5 points in it are provisional: a pending verdict can still take them away." in lines_of(page)


def test_the_mark_is_that_of_the_window_and_the_problem(reading: Reading) -> None:
    first = board_page(reading, "points", "week", dt.date(2026, 3, 4))
    assert entries(first, "subject_id", "n_provisional_points") == [("ada", 0), ("bob", 0)]
    assert entries(board_page(reading, "problem:collatz"), "n_provisional_points") == [(0,), (0,)]
    assert entries(board_page(reading, "problem:erdos-straus"), "subject_id", "n_provisional_points") == [("eve", 5)]


def test_without_a_date_the_last_window_with_entries_is_shown(reading: Reading) -> None:
    page = board_page(reading, "points", "week")
    assert (page.start_on, page.end_on) == (dt.date(2026, 3, 9), dt.date(2026, 3, 15))
    assert "Points: week 2026-03-09 to 2026-03-15" in text_of(page)


def test_a_date_chooses_the_window_it_lies_in(reading: Reading) -> None:
    page = board_page(reading, "points", "week", dt.date(2026, 3, 8))
    assert entries(page, "rank", "subject_id", "points") == [(1, "ada", 10), (2, "bob", 5)]
    assert board_page(reading, "points", "month", dt.date(2026, 3, 31)).start_on == dt.date(2026, 3, 1)


def test_nobody_is_new_in_a_window_that_nothing_goes_before(reading: Reading) -> None:
    assert "new" not in text_of(board_page(reading, "points", "week", dt.date(2026, 3, 2)))


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("pionts",), "There is no board `pionts`. Did you mean `points`?"),
        (("problem",), "There is no board `problem`."),
        (("points", "year"), "The board `points` has no window `year`: it has all, day, week, month."),
        (("accuracy", "week"), "The board `accuracy` has no window `week`: it has all."),
        (("points", "week", dt.date(2026, 2, 1)), "it has 2 weeks, which begin from 2026-03-02 to 2026-03-09."),
        (("points", "all", dt.date(2026, 2, 1)), "--on chooses among days, weeks or months"),
        (("points", "all", None, "red"), "The board `points` is one for all"),
    ],
)  # fmt: skip
def test_what_does_not_exist_is_answered_with_what_does(reading: Reading, asked: Any, sentence: str) -> None:
    with pytest.raises(Misuse) as misuse:
        board_page(reading, *asked)
    assert sentence in str(misuse.value)


def test_a_board_of_the_rulebook_without_entries_is_shown_empty(reading: Reading) -> None:
    assert "Nobody has an entry here yet." in text_of(board_page(reading, "accuracy"))


def test_a_board_of_teams_shows_members_and_no_badges(reading: Reading) -> None:
    lines = lines_of(board_page(reading, "team-points"))
    assert lines[2] == "team points tasks accuracy (n) members"
    assert lines[4:6] == ["* 1 +1 blue 35 2 100.0 % (2) 1", "* 2 -1 red 10 1 100.0 % (1) 1"]


def test_a_board_for_each_team_needs_one(tmp_path: Path) -> None:
    board = {"slug": "ours", "name": "Ours", "scope": "team", "order": ["points desc"], "windows": ["all"]}
    publish(tmp_path, SEASON, rules=rules(board=[board]))
    (tmp_path / "rulebook.toml").write_text(
        '[[board]]\nslug = "ours"\nname = "Ours"\nscope = "team"\norder = ["points desc"]\nwindows = ["all"]\n'
    )
    reading = Reading.open(settings(tmp_path))
    with pytest.raises(Misuse, match="choose with --scope-id among blue, red"):
        board_page(reading, "ours")
    assert entries(board_page(reading, "ours", scope_id="red"), "subject_id", "points") == [("ada", 10)]


def test_the_first_few_are_said_to_be_a_few(reading: Reading) -> None:
    page = board_page(reading, "points", top=1)
    assert entries(page, "subject_id") == [("bob",)]
    assert "The first 1 of 3: --top 3 shows all." in lines_of(page)


def test_a_season_is_dated_and_its_rules_are_named(reading: Reading) -> None:
    assert lines_of(board_page(reading, "points"))[-1] == (
        f"As of 2026-03-09T12:00:00Z, days in UTC, rulebook {reading.fingerprint}."
    )


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_no_line_is_wider_than_the_screen_and_numbers_are_whole(reading: Reading, width: int) -> None:
    lines = text_of(board_page(reading, "points"), width).splitlines()
    assert max(len(line) for line in lines[:7]) <= width
    assert "35 " in lines[4]
    assert ("100.0 % (2)" in lines[4]) == (width > 40)


def test_a_hostile_name_is_shown_harmless_and_short(tmp_path: Path) -> None:
    name = "[red]x[/red] :trophy: <a href=x> " + "long" * 40
    publish(tmp_path, [task("t1"), tried("s1", name, "t1", "2026-03-01T10:00:00Z")])
    text = text_of(board_page(Reading.open(settings(tmp_path)), "points"), 80)
    assert "[red]x[/red] :" in text
    assert "..." in text
    assert max(len(line) for line in text.splitlines()[:5]) <= 80


def test_medals_and_arrows_are_signs_that_need_no_emoji_font(reading: Reading) -> None:
    text = text_of(board_page(reading, "points"), fancy=True)
    assert "● 1" in text
    assert "▲1" in text
    assert max(map(ord, text)) < 0x2600


def test_plain_data_hold_the_entries_and_what_they_hold_for(reading: Reading) -> None:
    plain = board_page(reading, "points", "week").for_machines()
    assert (plain["board"], plain["window"], plain["window_start_on"]) == ("points", "week", dt.date(2026, 3, 9))
    assert plain["n_entries"] == 2
    assert [entry["subject_id"] for entry in plain["entries"]] == ["bob", "eve"]  # type: ignore[attr-defined]
