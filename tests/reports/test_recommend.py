"""Advice as it is shown: to somebody well known, to somebody with three calls or none, to a team, to an agent."""

import io
from pathlib import Path
from typing import Any

import pytest

from pipelines.analysis.season import OpenSeason
from pipelines.game.faults import PodiumError
from pipelines.insight.advice.recommend import AGENT_RECOMMENDATIONS
from pipelines.reports.choices import Misuse
from pipelines.reports.next_task_page import next_task_page
from pipelines.reports.reading import Reading
from pipelines.reports.recommend_page import RecommendPage, recommend_page
from pipelines.reports.recommend_view import show_next_tasks, show_recommendations
from pipelines.reports.terminal import Screen, screen
from pipelines.settings import settings
from tests.game.league import task, tried
from tests.reports.shown_season import called, publish


def calls(user: str, agent: str, marks: str, day: int, category: str = "web", **more: Any) -> list[dict[str, Any]]:
    """Calls of a user, a minute apart: + succeeded, - failed."""
    told = {"category": category, "complexity": "medium", "team_id": "red", **more}
    return [
        called(f"{user}-{agent}-{day}-{n}", user, agent, f"2026-03-{day:02}T09:{n:02}:00Z", success=mark == "+", **told)
        for n, mark in enumerate(marks)
    ]


SEASON = [
    task("t1"),
    task("t2", difficulty="hard"),
    tried("s1", "solver", "t1", "2026-03-01T10:00:00Z", user_id="owner"),
    *calls("ann", "weak", ("+" * 8 + "-" * 12) * 2, 2),
    *calls("ann", "strong", "+++-", 3),
    *calls("bob", "strong", ("+" * 18 + "--") * 2, 4),
    *calls("bob", "weak", "+" * 8 + "-" * 12, 5),
    *calls("bob", "writer", "+" * 9 + "-", 6, "docs", complexity="simple"),
    *calls("cid", "weak", "+-+", 7, team_id="blue"),
    *calls("bob", "rare", "+", 8, "docs"),
]


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish(home, SEASON, has_insight=True)
    return Reading.open(settings(home))


def shown(page: RecommendPage, width: int = 110) -> list[str]:
    output = io.StringIO()
    show_recommendations(page, screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def prose(page: RecommendPage) -> str:
    return " ".join(shown(page))


def test_agents_stand_by_their_chance_beside_the_one_in_use(reading: Reading) -> None:
    page = recommend_page(reading, user="ann", category="web", difficulty="medium")
    lines = shown(page)
    assert lines[1:3] == ["ann", "44 calls of yours, of 118 in all."]
    assert "medium web (44 calls of yours)" in lines
    table = {row["slot"]: row["agent_id"] for row in page.rows.to_dicts()}
    assert table["1"] == "strong"
    first = next(line for line in lines if line.startswith("1 "))
    assert first.startswith("1 strong ")
    assert " 44 / 44 / 4 " in first
    assert " direct " in first
    assert any(line.startswith("worth a try ") for line in lines)
    assert "In the last 60 days you called weak most for this category, or as often as another." in lines
    assert "Users chose agents and work themselves" in prose(page)
    assert "No other is left to try." in prose(page)


def test_who_has_three_calls_is_told_that_others_speak(reading: Reading) -> None:
    text = prose(recommend_page(reading, user="cid", category="docs", difficulty="simple"))
    assert "3 calls of yours: too few to know your ways, so this is what all 118 calls say." in text
    assert "simple docs (0 calls of yours)" in text
    assert "In the last 60 days you called no agent for this category." in text
    assert "`rare` for simple docs" in text
    assert "Only 1 call of it is known: this is nearly what the average agent does." in text


def test_who_never_called_is_shown_the_work_that_everybody_has_most(reading: Reading) -> None:
    page = recommend_page(reading, user="owner", top=2)
    text = prose(page)
    assert "No calls of yours: this is what all 118 calls say." in text
    assert "No such work yet: shown is the work that everybody has most." in text
    assert [(kind["category"], kind["difficulty"], kind["calls"]) for kind in page.kinds] == [
        ("web", "medium", 0), ("docs", "simple", 0),
    ]  # fmt: skip


def test_a_team_is_spoken_to_as_a_team(reading: Reading) -> None:
    text = prose(recommend_page(reading, team="blue"))
    assert "3 calls of the team: too few to know its ways, so this is what all 118 calls say." in text
    assert "medium web (3 calls of the team)" in text
    assert "In the last 60 days the team called weak most for this category, or as often as another." in text


def test_work_is_chosen_by_category_by_difficulty_or_by_what_is_most_frequent(reading: Reading) -> None:
    def kinds(**asked: str) -> list[tuple[str, str, int]]:
        return [tuple(kind.values()) for kind in recommend_page(reading, user="bob", **asked).kinds]  # type: ignore[arg-type]

    assert kinds() == [("web", "medium", 60), ("docs", "simple", 10), ("docs", "medium", 1)]
    assert kinds(category="docs") == [("docs", "simple", 10), ("docs", "medium", 1)]
    assert kinds(difficulty="simple") == [("docs", "simple", 10)]
    assert kinds(category="web", difficulty="expert") == [("web", "expert", 0)]
    assert kinds(difficulty="expert") == [("web", "expert", 0), ("docs", "expert", 0)]


def test_what_is_shown_is_what_the_published_table_says(reading: Reading) -> None:
    season = OpenSeason(Path("anywhere"), reading)
    told = season.recommend(user="bob", category="docs")
    published = reading.collect(reading.table("agent_recommendations").filter(subject_id="bob", category="docs"))
    assert told.equals(published)
    assert list(told.schema) == list(AGENT_RECOMMENDATIONS.schema)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"user": "an"}, r"There is no user `an`. Did you mean `ann`\?"),
        ({"team": "reed"}, r"There is no team `reed`. Did you mean `red`\?"),
        ({"user": "ann", "category": "wep"}, r"There is no category `wep`. Did you mean `web`\?"),
        (
            {"user": "ann", "difficulty": "hard"},
            "There is no difficulty `hard`. There are simple, medium, complex, exp",
        ),
        ({}, "Say whom to advise"),
        ({"user": "ann", "team": "red"}, "Say whom to advise"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(reading: Reading, asked: dict[str, str], sentence: str) -> None:
    with pytest.raises(Misuse, match=sentence):
        recommend_page(reading, **asked)  # type: ignore[arg-type]


def test_a_season_without_calls_or_without_insight_has_nothing_to_advise_from(tmp_path: Path) -> None:
    submitted = [record for record in SEASON if record["type"] != "agent_call"]
    publish(tmp_path / "none", submitted)
    with pytest.raises(PodiumError, match="No call of an agent is published"):
        recommend_page(Reading.open(settings(tmp_path / "none")), user="owner")
    publish(tmp_path / "off", SEASON)
    (tmp_path / "off" / "rulebook.toml").write_text("[insight]\nenabled = false\n")
    with pytest.raises(PodiumError, match=r"turn insight off \(`\[insight\] enabled = false`\)"):
        recommend_page(Reading.open(settings(tmp_path / "off")), user="ann")
    with pytest.raises(PodiumError, match="turn insight off"):
        next_task_page(Reading.open(settings(tmp_path / "off")), "solver")


def test_success_that_nobody_judged_is_called_derived(tmp_path: Path) -> None:
    ended = calls("ann", "helper", "++", 2, success_source="derived")
    publish(tmp_path / "all", ended)
    publish(tmp_path / "some", [*ended, *calls("ann", "helper", "+-", 3)])
    said = {
        name: prose(recommend_page(Reading.open(settings(tmp_path / name)), user="ann")) for name in ("all", "some")
    }
    assert "The success of all 2 calls is derived from how the run ended, not judged." in said["all"]
    assert "The success of 50.0 % of the 4 calls is derived from how the run ended, not judged." in said["some"]


def test_what_a_number_hangs_on_stays_on_a_narrow_screen(reading: Reading) -> None:
    page = recommend_page(reading, user="ann", category="web", difficulty="medium")
    heading = next(line for line in shown(page, 62) if line.startswith("agent "))
    assert heading == "agent success 80 % interval calls"
    phone = shown(page, 40)
    assert "agent success 80 % interval" in phone
    assert [line for line in phone if line.startswith("try weak ")]


def test_tasks_that_begin_alike_can_be_told_apart(tmp_path: Path) -> None:
    long = [f"clics:wf47_finals:{name}" for name in ("turningred", "carlsvacation")]
    publish(tmp_path, [*SEASON, *(task(name, problem=name) for name in long)], has_insight=True)
    output = io.StringIO()
    show_next_tasks(next_task_page(Reading.open(settings(tmp_path)), "solver"), screen(output, 80, fancy=False))
    assert {name for name in long if name in output.getvalue()} == set(long)


def test_names_of_strangers_do_no_harm(tmp_path: Path) -> None:
    name = "[red]x[/red]\x1b[31m\u202e" + "y" * 60
    publish(tmp_path, calls("ann", name, "++-", 2, "\x1b[2Jweb"))
    reading = Reading.open(settings(tmp_path))
    for width in (60, 160):
        text = "\n".join(shown(recommend_page(reading, user="ann"), width))
        assert r"[red]x[/red]\x1b" in text
        assert not {"\x1b", "\u202e"} & set(text)
        assert "3 calls of yours, and none of anybody else." in text
        assert "3 calls in all can hardly tell agents apart: mind the intervals." in text.replace("\n", " ")


def tasks_of(reading: Reading, agent: str) -> list[str]:
    output = io.StringIO()
    there: Screen = screen(output, 110, fancy=False)
    show_next_tasks(next_task_page(reading, agent), there)
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def test_an_agent_that_solves_is_told_its_next_tasks(reading: Reading) -> None:
    lines = tasks_of(reading, "solver")
    assert lines[2] == "1 submission of its own: too few to know it by, so chances lean on what all agents' say."
    assert "Solved by nobody yet" in lines
    assert any(line.startswith("t2 ") for line in lines)
    assert not [line for line in lines if line.startswith(("t1 ", "As a sub-agent"))]


def test_an_agent_that_is_only_called_is_told_where_its_calls_succeed(reading: Reading) -> None:
    lines = tasks_of(reading, "strong")
    assert "It has handed in nothing, so no task is advised." in lines
    assert "As a sub-agent (44 calls)" in lines
    (overall,) = [line for line in lines if line.startswith("overall ")]
    assert overall.endswith(" 44 39")
    assert [line for line in lines if line.startswith("web ")]
    assert not [line for line in lines if line.startswith("docs ")]  # where it has no call of its own
    assert tasks_of(reading, "rare")[-5].endswith("1 1 provisional")
    with pytest.raises(Misuse, match=r"There is no agent `stron`. Did you mean `strong`\?"):
        next_task_page(reading, "stron")


def test_plain_data_hold_the_advice_with_its_reasons_and_limits(reading: Reading) -> None:
    plain: dict[str, Any] = recommend_page(reading, user="ann", category="web", difficulty="medium").for_machines()
    assert (plain["subject_type"], plain["subject_id"], plain["n_calls"], plain["n_calls_of_all"]) == (
        "user",
        "ann",
        44,
        118,
    )
    (kind,) = plain["kinds"]
    assert [row["slot"] for row in kind["advice"]] == ["1", "2", "3", "explore"]
    assert kind["advice"][0]["reason_text"].startswith("`strong` for medium web: ")
    assert "no effect of the agent" in plain["cannot_know"][0]
    assert next_task_page(reading, "solver").for_machines()["n_submissions"] == 1
