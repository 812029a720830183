"""One board in one window, as read from a published season: entries in order, badges and streaks beside them.

Not here: how it looks (board_view.py), who stands where (game/leaderboards.py).
"""

import datetime as dt
from dataclasses import dataclass, replace

import polars as pl

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule, WindowRule
from pipelines.game.rule_shapes import Filters
from pipelines.game.rules import Rulebook
from pipelines.game.windows import local_date, window_start
from pipelines.reports.choices import Misuse, named, one_of, quoted
from pipelines.reports.reading import Reading

_IN_LEDGER = ("problem", "task", "team")  # filters on columns of the ledger; the others on columns of the tasks


@dataclass(frozen=True)
class BoardPage:
    """A board in a window. `entries`: the columns of `leaderboards`, n_provisional_points, daily_current, badges."""

    reading: Reading
    board: str
    rule: BoardRule | None
    window: str
    start_on: dt.date | None
    end_on: dt.date | None
    scope_id: str | None
    entries: pl.DataFrame
    n_entries: int

    @property
    def name(self) -> str:
        """What the board is called."""
        slug, _, value = self.board.partition(":")
        if self.rule is None:
            return self.board
        return f"{self.rule.name} {value}" if value and self.rule.slug == slug else self.rule.name

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        return {
            "board": self.board,
            "name": self.name,
            "window": self.window,
            "window_start_on": self.start_on,
            "window_end_on": self.end_on,
            "scope_id": self.scope_id,
            "as_of": self.reading.as_of,
            "rulebook": self.reading.fingerprint,
            "generation": self.reading.generation.id,
            "n_entries": self.n_entries,
            "entries": self.entries.to_dicts(),
        }


def board_page(
    reading: Reading,
    board: str,
    window: str | None = None,
    on: dt.date | None = None,
    scope_id: str | None = None,
    top: int | None = None,
) -> BoardPage:
    """The page that was asked for; of day, week and month the one with `on` in it, else the last one with entries.

    Raises Misuse for a board, window, day or scope that does not exist, naming what does.
    """
    board = one_of(board, reading.boards(), "board")
    rule = _rule_of(board, reading.rules)
    rows = reading.collect(reading.table("leaderboards").filter(pl.col("board") == board))
    window = _window(window, rule, rows, reading, board)
    rows, start_on = _period(rows.filter(pl.col("window") == window), window, on, board)
    rows, scope_id = _scope(rows, rule, scope_id, board)
    end_on = None
    if rows.height:
        start_on, end_on = rows["window_start_on"][0], rows["window_end_on"][0]
    shown = rows.head(top) if top else rows
    page = BoardPage(reading, board, rule, window, start_on, end_on, scope_id, shown, rows.height)
    return replace(page, entries=_with_company(page))


def _rule_of(board: str, rules: Rulebook) -> BoardRule | None:
    slug, colon, _ = board.partition(":")
    return next((rule for rule in rules.board if rule.slug == slug and bool(rule.each) == bool(colon)), None)


def _window(asked: str | None, rule: BoardRule | None, rows: pl.DataFrame, reading: Reading, board: str) -> str:
    held = rows["window"].unique().to_list()
    ruled = rule.windows if rule else ()
    slugs = [window.slug for window in reading.rules.window if window.slug in ruled or "named" in ruled]
    windows = [name for name in (*CALENDAR_WINDOWS, *slugs) if name in ruled or name in slugs or name in held]
    windows += sorted(set(held) - set(windows))
    if asked is None:
        return windows[0] if windows else "all"
    if asked not in windows:
        raise Misuse(f"The board {quoted(board)} has no window {quoted(asked)}: it has {named(windows)}.")
    return asked


def _period(rows: pl.DataFrame, window: str, on: dt.date | None, board: str) -> tuple[pl.DataFrame, dt.date | None]:
    """The rows of one day, week or month."""
    if window not in CALENDAR_WINDOWS or window == "all":
        if on is not None:
            raise Misuse("--on chooses among days, weeks or months: add --window day, week or month.")
        return rows, None
    starts = rows["window_start_on"].unique().sort()
    if on is None:
        last = starts[-1] if len(starts) else None
        return rows.filter(pl.col("window_start_on") == last), last
    start = pl.select(window_start(pl.lit(on), window)).item()
    if start not in starts:
        held = f"{len(starts)} {window}s, which begin from {starts[0]} to {starts[-1]}" if len(starts) else "none yet"
        raise Misuse(f"{quoted(board)} has no entries in the {window} that begins on {start}: it has {held}.")
    return rows.filter(pl.col("window_start_on") == start), start


def _scope(
    rows: pl.DataFrame, rule: BoardRule | None, asked: str | None, board: str
) -> tuple[pl.DataFrame, str | None]:
    """The rows of one team, on a board of its members."""
    scopes = rows["scope_id"].drop_nulls().unique().sort().to_list()
    if not scopes:
        if asked is not None:
            raise Misuse(f"The board {quoted(board)} is one for all: leave --scope-id out.")
        return rows, None
    kind = rule.scope if rule else "team"
    if asked is None:
        raise Misuse(f"The board {quoted(board)} is one for each {kind}: choose with --scope-id among {named(scopes)}.")
    chosen = one_of(asked, scopes, kind)
    return rows.filter(pl.col("scope_id") == chosen), chosen


def _with_company(page: BoardPage) -> pl.DataFrame:
    """The entries with what stands beside them: provisional points in the window, and of agents streak and badges."""
    subjects = page.entries["subject_id"]
    entries = page.entries.join(_provisional(page, subjects), on="subject_id", how="left", maintain_order="left")
    entries = entries.with_columns(pl.col("n_provisional_points").fill_null(0))
    if page.rule is not None and page.rule.subject != "agent":
        return entries
    reading = page.reading
    streaks = reading.table("streaks").filter(pl.col("agent_id").is_in(subjects.implode()))
    streak = reading.collect(streaks.select(pl.col("agent_id").alias("subject_id"), "daily_current"))
    badges = badges_by_agent(reading, subjects)
    joined = entries.join(streak, on="subject_id", how="left", maintain_order="left")
    return joined.join(badges, on="subject_id", how="left", maintain_order="left").with_columns(
        pl.col("daily_current").fill_null(0), pl.col("badges").fill_null([])
    )


def badges_by_agent(reading: Reading, subjects: pl.Series) -> pl.DataFrame:
    """Slugs of the badges of each agent, those that fewest agents hold first: columns subject_id, badges."""
    held = reading.collect(reading.table("badges").filter(pl.col("subject_type") == "agent"))
    held = held.select("subject_id", "badge").unique()
    holders = held.group_by("badge").agg(n_holders=pl.len())
    rare = held.filter(pl.col("subject_id").is_in(subjects.implode())).join(holders, on="badge")
    return rare.sort("n_holders", "badge").group_by("subject_id", maintain_order=True).agg(badges="badge")


def _provisional(page: BoardPage, subjects: pl.Series) -> pl.DataFrame:
    """Points of the window that a pending verdict can still take away: columns subject_id, n_provisional_points."""
    reading, rule = page.reading, page.rule
    subject = "team_id" if rule is not None and rule.subject == "team" else "agent_id"
    rows = reading.table("points_ledger").filter("is_provisional")
    rows = rows.filter(pl.col(subject).is_in(subjects.implode()))
    if page.start_on is not None:
        day = local_date(pl.col("earned_at").dt.replace_time_zone(None), reading.rules.timezone)
        rows = rows.filter(day.is_between(pl.lit(page.start_on), pl.lit(page.end_on)))
    if rule is not None and rule.each:
        rows = rows.filter(pl.col("problem") == page.board.partition(":")[2])
    if page.scope_id is not None:
        rows = rows.filter(pl.col("team_id") == page.scope_id)
    window = next((window for window in reading.rules.window if window.slug == page.window), None)
    rows = _let_through(_let_through(rows, rule, reading), window, reading)
    sums = rows.group_by(pl.col(subject).alias("subject_id")).agg(n_provisional_points=pl.col("points").sum())
    return reading.collect(sums)


def _let_through(rows: pl.LazyFrame, rule: BoardRule | WindowRule | None, reading: Reading) -> pl.LazyFrame:
    if rule is None or not any(getattr(rule, name) for name in Filters.model_fields):
        return rows
    for name in _IN_LEDGER:
        column = name if name == "problem" else f"{name}_id"
        if wanted := getattr(rule, name):
            rows = rows.filter(pl.col(column).is_in(wanted))
    tasks = reading.table("tasks")
    for name in ("task_type", "difficulty"):
        if wanted := getattr(rule, name):
            chosen = tasks.filter(pl.col(name).is_in(wanted)).select("task_id")
            rows = rows.join(chosen, on="task_id", how="semi")
    return rows
