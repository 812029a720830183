"""The local engine: bucket after bucket in this process, of submissions the next ones while one is taken away.

Memory is bounded by the few largest buckets, by KEPT_BYTES, and by what the merges keep: of calls every duration.

Here: the order of the stages and where a bucket waits between two passes. Not here: what a stage does
(game/agents_side.py, game/users_side.py), where tables go (the sink).
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

import polars as pl

from pipelines.game import first_solvers, people, submissions
from pipelines.game.agents_side import (
    AgentBadges,
    AgentsToMerge,
    AgentTables,
    OpenAgents,
    badges_of,
    close_agents,
    open_agents,
    publish_agents,
)
from pipelines.game.both_sides import tables_of_all
from pipelines.game.call_sums import CallSums
from pipelines.game.people import Owned
from pipelines.game.season import Season
from pipelines.game.users_side import ClosedUsers, close_users, open_users
from pipelines.sources.ahead import made_ahead

Sink = Callable[[str, pl.DataFrame], None]
Progress = Callable[[str, int, int], None]
N_CLOSING = 2  # buckets of submissions in the second pass at once
KEPT_BYTES = 512 << 20  # of buckets between two passes, as Polars estimates their size
Span = tuple[int, int]  # first and last number, both included


class AgentSource(Protocol):
    """Where buckets of submissions come from. The spans ascend, follow one another and cover every agent."""

    @property
    def agent_spans(self) -> Sequence[Span]:
        """The agents of each bucket. At least one span."""

    def submissions(self, span: Span) -> pl.DataFrame:
        """All submissions of these agents."""


class Source(AgentSource, Protocol):
    """Where all buckets come from; spans of users as those of agents."""

    @property
    def user_spans(self) -> Sequence[Span]:
        """The users of each bucket of calls. At least one span."""

    def calls(self, span: Span) -> pl.DataFrame:
        """All calls of these users."""


def quiet(stage: str, done: int, total: int) -> None:
    """Report no progress."""


def score(source: Source, season: Season, sink: Sink, scratch: Path, progress: Progress = quiet) -> None:
    """Run the whole game over `source` and hand every table, part by part and in order, to `sink`.

    `scratch`: a folder of ours; what a killed run left there is removed.
    """
    calls = _Shelf(scratch, "calls")
    called = _open_all_users(source, season, sink, calls, progress)
    agents, owners = _all_agents(source, called, season, sink, scratch, progress)
    badges = badges_of(agents, season)
    sink("badges", badges.badges)
    sink("badge_progress", badges.badge_progress)
    users = _close_all_users(source, calls, _owned(owners, badges, agents), season, sink, progress)
    for name, part in tables_of_all(agents, users, called, season):
        sink(name, part)
    progress("ranking boards", 1, 1)


def _open_all_users(source: Source, season: Season, sink: Sink, shelf: "_Shelf", progress: Progress) -> CallSums:
    """The first pass over calls: `agent_calls`, and what the agents' side wants of all calls."""
    sums: list[CallSums] = []
    for n, span in enumerate(source.user_spans, start=1):
        opened = open_users(source.calls(span), season)
        sink("agent_calls", opened.agent_calls)
        shelf.put(opened.earned)
        sums.append(opened.sums)
        del opened  # or a bucket would stay in memory while the next one is made
        progress("scoring calls", n, len(source.user_spans))
    return CallSums.merged(sums)


def _all_agents(
    source: Source, called: CallSums, season: Season, sink: Sink, scratch: Path, progress: Progress
) -> tuple[list[AgentsToMerge], pl.DataFrame]:
    """Both passes over submissions, and who owns which agent: columns of people.OWNERS."""
    owners = [pl.DataFrame(schema=people.OWNERS)]

    def take_opened(bucket: pl.DataFrame, opened: OpenAgents) -> None:
        sink("submissions", submissions.publish(opened.counted, bucket, season.facts.tasks, season.ids))
        owners.append(people.owners(bucket))

    def take_closed(span: Span, made: AgentTables) -> None:
        _hand_over(publish_agents(made, called.of_agents.within(*span), season), sink)

    left = score_agents(source, season, scratch, take_opened, take_closed, progress)
    return left, pl.concat(owners)


def score_agents(
    source: AgentSource,
    season: Season,
    scratch: Path,
    take_opened: Callable[[pl.DataFrame, OpenAgents], None],
    take_closed: Callable[[Span, AgentTables], None],
    progress: Progress = quiet,
    *,
    n_opening: int = 1,
) -> list[AgentsToMerge]:
    """Both passes over all buckets of submissions, in numbers; gives back what each leaves for `badges_of` and boards.

    `take_opened` is given each bucket and what the first pass made of it, `take_closed` the tables of the second; what
    they do not keep is gone. `n_opening`: buckets in the first pass at once, each with its texts in memory.
    """
    spans, n_tasks = source.agent_spans, season.facts.tasks.height
    several = len(spans) > 1  # for one bucket no thread is worth its while
    shelf = _Shelf(scratch, "scored")
    seen: list[pl.DataFrame] = []
    race: first_solvers.Race | None = None
    buckets = (source.submissions(span) for span in spans)
    opened_ahead = made_ahead(buckets, lambda bucket: (bucket, open_agents(bucket, season)), several * n_opening)
    for n, (bucket, opened) in enumerate(opened_ahead, start=1):
        take_opened(bucket, opened)
        seen.append(opened.agents)
        race = race or first_solvers.Race.begun(opened.solves, opened.waiting, n_tasks)
        race = race.joined(opened.solves, opened.waiting)
        shelf.put(opened.scored)
        del bucket, opened
        progress("counting submissions", n, len(spans))
    if race is None:
        raise ValueError("a source has at least one span")
    firsts = first_solvers.first_solves(race)
    close = partial(close_agents, firsts=firsts, season=season)
    closed = made_ahead(zip(shelf.take(), seen, strict=True), lambda bucket: close(*bucket), several * N_CLOSING)
    left: list[AgentsToMerge] = []
    for n, (span, (made, to_merge)) in enumerate(zip(spans, closed, strict=True), start=1):
        left.append(to_merge)
        take_closed(span, made)
        del made
        progress("scoring agents", n, len(spans))
    return left


def _close_all_users(
    source: Source, shelf: "_Shelf", owned: Owned, season: Season, sink: Sink, progress: Progress
) -> list[ClosedUsers]:
    """The second pass over calls: achievements, levels, and the sums and tallies of users."""
    closed: list[ClosedUsers] = []
    for n, (span, earned) in enumerate(zip(source.user_spans, shelf.take(), strict=True), start=1):
        result = close_users(earned, owned.within(*span), season)
        _hand_over(result.tables, sink)
        closed.append(result)
        progress("scoring users", n, len(source.user_spans))
    return closed


def _owned(owners: pl.DataFrame, badges: AgentBadges, agents: list[AgentsToMerge]) -> Owned:
    return Owned.of(owners, badges.earned, pl.concat([bucket.totals for bucket in agents]))


def _hand_over(tables: dict[str, pl.DataFrame], sink: Sink) -> None:
    """Give tables away, and keep nothing of them."""
    for name, part in tables.items():
        sink(name, part)
    tables.clear()


class _Shelf:
    """Keeps buckets between two passes: in memory while they are small together, all others in the scratch folder."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        for left in folder.glob(f"{name}-*.arrow"):  # by a run that was killed
            left.unlink()
        self._kept: list[pl.DataFrame | Path] = []
        self._n_bytes = 0

    def put(self, frame: pl.DataFrame) -> None:
        self._n_bytes += int(frame.estimated_size())
        if self._n_bytes <= KEPT_BYTES:
            self._kept.append(frame)
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{self._name}-{len(self._kept):05}.arrow"
        frame.write_ipc(path)
        self._kept.append(path)

    def take(self) -> Iterator[pl.DataFrame]:
        """The buckets in the order in which they were put; each is forgotten once the next is asked for."""
        self._kept.reverse()
        while self._kept:
            kept = self._kept.pop()
            if isinstance(kept, Path):
                yield pl.read_ipc(kept)
                kept.unlink()
            else:
                yield kept
