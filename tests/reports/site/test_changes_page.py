"""The page of changes: corrections by whom they touch, everything else as a table, and nothing to tell."""

from typing import Any

import polars as pl
import pytest

from pipelines.game.tables import TABLES
from pipelines.reports.site import changes_pages
from pipelines.reports.site.changes_pages import MOST
from pipelines.store.generation import Generation
from tests.game.calls import NO_BOARDS
from tests.game.league import instant, rules, task
from tests.reports.shown_season import publish
from tests.reports.site.rendered import held_of, pages_of, words

RULES = rules(board=NO_BOARDS)
HOSTILE = "<script>alert(1)</script>"
AT = instant("2026-03-02T10:00:00Z")


def change(kind: str, subject: str, before: int | None, after: int | None, **more: Any) -> dict[str, Any]:
    """A row of `changes`, of an agent and no correction unless said otherwise."""
    plain = {"subject_type": "agent", "about": None, "is_correction": False, "event_id": None, "because": "So it is."}
    row = {"kind": kind, "subject_id": subject, "before": before, "after": after, "changed_at": AT, **plain, **more}
    return {"change_id": "-".join(str(row[name]) for name in ("kind", "subject_id", "about", "before")), **row}


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    """A season in which nothing has changed."""
    return publish(tmp_path_factory.mktemp("changes"), [task("a")], rules=RULES)


def page_of(season: Generation, *changes: dict[str, Any], **links: list[str]) -> str:
    """The page of the season with these changes."""
    schema = TABLES["changes"].schema
    frame = pl.DataFrame(changes, schema={**schema, "changed_at": pl.Int64()}).cast(
        {"changed_at": schema["changed_at"]}
    )
    held = held_of(season, RULES, changes=frame.sort(TABLES["changes"].sort_by))
    once, twice = (pages_of(changes_pages.pages, held, **links)["changes.html"] for _ in range(2))
    assert once == twice
    return once


def test_corrections_say_who_lost_and_who_gained_and_why_the_losers_first(season: Generation) -> None:
    turned = "The verdict of submission s1 was verified and is rejected since event e9."
    fixed: dict[str, Any] = {"is_correction": True, "because": turned}
    page = page_of(
        season,
        change("points_gained", "heir", 0, 5, about="first_solver:s2", **fixed),
        change("points_lost", HOSTILE, 5, 0, about="first_solver:s1", **fixed),
        change("points_lost", HOSTILE, 10, 0, about="task:s1", **fixed),
        change("badge_lost", HOSTILE, None, None, about="first-blood", **fixed),
        change("xp_lost", "ann", 40, 12, about="agent_call:c1", subject_type="user", **fixed),
        agent=["heir"],
    )
    told = words(page)
    loser = (
        f"{HOSTILE} −15 points ▼ lost 5 points: first_solver:s1 {turned} "
        f"▼ lost 10 points: task:s1 {turned} ▼ lost First Blood {turned}"
    )
    winner = f"heir +5 points ▲ gained 5 points: first_solver:s2 {turned}"
    assert f"{loser} {winner} ann −28 XP ▼ lost 28 XP: agent_call:c1 {turned}" in told
    assert "5 changes since the generation before" in told
    assert '<a class="who" href="agents/heir-' in page
    assert "<script>alert" not in page
    assert "What else happened" not in told


def test_everything_else_is_a_table_by_kind_with_pairs_as_two_names(season: Generation) -> None:
    told = words(
        page_of(
            season,
            change("points_gained", "x", 5, 1015, because="12 awards."),
            change("rank", "x", 4, 2, about="points"),
            change("rank", '["ann","<b>pro"]', 2, None, about="xp-user-agent", subject_type="user_agent"),
            change("level_up", "ann", 1, 2, about="user", subject_type="user"),
            change("badge_earned", "x", None, None, about="on-fire"),
            change("streak_lost", "x", 4, 0, about="daily"),
            change("subject_new", "y", None, None),
        )
    )
    rows = [
        "Badges x ▲ earned On Fire – – So it is.",
        "Levels ann ▲ level 1 to 2 1 2 So it is.",
        "Places x ▲ points: place 4 to 2 4 2 So it is.",
        "Places ann with <b>pro ▼ xp-user-agent: place 2 to no place 2 – So it is.",
        "Streaks x ▼ daily streak 4 to 0 4 0 So it is.",
        "Points x ▲ gained 1,010 points: 5 to 1,015 5 1,015 12 awards.",
        "New y ▲ is new – – So it is.",
    ]
    assert " ".join(rows) in told
    assert "None: nothing that stood before is told otherwise now." in told
    assert "0 corrections" not in told  # the number stands above its name on the screen, below it in the text
    assert "corrections 0" in told


def test_of_many_changes_of_a_kind_the_first_are_shown_and_all_counted(season: Generation) -> None:
    many = [change("subject_new", f"agent-{n:03}", None, None) for n in range(MOST + 1)]
    told = words(page_of(season, *many))
    assert f"agent-{MOST - 1:03}" in told
    assert f"agent-{MOST:03}" not in told
    assert f"Of each kind the first {MOST} are shown; there are {MOST + 1} of New." in told


def test_where_nothing_changed_or_nothing_was_before_a_sentence_says_so(
    season: Generation, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [words(page_of(season))]
    monkeypatch.setitem(season.manifest, "compared_with", "20260301T000000.000000Z-0000")
    told.append(words(page_of(season)))
    older = [name for name in season.tables() if name != "changes"]
    monkeypatch.setattr(Generation, "tables", lambda _: older)
    told.append(words(page_of(season)))
    assert told[0].startswith("Changes There is no generation before this one to compare it with")
    assert told[1].startswith("Changes Nothing changed since the generation before.")
    assert "The one before: 20260301T000000.000000Z-0000." in told[1]
    assert told[2].startswith("Changes This season was published by an older version of Podium")
    assert all("Follow along" in page and "Corrections" not in page for page in told)
