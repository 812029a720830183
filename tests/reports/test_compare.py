"""What other rules would make of a season, as it is shown: which rules, who gains, who moves, what is won and lost."""

import datetime as dt
import io
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.engines.what_if import compared
from pipelines.game.rule_differences import overlaid
from pipelines.game.rulebook import load_rulebook
from pipelines.reports.choices import Misuse
from pipelines.reports.compare_page import ComparePage, asked, compare_page
from pipelines.reports.compare_view import show_comparison
from pipelines.reports.machine import to_json
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.game.league import task, tried
from tests.reports.shown_season import called, publish

WEEK_1, WEEK_2 = "2026-03-02", "2026-03-09"
HOSTILE = "\x1b[31m<script>[bold]{{7*7}}\u202e"
SEASON = [
    task("t1"),
    task("t2", problem="erdos-straus", difficulty="medium"),
    task("t3", task_type="pattern"),
    tried("s1", "ada", "t1", f"{WEEK_1}T10:00:00Z", team_id="red", user_id="ann"),
    tried("s2", "bob", "t1", f"{WEEK_1}T11:00:00Z", team_id="blue"),
    tried("s3", "ada", "t2", f"{WEEK_2}T10:00:00Z", team_id="red", user_id="ann"),
    tried("s4", "bob", "t3", f"{WEEK_2}T10:30:00Z", team_id="blue"),
    tried("s5", HOSTILE, "t2", f"{WEEK_2}T12:00:00Z"),
    called("c1", "ann", "python-pro", f"{WEEK_1}T12:00:00Z"),
    called("c2", "ann", "python-pro", f"{WEEK_2}T12:00:00Z", success=False),
]
DEFAULT = load_rulebook()


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish(home, SEASON)
    return Reading.open(settings(home))


def page_of(reading: Reading, over: dict[str, Any], window: str | None = None, **more: Any) -> ComparePage:
    rules = overlaid(reading.rules, over)
    told = {name: more.pop(name) for name in ("is_behind", "is_replayed") if name in more}
    wanted = asked(reading, rules, window=window, **more)
    return compare_page(wanted, compared(reading.generation, rules, window=window), "new.toml", **told)


def text_of(page: ComparePage, width: int = 100, top: int = 5, *, fancy: bool = False) -> str:
    output = io.StringIO()
    show_comparison(page, screen(output, width, fancy=fancy), top)
    return output.getvalue()


def parts_of(page: ComparePage, **more: Any) -> dict[str, list[str]]:
    """The lines beneath each heading, by the heading; without column names."""
    blocks = text_of(page, **more).strip().split("\n\n")
    lines = [[" ".join(line.split()) for line in block.splitlines() if set(line) - {"-", " "}] for block in blocks]
    return {block[0]: block[1:] for block in lines}


def test_it_begins_with_the_rules_that_differ_key_by_key(reading):
    over = {
        "points": {"first_solver": 20},
        "badge": [
            {"slug": "on-fire", "enabled": False},
            {"slug": "early", "name": "Early", "metric": "attempts", "threshold": 1},
            {"slug": "scholar", "threshold": 2},
        ],
        "board": [{"slug": "accuracy", "order": ["accuracy desc"]}],
        "xp": {"action": {"review": 9}},
    }
    blocks = text_of(page_of(reading, over)).strip().split("\n\n")
    assert blocks[0] == "What if: new.toml"
    assert [" ".join(line.split()) for line in blocks[1].splitlines()] == [
        "6 rules differ from those of the published season",
        "points.first_solver 5 -> 20",
        "xp.action.review new, 9",
        "badge[on-fire] left out",
        "badge[scholar].threshold 1 -> 2",
        "badge[early] new",
        "board[accuracy].order accuracy desc, tasks_completed desc -> accuracy desc",
    ]


def test_who_gains_and_who_loses_are_named_with_the_sums_of_all(reading):
    parts = parts_of(page_of(reading, {"points": {"first_solver": 20, "pattern_insight": [1, 1]}}))
    assert parts["Points of agents: 1 gains, 1 loses, in all 70 -> 91"] == [
        "agent points", "+30 ada 25 -> 55", "-9 bob 35 -> 26",
    ]  # fmt: skip
    assert parts["Points of teams: 1 gains, 1 loses, in all 60 -> 81"][1:] == ["+30 red 25 -> 55", "-9 blue 35 -> 26"]
    assert not any(heading.startswith(("XP", "Levels", "Daily")) for heading in parts)


def test_a_board_tells_who_climbs_and_falls_with_places_and_scores(reading):
    parts = parts_of(page_of(reading, {"points": {"first_solver": 20, "pattern_insight": [1, 1]}}))
    assert parts["Points, all time: of 3 entries 1 climbs, 1 falls"] == [
        "who place points", "+1 ada 2 -> 1 25 -> 55", "-1 bob 1 -> 2 35 -> 26",
    ]  # fmt: skip
    assert parts["Boards on which nobody moves"] == [
        "Problem collatz; Problem erdos-straus; XP of users; XP of agents; XP of users with agents."
    ]
    assert parts["Badges: 1 lost"] == ["badge lost by", "Champion 1: bob"]


def test_boards_that_come_or_go_are_told_as_such_and_nobody_moves_on_them(reading):
    over = {
        "board": [
            {"slug": "tries", "name": "Tries", "order": ["attempts desc"]},
            {"slug": "team-points", "enabled": False},
            {"slug": "accuracy", "min_attempts": 2},
        ]
    }
    page = page_of(reading, over)
    parts = parts_of(page)
    assert parts["Tries, all time: only under the new rules, 3 entries"][:2] == ["place who attempts", "1 ada 2"]
    assert parts["Teams, all time: no longer there under the new rules, 2 entries"] == []
    assert parts["Accuracy, all time: of 2 entries 2 come in"][1] == "in ada - -> 1 - -> 100.0 %"
    told = {board["board"]: board["only_under"] for board in page.for_machines()["boards"]}
    assert (told["tries"], told["team-points"], told["accuracy"]) == ("after", "before", None)


def test_a_board_by_another_measure_shows_both(reading):
    parts = parts_of(page_of(reading, {"board": [{"slug": "points", "order": ["tasks_completed desc"]}]}))
    assert parts["Points, all time: of 3 entries 1 climbs"] == [
        "who place points -> tasks completed",
        "+1 ada 2 -> 1 25 -> 2",
    ]


def test_badges_levels_and_streaks_are_told_with_whose_they_are(reading):
    over = {
        "xp": {"failure": 1, "action": {"task_completion": 400}},
        "streaks": {"grace_days": 9},
        "badge": [{"slug": "scholar", "threshold": 2}, {"slug": "rising-star", "threshold": 2}],
        "achievement": [{"slug": "first-steps", "threshold": 2}],
    }
    parts = parts_of(page_of(reading, over))
    assert parts["Badges: 2 won, 1 lost"][1:] == ["Rising Star 2: ada, bob", "Scholar 1: bob"]
    assert parts["Achievements: 1 lost"][1:] == ["First Steps 1: ann"]
    assert parts["Levels of users: 1 rises"][1:] == ["+3 ann 1 -> 4 Recruit -> Master"]
    assert parts["Levels of users with an agent: 1 rises"][1:] == ["+3 ann python-pro 1 -> 4 Recruit -> Master"]
    assert parts["Daily streaks, best: 2 gain"][1:] == ["+1 ada 1 -> 2", "+1 bob 1 -> 2"]


def test_the_same_rules_say_so_and_rules_without_effect_too(reading):
    same = text_of(page_of(reading, {}))
    assert "The rules of new.toml are those of the published season: nothing would change." in same
    assert "->" not in same
    idle = page_of(reading, {"badge": [{"slug": "scholar", "name": "Reader"}]})
    assert "No total, place, badge, level or streak that is compared would change." in text_of(idle)
    assert idle.is_without_effect
    assert not page_of(reading, {"points": {"first_solver": 6}}).is_without_effect


def test_what_it_does_not_hold_for_is_said(reading):
    foot = text_of(page_of(reading, {}, is_behind=True, is_replayed=True))
    assert "Logs were read since the season was published: this holds for what is published." in foot
    assert "Another version of Podium published the season, so both sides were played anew." in foot
    assert "As of 2026-03-09T12:00:00Z" in foot
    assert "Logs were read" not in text_of(page_of(reading, {}))


def test_of_days_weeks_and_months_one_is_shown_the_last_or_the_one_that_is_asked_for(reading):
    over = {"points": {"first_solver": 20, "pattern_insight": [1, 1]}}
    last = parts_of(page_of(reading, over, window="week"))
    assert f"Points, week that begins on {WEEK_2}: of 3 entries 1 climbs, 1 falls" in last
    first = page_of(reading, over, window="week", board="points", on=dt.date(2026, 3, 4))
    (board,) = first.boards
    assert (str(board.start_on), board.moved.height, board.n_scores) == (WEEK_1, 0, 1)


def test_long_lists_are_cut_and_say_so_but_json_holds_all(reading):
    page = page_of(reading, {"points": {"first_solver": 20, "difficulty": {"medium": [1, 2]}}})
    heading = "Points of agents: 2 gain, 1 loses, in all 70 -> 97"
    assert [line.split()[0] for line in parts_of(page, top=1)[heading][1:3]] == ["+21", "-9"]
    assert parts_of(page, top=1)[heading][3] == "The 2 that move most of 3: --top 3 shows all."
    assert len(parts_of(page, top=2)[heading]) == 4
    told = json.loads(to_json(page.for_machines()))
    assert told["differences"][0] == {"key": "points.first_solver", "kind": "changed", "before": 5, "after": 20}
    changed = {row["subject_id"]: row["points_change"] for row in told["totals"] if row["subject_type"] == "agent"}
    assert changed == {"ada": 21, "bob": 15, HOSTILE: -9}


def test_names_of_strangers_are_inert_and_the_page_fits_its_screen(reading):
    page = page_of(reading, {"points": {"difficulty": {"medium": [50, 50]}, "first_solver": 0}})
    for width in (40, 100):
        shown = text_of(page, width)
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert max(map(len, shown.splitlines())) <= width
    assert "\\x1b[31m<script>[bold]{{7*7}}\\u202e" in text_of(page)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [
        ({"board": "pints"}, "There is no board `pints`. Did you mean `points`"),
        ({"window": "wek"}, "No board has a window `wek`: there are all, day, week, month."),
        ({"board": "accuracy", "window": "week"}, "The board `accuracy` has no window `week`: there are all."),
        ({"on": dt.date(2026, 3, 2)}, "--on chooses among days, weeks or months"),
    ],
)
def test_what_does_not_exist_is_refused_with_what_there_is(reading, chosen, sentence):
    with pytest.raises(Misuse, match="^" + sentence):
        asked(reading, DEFAULT, **chosen)


def test_a_board_that_only_the_new_rules_have_can_be_asked_for(reading):
    rules = overlaid(DEFAULT, {"board": [{"slug": "tries", "name": "Tries", "order": ["attempts desc"]}]})
    assert asked(reading, rules, board="tries").board == "tries"


def test_rules_that_the_program_did_not_have_when_it_published_are_the_default_ones(tmp_path: Path):
    generation = publish(tmp_path, SEASON)
    manifest = json.loads((generation.path / "manifest.json").read_text())
    rules = overlaid(DEFAULT, {"points": {"first_solver": 7}}).model_dump(mode="json")
    del rules["points"]["counterexample"], rules["streaks"]
    (generation.path / "manifest.json").write_text(json.dumps({**manifest, "rules": rules}))
    found = Reading.open(settings(tmp_path)).rules
    assert (found.points.first_solver, found.points.counterexample, found.streaks) == (7, 100, DEFAULT.streaks)
