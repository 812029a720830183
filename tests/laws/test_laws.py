"""SPEC section 11: the laws, over generated logs, against the slow oracle.

`--hypothesis-profile=long` looks at 1,000 logs a law; the default at fewer. Laws of files (a shuffle over several
files, the same file twice, one ingest after another) are in test_laws_of_ingest.py.
"""

import math
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from pipelines.game.rulebook import parse_rulebook
from pipelines.game.rules import Rulebook
from tests.game.league import play
from tests.laws.logs import Log, Row, logs
from tests.laws.oracle import season
from tests.laws.oracle_rules import rulebook_content

Tables = dict[str, list[Row]]


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


def is_same(one: Row, other: Row) -> bool:
    return all(
        math.isclose(one[c], other[c], rel_tol=1e-12) if isinstance(one[c], float) else one[c] == other[c] for c in one
    )


@given(logs())
def test_every_table_is_what_the_specification_says(log):
    assert differences(season(log.records, log.rules, log.as_of), played(log)) == []


@given(logs(dense=True))
def test_every_table_is_what_the_specification_says_where_much_happens(log):
    assert differences(season(log.records, log.rules, log.as_of), played(log)) == []


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


def aside(tables: Tables) -> Tables:
    """Tables without the event ids of the records in force, and when those became known."""
    names = ("event_id", "at")
    return {name: [{k: v for k, v in r.items() if k not in names} for r in rows] for name, rows in tables.items()}


@given(logs())
def test_law_7_relabelling_agents_in_order_relabels_the_output_and_changes_nothing_else(log):
    def other(name: str | None) -> str | None:
        return None if name is None else f"x{name}y"

    relabelled = [{**r, "agent_id": other(r["agent_id"])} if "agent_id" in r else r for r in log.records]
    expected = played(log)
    for name, rows in expected.items():
        for row in rows:
            if name == "points_ledger" and row["rule"] == "perfect_day":
                row["entry_id"] = f"perfect_day:{other(row['agent_id'])}:{row['entry_id'][-10:]}"
            for column in ("agent_id", "subject_id"):
                if column in row and not (name == "leaderboards" and row["agent_id"] is None):
                    row[column] = other(row[column])
    assert played(log, relabelled) == expected


@given(logs(), st.sampled_from((2, 3, 97)))
def test_law_8_the_number_of_buckets_changes_no_row(log, buckets):
    assert played(log, buckets=buckets) == played(log)
