"""Whose run is it? Side-chains that name no agent, and runs that no result names, matched with calls; pure.

Here: the chains of side-chain rows (Claude Code 1.0 writes a sub-agent's rows into the session itself), and the match
of runs with calls: by the row that a chain hangs on, else by the prompt, which the call and the first row of its run
both hold. Not here: runs that a result, a notification or a file names (`store/transcripts_known.py`).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Link(NamedTuple):
    """A row of a side-chain: the row that it hangs on, its session and instant, and the prompt of a chain's first."""

    uuid: str
    parent: str | None
    session_id: str
    at: int | None
    prompt: str | None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run without a call. `parent`: the row that it hangs on, if it is a chain."""

    run_id: str
    session_id: str
    prompt: str | None
    at: int | None
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class Caller:
    """A call without a run, in one of the sessions where its row stands."""

    call_id: str
    session_id: str
    prompt: str | None
    at: int | None
    row_uuid: str


def chains(links: Iterable[Link]) -> dict[str, tuple[Candidate, list[str]]]:
    """Chains by the uuid of their first row: the candidate and the uuids of all rows. A circle is no chain."""
    held: dict[str, Link] = {}
    for link in sorted(links, key=lambda link: tuple((value is None, value or "") for value in map(_text, link))):
        held.setdefault(link.uuid, link)
    below: dict[str | None, list[str]] = defaultdict(list)
    for link in held.values():
        below[link.parent].append(link.uuid)
    found = {}
    for link in held.values():
        if link.parent is None or link.parent not in held:
            rows = [link.uuid]
            for uuid in rows:  # grows while it is walked
                rows += below[uuid]
            found[link.uuid] = Candidate(link.uuid, link.session_id, link.prompt, link.at, link.parent), rows
    return found


def _text(value: object) -> str | None:
    return None if value is None else f"{value:020d}" if isinstance(value, int) else str(value)


def match(callers: Iterable[Caller], candidates: Iterable[Candidate]) -> dict[str, str]:
    """The call of each run that has one, by run id. Of equal prompts in a session the first call is the first run's."""
    calls, runs = sorted(callers, key=_age), sorted(candidates, key=_age)
    found: dict[str, str] = {}
    by_row = {call.row_uuid: call.call_id for call in reversed(calls)}
    for run in runs:
        if run.parent in by_row:
            found.setdefault(run.run_id, by_row[run.parent])
    taken = set(found.values())
    waiting: dict[tuple[str, str], list[str]] = defaultdict(list)
    for call in calls:
        if call.prompt is not None and call.call_id not in taken:
            waiting[call.session_id, call.prompt].append(call.call_id)
    for run in runs:
        queue = waiting.get((run.session_id, run.prompt or ""), [])
        while queue and queue[0] in taken:
            queue.pop(0)
        if queue and run.run_id not in found:
            found[run.run_id] = queue.pop(0)
            taken.add(found[run.run_id])
    return found


def _age(of: Caller | Candidate) -> tuple[bool, int, str]:
    return of.at is None, of.at or 0, of.call_id if isinstance(of, Caller) else of.run_id
