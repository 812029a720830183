"""The lists of all agents, users and teams: tables that are searched, sorted and turned page by page.

Everybody stands in them, with or without a page. Not here: the order of boards (game/leaderboards.py), the table's
drawing (templates/parts.html.j2, static/cells.js).
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from pipelines.reports.site.grids import Col, Grid, data_file
from pipelines.reports.site.held import Held
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.trophies_part import badges_by

FIRST_ROWS = 50  # that stand in the page itself
MAX_SPARKS = 300  # rows up to which the last days of each are drawn
_SOLVING = (
    Col("points", "Points", "whole", "points of the ledger"),
    Col("tasks_completed", "Tasks", "whole", "verified counted submissions"),
    Col("accuracy", "Accuracy", "share", "tasks completed / attempts"),
)
_CALLING = (
    Col("calls", "Calls", "whole", "agent calls"),
    Col("success_share", "Success", "share", "the share of the calls that succeeded"),
)
_STREAK = Col("daily_current", "Streak", "days", "days in a row that are still alive")
_XP = Col("xp", "XP", "whole", "XP of the ledger")
COLUMNS = {
    "agent": (
        Col("agent_id", "Agent", "who"), *_SOLVING, _STREAK, Col("badges", "Badges", "badges", "the rarest first"), _XP,
        *_CALLING, Col("spark", "28 days", "spark", "points of the last 28 days, of who has none XP"),
    ),
    "user": (
        Col("user_id", "User", "who"), _XP, Col("level", "Level", "level", "level and title"), *_CALLING,
        Col("n_agents_called", "Agents", "whole", "different agents called"), _STREAK,
        Col("badges", "Achievements", "badges", "the rarest first"),
        Col("n_agents_owned", "Owns", "whole", "agents owned"),
        Col("points", "Their points", "whole", "points of the agents owned"),
    ),
    "team": (
        Col("team_id", "Team", "who"), _SOLVING[0], Col("n_members", "Agents", "whole", "agents with points for it"),
        *_SOLVING[1:], _XP, Col("n_users", "Users", "whole", "users with XP for it"), *_CALLING,
    ),
}  # fmt: skip
_EARNED = {"agent": ("points", "xp"), "user": ("xp", "points"), "team": ("points", "xp")}
_WORDS = {"points": "points", "xp": "XP"}


def pages(made: Renderer) -> Iterator[Page]:
    """A list each of agents, users and teams, and its file; none where there is nobody."""
    for kind in COLUMNS:
        stats = made.held.frame(f"{kind}_stats")
        if stats.is_empty():
            continue
        held, path = listing(made, kind), f"{kind}s.html"
        file = f"assets/{kind}s.js"
        yield made.page(
            "listing.html.j2",
            path,
            kind=kind,
            about=_about(made, kind, stats.height),
            command=f"podium report --{kind} ID" if _is_cut(made, kind, stats.height) and kind != "team" else None,
            grid=held,
            most=FIRST_ROWS,
            told={"key": path, "file": file, "badges": made.badges},
        )
        yield Page(file, data_file(path, held.for_script()))


def listing(made: Renderer, kind: str) -> Grid:
    """The table of all of a kind, those who earned most first; columns that say nothing of anybody are left out."""
    held, key = made.held, f"{kind}_id"
    rows = held.frame(f"{kind}_stats").sort(*_EARNED[kind], key, descending=[True, True, False])
    values: dict[str, list[Any]] = {
        key: rows[key].to_list(),
        f"{key}.page": [made.links.path(kind, name) for name in rows[key]],
    }
    if kind == "agent":
        streaks = held.frame("streaks").select(key, "daily_current")
        rows = rows.join(streaks, on=key, how="left", maintain_order="left")
        values["spark"] = _sparks(held, rows) if held.has_days else []
    if kind == "user":
        levels = rows.select("level", "title", "xp").iter_rows()
        values["level"] = [[level, title] if xp else None for level, title, xp in levels]
    if kind != "team":
        values["badges"] = _badges(held, kind, rows[key])
    for col in COLUMNS[kind]:
        if col.key not in values and col.key in rows.columns:
            values[col.key] = _short(rows.select(_told(col.key, rows.columns)).to_series())
    cols = [col for col in COLUMNS[kind] if any(values[col.key])]
    kept = {col.key for col in cols} | {f"{key}.page"}
    return Grid(cols, {name: column for name, column in values.items() if name in kept}, rows.height)


def _is_cut(made: Renderer, kind: str, n: int) -> bool:
    return len(made.links.paths.get(kind, {})) < n


def _about(made: Renderer, kind: str, n: int) -> str:
    """How many there are, in which order, and who has a page."""
    first, second = (_WORDS[measure] for measure in _EARNED[kind])
    told = f"{n:,} {kind}{'' if n == 1 else 's'}, by {first}, then {second}."
    if not _is_cut(made, kind, n):
        return told
    n_pages = len(made.links.paths.get(kind, {}))
    if kind == "team":
        return f"{told} The first {n_pages:,} have a page of their own."
    return f"{told} {n_pages:,} of them have a page of their own: the first, and those asked for with"


def _badges(held: Held, kind: str, names: pl.Series) -> list[list[str]]:
    found: dict[str, list[str]] = dict(badges_by(held, kind, names).iter_rows())
    return [found.get(name, []) for name in names]


def _sparks(held: Held, rows: pl.DataFrame) -> list[list[int] | None]:
    """The last days of each: of points, or where there are none of XP; none at all of very many."""
    if rows.height > MAX_SPARKS:
        return [None] * rows.height
    names = rows["agent_id"].to_list()
    points, xp = (held.last_days(measure, names) for measure in ("points", "xp"))
    return [points[name] if n else xp[name] for name, n in rows.select("agent_id", "points").iter_rows()]


def _told(column: str, columns: list[str]) -> pl.Expr:
    """A column without the zeros of who never tried, or never called: what does not apply is not nought."""
    of = "attempts" if column in ("points", "tasks_completed") else "calls" if column in ("xp", "calls") else None
    if of is None or of not in columns:
        return pl.col(column)
    return pl.when((pl.col(of) > 0) | (pl.col(column) > 0)).then(column)


def _short(column: pl.Series) -> list[Any]:
    """Values for a file: to six digits, which is more than is shown or told apart."""
    return (column.round(6) if column.dtype.is_float() else column).to_list()
