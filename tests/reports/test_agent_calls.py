"""An agent's profile, of one that is called: alone, or beside what it solved."""

import io
from pathlib import Path

import pytest

from pipelines.reports.agent_page import AgentPage, agent_page
from pipelines.reports.agent_view import show_agent
from pipelines.reports.choices import Misuse
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.reports.call_season import publish_calls
from tests.reports.shown_season import called, publish


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish_calls(home)
    return Reading.open(settings(home))


def lines_of(page: AgentPage, width: int = 100) -> list[str]:
    output = io.StringIO()
    show_agent(page, screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def test_an_agent_known_from_calls_only_is_found_and_shows_nothing_of_solving(reading: Reading) -> None:
    lines = lines_of(agent_page(reading, "python-pro"))
    assert lines[1:3] == ["python-pro", "XP 61"]
    assert not [line for line in lines if line.startswith(("points", "tasks", "accuracy", "Badges", "On the way"))]


def test_calls_are_told_with_their_uncertainty(reading: Reading) -> None:
    lines = lines_of(agent_page(reading, "python-pro"))
    assert "calls 5, of them 4 succeeded" in lines
    assert "success 80.0 % (95 % interval 37.6 % to 96.4 %, n = 5)" in lines
    assert "20.0 % of it derived from how the runs ended, not judged" in lines
    assert "duration median 1 min 30 s, 95th percentile 1 min 56 s (n = 2)" in lines
    assert "tokens 6.0 k, 6.0 k per success (n = 2)" in lines


def test_where_every_success_is_derived_all_of_it_is(tmp_path: Path) -> None:
    publish(tmp_path, [called("c1", "ann", "a", "2026-03-02T09:00:00Z", success_source="derived")])
    assert "all of it derived from how the runs ended, not judged" in lines_of(
        agent_page(Reading.open(settings(tmp_path)), "a")
    )


def test_who_calls_it_most_stands_first_with_level_and_stars(reading: Reading) -> None:
    lines = lines_of(agent_page(reading, "python-pro"))
    at = lines.index("Called by (2)")
    assert lines[at + 3 : at + 5] == [
        "bob 1 ..... 31 3 100.0 % 1 min 59 s 2026-03-04T20:00:00Z",
        "ann 1 ..... 30 2 50.0 % 1 min 2026-03-02T09:30:00Z",
    ]
    assert "Called most by (1 of 2)" in lines_of(agent_page(reading, "python-pro", 1))


def test_calls_are_mixed_by_complexity_the_simplest_first(reading: Reading) -> None:
    lines = lines_of(agent_page(reading, "python-pro"))
    at = lines.index("Complexity of the calls")
    assert lines[at + 3 : at + 5] == [
        "medium 1 ####................ 20.0 % 100.0 % 27",
        "unknown 4 ################.... 80.0 % 75.0 % 34",
    ]


def test_the_last_calls_come_first_with_their_factors(reading: Reading) -> None:
    lines = lines_of(agent_page(reading, "python-pro", 2), 140)
    at = lines.index("Last calls (2 of 5)")
    assert lines[at + 3 : at + 5] == [
        "2026-03-04T20:00:00Z 11 bob task_completion succeeded 10 x 1.1 streak = 11",
        "2026-03-03T20:00:00Z 10 bob task_completion succeeded 10",
    ]


def test_places_are_those_on_boards_of_points_and_of_xp(reading: Reading) -> None:
    lines = lines_of(agent_page(reading, "both"))
    places = lines[lines.index("Places") + 3 :]
    assert [place for place in places[:11] if "all time" in place] == [
        "points all time 2 of 2 5 points",
        "problem:collatz all time 2 of 2 1 task",
        "xp-agent all time 2 of 2 60 XP",
        "project-xp-agent web all time 1 of 2 60 XP",
    ]


def test_one_that_solves_and_is_called_shows_both(reading: Reading) -> None:
    lines = lines_of(agent_page(reading, "both"))
    assert {"points 5", "XP 60", "Badges (0)", "Called by (1)", "Awards (1)", "Calls (1)"} <= set(lines)


def test_a_solver_that_nobody_calls_shows_nothing_of_calls(reading: Reading) -> None:
    page = agent_page(reading, "solver")
    assert page.called is None
    assert not [line for line in lines_of(page) if line.startswith(("XP", "calls", "Called", "Calls", "Complexity"))]
    assert page.for_machines()["calls"] is None


def test_an_unknown_agent_is_answered_with_those_that_are_called(reading: Reading) -> None:
    with pytest.raises(Misuse, match=r"Did you mean `python-pro`\?"):
        agent_page(reading, "pyton-pro")


@pytest.mark.parametrize("width", [40, 60, 100, 160])
def test_no_line_is_wider_than_the_screen(reading: Reading, width: int) -> None:
    output = io.StringIO()
    show_agent(agent_page(reading, "both"), screen(output, width, fancy=False))
    assert max(map(len, output.getvalue().splitlines())) <= width


def test_plain_data_hold_every_factor_of_the_last_calls(reading: Reading) -> None:
    plain = agent_page(reading, "python-pro").for_machines()
    calls = plain["calls"]
    assert (plain["xp"], plain["points"], calls["calls"], calls["n_callers"]) == (61, 0, 5, 2)  # type: ignore[index]
    first = calls["last_calls"][-1]  # type: ignore[index]
    assert (first["base"], first["complexity_factor"], first["speed_factor"], first["bonus"]) == (10, 1.5, 1.5, 5)
    assert [row["complexity"] for row in calls["complexity"]] == ["medium", "unknown"]  # type: ignore[index]


def test_a_season_of_an_older_version_is_told_with_the_remedy(tmp_path: Path) -> None:
    import json

    from pipelines.reports.reading import Unreadable

    generation = publish_calls(tmp_path)
    manifest = generation.path / "manifest.json"
    told = json.loads(manifest.read_text())
    del told["tables"]["user_agents"]
    manifest.write_text(json.dumps(told))
    with pytest.raises(Unreadable, match=r"no table user_agents.*`podium recompute` publishes it anew"):
        agent_page(Reading.open(settings(tmp_path)), "both")
