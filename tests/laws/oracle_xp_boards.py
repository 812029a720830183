"""The oracle's entries of boards of agent calls: filters over the XP ledger and the calls (section 10).

Here: whose XP and calls lie in a window, and what they measure. Not here: windows and ranks (oracle_boards.py).
"""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.laws.oracle_rules import Board

if TYPE_CHECKING:
    from tests.laws.oracle import Game

Row = dict[str, Any]
OF_CALLS = ("xp", "xp_per_member", "calls", "successes", "success_share")
SUBJECTS = {"user": ("user_id",), "agent": ("agent_id",), "user_agent": ("user_id", "agent_id"), "team": ("team_id",)}


def is_of_calls(board: Board) -> bool:
    """Whether it ranks by agent calls and their XP; a board orders by one currency only."""
    return any(line.split()[0] in OF_CALLS for line in board.order)


def call_entries(board: Board, game: "Game", is_in: Callable[[int, Row], bool]) -> list[Row]:
    """What everybody has in a window, for those who have enough to stand on the board.

    XP of an achievement belongs to a user, and to the team and project of the event that completed it; to no agent.
    """
    calls = [call for call in game.calls if game.passes(call, board) and is_in(call["at"], call)]
    ledger = [row for row in game.xp_ledger if game.passes(row, board) and is_in(row["earned_at"], row)]
    scope = {"all": (), "team": ("team_id",), "project": ("project_id",)}[board.scope]
    columns = (*scope, *SUBJECTS[board.subject])

    def key(row: Row) -> tuple[str | None, ...]:
        return tuple(row[column] for column in columns)

    rows = []
    for one in {key(row) for row in ledger}:
        if None not in one:
            who = dict(zip(columns, one, strict=True))
            entry = {"scope": board.scope, "scope_id": who[scope[0]] if scope else None, **named(board, who)}
            entry |= measures(board, [c for c in calls if key(c) == one], [r for r in ledger if key(r) == one])
            if is_on_board(board, entry):
                rows.append(entry)
    return rows


def named(board: Board, who: Row) -> Row:
    """The subject; of a pair its id is the JSON text of both."""
    ids = [who[column] for column in SUBJECTS[board.subject]]
    pair = json.dumps(ids, ensure_ascii=False, separators=(",", ":"))
    people = {name: who[name] for name in ("user_id", "agent_id") if name in SUBJECTS[board.subject]}
    return {"subject_id": pair if board.subject == "user_agent" else ids[0], **people}


def measures(board: Board, calls: list[Row], ledger: list[Row]) -> Row:
    xp = sum(row["xp"] for row in ledger)
    members = {row["user_id"] for row in ledger}
    successes = sum(call["success"] for call in calls)
    entry: Row = {
        **dict.fromkeys(("points", "tasks_completed", "attempts", "accuracy", "wilson_low", "penalty_minutes")),
        "xp": xp,
        "xp_per_member": xp / len(members),
        "n_members": len(members) if board.subject == "team" else None,
        "calls": len(calls),
        "successes": successes,
        "success_share": successes / len(calls) if calls else None,
    }
    measure = board.order[0].split()[0]
    return entry | {"score": entry[measure], "reached_at": reached_at(measure, calls, ledger)}


def reached_at(measure: str, calls: list[Row], ledger: list[Row]) -> int | None:
    """When the score last rose to its value; rows without XP do not move it, and a share is never reached."""
    rises = {
        "xp": [row["earned_at"] for row in ledger if row["xp"] > 0],
        "xp_per_member": [row["earned_at"] for row in ledger if row["xp"] > 0],
        "calls": [call["at"] for call in calls],
        "successes": [call["at"] for call in calls if call["success"]],
        "success_share": [],
    }
    return max(rises[measure], default=None)


def is_on_board(board: Board, entry: Row) -> bool:
    """An entry needs a score above 0 (a share: a call), and the minimum of calls."""
    is_share = board.order[0].startswith("success_share ")
    return (entry["calls"] > 0 if is_share else entry["score"] > 0) and entry["calls"] >= board.min_calls
