"""How the competition of a sample season is spelt: records as lines, the broken ones, the gzip.

Here: text only. Not here: what happens (`sample_play.py`), lines of agent calls (`sample_call_lines.py`), which file a
line goes to (`sample.py`).
"""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zlib import crc32

from pipelines.game.records import Reason
from pipelines.sources.sample_play import News
from pipelines.sources.sample_tasks import Task
from pipelines.sources.sample_world import DAY_S, World

STORED_BLOCK_BYTES = 0xFFFF
TASKS, SUBMISSIONS, CALLS = "tasks", "submissions", "calls"  # what the files' names begin with


@dataclass(frozen=True, slots=True)
class BrokenLine:
    """A line that must be refused, and why: where it goes, and at what second it slipped into the log."""

    at_s: int
    stem: str  # what the file's name begins with
    reason: Reason
    text: str


def instant(world: World, second: int, home_min: int = 0) -> str:
    """RFC 3339 text of an instant, in UTC (Z) or with a home offset."""
    start = datetime.combine(world.start, datetime.min.time(), UTC)
    at = start + timedelta(seconds=second)
    return at.astimezone(timezone(timedelta(minutes=home_min))).isoformat().replace("+00:00", "Z")


def task_line(world: World, task: Task, event_id: str, at_s: int) -> str:
    """The record of a task, made known at a second of the season."""
    return spelt(
        {
            "type": "task",
            "event_id": event_id,
            "at": instant(world, at_s),
            "task_id": task.task_id,
            "problem": task.problem,
            "task_type": task.task_type,
            "difficulty": task.difficulty,
            "points": task.points,
            "counterexample_points": task.counterexample_points,
            "title": task.title,
        }
    )


def submission_line(world: World, news: News, event_id: str) -> str:
    """The record of one fact about a submission. Some agents write their own instants in home time."""
    agent = news.agent
    home_min = agent.home_min if agent.writes_home_time else 0
    return spelt(
        {
            "type": "submission",
            "event_id": event_id,
            "at": instant(world, news.at_s),
            "submission_id": f"s{news.submission}",
            "agent_id": agent.agent_id,
            "task_id": news.task.task_id,
            "claimed_at": None if news.claimed_s is None else instant(world, news.claimed_s, home_min),
            "submitted_at": instant(world, news.submitted_s, home_min),
            "verdict": news.verdict,
            "judged_at": None if news.judged_s is None else instant(world, news.judged_s),
            "found": news.found,
            "awarded_points": news.awarded_points,
            "team_id": agent.team_id,
            "user_id": agent.user_id,
            "model": agent.model,
            # an unknown field now and then: it is kept, not refused
            "attempt_note": "sent from the train" if news.submission % 97 == 5 else None,
        }
    )


def spelt(fields: dict[str, object]) -> str:
    """A record as one line; what is None is absent."""
    present = {name: value for name, value in fields.items() if value is not None}
    return json.dumps(present, ensure_ascii=False, separators=(",", ":"))


def broken_lines(world: World) -> list[BrokenLine]:
    """One line for each way of being refused that a small log can show, in order of time.

    Left out: a line over a megabyte, and a conflicting duplicate (with one, the order of files would matter).
    """
    agent = world.agents[0].agent_id
    steps = (world.days * DAY_S - 3600) // 11

    def submission(number: int, **changes: object) -> str:
        at_s = number * steps
        fields: dict[str, object] = {
            "type": "submission",
            "event_id": f"x{number}",
            "at": instant(world, at_s),
            "submission_id": f"sx{number}",
            "agent_id": agent,
            "task_id": "es-001",
            "submitted_at": instant(world, at_s - 60),
            "verdict": "verified",
        }
        return spelt({**fields, **changes})

    def task(number: int, **changes: object) -> str:
        fields: dict[str, object] = {
            "type": "task",
            "event_id": f"x{number}",
            "at": instant(world, number * steps),
            "task_id": f"cz-x{number}",
            "problem": "collatz",
            "task_type": "compute",
            "difficulty": "easy",
        }
        return spelt({**fields, **changes})

    texts = (
        (Reason.NOT_JSON, submission(1)[:-40]),  # the writer was stopped in the middle of a line
        (Reason.BAD_VALUE, task(2, difficulty="brutal")),
        (Reason.MISSING_FIELD, submission(3, verdict=None)),
        (Reason.BAD_TIMESTAMP, submission(4, submitted_at=instant(world, 0).rstrip("Z"))),  # no offset
        (Reason.OUT_OF_RANGE, task(5, points=4000)),
        (Reason.UNKNOWN_TYPE, submission(6, type="heartbeat")),
        (Reason.TIME_TRAVEL, submission(7, submitted_at=instant(world, 7 * steps + 600))),
        (Reason.DUPLICATE_KEY, submission(8)[:-1] + ',"verdict":"rejected"}'),
        (Reason.NOT_AN_OBJECT, json.dumps(["submission", agent, "es-001", "verified"])),
        (Reason.FROM_THE_FUTURE, submission(10, at="2999-01-01T00:00:00Z")),
    )
    return [
        BrokenLine(number * steps, TASKS if text.startswith('{"type":"task"') else SUBMISSIONS, reason, text)
        for number, (reason, text) in enumerate(texts, start=1)
    ]


def stored_gzip(content: bytes) -> bytes:
    """A gzip file (RFC 1952) of stored blocks (RFC 1951, 3.2.4), its clock at zero.

    Written by hand because a compressor's output depends on which zlib a Python was built with, and the same
    seed shall give the same bytes on every machine.
    """
    out = bytearray(b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff")
    for first in range(0, max(1, len(content)), STORED_BLOCK_BYTES):
        block = content[first : first + STORED_BLOCK_BYTES]
        is_last = first + STORED_BLOCK_BYTES >= len(content)
        size = len(block).to_bytes(2, "little")
        out += bytes([is_last]) + size + bytes(0xFF - byte for byte in size) + block
    return bytes(out + crc32(content).to_bytes(4, "little") + (len(content) % 2**32).to_bytes(4, "little"))
