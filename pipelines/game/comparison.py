"""Two outcomes of one season side by side: who gains, who loses, who moves, what is won and lost.

Each function takes a table of one outcome and the same table of another, and gives one row for every subject that
either knows. Changes are `after - before`, but for ranks, where positive is climbed, as on the boards themselves. Not
here: playing the other outcome (engines/what_if.py), which rules differ (rule_differences.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.game.contract import DAY, INSTANT, NUMBER, TEXT, WHOLE, Column, Table

_SUBJECTS = ("agent", "user", "team")
TROPHY_CHANGES = ("won", "lost", "earlier", "later", "same")


def _change(name: str, about: str) -> Column:
    return Column(name, WHOLE, about)


def _count(name: str, about: str) -> Column:
    return Column(name, WHOLE, about, low=0)


COMPARED_BOARDS = Table(
    name="compared_boards",
    grain="One row per entry of a board in a window under either rulebook",
    columns=(
        Column("board", TEXT, "the board; `problem:<problem>` for those of one problem"),
        Column("window", TEXT, "all, day, week, month, or the slug of a named window"),
        Column("window_start_on", DAY, "the window's first local date; null for `all`", nullable=True),
        Column("scope", TEXT, "among whom: all, or those of one team or project", words=("all", "team", "project")),
        Column("scope_id", TEXT, "the team or project; null for `all`", nullable=True),
        Column("subject_id", TEXT, 'who: an agent, a user, a team, or of a pair the JSON text ["user","agent"]'),
        Column("rank_before", WHOLE, "place under the first rulebook; null without an entry", nullable=True, low=1),
        Column("rank_after", WHOLE, "place under the second; null without an entry", nullable=True, low=1),
        Column("rank_change", WHOLE, "rank_before - rank_after: positive climbs; null without both", nullable=True),
        Column("score_before", NUMBER, "the board's own first measure under the first rulebook", nullable=True),
        Column("score_after", NUMBER, "the same under the second", nullable=True),
        Column("score_change", NUMBER, "score_after - score_before; null without both", nullable=True),
    ),
    sort_by=("board", "window", "window_start_on", "scope", "scope_id", "subject_id"),
)

COMPARED_TOTALS = Table(
    name="compared_totals",
    grain="One row per agent, user and team that earned or tried something under either rulebook",
    columns=(
        Column("subject_type", TEXT, "what it is", words=_SUBJECTS),
        Column("subject_id", TEXT, "the agent, user or team"),
        _count("points_before", "points under the first rulebook; of a user those of the agents owned"),
        _count("points_after", "the same under the second"),
        _change("points_change", "points_after - points_before"),
        _count("xp_before", "XP under the first rulebook"),
        _count("xp_after", "the same under the second"),
        _change("xp_change", "xp_after - xp_before"),
    ),
    sort_by=("subject_type", "subject_id"),
)

COMPARED_TROPHIES = Table(
    name="compared_trophies",
    grain="One row per badge or achievement earned under either rulebook",
    columns=(
        Column("subject_type", TEXT, "whose: an agent's or a user's", words=("agent", "user")),
        Column("subject_id", TEXT, "the agent or user"),
        Column("badge", TEXT, "slug of the badge or achievement"),
        Column("tier", TEXT, "its tier, where it has tiers", nullable=True),
        Column("earned_at_before", INSTANT, "when, under the first rulebook; null: not earned", nullable=True),
        Column("earned_at_after", INSTANT, "when, under the second; null: not earned", nullable=True),
        Column("change", TEXT, "what the second rulebook makes of it", words=TROPHY_CHANGES),
    ),
    sort_by=("subject_type", "subject_id", "badge", "tier"),
)

COMPARED_LEVELS = Table(
    name="compared_levels",
    grain="One row per user, and per user and agent called, with XP under either rulebook",
    columns=(
        Column("scope", TEXT, "whose level", words=("user", "user_agent")),
        Column("user_id", TEXT, "the user"),
        Column("agent_id", TEXT, "the agent; null for the user's own level", nullable=True),
        Column("level_before", WHOLE, "level under the first rulebook", low=1),
        Column("level_after", WHOLE, "level under the second", low=1),
        _change("level_change", "level_after - level_before"),
        Column("title_before", TEXT, "title of that level; null without XP", nullable=True),
        Column("title_after", TEXT, "the same under the second", nullable=True),
    ),
    sort_by=("scope", "user_id", "agent_id"),
)

_STREAKS = ("daily_current", "daily_best", "accuracy_best")
COMPARED_STREAKS = Table(
    name="compared_streaks",
    grain="One row per agent with a streak under either rulebook",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        *(
            column
            for name in _STREAKS
            for column in (
                _count(f"{name}_before", f"{name.replace('_', ' ')} under the first rulebook"),
                _count(f"{name}_after", "the same under the second"),
                _change(f"{name}_change", f"{name}_after - {name}_before"),
            )
        ),
    ),
    sort_by=("agent_id",),
)

COMPARISONS = {
    table.name: table
    for table in (COMPARED_BOARDS, COMPARED_TOTALS, COMPARED_TROPHIES, COMPARED_LEVELS, COMPARED_STREAKS)
}
COMPARED = ("leaderboards", "agent_stats", "user_stats", "team_stats", "badges", "levels", "streaks")  # what is read


@dataclass(frozen=True)
class Comparison:
    """Two outcomes side by side: frames that keep the contracts of COMPARISONS."""

    boards: pl.DataFrame
    totals: pl.DataFrame
    trophies: pl.DataFrame
    levels: pl.DataFrame
    streaks: pl.DataFrame


def compare(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> Comparison:
    """Two outcomes, each with the tables of COMPARED, side by side."""
    return Comparison(
        boards=compare_boards(before["leaderboards"], after["leaderboards"]),
        totals=compare_totals(*({kind: t[f"{kind}_stats"] for kind in _SUBJECTS} for t in (before, after))),
        trophies=compare_trophies(before["badges"], after["badges"]),
        levels=compare_levels(before["levels"], after["levels"]),
        streaks=compare_streaks(before["streaks"], after["streaks"]),
    )


def compare_boards(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Entries of `leaderboards` side by side: columns of COMPARED_BOARDS."""
    keys = COMPARED_BOARDS.sort_by
    both = _side_by_side(before, after, keys, ("rank", "score"))
    return _finished(
        COMPARED_BOARDS,
        both.with_columns(
            rank_change=pl.col("rank_before") - pl.col("rank_after"),
            score_change=pl.col("score_after") - pl.col("score_before"),
        ),
    )


def compare_totals(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Points and XP side by side, from `agent_stats`, `user_stats`, `team_stats` by their first word.

    Columns of COMPARED_TOTALS; who is in no table of one outcome has 0 there.
    """
    parts = []
    for kind in _SUBJECTS:
        both = _side_by_side(before[kind], after[kind], (f"{kind}_id",), ("points", "xp"), absent=0)
        parts.append(both.rename({f"{kind}_id": "subject_id"}).with_columns(subject_type=pl.lit(kind)))
    return _finished(COMPARED_TOTALS, _with_changes(pl.concat(parts), ("points", "xp")))


def compare_trophies(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows of `badges` side by side: columns of COMPARED_TROPHIES."""
    both = _side_by_side(before, after, ("subject_type", "subject_id", "badge", "tier"), ("earned_at",))
    held, new = pl.col("earned_at_before"), pl.col("earned_at_after")
    change = (
        pl.when(held.is_null())
        .then(pl.lit("won"))
        .when(new.is_null())
        .then(pl.lit("lost"))
        .when(new < held)
        .then(pl.lit("earlier"))
        .when(new > held)
        .then(pl.lit("later"))
        .otherwise(pl.lit("same"))
    )
    return _finished(COMPARED_TROPHIES, both.with_columns(change=change))


def compare_levels(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows of `levels` side by side: columns of COMPARED_LEVELS. Everybody begins at level 1."""
    both = _side_by_side(before, after, ("scope", "user_id", "agent_id"), ("level", "title"))
    both = both.with_columns(pl.col("level_before", "level_after").fill_null(1))
    return _finished(COMPARED_LEVELS, _with_changes(both, ("level",)))


def compare_streaks(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows of `streaks` side by side: columns of COMPARED_STREAKS."""
    return _finished(
        COMPARED_STREAKS, _with_changes(_side_by_side(before, after, ("agent_id",), _STREAKS, absent=0), _STREAKS)
    )


def _side_by_side(
    before: pl.DataFrame, after: pl.DataFrame, keys: Sequence[str], values: Sequence[str], absent: int | None = None
) -> pl.DataFrame:
    """One row per keys of either frame, with each value as `_before` and `_after`; `absent` where one has no row."""
    sides = [
        frame.select(*keys, pl.col(values).name.suffix(f"_{side}"))
        for frame, side in ((before, "before"), (after, "after"))
    ]
    both = sides[0].join(sides[1], on=list(keys), how="full", coalesce=True, nulls_equal=True)
    return both if absent is None else both.with_columns(pl.exclude(keys).fill_null(absent))


def _with_changes(both: pl.DataFrame, values: Sequence[str]) -> pl.DataFrame:
    changes = {f"{name}_change": pl.col(f"{name}_after") - pl.col(f"{name}_before") for name in values}
    return both.with_columns(**changes)


def _finished(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    return table.shape(frame).sort(table.sort_by)
