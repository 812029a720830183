"""What the profiles of agents, users and teams share, as plain data for templates: reasons, trophies, boards, shares.

Not here: what each profile holds (agent_pages.py, user_pages.py, team_pages.py), how parts look
(templates/profile.html.j2).
"""

import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.board_rules import CALENDAR_WINDOWS
from pipelines.reports.board_names import name_of
from pipelines.reports.intervals import wilson
from pipelines.reports.profile_view import MOST_UNEARNED, measured, so_far
from pipelines.reports.quantities import counted, share
from pipelines.reports.reading import Reading
from pipelines.reports.reasons import reasons_of, sources_of
from pipelines.reports.site.held import Held
from pipelines.reports.site.rendering import Renderer
from pipelines.reports.trophy_words import sentence

LAST = 10  # awards, calls, callers that a profile shows
MAX_BOARDS = 16
MAX_ROWS = 12  # of shares by problem or category
PROFILES = ("agent", "user", "team")
_WINDOWS = {"all": "All time", "month": "Month", "week": "Week", "day": "Day"}

Figure = tuple[str, str, str]  # a number as text, what it counts, and a note or ""


@dataclass(frozen=True)
class Reasons:
    """Why awards were given, by `entry_id`, and where records stand, by `event_id`: path and line."""

    because: Mapping[str, str]
    sources: Mapping[str, tuple[str, int]]

    @classmethod
    def of(cls, held: Held, ledgers: Sequence[pl.DataFrame], events: Iterable[pl.Series]) -> "Reasons":
        """For the awards of some ledgers and for other events, each table asked once."""
        because: dict[str, str] = {}
        for awards in ledgers:
            because.update(zip(awards["entry_id"], reasons_of(held, awards)["because"], strict=True))
        asked = pl.concat([*(awards["event_id"] for awards in ledgers), *events]).unique(maintain_order=True)
        places = sources_of(held, asked)
        found = zip(asked, places["path"], places["line"], strict=True)
        return cls(because, {event: (path, line) for event, path, line in found if path is not None})

    def beside(self, rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Rows of a profile with `because` (of awards) and `source` (path and line, or None)."""
        return [
            {**row, "because": self.because.get(row.get("entry_id", "")), "source": self.sources.get(row["event_id"])}
            for row in rows
        ]


def following(made: Renderer, kind: str) -> Iterator[str]:
    """Those of a kind who have a page, one after another, with what is done of all profiles reported."""
    sizes = {each: len(made.links.paths.get(each, {})) for each in PROFILES}
    before = sum(sizes[each] for each in PROFILES[: PROFILES.index(kind)])
    for n, name in enumerate(made.links.paths.get(kind, {}), start=before + 1):
        made.progress("writing profiles", n, sum(sizes.values()))
        yield name


def conditions(reading: Reading, subject_type: str) -> dict[tuple[str, str | None], str]:
    """What each badge or achievement takes, as a sentence, by slug and tier."""
    names = reading.trophy_names(subject_type)
    rules = reading.rules.achievement if subject_type == "user" else reading.rules.badge
    return {(rule.slug, rule.tier): sentence(rule, names) for rule in rules}


def on_the_way(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """What is not earned yet, with `share` (never a whole one) and how far it is in words."""
    return [
        {
            **row,
            "share": min(row["progress_share"], MOST_UNEARNED),
            "so_far": so_far(row),
        }
        for row in rows
    ]


def shares(rows: Iterable[tuple[str, int, int]]) -> tuple[list[dict[str, Any]], int]:
    """Shares that went right of name, n_right and n, with their 95 % intervals; and how many rows are left out."""
    told = [
        {"name": name, "n_right": right, "n": n, "share": right / n, "interval": wilson(right, n)}
        for name, right, n in rows
        if n
    ]
    return told[:MAX_ROWS], max(len(told) - MAX_ROWS, 0)


def interval(low: float, high: float, n: int, what: str) -> str:
    """The note beneath a share: its interval and what it is taken from."""
    return f"95 % interval {share(low)} to {share(high)}, {counted(n, what)}"


def with_intervals(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows of `user_agents` with the 95 % interval of their success."""
    return [{**row, "interval": wilson(row["successes"], row["calls"])} for row in rows]


def command(verb: str, *names: str, options: Sequence[str] = ()) -> str:
    """A command about somebody, as a shell takes it, whatever the names are made of."""
    ends = ["--"] if any(name.startswith("-") for name in names) else []
    return shlex.join(["podium", verb, *options, *ends, *names])


@dataclass(frozen=True)
class Places:
    """Where somebody stands: windows (key, label) as columns; a row a board, with its cells by window."""

    windows: Sequence[tuple[str, str]]
    rows: Sequence[dict[str, Any]]
    n_left_out: int


def places(reading: Reading, ranks: Sequence[dict[str, Any]]) -> Places | None:
    """The places of a profile (`places.places`) as a table; None without any."""
    if not ranks:
        return None
    named = {window.slug: window.name for window in reading.rules.window}
    held = {row["window"] for row in ranks}
    windows = [(key, label) for key, label in {**_WINDOWS, **named}.items() if key in held]
    rows: dict[tuple[str, str | None], dict[str, Any]] = {}
    for row in ranks:
        at = rows.setdefault((row["board"], row["scope_id"]), _board(reading, row))
        at["cells"][row["window"]] = {**row, "key": _key(row), "says": measured(row["measure"], row["score"])}
    told = list(rows.values())
    return Places(windows, told[:MAX_BOARDS], max(len(told) - MAX_BOARDS, 0))


def rank_of(ranks: Sequence[dict[str, Any]], measure: str) -> dict[str, Any] | None:
    """The place of all time on the first board for all that ranks by a measure."""
    whole = (row for row in ranks if row["window"] == "all" and row["scope_id"] is None and ":" not in row["board"])
    return next((row for row in whole if row["measure"] == measure), None)


def place_of(ranks: Sequence[dict[str, Any]], measure: str) -> str:
    """The place of all time in words; empty without one."""
    row = rank_of(ranks, measure)
    return "" if row is None else f"place {row['rank']:,} of {row['n_entries']:,}"


def notes(*told: str) -> str:
    """What stands beneath a key figure: all that is not empty."""
    return "; ".join(note for note in told if note)


def _board(reading: Reading, row: dict[str, Any]) -> dict[str, Any]:
    return {"board": row["board"], "name": name_of(reading, row["board"]), "scope": row["scope_id"], "cells": {}}


def _key(row: dict[str, Any]) -> str:
    """The window as the page of its board names it."""
    is_calendar = row["window_start_on"] and row["window"] in CALENDAR_WINDOWS
    return f"{row['window']}:{row['window_start_on']}" if is_calendar else str(row["window"])
