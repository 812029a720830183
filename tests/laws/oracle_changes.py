"""The slow oracle of changes: two seasons as rows, compared entry by entry.

Here: which awards, badges, levels, places and runs are others, and what adds up. Not here: the sentences, which the
literal seasons of tests/game/test_changes.py look at.
"""

import datetime as dt
import json
from typing import Any
from zoneinfo import ZoneInfo

from tests.laws.oracle_rules import EPOCH, Rules

Row = dict[str, Any]
Tables = dict[str, list[Row]]


def awards(before: Tables, after: Tables, cut: int, as_of: int, rules: Rules) -> tuple[set[Row], dict[str, int]]:
    """Awards told by themselves: (agent, entry, old, new); and per agent what its progress adds up to."""
    old = {(r["entry_id"], r["agent_id"]): r for r in before["points_ledger"]}
    new = {(r["entry_id"], r["agent_id"]): r for r in after["points_ledger"]}
    single, progress = set(), {}
    for key in old.keys() | new.keys():
        was, now = old.get(key), new.get(key)
        worth = (was["points"] if was else 0, now["points"] if now else 0)
        if was and now and worth[0] == worth[1]:
            continue
        if was and not now and was["earned_at"] > as_of:
            continue
        if now and not was and (now["earned_at"] > cut or not takes_back(now, before, after, as_of, rules)):
            progress[key[1]] = progress.get(key[1], 0) + worth[1]
            continue
        single.add((key[1], key[0], *worth))
    return single, {agent: n for agent, n in progress.items() if n}


def takes_back(award: Row, before: Tables, after: Tables, as_of: int, rules: Rules) -> bool:
    """Whether a new award of earlier work stands where the season before said something else."""
    held = {s["submission_id"]: s for s in before["submissions"]}
    now = {s["event_id"] for s in after["submissions"]}
    if award["rule"] == "perfect_day":
        revised = [s for s in held.values() if s["event_id"] not in now and s["at"] <= as_of]
        ids = {s["submission_id"] for s in revised if s["verdict"] != "pending"}
        states = [s for s in (*revised, *after["submissions"]) if s["submission_id"] in ids]
        own = [s for s in states if s["agent_id"] == award["agent_id"] and s["counted_at"] is not None]
        return any(local_day(s["counted_at"], rules) == award["entry_id"][-10:] for s in own)
    own = held.get(award["submission_id"])
    if own and own["verdict"] != "pending" and not own["is_unresolved"]:
        return True
    kept = {(r["entry_id"], r["agent_id"]) for r in after["points_ledger"]}
    return award["rule"] == "first_solver" and any(
        r["rule"] == "first_solver" and r["task_id"] == award["task_id"] and (r["entry_id"], r["agent_id"]) not in kept
        for r in before["points_ledger"]
    )


def local_day(at: int, rules: Rules) -> str:
    return (EPOCH + dt.timedelta(microseconds=at)).astimezone(ZoneInfo(rules.timezone)).date().isoformat()


def badges(tables: Tables) -> set[tuple[str, str, str]]:
    return {
        (r["subject_type"], r["subject_id"], r["badge"] + (f":{r['tier']}" if r["tier"] else ""))
        for r in tables["badges"]
    }


def levels(tables: Tables) -> dict[tuple[str, str], int]:
    """Levels by scope and subject."""

    def name(row: Row) -> str:
        pair = [row["user_id"], row["agent_id"]]
        is_user = row["scope"] == "user"
        return row["user_id"] if is_user else json.dumps(pair, ensure_ascii=False, separators=(",", ":"))

    return {(r["scope"], name(r)): r["level"] for r in tables["levels"]}


def places(tables: Tables) -> dict[tuple[str, str], int]:
    """Ranks by board and subject, of all-time boards over everybody."""
    return {
        (r["board"], r["subject_id"]): r["rank"]
        for r in tables["leaderboards"]
        if r["window"] == "all" and r["scope"] == "all"
    }


def totals(tables: Tables, table: str, key: str, worth: str) -> dict[str, int]:
    return {r[key]: r[worth] for r in tables[table]}


def differences_of(one: dict[Any, int], other: dict[Any, int], absent: int | None = 0) -> dict[Any, tuple[Any, Any]]:
    """What differs, by key: before and after."""
    both = {key: (one.get(key, absent), other.get(key, absent)) for key in one.keys() | other.keys()}
    return {key: pair for key, pair in both.items() if pair[0] != pair[1]}
