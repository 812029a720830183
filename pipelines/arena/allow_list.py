"""The allow-list of texts: what each text column of a bundle may hold, and that no column was forgotten.

A column is covered by a list of words or by a pattern, or it does not leave: a new one must be listed here first. Not
here: types and bounds of columns (tables.py), and how a row is spelled (rows.py).
"""

from collections.abc import Collection

import polars as pl

from pipelines.arena.policy import OTHER, Policy
from pipelines.arena.reasons import sentences
from pipelines.arena.tables import BUNDLE_TABLES, PATTERNS
from pipelines.game.contract import NUMBER, TEXT, WHOLE, Column, Table

_LEVEL = "level"  # the slug of an achievement that is a level


def strange_texts(table: Table, frame: pl.DataFrame, policy: Policy, told: pl.DataFrame | None = None) -> list[str]:
    """What of a table may not leave, as sentences that do not repeat it. Covers types that could hide a text, too.

    `told`: rows of this table that left before; words that were public then may stay in them.
    """
    faults = []
    for column in table.columns:
        place = f"column `{column.name}` of `{table.name}`"
        if column.dtype != TEXT:
            if column.dtype not in (WHOLE, NUMBER):
                faults.append(f"The {place} is refused: only texts and numbers leave, no {column.dtype}.")
            continue
        values = frame[column.name].drop_nulls().unique()
        words = words_of(table, column, policy)
        if words is not None:
            before = told[column.name].drop_nulls() if told is not None else pl.Series([], dtype=pl.String)
            n_strange = (~values.is_in([*words, *before])).sum()
            why = (
                "in no list of words of the policy: tell them as `other`, or list them in arena.toml if they are public"
            )
        elif (pattern := PATTERNS.get(column.name)) is not None:
            n_strange = (~values.str.contains(pattern)).sum()
            why = "not spelled as the format has it"
        else:
            faults.append(f"The {place} is refused: it is covered by no list of words and by no pattern.")
            continue
        if n_strange:
            faults.append(f"The {place} is refused: values that it holds ({n_strange}) are {why}.")
    return faults


def words_of(table: Table, column: Column, policy: Policy) -> Collection[str] | None:
    """The words that a text column may hold; none where words are not what limits it."""
    if column.words:
        return column.words
    words = policy.words
    boards = {board for board in policy.profiles.boards if board != "problem"}
    if "problem" in policy.profiles.boards:
        boards |= {f"problem:{problem}" for problem in words.problems}
    return {
        ("agent_statistics", "agent"): {*words.agents, OTHER},
        ("leaderboard_entries", "board"): boards,
        ("achievements", "slug"): {*words.achievements, _LEVEL},
        ("achievements", "tier"): words.tiers,
        ("usage", "agent"): {*words.agents, OTHER},
        ("usage", "category"): {*words.categories, *words.problems, OTHER},
        ("withheld", "table"): BUNDLE_TABLES,
        ("withheld", "sentence"): set(sentences(policy.aggregates).values()),
    }.get((table.name, column.name))
