"""The first rows of a table for the web UI, as Markdown: of boards who leads, of changes what was corrected.

Names of agents are other people's text and the page renders Markdown: `cell` makes them plain.
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from pipelines.reports.markdown import cell
from pipelines.store.generation import Generation

TOP = 10
LONGEST_NAME, LONGEST_REASON = 60, 200  # characters
_PREVIEWS = {  # of a board: heading and column of each number
    "points": (("points", "points"), ("tasks", "tasks_completed"), ("accuracy", "accuracy")),
    "xp-agent": (("XP", "xp"), ("calls", "calls"), ("success", "success_share")),
    "xp-user": (("XP", "xp"), ("calls", "calls"), ("success", "success_share")),
}


def previews(generation: Generation, table: str) -> Iterator[tuple[str, str]]:
    """What is shown of a table beside its count: names and Markdown; of most tables nothing."""
    if table == "leaderboards":
        rules = {rule["slug"]: rule for rule in generation.manifest["rules"]["board"]}
        for board in (slug for slug in _PREVIEWS if slug in rules and _is_whole(rules[slug])):
            yield f"{board.replace('-', '_')}_board", board_preview(generation.table(table), board)
    elif table == "changes":
        yield "last_changes", changes_preview(generation.table(table))


def _is_whole(rule: dict[str, Any]) -> bool:
    """Whether a board is one for all, of all time: a rulebook may cut one of ours."""
    return rule["scope"] == "all" and "all" in rule["windows"]


def changes_preview(changes: pl.LazyFrame) -> str:
    """What changed since the generation before, corrections first, as a Markdown table."""
    first = changes.sort("is_correction", "changed_at", "change_id", descending=[True, True, False])
    rows = first.head(TOP).select("is_correction", "kind", "subject_id", "before", "after", "because").collect()
    if rows.is_empty():
        return "Nothing has changed."
    lines = [["what", "who", "before", "after", "why"], [":--", ":--", "--:", "--:", ":--"]]
    for is_correction, kind, who, before, after, because in rows.iter_rows():
        what = f"{kind.replace('_', ' ')}{' (corrected)' if is_correction else ''}"
        numbers = ["" if n is None else f"{n:,}" for n in (before, after)]
        lines.append([what, cell(who, LONGEST_NAME), *numbers, cell(because, LONGEST_REASON)])
    return _table(lines)


def board_preview(leaderboards: pl.LazyFrame, board: str) -> str:
    """The top of an all-time board as a Markdown table."""
    everybody = (pl.col("board") == board) & (pl.col("window") == "all")
    rows = leaderboards.filter(everybody).sort("rank", "subject_id").head(TOP).collect()
    if rows.is_empty():
        return "Nobody has an entry yet."
    numbers = _PREVIEWS[board]
    headings = ["#", "who", *(heading for heading, _ in numbers), "moved"]
    ruler = ["--:", ":--", *("--:" for _ in numbers), "--:"]
    lines = [headings, ruler, *(_board_row(row, [c for _, c in numbers]) for row in rows.iter_rows(named=True))]
    return _table(lines)


def _table(lines: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _board_row(row: dict[str, Any], columns: list[str]) -> list[str]:
    shown = [f"{row[c]:.1%}" if isinstance(row[c], float) else "" if row[c] is None else f"{row[c]}" for c in columns]
    moved = "new" if row["rank_change"] is None else f"{row['rank_change']:+d}"
    return [str(row["rank"]), cell(row["subject_id"], LONGEST_NAME), *shown, moved]
