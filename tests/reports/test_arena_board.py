"""What several teams published together, as it is shown: the page, the terminal, the files, and names of strangers."""

import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from pipelines.arena.arena_tables import ARENA_TABLES
from pipelines.arena.known import KnownBusy, held
from pipelines.arena.merge import Merged, merge
from pipelines.arena.pooled import CLEAR
from pipelines.reports.arena_board import ONE_IN, ArenaPage, period
from pipelines.reports.arena_board_page import PAGE, merge_to, page_text
from pipelines.reports.arena_board_view import merged_for_machines, show_merged
from pipelines.reports.choices import Misuse
from pipelines.reports.machine import to_json
from pipelines.reports.site.folder import MARK, NotOurs
from pipelines.reports.terminal import screen
from tests.arena.arena_teams import Team, name

HOSTILE = '<script>alert(1)</script>[bold]{{7*7}}"'
ENTRIES = [  # of a month that both tell, and of one that only a team with a clock of its own tells
    ("xp-user", "2026-10", 1, "owner", name("a"), name("a"), 200),
    ("accuracy", "all", 1, "agent", name("7"), name("a"), 0.95),
]
AHEAD = ("xp-user", "2026-11", 1, "owner", name("d"), name("d"), 50)
USAGE = [("2026-10", "debugger", 1900, 100), ("2026-10", HOSTILE, 900, 600), ("2026-10", "Plan", 40, -60)]
ACHIEVED = [
    ("e" * 32, "achievement", "centurion", "gold", None, "2026-W40"),
    ("e" * 32, "level", "level", None, 3, "2026-W41"),
]
WITHHELD = [("usage", "submissions", "2026-10", "few_people", f"fewer than 10 people {HOSTILE}")]


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> tuple[Team, Team]:
    folder = tmp_path_factory.mktemp("teams")
    red, blue = Team(folder / "red"), Team(folder / "blue")
    red.publish({"a": 1340, "c": 70}, USAGE, leaderboard_entries=ENTRIES, achievements=ACHIEVED, withheld=WITHHELD)
    of_month = ("xp-user", "2026-10", 1, "owner", name("d"), name("d"), 330)
    blue.publish({"d": 330}, USAGE[:1], leaderboard_entries=[of_month, AHEAD], achievements=ACHIEVED[:1])
    (red.publish({"a": 9990}, USAGE) / "usage.jsonl").write_bytes(b"")  # is refused
    return red, blue


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("out") / "board"


@pytest.fixture(scope="module")
def merged(teams: tuple[Team, Team], out: Path) -> Merged:
    return merge_to([team.bundles for team in teams], out)


def text_of(merged: Merged, out: Path, width: int = 100) -> str:
    output = io.StringIO()
    show_merged(merged, out, screen(output, width))
    return output.getvalue()


def test_the_folder_holds_each_table_as_lines_and_one_page(merged, out):
    assert {path.name for path in out.iterdir()} == {MARK, PAGE, *(f"{table}.jsonl" for table in ARENA_TABLES)}
    lines = (out / "global_leaderboards.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == merged.tables["global_leaderboards"].to_dicts()
    assert json.loads((out / "refusals.jsonl").read_text())["reason"] == "unverified"


def test_the_same_bundles_make_the_same_bytes(merged, teams, out, tmp_path):
    again = tmp_path / "again"
    merge_to([team.bundles for team in reversed(teams)], again)
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in out.iterdir()
    }


def test_the_month_is_the_one_that_most_teams_tell_and_not_the_one_furthest_ahead(merged):
    (ranking,) = ArenaPage(merged).rankings
    assert [(board.title, board.period, [row["score"] for row in board.rows]) for board in ranking.first] == [
        ("XP of owners", "all", [1340, 330, 70]),
        ("XP of owners", "2026-10", [330, 200]),
    ]
    assert [(board.title, board.score(board.rows[0])) for board in ranking.others] == [("Accuracy of agents", "95 %")]


def test_agents_that_cannot_be_told_from_noise_are_named_apart(merged):
    (usage,) = ArenaPage(merged).usage
    assert [(row["agent"], row["attempts"], row["n_publishers"]) for row in usage.agents] == [
        ("debugger", 4000, 2),
        (HOSTILE, 1500, 1),
    ]
    assert (list(usage.lost), list(usage.months)) == (["Plan"], ["2026-10"])


def test_how_many_agents_without_use_are_named_all_the_same_is_said(merged):
    of_empty = np.random.default_rng(7).normal(size=1_000_000)
    assert (of_empty >= CLEAR).mean() == pytest.approx(1 / ONE_IN, rel=0.03)
    assert f"Of {ONE_IN} agents that nobody uses, about one stands here by noise alone." in page_text(merged)


def test_the_page_holds_boards_agents_achievements_teams_refusals_and_what_is_withheld(merged, teams, out):
    text = (out / PAGE).read_text()
    headings = re.findall(r"<h2[^>]*>(.*?)</h2>", text)
    assert headings == [
        "Refused",
        "Boards",
        "Calls of agents: which are used, and how they fare",
        "Badges and achievements",
        "Levels reached",
        "Teams",
        "What teams withhold",
    ]
    assert f'<bdi class="who" title="{name("a")}">{"a" * 8}</bdi>' in text
    assert all(team.publisher[:8] in text for team in teams)
    assert "A bundle that calls itself 2 of publisher" in text
    assert str(out.parent) not in text  # where it lies on the disk is nobody's business


def test_names_of_strangers_are_text_on_the_page_and_the_page_asks_for_nothing(merged, out):
    text = (out / PAGE).read_text()
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;[bold]{{7*7}}") >= 2
    assert re.findall(r"<script|<link|src=|url\(|@import|https?:", text) == []


def test_the_terminal_shows_the_first_of_everything(merged, teams, out):
    lines = [" ".join(line.split()) for line in text_of(merged, out).splitlines()]
    red, blue = (team.publisher[:8] for team in teams)
    board = lines.index("XP of owners, all time")
    assert lines[board + 3 : board + 6] == [
        f"1 aaaaaaaa {red} 1,340",
        f"2 dddddddd {blue} 330",
        f"3 cccccccc {red} 70",
    ]
    assert "debugger 4,000 (3,559 to 4,441) 73 % (67 to 80) 95 % (88 to >99) 2" in lines
    assert "centurion gold 2 2 2026-W40" in lines
    assert lines[0] == ""
    assert lines[1] == "Arena of 2 teams"


@pytest.mark.parametrize("width", [30, 60, 100])
def test_no_line_is_wider_than_the_terminal(merged, out, width):
    assert max(map(len, text_of(merged, out, width).splitlines())) <= width


def test_machines_get_all_tables_and_what_does_not_verify(merged):
    told = json.loads(to_json(merged_for_machines(merged)))
    assert set(told) == {*ARENA_TABLES, "notes"}
    assert told["publishers"][0]["k"] == 10
    (refusal,) = told["refusals"]
    assert (refusal["reason"], refusal["sequence"]) == ("unverified", 2)
    assert "usage.jsonl" in refusal["detail"]


def test_a_team_whose_noise_is_left_out_of_the_sums_is_named_on_the_page(teams, tmp_path):
    loud = Team(tmp_path / "loud")
    loud.publish({}, USAGE[:1], sigma=1e9)
    told = page_text(merge([*(team.bundles for team in teams), loud.bundles]))
    row = re.search(rf'title="{loud.publisher}".*?</tr>', told)
    assert row is not None
    assert "<small>1 release left out of sums: too much noise</small>" in row[0]
    assert told.count("too much noise") == 1


def test_an_arena_of_nobody_has_a_page_too(tmp_path):
    merged = merge_to([], tmp_path / "out")
    assert "Nobody shares a place on a board yet." in (tmp_path / "out" / PAGE).read_text()
    assert "Arena of 0 teams" in text_of(merged, tmp_path)


def test_what_was_learnt_is_remembered_and_older_bundles_are_refused_then(teams, tmp_path):
    _, blue = teams
    blue = blue.copied(tmp_path / "blue")
    blue.publish({"d": 340}, USAGE[:1])
    out, known = tmp_path / "out", tmp_path / "known.json"
    assert merge_to([blue.bundles], out, known).refusals == ()
    (refusal,) = merge_to([blue.bundles / "000001"], out, known).refusals
    assert refusal.reason == "replay"


def test_of_two_merges_with_one_memory_the_second_waits_and_writes_nothing(teams, tmp_path):
    out, known = tmp_path / "out", tmp_path / "known.json"
    (tmp_path / "same.json").symlink_to(known)
    with held(tmp_path / "same.json"), pytest.raises(KnownBusy, match=r"Another merge is at work with .*known\.json: "):
        merge_to([teams[1].bundles], out, known)
    assert (out.exists(), known.exists()) == (False, False)
    assert merge_to([teams[1].bundles], out, known).refusals == ()
    assert known.exists()


def test_a_memory_is_never_put_into_the_folder_that_is_replaced(teams, tmp_path):
    with pytest.raises(Misuse, match="is replaced whole, so --known must lie elsewhere"):
        merge_to([teams[1].bundles], tmp_path / "out", tmp_path / "out" / "known.json")


def test_a_folder_of_something_else_is_left_alone(teams, tmp_path):
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(NotOurs):
        merge_to([teams[1].bundles], tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_publishers_are_listed_in_a_file_one_a_line(teams, tmp_path):
    red, blue = teams
    listed = tmp_path / "publishers.txt"
    listed.write_text(f"# who plays\n\n{blue.publisher}  # blue\n")
    merged = merge_to([red.bundles, blue.bundles], tmp_path / "out", publishers=listed)
    assert [row["publisher"] for row in ArenaPage(merged).publishers] == [blue.publisher]
    assert sorted(one.reason for one in merged.refusals) == ["unknown_publisher", "unverified"]
    listed.write_text("# who plays\nblue\n")
    with pytest.raises(Misuse, match=r"publishers\.txt, line 2: `blue` is no publisher's id, which has 32"):
        merge_to([blue.bundles], tmp_path / "out", publishers=listed)


def test_periods_read_as_words_whatever_a_stranger_calls_a_month():
    assert [period(text) for text in ("all", "2026-10", "2026-W47", "0000-05")] == [
        "all time",
        "October 2026",
        "2026-W47",
        "0000-05",
    ]
