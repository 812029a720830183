"""An agent's profile, a checkup, and refused lines, as they are shown."""

import io
from pathlib import Path

import pytest

from pipelines.reports.agent_page import agent_page
from pipelines.reports.agent_view import show_agent
from pipelines.reports.choices import Misuse
from pipelines.reports.intervals import wilson
from pipelines.reports.profile_view import so_far
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.game.league import task, tried
from tests.reports.shown_season import publish

SEASON = [
    task("t1"),
    task("t2"),
    tried("s1", "ada", "t1", "2026-03-01T10:00:00Z"),
    tried("s2", "ada", "t2", "2026-03-02T10:00:00Z", "rejected"),
    tried("s3", "ada", "t2", "2026-03-02T11:00:00Z"),
    tried("s4", "ada", "t9", "2026-03-02T12:00:00Z", "pending"),
    tried("s5", "only-waits", "t1", "2026-03-02T12:00:00Z", "pending"),
]


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish(home, SEASON)
    return Reading.open(settings(home))


def lines_of(reading: Reading, agent_id: str, width: int = 100) -> list[str]:
    output = io.StringIO()
    show_agent(agent_page(reading, agent_id), screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def test_a_profile_tells_totals_with_their_uncertainty(reading: Reading) -> None:
    lines = lines_of(reading, "ada")
    assert lines[1] == "ada"
    assert "points 20" in lines
    assert "tasks 2 completed in 3 attempts; 4 submissions, 1 pending, 1 unresolved" in lines
    assert "accuracy 66.7 % (95 % interval 20.8 % to 93.9 %, n = 3)" in lines
    assert "daily streak 2 days, best 2" in lines
    assert "in a row right 1, best 1" in lines
    assert "one problem collatz 2, best collatz 2" in lines


def test_badges_come_with_their_instant_and_event(reading: Reading) -> None:
    assert "First Blood 2026-03-01T10:00:00Z event-s1" in lines_of(reading, "ada")


def test_the_way_to_a_badge_is_a_bar_with_its_numbers(reading: Reading) -> None:
    assert "Rising Star ####................ 20 % 2 of 10" in lines_of(reading, "ada")


def test_the_way_to_an_accuracy_is_told_in_percent() -> None:
    row = {"value": 0.9496, "threshold": 0.95, "also": ["20 attempts"]}
    assert so_far(row) == "95.0 % of 95.0 %; also 20 attempts"
    assert so_far({"value": 0.0, "threshold": 1.0, "also": []}) == "0 of 1"


def test_places_and_awards_name_what_they_come_from(reading: Reading) -> None:
    lines = lines_of(reading, "ada", 120)
    assert any(line.startswith("points all time 1 of 1") for line in lines)
    assert "2026-03-02T11:00:00Z 5 task t2 s3 event-s3" in lines
    assert "2026-03-02T11:00:00Z 5 first_solver t2 s3 event-s3" in lines


def test_an_agent_that_only_waits_has_a_profile_of_zeros(reading: Reading) -> None:
    lines = lines_of(reading, "only-waits")
    assert "points 0" in lines
    assert "accuracy -" in lines
    assert "On no board yet." in lines


def test_an_unknown_agent_is_answered_with_close_matches(reading: Reading) -> None:
    with pytest.raises(Misuse, match=r"There is no agent `Adda`. Did you mean `ada`\?"):
        agent_page(reading, "Adda")


def test_plain_data_hold_the_whole_profile(reading: Reading) -> None:
    plain = agent_page(reading, "ada", 2).for_machines()
    assert (plain["points"], plain["n_awards"]) == (20, 4)
    assert len(plain["last_awards"]) == 2  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("right", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (81, 263, 0.2553, 0.3662)],  # the last: Newcombe 1998, table I
)
def test_the_interval_is_wilsons(right: int, n: int, low: float, high: float) -> None:
    assert wilson(right, n) == pytest.approx((low, high), abs=5e-5)


def test_a_damaged_file_is_told_with_the_remedy(tmp_path: Path) -> None:
    from pipelines.reports.reading import Unreadable

    generation = publish(tmp_path, SEASON)
    (generation.path / "agent_stats.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(Unreadable, match="`podium recompute --anew` publishes a whole one"):
        agent_page(Reading.open(settings(tmp_path)), "ada")
