"""The Erdos problems database, replayed: every status change as a native record, against the maintainers' totals."""

import csv
import datetime as dt
import json

import polars as pl
import pytest

from pipelines.store.warehouse import Warehouse
from tests.end_to_end.seasons import ingest, publish

SOLVED = ("proved", "disproved", "solved", "prov", "disprov")  # also `proven`, and with a machine's `(Lean)`


@pytest.fixture(scope="module")
def database(real_logs):
    return real_logs / "erdosproblems"


@pytest.fixture(scope="module")
def changes(database):
    """Every change of a problem's status, in the order of the commits."""
    return pl.read_parquet(database / "status_events.parquet").filter(field="status").to_dicts()


@pytest.fixture(scope="module")
def season(changes, tmp_path_factory):
    """A home with one search task a problem, and one submission each that follows its status."""
    home = tmp_path_factory.mktemp("erdos")
    log = home / "erdos.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in native(changes)))
    ingest(home, [log])
    return home


def native(changes):
    first: dict[str, str] = {}
    for n, change in enumerate(changes):
        problem, status = change["problem"], change["new"]
        known = {"event_id": f"erdos:{n:05}", "at": change["at"], "task_id": f"erdos:{problem}"}
        if problem not in first:
            first[problem] = change["at"]
            facts = {"problem": "erdos", "task_type": "search", "difficulty": "hard"}
            yield {"type": "task", **known, **facts, "event_id": f"erdos:task:{problem}"}
        is_solved = status.startswith(SOLVED)
        yield {
            "type": "submission", **known, "submission_id": f"erdos:{problem}", "agent_id": change["contributor"],
            "submitted_at": first[problem], "verdict": "verified" if is_solved else "pending",
            "found": status.startswith("disprov"), "source": status,
        }  # fmt: skip


def counts(tables):
    states = tables["submissions"].filter("is_counted", verdict="verified")["source"]
    return {name: states.str.starts_with(name).sum() for name in ("prov", "disprov")}


def official(database):
    """proved and disproved after each commit; later rows have a column more, which none of these is."""
    rows = csv.reader((database / "official_statistics_history.csv").read_text().splitlines()[1:])
    return {row[0][:12]: (row[1], {"prov": int(row[6]), "disprov": int(row[7])}) for row in rows}


def test_at_the_end_proved_and_disproved_are_what_the_maintainers_count(database, season):
    tables = publish(season)
    *_, (_, totals) = official(database).values()
    assert counts(tables) == totals == {"prov": 330, "disprov": 132}
    assert tables["points_ledger"].filter(rule="counterexample").height == 132


def test_at_instants_of_the_past_they_are_what_the_maintainers_counted_then(database, changes, season):
    totals = official(database)
    commits = [change for change in changes if change["commit"] in totals]
    for change in commits[400::700]:
        assert counts(publish(season, as_of=change["at"])) == totals[change["commit"]][1]


def test_a_revoked_proof_is_there_and_gone_and_back(season):
    def is_proved(as_of):
        problem = publish(season, as_of=as_of)["submissions"].filter(submission_id="erdos:1019")
        return problem["verdict"].item() == "verified"

    instants = ("2025-10-19T00:00:00Z", "2025-10-20T00:00:00Z", "2025-11-22T00:00:00Z")
    assert [is_proved(at) for at in instants] == [True, False, True]


def test_every_reversal_of_the_log_is_a_record_of_its_own(changes, season):
    """In the order of the commits' own instants, which git does not promise to be that of the commits."""
    states = sorted((dt.datetime.fromisoformat(c["at"]), n, c["problem"], c["new"]) for n, c in enumerate(changes))
    last, reversals = {}, 0
    for _, _, problem, status in states:
        reversals += last.get(problem, "").startswith(SOLVED) and not status.startswith(SOLVED)
        last[problem] = status
    with Warehouse.open(season) as warehouse:
        rows = warehouse.con.sql("""
            SELECT count(*) FROM (
                SELECT verdict, lag(verdict) OVER (PARTITION BY submission_id ORDER BY "at", event_id) AS earlier
                FROM submission_records
            ) WHERE earlier = 'verified' AND verdict = 'pending'
        """).fetchall()
    assert rows == [(reversals,)]
    assert reversals > 10
