"""The feed of CTFtime: positions, scores, and what every task gave to whom."""

import json
from pathlib import Path

import pytest

from pipelines.reports.choices import Misuse
from pipelines.reports.exports.about import subtitle
from pipelines.reports.exports.formats import text_of
from pipelines.reports.reading import Reading
from pipelines.settings import settings
from tests.game.league import instant, rules, task, tried
from tests.reports.exports.boards import HOSTILE, page
from tests.reports.shown_season import publish


def test_a_week_as_a_feed(small: Reading) -> None:
    assert json.loads(text_of(page(small, "points", "week"), "ctftime")) == {
        "tasks": ["t2", "t3"],
        "standings": [
            {"pos": 1, "team": "bob", "score": 30, "lastAccept": seconds("2026-03-09T10:30:00Z"),
             "taskStats": {"t3": {"points": 30, "time": seconds("2026-03-09T10:30:00Z")}}},
            {"pos": 2, "team": "eve", "score": 10, "lastAccept": seconds("2026-03-09T12:00:00Z"),
             "taskStats": {"t2": {"points": 10, "time": seconds("2026-03-09T12:00:00Z")}}},
        ],
    }  # fmt: skip


def test_teams_have_a_feed_too_and_equals_share_a_position(small: Reading) -> None:
    feed = json.loads(text_of(page(small, "team-points"), "ctftime"))
    assert [(entry["pos"], entry["team"], entry["score"]) for entry in feed["standings"]] == [
        (1, "blue", 35),
        (2, "red", 10),
    ]
    assert feed["standings"][0]["taskStats"].keys() == {"t1", "t3"}


def test_points_of_perfect_days_are_in_the_score_alone(tmp_path: Path) -> None:
    tasks = [task(f"t{n}") for n in range(5)]
    tries = [tried(f"s{n}", "ada", f"t{n}", f"2026-03-02T1{n}:00:00Z") for n in range(5)]
    publish(tmp_path, [*tasks, *tries], as_of=instant("2026-03-04T00:00:00Z"))
    (ada,) = json.loads(text_of(page(Reading.open(settings(tmp_path))), "ctftime"))["standings"]
    assert ada["score"] == 60
    assert sum(stat["points"] for stat in ada["taskStats"].values()) == 50


def test_a_contest_by_instants_counts_what_was_earned_between_them(tmp_path: Path) -> None:
    contest = {"slug": "cup", "name": "Spring Cup", "start": "2026-03-02T10:30:00Z", "end": "2026-03-02T12:00:00Z"}
    toml = "[[window]]\n" + "\n".join(
        f"{key} = {value if key in ('start', 'end') else json.dumps(value)}" for key, value in contest.items()
    )
    (tmp_path / "rulebook.toml").write_text(toml)
    tries = [tried(f"s{n}", "ada", f"t{n}", f"2026-03-02T1{n}:00:00Z") for n in range(4)]
    publish(tmp_path, [*(task(f"t{n}") for n in range(4)), *tries], rules=rules(window=[_parsed(contest)]))
    reading = Reading.open(settings(tmp_path))
    assert subtitle(page(reading, "points", "cup")).startswith("Spring Cup 2 March 2026 · as of")
    (ada,) = json.loads(text_of(page(reading, "points", "cup"), "ctftime"))["standings"]
    assert ada["taskStats"].keys() == {"t1"}
    assert ada["score"] == sum(stat["points"] for stat in ada["taskStats"].values())


def test_hostile_names_are_ascii_and_whole(hostile: Reading) -> None:
    text = text_of(page(hostile), "ctftime")
    assert text.isascii()
    assert [entry["team"] for entry in json.loads(text)["standings"]] == list(HOSTILE)


@pytest.mark.parametrize("board", ["accuracy", "xp-user", "team-points-mean", "problem:collatz"])
def test_other_boards_are_no_scoreboards_of_points(small: Reading, board: str) -> None:
    with pytest.raises(Misuse, match="CTFtime knows boards of points only"):
        text_of(page(small, board), "ctftime")


def seconds(text: str) -> int:
    return instant(text) // 1_000_000


def _parsed(contest: dict[str, str]) -> dict[str, object]:
    import datetime as dt

    ends = {key: dt.datetime.fromisoformat(contest[key]) for key in ("start", "end")}
    return {**contest, **ends}
