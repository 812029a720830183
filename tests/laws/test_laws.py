"""SPEC section 11: the laws, over generated logs, against the slow oracle.

`--hypothesis-profile=long` looks at some 1,000 logs a law; the default at fewer. Laws of files (a shuffle over several
files, the same file twice, one ingest after another) are in test_laws_of_ingest.py.
"""

import dataclasses
import json
import math
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.game.rulebook import parse_rulebook
from pipelines.game.rules import Rulebook
from tests.game.league import play
from tests.laws.logs import Log, Row, logs
from tests.laws.oracle import season
from tests.laws.oracle_calls import call_id_of
from tests.laws.oracle_rules import rulebook_content

Tables = dict[str, list[Row]]
plays_twice = settings(max_examples=settings.default.max_examples * 2 // 3)


def rulebook(log: Log) -> Rulebook:
    return parse_rulebook(rulebook_content(log.rules), "the law's rules")


def played(log: Log, records: list[Row] | None = None, as_of: int | None = None, buckets: int = 1) -> Tables:
    return play(log.records if records is None else records, rulebook(log), as_of or log.as_of, buckets)


def differences(expected: Tables, found: Tables) -> list[Any]:
    """Rows that differ in the columns of `expected`; shares may differ in the last bits."""
    rows = []
    for name, table in expected.items():
        columns = list(table[0]) if table else []
        cut = [{c: row[c] for c in columns} for row in found[name]]
        if len(cut) != len(table):
            rows.append((name, len(table), len(cut), table, cut))
        rows += [(name, e, f) for e, f in zip(table, cut, strict=False) if not is_same(e, f)]
    return rows


MEANS = ("mean_response_quality", "mean_user_satisfaction", "mean_code_quality")
ROUGH = (*MEANS, "tokens_per_success", "cost_usd", "median_duration_s", "p95_duration_s")


def is_same(one: Row, other: Row) -> bool:
    """Means and sums of fractions depend a little on the order of adding."""

    def is_equal(column: str) -> bool:
        mine, theirs = one[column], other[column]
        if not isinstance(mine, float) or not isinstance(theirs, float):
            return bool(mine == theirs)
        rough = column in ROUGH
        return math.isclose(mine, theirs, rel_tol=1e-8 if rough else 1e-12, abs_tol=1e-9 if rough else 0)

    return all(map(is_equal, one))


@given(logs())
def test_every_table_is_what_the_specification_says(log):
    assert differences(season(log.records, log.rules, log.as_of), played(log)) == []


@given(logs(dense=True))
def test_every_table_is_what_the_specification_says_where_much_happens(log):
    assert differences(season(log.records, log.rules, log.as_of), played(log)) == []


@plays_twice
@given(logs(), st.randoms(use_true_random=False))
def test_law_1_the_order_of_records_changes_nothing(log, dice: random.Random):
    assert played(log, dice.sample(log.records, len(log.records))) == played(log)


@given(logs(dense=True))
def test_law_4_every_total_is_the_sum_of_its_ledger_rows_and_every_row_names_an_event(log):
    tables = played(log)
    ledger, events = tables["points_ledger"], {record["event_id"] for record in log.records}
    assert all(row["event_id"] in events for row in ledger)
    assert len({row["entry_id"] for row in ledger}) == len(ledger)

    def total(column: str, key: str) -> int:
        return sum(row["points"] for row in ledger if row[column] == key)

    assert all(row["points"] == total("agent_id", row["agent_id"]) for row in tables["agent_stats"])
    assert all(row["points"] == total("team_id", row["team_id"]) for row in tables["team_stats"])
    days = tables["agent_days"]
    assert sum(row["points"] for row in days) == sum(row["points"] for row in ledger)
    board = [row for row in tables["leaderboards"] if (row["board"], row["window"]) == ("points", "all")]
    assert all(row["points"] == row["score"] == total("agent_id", row["agent_id"]) for row in board)


@given(logs(dense=True))
def test_law_4_every_xp_is_the_sum_of_its_ledger_rows_and_every_row_names_an_event(log):
    tables = played(log)
    ledger, events = tables["xp_ledger"], {record["event_id"] for record in log.records}
    of_calls = [row for row in ledger if row["rule"] == "agent_call"]
    assert all(row["event_id"] in events for row in [*ledger, *tables["badges"], *tables["level_ups"]])
    assert len({row["entry_id"] for row in ledger}) == len(ledger)
    assert len(of_calls) == len(tables["agent_calls"])

    def total(**where: str | None) -> int:
        return sum(row["xp"] for row in ledger if all(row[column] == value for column, value in where.items()))

    for name, keys in (("user_stats", ["user_id"]), ("agent_stats", ["agent_id"]), ("team_stats", ["team_id"])):
        assert all(row["xp"] == total(**{key: row[key] for key in keys}) for row in tables[name])
    pair = ("user_id", "agent_id")
    assert all(row["xp"] == total(**{key: row[key] for key in pair}) for row in tables["user_agents"])
    for row in tables["levels"]:
        assert row["xp"] == total(**{key: row[key] for key in pair if row[key] is not None})
        whose = {name: row[name] for name in ("user_id", "scope", "agent_id")}
        passed = [up["level"] for up in tables["level_ups"] if whose.items() <= up.items()]
        assert passed == list(range(2, row["level"] + 1))
    for name in ("agent_days", "usage_hours", "usage_mix"):
        assert sum(row["xp"] for row in tables[name]) == sum(row["xp"] for row in of_calls)
        assert sum(row["calls"] for row in tables[name]) == len(of_calls)
    board = [row for row in tables["leaderboards"] if (row["board"], row["window"]) == ("xp-user", "all")]
    assert all(row["xp"] == row["score"] == total(user_id=row["user_id"]) for row in board)
    earned = [(row["subject_id"], row["event_id"]) for row in tables["badges"] if row["subject_type"] == "user"]
    paid = [(row["user_id"], row["event_id"]) for row in ledger if row["rule"] != "agent_call"]
    assert sorted(earned) == sorted(paid)


@plays_twice
@given(logs())
def test_law_5_a_run_as_of_t_equals_a_run_over_the_log_cut_at_t(log):
    assert played(log, cut(log.records, log.as_of)) == played(log)


def cut(records: list[Row], t: int) -> list[Row]:
    """The log without what became known after t; a submission made by t but known later is its pending record."""
    known = [record for record in records if record["at"] <= t]
    seen = {record.get("submission_id") for record in known}
    late = [
        r for r in records if r["type"] == "submission" and r["submission_id"] not in seen and r["submitted_at"] <= t
    ]
    oldest: dict[str, Row] = {}
    for record in sorted(late, key=lambda r: (r["at"], r["event_id"])):
        hidden = {"verdict": "pending", "judged_at": None, "found": None, "awarded_points": None}
        oldest.setdefault(record["submission_id"], {**record, **hidden, "at": record["submitted_at"]})
    return [*known, *oldest.values()]


@given(logs(), st.data())
def test_law_6_a_verdict_reversed_and_reversed_back_gives_the_first_result_again(log, data):
    records = [r for r in log.records if r["type"] == "submission"]
    states: dict[str, Row] = {}
    for record in sorted(records, key=lambda r: (r["at"], r["event_id"])):
        states[record["submission_id"]] = record
    judged = [r for r in states.values() if r["verdict"] in ("verified", "rejected")]
    if not judged or log.rules.clock != "submitted_at":
        return
    chosen = data.draw(st.sampled_from(judged))
    as_of = max(r["at"] for r in log.records) + 2
    other = "rejected" if chosen["verdict"] == "verified" else "verified"
    judged_at = chosen["judged_at"] or chosen["at"]
    there = {**chosen, "event_id": "there", "at": as_of - 1, "verdict": other, "judged_at": judged_at}
    back = {**chosen, "event_id": "back", "at": as_of, "judged_at": judged_at}
    assert aside(played(log, [*log.records, there, back], as_of)) == aside(played(log, log.records, as_of))


@plays_twice
@given(logs(), st.data())
def test_law_6_a_success_reversed_and_reversed_back_gives_the_first_result_again(log, data):
    """Calls of one instant stand in the order of the event ids in force: the new one takes the place of the old."""
    records = [r for r in log.records if r["type"] == "agent_call"]
    states = {call_id_of(r): r for r in sorted(records, key=lambda r: (r["at"], r["event_id"]))}
    if not states:
        return
    chosen = data.draw(st.sampled_from(list(states.values())))
    as_of = max(r["at"] for r in log.records) + 2
    back = {**chosen, "event_id": f"{chosen['event_id']}+", "at": as_of, "call_id": call_id_of(chosen)}
    there = {**back, "event_id": "there", "at": as_of - 1, "success": not chosen["success"]}
    assert aside(played(log, [*log.records, there, back], as_of)) == aside(played(log, log.records, as_of))


def aside(tables: Tables) -> Tables:
    """Tables without the event ids of the records in force, and when those became known."""
    names = ("event_id", "at", "known_at")
    return {name: [{k: v for k, v in r.items() if k not in names} for r in rows] for name, rows in tables.items()}


def other(name: str | None) -> str | None:
    """A map of names that keeps their order."""
    return None if name is None else f"x{name}"


def relabelled(name: str, row: Row) -> Row:
    """The row of a table with other names for agents and users, wherever they stand."""
    row = row | {key: other(row[key]) for key in ("agent_id", "user_id") if key in row}
    if name == "badges" or name == "badge_progress":
        row["subject_id"] = other(row["subject_id"])
    if name == "leaderboards" and (row["agent_id"] or row["user_id"]):
        is_pair = row["agent_id"] and row["user_id"]
        pair = json.dumps([row["user_id"], row["agent_id"]], ensure_ascii=False, separators=(",", ":"))
        row["subject_id"] = pair if is_pair else other(row["subject_id"])
    if name == "points_ledger" and row["rule"] == "perfect_day":
        row["entry_id"] = f"perfect_day:{row['agent_id']}:{row['entry_id'][-10:]}"
    if name == "xp_ledger" and row["rule"] != "agent_call":
        row["entry_id"] = row["entry_id"].removesuffix(row["user_id"][1:]) + row["user_id"]
    return row


@plays_twice
@given(logs())
def test_law_7_relabelling_agents_and_users_in_order_relabels_the_output_and_changes_nothing_else(log):
    names = ("agent_id", "user_id")
    records = [r | {key: other(r[key]) for key in names if key in r} for r in log.records]
    achievements = (
        dataclasses.replace(rule, agent=tuple(f"x{agent}" for agent in rule.agent)) for rule in log.rules.achievements
    )
    renamed = Log(records, dataclasses.replace(log.rules, achievements=tuple(achievements)), log.as_of)
    expected = {name: [relabelled(name, row) for row in rows] for name, rows in played(log).items()}
    assert played(renamed) == expected


@plays_twice
@given(logs(), st.sampled_from((2, 5)))
def test_law_8_the_number_of_buckets_changes_no_row(log, buckets):
    assert played(log, buckets=buckets) == played(log)
