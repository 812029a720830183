"""A `~/.claude/projects` of any size: `python benchmarks/transcripts.py OUT --sessions 2000 --bytes 2_000_000_000`.

Writes OUT/projects, and beside it what a reader should find there: truth-calls.jsonl (one object a call of a sub-agent,
see `Call`) and truth.json (their sums, counts of lines and files). `--append 20` lets a folder grow: so many sessions
more, lines finished that were half written, ends told of calls that were pending. Same seed, same bytes.
Here: the folder, the sums, the command line. Not here: what happens in a session (transcript_sessions.py).
"""

import argparse
import json
import time
from collections import Counter, deque
from dataclasses import asdict
from pathlib import Path
from random import Random
from typing import Any

from transcript_rows import DAY_MS, Filler
from transcript_sessions import Session
from transcript_work import TOKENS

SPAN_MS = 90 * DAY_MS
RESUMED = 0.03  # of the sessions begin with rows of one of the last eight
Truth = dict[str, Any]


def generate(out: Path, sessions: int, n_bytes: int, seed: int) -> Truth:
    """Write a new folder of about `n_bytes`, over ninety days; gives back the account of it."""
    projects = out / "projects"
    if projects.exists():
        raise SystemExit(f"{projects} is there already: remove it, or let it grow with --append N.")
    projects.mkdir(parents=True)
    state: Truth = {"seed": seed, "n_base_sessions": sessions, "n_sessions": 0, "later": [], "counts": {}, "lines": {},
                    "session_tokens": dict.fromkeys(TOKENS, 0)}  # fmt: skip
    rng = Random(f"sizes {seed}")
    weights = [rng.lognormvariate(0, 0.9) for _ in range(sessions)]
    calls: list[dict[str, Any]] = []
    _play(projects, state, calls, [n_bytes * weight / sum(weights) for weight in weights])
    return _keep(out, state, calls)


def append(out: Path, sessions: int) -> Truth:
    """Let a folder grow by so many sessions of its average size, and finish what was begun."""
    projects, state = out / "projects", json.loads((out / "truth.json").read_text())
    calls = [json.loads(line) for line in (out / "truth-calls.jsonl").read_text().splitlines()]
    by_id = {call["call_id"]: call for call in calls}
    for piece in state["later"]:
        with (projects / piece["path"]).open("a", encoding="utf-8") as file:
            file.write(piece["text"])
        state["lines"][piece["kind"]] += 1
        if piece["call_id"]:
            call = by_id[piece["call_id"]]
            call.update(call.pop("later") or {}, later=None)
    average = state["counts"]["bytes"] / state["n_sessions"]
    state["counts"]["bytes"] += sum(len(piece["text"].encode()) for piece in state["later"])
    state["counts"]["half_lines"], state["later"] = 0, []
    _play(projects, state, calls, [average] * sessions)
    return _keep(out, state, calls)


def _play(projects: Path, state: Truth, calls: list[dict[str, Any]], budgets: list[float]) -> None:
    """Write the next sessions; what one has too many bytes, the next has less."""
    filler, recent = Filler(state["seed"]), deque[Session](maxlen=8)
    counts, lines, over = Counter(state["counts"]), Counter(state["lines"]), 0.0
    for index, budget in enumerate(budgets, state["n_sessions"]):
        rng = Random(f"plan {state['seed']} {index}")
        begin = SPAN_MS * index // state["n_base_sessions"] + rng.randrange(600_000)
        resumed = rng.choice(recent) if recent and rng.random() < RESUMED else None
        session = Session(state["seed"], index, begin, filler, resumed)
        session.play(max(int(budget - over), 1))
        n_bytes = _write(projects, session)
        over = min(max(over + n_bytes - budget, -budget), budget * 20)
        calls += [asdict(call) for call in session.calls]
        counts.update(session.counts, bytes=n_bytes, sessions=1)
        lines.update(session.kinds)
        state["later"] += session.later
        for name, spent in zip(TOKENS, session.tokens, strict=True):
            state["session_tokens"][name] += spent
        recent.append(session)
    state.update(counts=dict(counts), lines=dict(lines), n_sessions=state["n_sessions"] + len(budgets))


def _write(projects: Path, session: Session) -> int:
    n_bytes = 0
    for path, text in session.files:
        target, data = projects / path, text.encode()
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
        n_bytes += len(data)
    return n_bytes


def _keep(out: Path, state: Truth, calls: list[dict[str, Any]]) -> Truth:
    """Write the account; the sums are those of the calls."""
    state.update(calls=_sums(calls), lines=dict(sorted(state["lines"].items())))
    state["counts"]["lines"] = sum(state["lines"].values()) + state["counts"].get("copied_rows", 0)
    state["counts"]["lines"] += state["counts"].get("broken_lines", 0)
    (out / "truth-calls.jsonl").write_text("".join(json.dumps(call) + "\n" for call in calls))
    (out / "truth.json").write_text(json.dumps(state, indent=1))
    return state


def _sums(calls: list[dict[str, Any]]) -> Truth:
    finished = [call for call in calls if not call["ending"].startswith("pending")]
    pending = [call for call in calls if call["ending"].startswith("pending")]
    succeeded = [call for call in finished if call["ending"] == "completed"]

    def by(field: str, of: list[dict[str, Any]]) -> dict[str, int]:
        return dict(sorted(Counter(call[field] for call in of).items()))

    return {
        "started": len(calls),
        "finished": len(finished),
        "pending": len(pending),
        "succeeded": len(succeeded),
        "by_ending": by("ending", calls),
        "finished_by_age": by("age", finished),
        "finished_by_agent_type": by("agent_type", finished),
        "succeeded_by_agent_type": by("agent_type", succeeded),
        "finished_by_end_in": by("end_in", finished),
        "finished_by_linked_by": by("linked_by", finished),
        "tokens_finished_by_linked_by": {
            link: _tokens([call for call in finished if call["linked_by"] == link])
            for link in ("agent_id", "side_chain", "prompt")
        },
        "tokens_finished": _tokens(finished),
        "tokens_pending": _tokens(pending),
        "tool_uses_told": sum(call["tool_uses"] or 0 for call in finished),
        "duration_ms_told": sum(call["duration_ms"] or 0 for call in finished),
    }


def _tokens(calls: list[dict[str, Any]]) -> dict[str, int]:
    return {name: sum(call["tokens"][n] for call in calls) for n, name in enumerate(TOKENS)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path, help="the folder that gets `projects`, truth.json and truth-calls.jsonl")
    parser.add_argument("--sessions", type=int, default=2_000)
    parser.add_argument("--bytes", type=int, default=2_000_000_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--append", type=int, help="let the folder grow by so many sessions, instead of a new one")
    chosen = parser.parse_args()
    begin = time.perf_counter()
    if chosen.append is None:
        truth = generate(chosen.out, chosen.sessions, chosen.bytes, chosen.seed)
    else:
        truth = append(chosen.out, chosen.append)
    counts, calls = truth["counts"], truth["calls"]
    print(
        f"{chosen.out / 'projects'}: {counts['sessions']:,} sessions, {counts['agent_files']:,} files of agents, "
        f"{counts['lines']:,} lines, {counts['bytes'] / 1e6:,.0f} MB; {calls['finished']:,} calls finished, "
        f"{calls['pending']:,} pending ({time.perf_counter() - begin:.1f} s)"
    )


if __name__ == "__main__":
    main()
