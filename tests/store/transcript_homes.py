"""A warehouse that transcripts land in, and what came of them, for tests."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pipelines.store.landing import FileReport, land
from pipelines.store.retrying import retry
from pipelines.store.warehouse import Warehouse
from tests.transcript_rows import call, completed, result

NOW = dt.datetime.fromisoformat("2026-06-01")  # naive UTC, as the store takes it
_RECORDS = """
SELECT r.event_id, r.call_id, r."at", u.id AS "user", t.id AS team, p.id AS project, r.session_id, a.id AS agent,
       r.action_type, r.success, r.success_source, r.duration_s, r.tool_uses, r.model, r.input_tokens, r.output_tokens,
       r.cache_read_tokens, r.cache_creation_tokens, r.description, r.complexity, r.response_quality, r.evidence,
       r.extra
FROM agent_call_records r JOIN users u ON u.code = r."user" JOIN agents a ON a.code = r.agent
LEFT JOIN teams t ON t.code = r.team LEFT JOIN projects p ON p.code = r.project ORDER BY r.event_id
"""
_WRONG = """
FROM ingested_files f WHERE n_accepted < 0 OR n_duplicates < 0 OR n_quarantined < 0
    OR n_lines <> n_accepted + n_duplicates + n_quarantined + n_blank
    OR n_quarantined <> (SELECT count(*) FROM quarantine q WHERE q.file = f.file)
"""
Told = dict[str, Any]


class Home:
    """A home: `land` files in it, and look."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def land(self, *paths: Path, now: dt.datetime = NOW, **told: Any) -> list[FileReport]:
        """Land files; every account must be right afterwards."""
        with Warehouse.open(self.place) as warehouse:
            reports = land(warehouse, paths, now, transcript_options=told)
            assert warehouse.con.execute(_WRONG).fetchall() == []
        return reports

    def retry(self, now: dt.datetime) -> int:
        """Offer lines again that came from the future; how many are good."""
        with Warehouse.open(self.place) as warehouse:
            n_good = retry(warehouse, now)
            assert warehouse.con.execute(_WRONG).fetchall() == []
        return n_good

    def counts(self, *paths: Path, **told: Any) -> list[tuple[int, ...]]:
        """Lines, accepted, duplicates, quarantined, blank of each file that had something to say."""
        reports = self.land(*paths, **told)
        assert [report.error for report in reports if report.error] == []
        return [(r.n_lines, r.n_accepted, r.n_duplicates, r.n_quarantined, r.n_blank) for r in reports]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What a query finds in the warehouse."""
        with Warehouse.open(self.place) as warehouse:
            return warehouse.con.execute(query).fetchall()

    def records(self) -> list[Told]:
        """The records of calls, in the order of their event ids."""
        with Warehouse.open(self.place) as warehouse:
            return warehouse.con.sql(_RECORDS).pl().to_dicts()

    def record(self) -> Told:
        """The only record there is."""
        (only,) = self.records()
        return only

    def state(self) -> dict[str, list[tuple[Any, ...]]]:
        """All that was observed and all that was made of it: the same for any order and any split of the input."""
        tables = ("rows", "results", "notes", "links", "tools", "messages", "runs", "call_runs")
        found = {name: self.rows(f"FROM transcript_{name} ORDER BY ALL") for name in tables}
        return {**found, "records": [tuple(record.values()) for record in self.records()]}


def instant(text: str) -> dt.datetime:
    """A naive instant in UTC, as the store keeps it."""
    return dt.datetime.fromisoformat(text)


def ids(records: Iterable[Told]) -> list[str]:
    """The event ids without the name of the source."""
    return [record["event_id"].removeprefix("claude-code:") for record in records]


FINISHED = [call("t1"), result("t1", told=completed())]


def agent_file(session: Path, agent_id: str = "a1") -> Path:
    """Where a sub-agent's own rows stand, beside the session."""
    return session.with_suffix("") / "subagents" / f"agent-{agent_id}.jsonl"
