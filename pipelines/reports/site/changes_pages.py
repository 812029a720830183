"""The page of changes: who gained and who lost what since the generation before, and why; corrections first.

Not here: what changed (game/changes/), its headlines and parts (changes_page.py).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.reports.changes_page import ChangesPage, Row, changes_page
from pipelines.reports.quantities import counted
from pipelines.reports.site.held import Held
from pipelines.reports.site.rendering import Page, Renderer

MOST = 60  # changes of each part that stand in the page; the table and the command have all
LABELS = {
    "badges": "Badges",
    "levels": "Levels",
    "places": "Places",
    "streaks": "Streaks",
    "points": "Points",
    "xp": "XP",
    "newcomers": "New",
}
_GOOD = ("points_gained", "xp_gained", "badge_earned", "level_up", "streak_best", "subject_new")


@dataclass(frozen=True)
class Corrected:
    """What corrections did to one agent, user, pair or team: what it comes to, and each with its reason."""

    who: Sequence[tuple[str, str]]
    sums: Sequence[tuple[int, str]]
    told: Sequence[Row]


def pages(made: Renderer) -> Iterator[Page]:
    """The one page, also where there is nothing to compare with."""
    held = made.held
    page = changes_page(held, held.generation.path) if held.has("changes") else None
    parts = page.parts if page else {}
    others = {part: rows for part, rows in parts.items() if part != "corrections" and rows}
    yield made.page(
        "changes.html.j2",
        "changes.html",
        sentence=sentence(held, page),
        before=page.previous_generation if page else None,
        figures=figures(page) if page and page.n_changes else [],
        corrected=corrected(parts.get("corrections", [])[:MOST]),
        n_corrections=len(parts.get("corrections", [])),
        rows=[shown(part, row) for part, rows in others.items() for row in rows[:MOST]],
        cut=[(LABELS[part], len(rows)) for part, rows in others.items() if len(rows) > MOST],
        most=MOST,
    )


def sentence(held: Held, page: ChangesPage | None) -> str:
    """What is compared, or why nothing is."""
    if page is None:
        return (
            "This season was published by an older version of Podium, which kept no table of changes: "
            "the next run publishes one."
        )
    if page.previous_generation is None and not page.n_changes:
        return "There is no generation before this one to compare it with: the next run will have one."
    if not page.n_changes:
        return "Nothing changed since the generation before."
    n = counted(page.n_changes, "change")
    return f"{n} since the generation before: first what is told otherwise now, then what is new."


def figures(page: ChangesPage) -> list[tuple[str, str, str]]:
    """How many changes there are of each part."""
    names = {"corrections": "corrections", "badges": "badges", "levels": "levels", "places": "places on boards"}
    names |= {"streaks": "streaks", "points": "totals of points", "xp": "totals of XP", "newcomers": "newcomers"}
    return [(f"{len(rows):,}", names[part], "") for part, rows in page.parts.items() if rows or part == "corrections"]


def corrected(rows: Sequence[Row]) -> list[Corrected]:
    """Corrections by subject, whoever lost most first; of one subject in the order of the page."""
    by_subject: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by_subject.setdefault((row["subject_type"], row["subject_id"]), []).append(row)
    groups = [Corrected(whose(held[0]), _sums(held), [_told(row) for row in held]) for held in by_subject.values()]
    return sorted(groups, key=lambda group: (_worst(group), group.who))


def _worst(group: Corrected) -> tuple[int, int]:
    """What orders groups: those with points before those with XP alone, each by the sum, the losers first."""
    sums = {unit: n for n, unit in group.sums}
    return (0, sums["points"]) if "points" in sums else (1, sums.get("XP", 0))


def _sums(rows: Sequence[Row]) -> list[tuple[int, str]]:
    sums: dict[str, int] = {}
    for row in rows:
        unit = {"points": "points", "xp": "XP"}.get(row["kind"].partition("_")[0])
        if unit:
            sums[unit] = sums.get(unit, 0) + row["after"] - row["before"]
    return [(n, unit) for unit, n in sums.items()]


def _told(row: Row) -> Row:
    return row | {"is_good": row["kind"] in _GOOD or (row["kind"] == "rank" and is_climb(row))}


def is_climb(row: Row) -> bool:
    """Whether a change of rank is one for the better."""
    before, after = row["before"], row["after"]
    return after is not None and (before is None or after < before)


def shown(part: str, row: Row) -> dict[str, Any]:
    """A row of the table: its part, who, what, before, after, why and when."""
    return {"part": LABELS[part], "who": whose(row), **_told(row)}


def whose(row: Row) -> list[tuple[str, str]]:
    """Of whom a change is, as kinds and names: one, or of a pair two."""
    if row["subject_type"] != "user_agent":
        return [(row["subject_type"], row["subject_id"])]
    user, agent = json.loads(row["subject_id"])
    return [("user", user), ("agent", agent)]
