"""The oracle's leaderboards: filters over the ledger and the counted submissions, ranked (section 10).

Here: windows, entries of submissions, order, shared ranks, the rank in the window before. Not here: what anything is
worth, and entries of agent calls (oracle_xp_boards.py).
"""

import datetime as dt
from collections.abc import Callable
from math import sqrt
from typing import TYPE_CHECKING, Any

from tests.laws.oracle_rules import (
    DAY,
    MINUTE,
    Board,
    Window,
    first_instant,
    local_date,
    micros,
    period_before,
    period_end,
    period_start,
)
from tests.laws.oracle_xp_boards import call_entries, is_of_calls

if TYPE_CHECKING:
    from tests.laws.oracle import Game

Row = dict[str, Any]
CALENDAR = ("day", "week", "month")
Z = 1.959963984540054
MEASURES = (
    *("points", "xp", "tasks_completed", "attempts", "accuracy", "wilson_low", "calls", "success_share"),
    "penalty_minutes",
)
LEAST = dt.date.min  # nulls first where rows are sorted


def leaderboards(game: "Game") -> list[Row]:
    """One row per entry of a board in a window."""
    rows = [row for board in game.rules.boards for one in one_each(board, game) for row in board_rows(one, game)]
    return sorted(rows, key=natural_key)


def natural_key(row: Row) -> tuple[Any, ...]:
    window = (row["board"], row["window"], row["window_start_on"] or LEAST)
    return (*window, row["scope"], row["scope_id"] or "", row["rank"], row["subject_id"])


def one_each(board: Board, game: "Game") -> list[Board]:
    """A board `each` problem is one board for every problem that somebody completed a task of."""
    if board.each is None:
        return [board]
    problems = sorted({s["problem"] for s in game.counted if game.passes(s, board)})
    one = {name: getattr(board, name) for name in board.__dataclass_fields__}
    return [Board(**one | {"slug": f"{board.slug}:{p}", "each": None, "problem": (p,)}) for p in problems]


def board_rows(board: Board, game: "Game") -> list[Row]:
    names = [w.slug for w in game.rules.windows] if "named" in board.windows else []
    names += [name for name in board.windows if name != "named" and name not in names]
    rows: list[Row] = []
    for name in names:
        if name == "all":
            rows += all_time(board, game)
        elif name in CALENDAR:
            rows += calendar(board, name, game)
        else:
            window = next(w for w in game.rules.windows if w.slug == name)
            rows += named(board, window, game)
    return rows


# --- windows -------------------------------------------------------------------------------------------------------
def all_time(board: Board, game: "Game") -> list[Row]:
    """`previous_rank`: in the same board a week (7 x 24 h) before as_of."""
    before = entries(board, game, lambda at, row: at <= game.as_of - 7 * DAY, None)
    now = entries(board, game, lambda at, row: True, None)
    return finished(board, "all", None, None, now, before)


def calendar(board: Board, name: str, game: "Game") -> list[Row]:
    """A board for every day, week or month in which somebody has an entry."""

    def in_period(start: dt.date) -> list[Row]:
        begins_at = first_instant(start, game.rules.timezone) if needs_start(board) else None
        is_in = lambda at, row: period_start(game.day_of(at), name) == start  # noqa: E731 - the filter itself
        return entries(board, game, is_in, begins_at)

    rows = []
    earned = game.xp_ledger if is_of_calls(board) else game.ledger
    instants = [s["counted_at"] for s in game.counted] + [row["earned_at"] for row in earned]
    for start in sorted({period_start(game.day_of(at), name) for at in instants}):
        before = in_period(period_before(start, name, game.rules.timezone))
        rows += finished(board, name, start, period_end(start, name), in_period(start), before)
    return rows


def named(board: Board, window: Window, game: "Game") -> list[Row]:
    """Local dates, both inclusive, or instants, the end exclusive; with filters of its own."""
    zone = game.rules.timezone
    if isinstance(window.start, dt.datetime) and isinstance(window.end, dt.datetime):
        begins_at, ends_at = micros(window.start), micros(window.end)
        first, last = local_date(begins_at, zone), local_date(ends_at - 1, zone)

        def is_inside(at: int) -> bool:
            return begins_at <= at < ends_at
    else:
        first, last = window.start, window.end
        begins_at = first_instant(first, zone)

        def is_inside(at: int) -> bool:
            return first <= local_date(at, zone) <= last

    now = entries(board, game, lambda at, row: is_inside(at) and game.passes(row, window), begins_at)
    return finished(board, window.slug, first, last, now, [])


# --- entries -------------------------------------------------------------------------------------------------------
def entries(board: Board, game: "Game", is_in: Callable[[int, Row], bool], begins_at: int | None) -> list[Row]:
    """What everybody has in a window, for those who have enough to stand on the board."""
    if is_of_calls(board):
        return call_entries(board, game, is_in)
    counted = [s for s in game.counted if game.passes(s, board) and is_in(s["counted_at"], s)]
    ledger = [row for row in game.ledger if game.passes(row, board) and is_in(row["earned_at"], row)]
    who = "team_id" if board.subject == "team" else "agent_id"
    scope = "team_id" if board.scope == "team" else None

    def key(row: Row) -> tuple[str | None, str | None]:
        return (row[scope] if scope else None, row[who])

    keys = {key(row) for row in counted + ledger}
    rows = []
    for scope_id, subject_id in keys:
        if subject_id is None or (scope and scope_id is None):
            continue
        mine = [s for s in counted if key(s) == (scope_id, subject_id)]
        awards = [row for row in ledger if key(row) == (scope_id, subject_id)]
        entry = {"scope": board.scope, "scope_id": scope_id, "subject_id": subject_id}
        entry |= measures(board, mine, awards, begins_at)
        if is_on_board(board, entry):
            rows.append(entry)
    return rows


def needs_start(board: Board) -> bool:
    return any(line.split()[0] in ("penalty_minutes", "last_solve_minute") for line in board.order)


def measures(board: Board, counted: list[Row], ledger: list[Row], begins_at: int | None) -> Row:
    completed = [s for s in counted if s["verdict"] == "verified"]
    points = sum(row["points"] for row in ledger)
    members = {row["agent_id"] for row in ledger}
    entry: Row = {
        "points": points,
        "points_per_member": points / len(members) if members else 0.0,
        "n_members": len(members) if board.subject == "team" else None,
        "tasks_completed": len(completed),
        "attempts": len(counted),
        "accuracy": len(completed) / len(counted) if counted else None,
        "wilson_low": wilson_low(len(completed), len(counted)) if counted else None,
        "penalty_minutes": None,
        **dict.fromkeys(("xp", "calls", "success_share")),
    }
    if needs_start(board) and begins_at is not None:
        entry["penalty_minutes"] = penalty_minutes(counted, begins_at, board.penalty_minutes)
        entry["last_solve_minute"] = max(((s["counted_at"] - begins_at) // MINUTE for s in completed), default=0)
    entry["score"] = entry[board.order[0].split()[0]]
    entry["reached_at"] = reached_at(board, counted, completed, ledger)
    return entry


def wilson_low(completed: int, attempts: int) -> float:
    """Lower bound of Wilson's score interval, without continuity correction (Wilson 1927)."""
    share, n = completed / attempts, attempts
    middle = share + Z * Z / (2 * n)
    margin = Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(0.0, (middle - margin) / (1 + Z * Z / n))


def penalty_minutes(counted: list[Row], begins_at: int, per_try: int) -> int:
    """Minutes to each solve, floored, plus those of the penalised tries at that task before it (ICPC)."""
    total = 0
    for solve in (s for s in counted if s["verdict"] == "verified"):
        tries = [s for s in counted if (s["agent_id"], s["task_id"]) == (solve["agent_id"], solve["task_id"])]
        total += (solve["counted_at"] - begins_at) // MINUTE + per_try * (len(tries) - 1)
    return total


def reached_at(board: Board, counted: list[Row], completed: list[Row], ledger: list[Row]) -> int | None:
    """When the entry's score last rose to its value; rows without points do not move it."""
    measure = board.order[0].split()[0]
    if measure in ("points", "points_per_member"):
        return max((row["earned_at"] for row in ledger if row["points"] > 0), default=None)
    if measure == "tasks_completed":
        return max((s["counted_at"] for s in completed), default=None)
    if measure == "attempts":
        return max((s["counted_at"] for s in counted), default=None)
    return None


def is_on_board(board: Board, entry: Row) -> bool:
    """An entry needs a score above 0 (accuracy: an attempt), and the minimum of attempts."""
    has_score = entry["attempts"] > 0 if board.order[0].startswith("accuracy ") else entry["score"] > 0
    return has_score and entry["attempts"] >= board.min_attempts


# --- order and ranks -----------------------------------------------------------------------------------------------
def is_ahead(board: Board, one: Row, other: Row) -> bool:
    """Whether `one` stands strictly above `other`: the first ordering column in which they differ decides.

    Nothing (no call of its own, no instant) stands behind everything.
    """
    for line in board.order:
        measure, direction = line.split()
        mine, theirs = one[measure], other[measure]
        if mine is None or theirs is None:
            if mine is not theirs:
                return theirs is None
        elif mine != theirs:
            return bool(mine > theirs) if direction == "desc" else bool(mine < theirs)
    return False


def rank(board: Board, entry: Row, among: list[Row]) -> int:
    """One more than the number of those ahead: equals share a rank and the next is skipped (1, 2, 2, 4)."""
    return 1 + sum(other["scope_id"] == entry["scope_id"] and is_ahead(board, other, entry) for other in among)


def finished(
    board: Board, window: str, first: dt.date | None, last: dt.date | None, now: list[Row], before: list[Row]
) -> list[Row]:
    """The rows of one window: `rank_change` = previous_rank - rank, positive = climbed."""
    previous = {(e["scope_id"], e["subject_id"]): rank(board, e, before) for e in before}
    rows = []
    for entry in now:
        place, was = rank(board, entry, now), previous.get((entry["scope_id"], entry["subject_id"]))
        row = {"board": board.slug, "window": window, "window_start_on": first, "window_end_on": last}
        row |= {name: entry[name] for name in ("scope", "scope_id")} | {"rank": place}
        is_agent = board.subject == "agent"
        row |= {"subject_id": entry["subject_id"], "user_id": entry.get("user_id")}
        row |= {"agent_id": entry["subject_id"] if is_agent else entry.get("agent_id"), "score": float(entry["score"])}
        row |= {name: entry[name] for name in MEASURES}
        row |= {"n_members": entry["n_members"], "reached_at": entry["reached_at"], "previous_rank": was}
        rows.append(row | {"rank_change": None if was is None else was - place})
    return rows
