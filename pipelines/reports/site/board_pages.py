"""The pages of boards: one a board, with every window that has passed, and the list of all of them.

Entries come straight from `leaderboards`; what stands beside them as of `as_of` (badges, streaks, levels, the last
days) belongs to the window `all`. Not here: who stands where (game/leaderboards.py), a board in a terminal
(board_view.py).
"""

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule
from pipelines.reports.board_company import Asked, with_company
from pipelines.reports.board_names import how_ranked, name_of
from pipelines.reports.site.board_charts import board_chart, is_cut
from pipelines.reports.site.grids import Col, Grid, data_file
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import Links, file_stem, path_of
from pipelines.reports.site.profile_parts import command
from pipelines.reports.site.rendering import Page, Renderer, day

MAX_PAST = 1_000  # entries of a window other than `all`, in each scope: of more the first are told
FIRST_ROWS = 50  # that stand in the page itself
N_SPARKS = 100  # first entries whose last days are drawn
_COLUMNS = {  # measures as columns
    "points": Col("points", "Points", "whole", "points in this window"),
    "points_per_member": Col("points_per_member", "Points per member", "mean", "points in this window / members"),
    "tasks_completed": Col("tasks_completed", "Tasks", "whole", "verified counted submissions"),
    "attempts": Col("attempts", "Attempts", "whole", "counted submissions"),
    "accuracy": Col("accuracy", "Accuracy", "share", "tasks completed / attempts"),
    "wilson_low": Col("wilson_low", "At least", "share", "Wilson 95 % lower bound of the accuracy"),
    "penalty_minutes": Col("penalty_minutes", "Penalty", "whole", "minutes, with those for rejected attempts"),
    "last_solve_minute": Col("last_solve_minute", "Last solve", "whole", "minutes from the start of the window"),
    "xp": Col("xp", "XP", "whole", "XP in this window"),
    "xp_per_member": Col("xp_per_member", "XP per member", "mean", "XP in this window / members"),
    "calls": Col("calls", "Calls", "whole", "agent calls"),
    "successes": Col("successes", "Succeeded", "whole", "calls that succeeded"),
    "success_share": Col("success_share", "Success", "share", "the share of the calls that succeeded"),
}
_DERIVED = {  # measures that are no column of `leaderboards`
    "points_per_member": pl.col("points") / pl.col("n_members"),
    "xp_per_member": pl.col("xp") / pl.col("n_members"),
    "successes": (pl.col("success_share") * pl.col("calls")).round().cast(pl.Int64),
}
_OF_SUBMISSIONS, _OF_CALLS = ("points", "tasks_completed", "accuracy", "attempts"), ("xp", "calls", "success_share")
_KINDS = {"all": "All time", "month": "Months", "week": "Weeks", "day": "Days"}
_SUBJECTS = {"agent": "Agent", "user": "User", "user_agent": "User with agent", "team": "Team"}


@dataclass(frozen=True)
class BoardWindow:
    """One window of a board: how it is called, where its entries are kept, and how to make them."""

    key: str
    kind: str
    label: str
    file: str
    grid: Callable[[], Grid]

    def for_script(self) -> dict[str, str]:
        """The same for the script of the page."""
        return {"key": self.key, "kind": self.kind, "label": self.label, "file": self.file}


@dataclass(frozen=True)
class BoardSite:
    """A board as its page shows it: windows with the newest of each kind first, and the scopes it is cut into."""

    board: str
    name: str
    about: str
    subject: str
    windows: Sequence[BoardWindow]
    scopes: Sequence[str]
    scope_kind: str

    @property
    def groups(self) -> list[tuple[str, list[BoardWindow]]]:
        """The windows by kind, as a reader chooses among them."""
        kinds: dict[str, list[BoardWindow]] = {}
        for window in self.windows:
            kinds.setdefault(_KINDS.get(window.kind, "Seasons and tournaments"), []).append(window)
        return list(kinds.items())


def pages(made: Renderer) -> Iterator[Page]:
    """The list of boards, and of each its page and a file of entries for every window."""
    held = made.held
    boards = held.boards()
    yield made.page("boards.html.j2", "boards.html", boards=[_listed(held, board) for board in boards])
    for n, board in enumerate(boards, start=1):
        made.progress("writing boards", n, len(boards))
        site, path = board_site(held, board, made.links), path_of("board", board)
        grids = [window.grid() for window in site.windows]
        windows = [window.for_script() for window in site.windows]
        yield made.page(
            "board.html.j2",
            path,
            board=site,
            first=_first(grids[0], site) if grids else None,
            most=FIRST_ROWS,
            windows=windows,
            chart=board_chart(held, board),
            commands=_commands(site),
        )
        for window, grid in zip(site.windows, grids, strict=True):
            yield Page(window.file, data_file(f"{path}/{window.key}", grid.for_script()))


def _first(grid: Grid, site: BoardSite) -> Grid:
    """The entries of the first scope, as the script begins; of a board for all every entry."""
    if not site.scopes:
        return grid
    kept = [n for n, scope in enumerate(grid.values["scope"]) if scope == site.scopes[0]]
    return Grid(grid.cols, {key: [column[n] for n in kept] for key, column in grid.values.items()}, len(kept))


def _commands(site: BoardSite) -> tuple[str, str]:
    """What shows the board in a terminal, and what writes it as a file: of a board of scopes the first."""
    scope = ("--scope-id", site.scopes[0]) if site.scopes else ()
    asked = ("--board", site.board, *scope, "--format", "csv")
    return command("board", site.board, options=scope), command("export", options=asked)


def _listed(held: Held, board: str) -> dict[str, Any]:
    """A board as a row of the list, with who leads it."""
    rule = held.board_rule(board)
    rows = held.frame("leaderboards").filter(pl.col("board") == board)
    first = rows.filter((pl.col("window") == "all") & pl.col("scope_id").is_null()).head(1)
    subject = rule.subject if rule else "agent"
    whose = ("user", "agent") if subject == "user_agent" else (subject,)
    leaders = [list(row) for row in first.select("subject_id" if len(whose) == 1 else ("user_id", "agent_id")).rows()]
    return {
        "board": board,
        "name": name_of(held, board),
        "about": how_ranked(rule) if rule else "",
        "leader": [*zip(whose, leaders[0], strict=True)] if leaders else [],
        "n_entries": rows.filter(pl.col("window") == "all").height if "all" in rows["window"] else None,
        "n_windows": rows.select("window", "window_start_on").n_unique() if rows.height else 0,
    }


def board_site(held: Held, board: str, links: Links) -> BoardSite:
    """Everything that the page of a board shows; entries are made when they are asked for."""
    rule = held.board_rule(board)
    rows = held.frame("leaderboards").filter(pl.col("board") == board)
    subject = rule.subject if rule else "agent"
    windows = list(_windows(held, board, rule, rows, links))
    sizes = rows.group_by("scope_id").len().drop_nulls().sort("len", "scope_id", descending=[True, False])
    return BoardSite(
        board,
        name_of(held, board),
        how_ranked(rule) if rule else "",
        _SUBJECTS[subject],
        windows,
        sizes["scope_id"].to_list(),
        rule.scope if rule else "all",
    )


def _windows(held: Held, board: str, rule: BoardRule | None, rows: pl.DataFrame, links: Links) -> Iterator[BoardWindow]:
    named = {window.slug: window.name for window in held.rules.window}
    order = {kind: n for n, kind in enumerate(("all", *named, "month", "week", "day"))}
    parts = {(str(key[0]), key[1]): part for key, part in rows.partition_by(
        "window", "window_start_on", as_dict=True, maintain_order=True
    ).items()}  # fmt: skip
    newest_first = sorted(parts, key=lambda key: (order.get(key[0], 99), -(key[1] or dt.date.min).toordinal()))
    for kind, start in newest_first:
        part = parts[kind, start]
        key = f"{kind}:{start}" if start and kind in CALENDAR_WINDOWS else kind
        end = part["window_end_on"][0]
        label = named.get(kind) or _label(kind, start, end)
        file = f"boards/{file_stem(board)}/{file_stem(key)}.js"
        yield BoardWindow(
            key,
            kind,
            label,
            file,
            lambda part=part, kind=kind: _grid(held, Asked(board, rule, kind, None), part, links),  # type: ignore[misc]
        )


def _label(kind: str, start: dt.date | None, end: dt.date | None) -> str:
    if start is None or end is None:
        return "All time"
    if kind == "day":
        return day(start)
    if kind == "month":
        return f"{start:%B %Y}"
    return f"{day(start)} to {day(end)}"


def _grid(held: Held, asked: Asked, rows: pl.DataFrame, links: Links) -> Grid:
    n_total = rows.height
    is_all = asked.window == "all"
    if not is_all:
        rows = rows.with_columns(n_scope=pl.len().over("scope_id").cast(pl.Int64))
        rows = rows.filter(pl.int_range(pl.len()).over("scope_id") < MAX_PAST)
    if is_all and rows["scope_id"].null_count() == rows.height:
        rows = with_company(rows, asked, held)
    values = _values(held, asked, rows, links)
    cols = [col for col in _columns(asked) if col.key in values]
    if rows.height < n_total and rows["scope_id"].null_count() < rows.height:
        values["scope.total"] = rows["n_scope"].to_list()
    kept = {col.key for col in cols} | {"subject.page", "scope", "scope.total"}
    return Grid(cols, {key: column for key, column in values.items() if key in kept}, n_total)


def _columns(asked: Asked) -> list[Col]:
    rule, subject = asked.rule, asked.subject
    order: list[str] = [by.measure for by in rule.order] if rule else ["points"]
    is_of_calls = rule is not None and rule.is_of_calls
    always = _OF_CALLS if is_of_calls else _OF_SUBMISSIONS
    first = "wilson_low" if order[0] == "accuracy" else None
    names = dict.fromkeys([order[0], first, *always, *order])
    measures = [_COLUMNS[name] for name in names if name in _COLUMNS]
    return [
        Col("rank", "Rank", "rank", "equals share a rank, and the next is skipped"),
        Col(
            "rank_change", "Move", "move", "places climbed or lost since the window before; of all time: in seven days"
        ),
        Col("subject", _SUBJECTS[subject], "who"),
        *measures,
        Col("n_members", "Members", "whole", "members with an award in this window"),
        Col("daily_current", "Streak", "days", "days in a row with a completed task, up to now"),
        Col("level", "Level", "level", "level and title now"),
        Col("badges", "Badges", "badges", "what fewest hold stands first"),
        Col("spark", "28 days", "spark", f"{'XP' if is_of_calls else 'points'} of the last 28 days"),
    ]


def _values(held: Held, asked: Asked, rows: pl.DataFrame, links: Links) -> dict[str, list[Any]]:
    subject = asked.subject
    kind = "user" if subject == "user_agent" else subject
    owner = rows["user_id"] if subject == "user_agent" else rows["subject_id"]
    names = rows["subject_id"].to_list()
    if subject == "user_agent":
        names = [f"{user} with {agent}" for user, agent in zip(rows["user_id"], rows["agent_id"], strict=True)]
    values: dict[str, list[Any]] = {
        "rank": rows["rank"].to_list(),
        "subject": names,
        "subject.page": [links.path(kind, name) for name in owner],
        "scope": rows["scope_id"].to_list(),
    }
    if rows["rank_change"].null_count() < rows.height:  # the first window has none before it
        values["rank_change"] = rows["rank_change"].to_list()
    rows = rows.with_columns(measure.alias(name) for name, measure in _DERIVED.items())
    if asked.rule is not None and asked.rule.order[0].measure == "last_solve_minute":
        rows = rows.with_columns(last_solve_minute=pl.col("score").cast(pl.Int64))
    for col in _COLUMNS.values():
        if col.key in rows.columns and rows[col.key].null_count() < rows.height:
            values[col.key] = _short(rows[col.key])
    if subject == "team":
        values["n_members"] = rows["n_members"].to_list()
    for name in ("daily_current", "badges"):
        if name in rows.columns:
            values[name] = rows[name].to_list()
    if "level" in rows.columns:
        values["level"] = [
            None if level is None else [level, title]
            for level, title in rows.select("level", "title").iter_rows()
        ]  # fmt: skip
    is_of_all = asked.window == "all" and asked.rule is not None and not is_cut(asked.rule)
    if is_of_all and subject == "agent" and held.has_days:  # those of a part would be more than its sum
        values["spark"] = _sparks(held, asked, rows)
    return values


def _short(column: pl.Series) -> list[Any]:
    """Values for a file: shares to six digits, which is more than is shown or told apart."""
    return (column.round(6) if column.dtype.is_float() else column).to_list()


def _sparks(held: Held, asked: Asked, rows: pl.DataFrame) -> list[list[int] | None]:
    first = rows["subject_id"].head(N_SPARKS).to_list()
    measure = "xp" if asked.rule is not None and asked.rule.is_of_calls else "points"
    drawn = held.last_days(measure, first)
    return [drawn[name] for name in first] + [None] * (rows.height - len(first))
