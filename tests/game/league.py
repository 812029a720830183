"""A season from literal records: what the tests of the game play with, without any store."""

import datetime as dt
import tempfile
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engines.local import score
from pipelines.game.facts import Facts, Ids
from pipelines.game.records import DIFFICULTIES, RECORDS, TASK_TYPES, VERDICTS, Kind
from pipelines.game.rulebook import lay_over, load_rulebook, parse_rulebook
from pipelines.game.rules import Rulebook
from pipelines.game.season import Season

EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - naive UTC, as inside the game
FIELDS = {
    "submission_id": pl.String, "event_id": pl.String, "at": pl.Datetime("us"), "submitted_at": pl.Datetime("us"),
    "judged_at": pl.Datetime("us"), "claimed_at": pl.Datetime("us"), "verdict": pl.Enum(VERDICTS),
    "found": pl.Boolean, "awarded_points": pl.Int64, "model": pl.String, "source": pl.String, "extra": pl.String,
}  # fmt: skip
_TYPES = {Kind.FLAG: pl.Boolean, Kind.WHOLE: pl.Int64, Kind.NUMBER: pl.Float64, Kind.NUMBERS: pl.List(pl.Float64)}
_CODED = {"user_id": "user", "agent_id": "agent", "team_id": "team", "project_id": "project"}
CALL_FIELDS = {
    **{f.name: _TYPES.get(f.kind, pl.String) for f in RECORDS["agent_call"] if f.name not in _CODED},
    "at": pl.Datetime("us"), "known_at": pl.Datetime("us"), "extra": pl.String,
}  # fmt: skip


def instant(text: str) -> int:
    """RFC 3339 text as integer microseconds, as the records of the tests hold them."""
    return int(dt.datetime.fromisoformat(text).timestamp() * 1_000_000)


def in_force(records: list[dict[str, Any]], key: str, as_of: int) -> dict[str, dict[str, Any]]:
    """Per id the newest record known at `as_of`; for a submission not known yet its oldest one, as pending."""
    states: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        states.setdefault(record[key], []).append(record)
    chosen = {}
    for name, held in states.items():
        held.sort(key=lambda r: (r["at"], r["event_id"]))
        known = [r for r in held if r["at"] <= as_of]
        if known:
            state = dict(known[-1])
            if state.get("verdict") in ("verified", "rejected") and state.get("judged_at") is None:
                state["judged_at"] = state["at"]
        elif key == "task_id":
            continue
        else:
            hidden = {"verdict": "pending", "judged_at": None, "found": None, "awarded_points": None}
            state = {**held[0], **hidden, "at": held[0]["submitted_at"]}
        if key == "task_id" or state["submitted_at"] <= as_of:
            chosen[name] = state
    return chosen


def play(
    records: list[dict[str, Any]], rules: Rulebook | None = None, as_of: int | None = None, buckets: int = 1
) -> dict[str, list[dict[str, Any]]]:
    """All published tables of a season as lists of rows: instants as integer microseconds, without `rulebook`.

    `buckets`: into how many agents and users are cut, each kind for itself.
    """
    rules = rules or load_rulebook()
    as_of = max(r["at"] for r in records) if as_of is None else as_of
    tasks = in_force([r for r in records if r["type"] == "task"], "task_id", as_of)
    all_submissions = [r for r in records if r["type"] == "submission"]
    submissions = list(in_force(all_submissions, "submission_id", as_of).values())
    calls = calls_in_force([r for r in records if r["type"] == "agent_call"], as_of)
    ids = Ids(
        *(
            pl.Series(sorted({r[c] for r in records if r.get(c)}), dtype=pl.String)
            for c in ("agent_id", "task_id", "problem", "team_id", "user_id", "project_id")
        )
    )
    number = {name: {text: n for n, text in enumerate(getattr(ids, name))} for name in Ids.__dataclass_fields__}
    season = Season(rules, EPOCH + dt.timedelta(microseconds=as_of), Facts(ids, _tasks(tasks, number, ids)))
    source = _Frames(
        _bucket(submissions, number),
        _call_bucket(calls, number),
        _spans(ids.agents, buckets),
        _spans(ids.users, buckets),
    )
    tables: dict[str, list[pl.DataFrame]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        score(source, season, lambda n, f: tables.setdefault(n, []).append(f), Path(scratch))
    return {name: rows(pl.concat(parts)) for name, parts in tables.items()}


def calls_in_force(records: list[dict[str, Any]], as_of: int) -> list[dict[str, Any]]:
    """Per call the newest record known at `as_of`, at the instant of its first one."""
    states: dict[str, list[dict[str, Any]]] = {}
    for record in sorted(records, key=lambda r: (r["at"], r["event_id"])):
        if record["at"] <= as_of:
            states.setdefault(record.get("call_id") or record["event_id"], []).append(record)
    return [
        {**held[-1], "call_id": name, "known_at": held[-1]["at"], "at": held[0]["at"]} for name, held in states.items()
    ]


def rows(frame: pl.DataFrame) -> list[dict[str, Any]]:
    """A frame as rows, instants as integers."""
    instants = [name for name, dtype in frame.schema.items() if isinstance(dtype, pl.Datetime)]
    return frame.with_columns(pl.col(instants).to_physical()).drop("rulebook", strict=False).to_dicts()


class _Frames:
    def __init__(
        self,
        submissions: pl.DataFrame,
        calls: pl.DataFrame,
        agents: list[tuple[int, int]],
        users: list[tuple[int, int]],
    ) -> None:
        self._submissions, self._calls, self.agent_spans, self.user_spans = submissions, calls, agents, users

    def submissions(self, span: tuple[int, int]) -> pl.DataFrame:
        return self._submissions.filter(pl.col("agent").is_between(*span))

    def calls(self, span: tuple[int, int]) -> pl.DataFrame:
        return self._calls.filter(pl.col("user").is_between(*span))


def _spans(ids: pl.Series, buckets: int) -> list[tuple[int, int]]:
    """As many spans of numbers as asked for; some may be empty."""
    size = -(-len(ids) // buckets) or 1
    return [(n * size, n * size + size - 1) for n in range(buckets)]


def _bucket(submissions: list[dict[str, Any]], number: dict[str, dict[str, int]]) -> pl.DataFrame:
    coded = [
        {
            **{f: s.get(f) for f in FIELDS},
            "agent": number["agents"][s["agent_id"]], "task": number["tasks"][s["task_id"]],
            "team": number["teams"].get(s.get("team_id") or ""), "user": number["users"].get(s.get("user_id") or ""),
        }
        for s in submissions
    ]  # fmt: skip
    return pl.DataFrame(coded, schema={**FIELDS, **dict.fromkeys(("agent", "task", "team", "user"), pl.UInt32)})


def _call_bucket(calls: list[dict[str, Any]], number: dict[str, dict[str, int]]) -> pl.DataFrame:
    coded = [
        {
            **{f: c.get(f) for f in CALL_FIELDS},
            **{code: number[f"{code}s"].get(c.get(field) or "") for field, code in _CODED.items()},
        }
        for c in calls
    ]  # fmt: skip
    return pl.DataFrame(coded, schema={**CALL_FIELDS, **dict.fromkeys(_CODED.values(), pl.UInt32)})


def _tasks(tasks: dict[str, dict[str, Any]], number: dict[str, dict[str, int]], ids: Ids) -> pl.DataFrame:
    columns = ("event_id", "at", "task_type", "difficulty", "counterexample_points", "title", "extra")
    coded = [
        {
            **{c: tasks.get(t, {}).get(c) for c in columns}, "task_points": tasks.get(t, {}).get("points"),
            "problem": number["problems"].get(tasks.get(t, {}).get("problem", "")),
        }
        for t in ids.tasks
    ]  # fmt: skip
    return pl.DataFrame(
        coded,
        schema={
            "event_id": pl.String, "at": pl.Datetime("us"), "problem": pl.UInt32, "task_type": pl.Enum(TASK_TYPES),
            "difficulty": pl.Enum(DIFFICULTIES), "task_points": pl.Int64, "counterexample_points": pl.Int64,
            "title": pl.String, "extra": pl.String,
        },
    )  # fmt: skip


def task(task_id: str, **more: Any) -> dict[str, Any]:
    """A `task` record: unless said otherwise easy, to compute, of problem `collatz`, known since New Year 2026."""
    plain = {"problem": "collatz", "task_type": "compute", "difficulty": "easy", "at": "2026-01-01T00:00:00Z"}
    return _record("task", {"task_id": task_id, "event_id": f"task-{task_id}", **plain, **more})


def tried(
    submission_id: str, agent_id: str, task_id: str, when: str, verdict: str = "verified", **more: Any
) -> dict[str, Any]:
    """A `submission` record, known as soon as it is made unless `at` is given in `more`."""
    made = {"submission_id": submission_id, "agent_id": agent_id, "task_id": task_id, "submitted_at": when, "at": when}
    return _record("submission", {"event_id": f"event-{submission_id}", **made, "verdict": verdict, **more})


def _record(kind: str, fields: dict[str, Any]) -> dict[str, Any]:
    instants = ("at", "submitted_at", "judged_at", "claimed_at")
    return {"type": kind, **{k: instant(v) if k in instants and isinstance(v, str) else v for k, v in fields.items()}}


def pick(table: list[dict[str, Any]], *columns: str, **where: Any) -> list[Any]:
    """Rows of a table that hold `where`, as tuples of `columns` (of one column: as values)."""
    chosen = [row for row in table if all(row[k] == v for k, v in where.items())]
    return [row[columns[0]] if len(columns) == 1 else tuple(row[c] for c in columns) for row in chosen]


def rules(**over: Any) -> Rulebook:
    """The default rules with `over` laid over them."""
    default = tomllib.loads(files("pipelines.game").joinpath("rulebook.toml").read_text("utf-8"))
    return parse_rulebook(lay_over(default, over), "the test's rulebook")
