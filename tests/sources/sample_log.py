"""The tracked sample season as a reader without Podium would take it: records in force, by a simple loop.

Not here: whether lines are good (`test_sample.py`); broken ones are left out.
"""

import gzip
import json
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from pipelines.game.events import Refusal, check_line

TRACKED = Path(__file__).parents[2] / "data" / "sample"
INGESTED_AT = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp()) * 1_000_000
SCORES = ("response_quality", "user_satisfaction", "code_quality")

Record = dict[str, Any]


@cache
def records(record_type: str) -> tuple[Record, ...]:
    """The good records of a type, each once, in order of `at` and event_id; every `*at` is an instant."""
    found: dict[str, Record] = {}
    for path in sorted(TRACKED.iterdir()):
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        for line in content.split(b"\n"):
            if line and not isinstance(check_line(line, INGESTED_AT), Refusal):
                record = json.loads(line)
                if record["type"] == record_type:
                    found[record["event_id"]] = record | {
                        name: datetime.fromisoformat(text).astimezone(UTC)
                        for name, text in record.items()
                        if name == "at" or name.endswith("_at")
                    }
    return tuple(sorted(found.values(), key=lambda record: (record["at"], record["event_id"])))


def in_force(record_type: str, key: str) -> dict[str, Record]:
    """By its id, the last record of each task, submission or call."""
    return {record.get(key, record["event_id"]): record for record in records(record_type)}


@cache
def calls() -> tuple[Record, ...]:
    """The calls as they stand at the end, each at the instant of its first record, in order."""
    first: dict[str, datetime] = {}
    for record in records("agent_call"):
        first.setdefault(record.get("call_id", record["event_id"]), record["at"])
    stand = [record | {"at": first[call]} for call, record in in_force("agent_call", "call_id").items()]
    return tuple(sorted(stand, key=lambda call: (call["at"], call["event_id"])))


def calls_by(*fields: str) -> dict[Any, list[Record]]:
    """The calls, apart by one field or several; an absent field is None."""
    apart: dict[Any, list[Record]] = {}
    for call in calls():
        value = tuple(call.get(name) for name in fields)
        apart.setdefault(value if len(fields) > 1 else value[0], []).append(call)
    return apart


def owners() -> dict[str, str]:
    """Of each agent that has one: the user of its last submission that is not void and names one."""
    owner: dict[str, str] = {}
    made = in_force("submission", "submission_id").values()
    for one in sorted(made, key=lambda one: (one["submitted_at"], one["submission_id"])):
        if one["verdict"] != "void" and "user_id" in one:
            owner[one["agent_id"]] = one["user_id"]
    return owner


def mean_score(call: Record) -> float | None:
    """The mean of the scores given."""
    given = [call[name] for name in SCORES if name in call]
    return round(sum(given) / len(given), 6) if given else None
