"""The page of difficulty: contradicted labels first, what is only a label is called so, and kinds of work."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.insight.skill.task_difficulty import TASK_DIFFICULTY
from pipelines.reports.site import task_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.task_pages import grid
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task
from tests.reports.shown_season import publish
from tests.reports.site.measured_season import MARKUP, RULES, renderer
from tests.reports.site.profile_season import Read, written
from tests.reports.site.rendered import held_of, pages_of, words


def row(task_id: str, logit: float, attempts: int = 4, **more: Any) -> dict[str, Any]:
    """A row of `task_difficulty`."""
    told = {"task_id": task_id, "problem": "collatz", "label": "easy", "attempts": attempts, "n_agents": attempts}
    measured = {"solved": 1, "difficulty_logit": logit, "sd": 0.5, "lo90": logit - 1, "hi90": logit + 1}
    off = {"label_logit": 0.0, "p_value": 0.5, "q_value": 0.9, "is_mislabelled": False, "sentence": "so"}
    return {**told, **measured, **off, **more}


def wrong(task_id: str, logit: float, q_value: float) -> dict[str, Any]:
    said = f"said to be easy, measured about as hard as medium (q = {q_value})"
    return row(task_id, logit, q_value=q_value, is_mislabelled=True, suggested_label="medium", sentence=said)


ROWS = [
    row("a", -1.0),
    row("b", 2.0),
    row("never", 3.0, 0, p_value=None, q_value=None),
    wrong("surely", 0.04, 0.001),
    wrong("likely", -0.5, 0.03),
]
TASKS = pl.DataFrame(ROWS, schema=TASK_DIFFICULTY.schema)


def test_contradicted_labels_come_first_then_the_hardest_and_last_what_nobody_tried() -> None:
    table = grid(TASKS)
    assert table.values["task"] == ["surely", "likely", "b", "a", "never"]
    assert table.values["finding"] == [
        "rather medium", "rather medium", "nothing against its label", "nothing against its label",
        "label only: nobody tried it",
    ]  # fmt: skip
    assert table.values["measured"][0] == [0.04, "0.0", "-1.0 to +1.0"]
    assert table.values["measured"][-1] is table.values["chance"][-1] is None


def test_the_chance_of_the_average_agent_is_that_of_the_logit_and_its_ends_change_places() -> None:
    (chance,) = grid(TASKS.filter(task_id="b")).values["chance"]
    assert chance == [0.1192, "12 %", "5 to 27 %"]


def test_of_very_many_tasks_contradicted_labels_and_those_tried_most_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(task_pages, "MAX_TASKS", 3)
    table = grid(pl.concat([TASKS, pl.DataFrame([row("much", 0.0, 40)], schema=TASK_DIFFICULTY.schema)]))
    assert (table.values["task"], table.n_total) == (["surely", "likely", "much"], 6)


def test_the_page_names_contradicted_labels_with_their_sentence_on_top(measured: Held) -> None:
    shown = held_of(measured.generation, RULES, task_difficulty=TASKS)
    page = Read(pages_of(task_pages.pages, shown)["tasks.html"])
    said = page.said("Labels that the outcomes contradict")
    assert said.startswith("surely collatz: said to be easy, measured about as hard as medium (q = 0.001)")
    assert page.figures["Labels that outcomes contradict"] == ("2", "of 4")


def test_the_page_says_what_is_only_a_label_and_that_no_find_is_no_proof(measured: Held) -> None:
    texts = written(renderer(measured), task_pages.pages)
    said = words(texts["tasks.html"])
    assert "7 tasks, 6 of them tried." in said
    assert "of the other one nothing but the label is known" in said
    assert "None found among 6 tasks that somebody tried." in said
    assert "so that is no proof that all are right" in said
    assert "Agents and tasks on one scale" in said
    assert "<img" not in texts["tasks.html"] + texts["assets/tasks.js"]
    table = json.loads(texts["assets/tasks.js"].removeprefix('podium.take("tasks.html",').removesuffix(");\n"))
    assert table["values"]["task"][-1] == MARKUP


def test_kinds_of_work_of_calls_and_of_submissions_stand_apart_the_hardest_first(measured: Held) -> None:
    page = Read(written(renderer(measured), task_pages.pages)["tasks.html"])
    calls = page.said("Kinds of calls")
    assert calls.index("data expert 2 of 8") < calls.index("web simple 35 of 40")
    assert "25.0 % 7.1 % to 59.1 %" in calls
    assert "none given not told 1 of 1" in calls
    assert "collatz easy 4 of 8" in page.said("Kinds of tasks, by counted submissions")


def test_where_nothing_was_measured_the_page_says_why(unmeasured: Held, tmp_path: Path) -> None:
    old = words(written(renderer(unmeasured), task_pages.pages)["tasks.html"])
    assert "a version of Podium that measured no difficulty" in old
    for home, book, why in (
        ("none", RULES, "No submission was judged, so no task has a measured difficulty."),
        (
            "off",
            rules(board=NO_BOARDS, insight={"enabled": False}),
            "Nothing is measured: the rulebook switches insight off.",
        ),
    ):
        quiet = held_of(publish(tmp_path / home, [task("a")], rules=book, has_insight=True), book)
        pages = pages_of(task_pages.pages, quiet)
        assert list(pages) == ["tasks.html"]
        assert words(pages["tasks.html"]).startswith(f"How hard are the tasks? {why}")
