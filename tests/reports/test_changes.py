"""Changes as they are shown: corrections first with their sentences, names of strangers inert, nothing lost."""

import io
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.reports.changes_page import PARTS, ChangesPage, changes_page
from pipelines.reports.changes_view import show_changes
from pipelines.reports.choices import Misuse
from pipelines.reports.reading import Reading, Unreadable
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from pipelines.store.published import Generation
from tests.game.league import instant, task, tried
from tests.reports.shown_season import publish

SEASON = [task("t1"), tried("s1", "ada", "t1", "2026-03-01T10:00:00Z")]
HOSTILE = "x\x1b[31m\u202e<b>"


def change(kind: str, subject_id: str = "ada", subject_type: str = "agent", **more: Any) -> dict[str, Any]:
    plain = {"about": None, "before": None, "after": None, "is_correction": False, "event_id": None}
    made = {"changed_at": instant("2026-03-01T10:00:00Z"), "because": f"Why {kind}."}
    name = f"{kind}-{subject_id}-{more.get('about')}-{more.get('is_correction')}"
    return {
        "change_id": name,
        "kind": kind,
        "subject_type": subject_type,
        "subject_id": subject_id,
        **plain,
        **made,
        **more,
    }


CHANGES = [
    change("badge_earned", about="rising-star", is_correction=True),
    change("badge_earned", about="hunter:gold"),
    change("level_up", '["ann","ada"]', "user_agent", about="user_agent", before=1, after=3),
    change("points_gained", before=1_000, after=1_012),
    change("points_gained", about="task:s9", before=0, after=1, is_correction=True),
    change("points_lost", HOSTILE, about=f"task:{HOSTILE}", before=10, after=4, is_correction=True, because=HOSTILE),
    change("rank", about="problem:collatz", before=None, after=2),
    change("streak_best", about="daily", before=3, after=4),
    change("streak_lost", about="daily", before=3, after=0),
    change("subject_new", "red", "team"),
    change("xp_gained", "ann", "user", before=0, after=2_000),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("home")
    publish(place, SEASON, changes=CHANGES)
    return place


def page_of(home: Path, **asked: Any) -> ChangesPage:
    return changes_page(Reading.open(settings(home)), home, **asked)


def shown(page: ChangesPage, top: int = 25, width: int = 100) -> list[str]:
    output = io.StringIO()
    show_changes(page, screen(output, width, fancy=False), top)
    assert output.getvalue().isascii()
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def test_corrections_come_first_and_begin_with_what_was_lost(home: Path) -> None:
    page = page_of(home)
    assert list(page.parts) == list(PARTS)
    assert [row["headline"] for row in page.parts["corrections"]] == [
        f"lost 6 points: task:{HOSTILE}", "gained 1 point: task:s9", "earned Rising Star",
    ]  # fmt: skip


def test_every_kind_says_in_a_few_words_what_changed(home: Path) -> None:
    parts = page_of(home).parts
    told = {part: [row["headline"] for row in rows] for part, rows in parts.items() if part != "corrections"}
    assert told == {
        "badges": ["earned hunter (gold)"],
        "levels": ["level 1 to 3"],
        "places": ["problem:collatz: no place to 2"],
        "streaks": ["best daily streak 3 to 4", "daily streak 3 to 0"],
        "points": ["gained 12 points: 1,000 to 1,012"],
        "xp": ["gained 2,000 XP: 0 to 2,000"],
        "newcomers": ["is new"],
    }


def test_names_of_strangers_are_shown_and_do_nothing(home: Path) -> None:
    lines = shown(page_of(home))
    assert r"x\x1b[31m\u202e<b> lost 6 points: task:x\x1b[31m\u202e<b>" in lines
    assert r"x\x1b[31m\u202e<b>" in lines


def test_each_part_is_cut_with_a_word_of_it_and_machines_get_all(home: Path) -> None:
    lines = shown(page_of(home), top=1)
    assert "The first 1 of 3: --top shows more, --json all." in lines
    assert "gained 1 point: task:s9" not in "\n".join(lines)
    told = page_of(home).for_machines()
    assert told["n_changes"] == len(CHANGES)
    assert {row["change_id"] for row in told["changes"]} == {row["change_id"] for row in CHANGES}  # type: ignore[attr-defined]


def test_a_subject_has_the_changes_of_its_pairs_too(home: Path) -> None:
    assert page_of(home, subject=" ann ").counts == {"level_up": 1, "xp_gained": 1}
    assert page_of(home, subject="ann", kind="level_up").counts == {"level_up": 1}


def test_a_subject_that_is_not_there_is_no_silence(home: Path) -> None:
    with pytest.raises(Misuse, match="There is no agent, user or team `adda`"):
        page_of(home, subject="adda")
    page = page_of(home, subject="ada", kind="badge_lost", since="2020-01-01")
    assert page.counts == {}
    assert "No such change since 2020-01-01." in shown(page)


def test_nothing_changed_is_said(home: Path) -> None:
    assert "Nothing changed since 2999-01-01." in shown(page_of(home, since="2999-01-01"))


def test_a_season_of_before_there_was_such_a_table_is_a_sentence(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Generation, "tables", lambda _: ["tasks"])
    with pytest.raises(Unreadable, match="has no table changes"):
        page_of(home)


def test_the_literal_rows_here_keep_the_contract(home: Path) -> None:
    with Generation.open(home) as generation:
        assert generation.table("changes").select(pl.len()).collect().item() == len(CHANGES)
