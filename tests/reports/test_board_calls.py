"""Boards of agent calls as they are shown: of agents, users, pairs, teams and projects."""

import io
from pathlib import Path

import pytest

from pipelines.reports.board_page import BoardPage, board_page
from pipelines.reports.board_view import show_board
from pipelines.reports.choices import Misuse
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.game.league import rules, task, tried
from tests.reports.call_season import publish_calls
from tests.reports.shown_season import called, publish


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish_calls(home)
    return Reading.open(settings(home))


def lines_of(page: BoardPage, width: int = 100) -> list[str]:
    output = io.StringIO()
    show_board(page, screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def test_agents_stand_by_xp_with_calls_and_success(reading: Reading) -> None:
    lines = lines_of(board_page(reading, "xp-agent", "week"))
    assert lines[1:3] == ["XP of agents: week 2026-03-02 to 2026-03-08", "agent XP calls success"]
    assert lines[4:6] == ["* 1 python-pro 61 5 80.0 %", "* 2 both 60 1 100.0 %"]


def test_users_have_level_title_and_achievements_beside_them(reading: Reading) -> None:
    lines = lines_of(board_page(reading, "xp-user"))
    assert lines[2] == "user XP calls success level achievements"
    assert lines[4:6] == [
        "* 1 ann 140 3 66.7 % 2 Specialist First Steps",
        "* 2 bob 81 3 100.0 % 1 Recruit First Steps",
    ]
    assert "Levels are those of all XP up to then; the rarest achievements come first." in lines


def test_a_pair_is_a_user_with_an_agent_and_has_its_own_level(reading: Reading) -> None:
    lines = lines_of(board_page(reading, "xp-user-agent"))
    assert lines[2] == "user with agent XP calls success level"
    assert lines[4:7] == [
        "* 1 ann with both 60 1 100.0 % 1 .....",
        "* 2 bob with python-pro 31 3 100.0 % 1 .....",
        "* 3 ann with python-pro 30 2 50.0 % 1 .....",
    ]


def test_teams_have_members_and_their_mean(reading: Reading) -> None:
    assert lines_of(board_page(reading, "team-xp"))[2] == "team XP calls success members"
    lines = lines_of(board_page(reading, "team-xp-mean"))
    assert lines[2] == "team XP/member XP calls success members"
    assert lines[4:6] == ["* 1 blue 81.0 81 3 100.0 % 1", "* 2 red 80.0 80 2 50.0 % 1"]


def test_a_board_of_projects_needs_one(reading: Reading) -> None:
    with pytest.raises(Misuse, match="one for each project: choose with --scope-id among web"):
        board_page(reading, "project-xp-agent")
    with pytest.raises(Misuse, match=r"There is no project `wob`\. Did you mean `web`"):
        board_page(reading, "project-xp-agent", scope_id="wob")
    page = board_page(reading, "project-xp-agent", scope_id="web")
    assert page.entries.select("rank", "subject_id", "xp").rows() == [(1, "both", 60), (2, "python-pro", 27)]
    assert lines_of(page)[1] == "XP of agents by project: all time, web"


def test_of_a_project_the_last_week_with_its_own_entries_is_shown(tmp_path: Path) -> None:
    publish(
        tmp_path,
        [
            called("c1", "ann", "a", "2026-03-02T09:00:00Z", project_id="web"),
            called("c2", "ann", "a", "2026-03-12T09:00:00Z", project_id="api"),
        ],
    )
    page = board_page(Reading.open(settings(tmp_path)), "project-xp-user", "week", scope_id="web")
    assert str(page.start_on) == "2026-03-02"


def test_a_board_of_projects_without_any_is_shown_empty(tmp_path: Path) -> None:
    publish(tmp_path, [called("c1", "ann", "a", "2026-03-02T09:00:00Z")])
    assert "Nobody has an entry here yet." in lines_of(board_page(Reading.open(settings(tmp_path)), "project-xp-user"))


def test_nothing_is_provisional_where_no_verdict_is_awaited(reading: Reading) -> None:
    page = board_page(reading, "xp-agent")
    assert "n_provisional_points" not in page.entries.columns
    assert not [line for line in lines_of(page) if "provisional" in line]


def test_who_earned_by_an_achievement_alone_in_that_week_has_no_share_of_success(tmp_path: Path) -> None:
    """A badge of an agent that ann owns completes an achievement of hers in a week without a call."""
    legend = {"slug": "arena-legend", "threshold": 2, "min_level": 1}
    records = [
        task("t1"),
        called("c1", "ann", "a", "2026-03-02T09:00:00Z"),
        tried("s1", "solver", "t1", "2026-03-10T10:00:00Z", user_id="ann"),
    ]
    publish(tmp_path, records, rules=rules(achievement=[legend]))
    page = board_page(Reading.open(settings(tmp_path)), "xp-user", "week")
    assert page.entries.select("xp", "calls", "success_share").rows() == [(2000, 0, None)]
    assert "* 1 = ann 2,000 0 - 6 Legend" in lines_of(page, 60)


@pytest.mark.parametrize("board", ["xp-agent", "xp-user", "xp-user-agent", "team-xp-mean"])
@pytest.mark.parametrize("width", [40, 60, 100])
def test_no_line_is_wider_than_the_screen(reading: Reading, board: str, width: int) -> None:
    output = io.StringIO()
    show_board(board_page(reading, board), screen(output, width, fancy=False))
    assert max(map(len, output.getvalue().splitlines()[:7])) <= width


def test_of_a_pair_with_long_names_something_of_both_is_seen(tmp_path: Path) -> None:
    publish(tmp_path, [called("c1", "u" * 90, "a" * 90, "2026-03-02T09:00:00Z")])
    lines = lines_of(board_page(Reading.open(settings(tmp_path)), "xp-user-agent"), 60)
    assert lines[4].startswith("* 1 uuuuuuuuuu... with aaaaaaaaaaa... 10 ")


def test_plain_data_hold_both_names_of_a_pair(reading: Reading) -> None:
    entry = board_page(reading, "xp-user-agent", top=1).for_machines()["entries"][0]  # type: ignore[index]
    assert (entry["subject_id"], entry["user_id"], entry["agent_id"]) == ('["ann","both"]', "ann", "both")
    assert (entry["xp"], entry["points"], entry["level"], entry["title"]) == (60, None, 1, "Recruit")
