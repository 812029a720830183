"""Whatever is written into a transcript, it is read: nothing crashes, every line is accounted for."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tests.store.transcript_homes import Home, ids
from tests.transcript_rows import (
    SESSION,
    agent_rows,
    call,
    completed,
    launched,
    line_of,
    notification,
    notified,
    result,
    row,
    write,
)

WHOLE = [
    *(call("t1"), result("t1", told=completed("a1", agentType="x")), call("t2"), result("t2", told=launched("a2"))),
    *(notified(notification("a2")), result("t9", told={"task": {"task_id": "a2", "status": "failed"}})),
    row("attachment", "x", "09:07:00", attachment={"type": "queued_command", "prompt": notification("a2")}),
    {**row("queue-operation", "q", "09:08:00"), "content": [{"type": "text", "text": notification("a2")}]},
    *agent_rows(),
]
SOUND = [call("sound"), result("sound", told=completed("a7"))]
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20),
    st.sampled_from(["\u202e", "a" * 300, "\x00", "9" * 400, 10**30, 1e300, -1, "2026-03-02T09:00:00Z"]),
    st.sampled_from(["agentId: a1 (x)", "<task-notification>", "[Request interrupted by user"]),
    st.lists(st.one_of(st.integers(), st.text(max_size=5), st.none(), st.just({"type": "tool_use"})), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
)  # fmt: skip


def places(value: Any, so_far: tuple = ()) -> list[tuple]:
    """The ways to every value within a row."""
    found = [so_far] if so_far else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, held in items:
        found += places(held, (*so_far, key))
    return found


def changed(of: Any, place: tuple, odd: Any) -> Any:
    """A row with something odd in one place."""
    if not place:
        return odd
    held = dict(of) if isinstance(of, dict) else list(of)
    held[place[0]] = changed(held[place[0]], place[1:], odd)
    return held


@st.composite
def mutated_rows(draw: st.DrawFn) -> list[str]:
    """The rows with something odd in some of them: a value, a cut line, two lines run together."""
    lines = []
    for of in WHOLE:
        kind = draw(st.sampled_from(["sound", "odd", "odd", "odd", "cut", "joined"]))
        line = json.dumps(changed(of, draw(st.sampled_from(places(of))), draw(ODD))) if kind == "odd" else line_of(of)
        if kind == "cut":
            line = line[: draw(st.integers(0, len(line)))]
        lines.append(line + line if kind == "joined" else line)
    return lines


@given(mutated_rows())
def test_odd_values_in_any_field_cost_their_own_line_at_most(lines):
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        session = write(Path(folder) / f"{SESSION}.jsonl", [*lines, *SOUND])
        meta = write(Path(folder) / "agent-a1.jsonl", lines).with_suffix(".meta.json")
        meta.write_text(lines[0])
        reports = home.land(session, meta.with_name("agent-a1.jsonl"))
        assert [report.error for report in reports] == [None, None]
        assert "sound" in ids(home.records())


@given(st.binary(max_size=400), st.binary(max_size=200))
def test_any_bytes_are_read(before, after):
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder) / "home")
        content = before + b"\n" + "\n".join(map(line_of, SOUND)).encode() + b"\n" + after
        (session := Path(folder) / f"{SESSION}.jsonl").write_bytes(content)
        magic = (b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04", b"\xfd7zX", b"BZh9", b"7z\xbc\xaf")
        if not before.startswith(magic):
            assert home.land(session)[0].error is None
            assert ids(home.records()) == ["sound"]
