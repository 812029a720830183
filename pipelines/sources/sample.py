"""Sample seasons: believable competition logs in the native input contract, from a seed, as NDJSON files.

Here: the files (`tasks.jsonl`, one of submissions a month, `corrections.jsonl.gz`) and the account of what is
in them. Not here: the players (`sample_world.py`), the tasks (`sample_tasks.py`), what happens
(`sample_play.py`), the spelling of lines (`sample_lines.py`). Same arguments, same bytes, on any machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.game.records import Reason
from pipelines.sources.sample_lines import BrokenLine, broken_lines, stored_gzip, submission_line, task_line
from pipelines.sources.sample_play import News, play
from pipelines.sources.sample_tasks import Task, corrected_tasks, make_tasks
from pipelines.sources.sample_world import DAY_S, World, build_world

MAX_AGENTS = 2000
MAX_DAYS = 730
LAST_DAY = date(2026, 11, 15)  # a Sunday: without a start of its own a season ends here
START_YEARS = (1970, 2200)
TASKS = "tasks.jsonl"
CORRECTIONS = "corrections.jsonl.gz"
_OURS = b'{"type":"task","event_id":"k1",'  # how the tasks of every sample begin
_AGAIN = 50  # this record of the submissions is written twice, as if a shipper had sent it again
_BLANK = 75  # and after this one comes an empty line


@dataclass(frozen=True, slots=True)
class SampleFile:
    """One written file: lines of every kind, and its size on disk."""

    name: str
    n_lines: int
    n_bytes: int


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """Where a line stands that must be refused, and why."""

    file: str
    line: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class SampleReport:
    """What was written: good records, exact duplicates, empty lines, and lines that must be refused."""

    out: Path
    files: tuple[SampleFile, ...]
    n_records: int
    n_duplicates: int
    n_blank: int
    refused: tuple[RefusedLine, ...]
    last_at: datetime  # the greatest `at` of a good record


@dataclass(slots=True)
class _Season:
    """The files under way: each is written under a passing name and given its own when it is whole."""

    out: Path
    n_records: int = 0
    n_duplicates: int = 0
    n_blank: int = 0
    last_s: int = 0
    files: list[SampleFile] = field(default_factory=list)
    refused: list[RefusedLine] = field(default_factory=list)

    def good(self, at_s: int) -> None:
        self.n_records += 1
        self.last_s = max(self.last_s, at_s)

    def write(self, name: str, lines: Iterator[str | BrokenLine]) -> None:
        passing = self.out / f".{name}.partial"
        n_lines = 0
        try:
            with passing.open("wb") as file:
                for n_lines, line in enumerate(lines, start=1):
                    if isinstance(line, BrokenLine):
                        self.refused.append(RefusedLine(name, n_lines, line.reason))
                    text = line.text if isinstance(line, BrokenLine) else line
                    file.write(text.encode() + b"\n")
            if name.endswith(".gz"):
                passing.write_bytes(stored_gzip(passing.read_bytes()))
            n_bytes = passing.stat().st_size
            passing.replace(self.out / name)
        finally:
            passing.unlink(missing_ok=True)
        self.files.append(SampleFile(name, n_lines, n_bytes))


def write_season(
    out: Path,
    *,
    agents: int,
    days: int,
    seed: int,
    start: date | None = None,
    progress: Callable[[int], None] | None = None,
) -> SampleReport:
    """Write one season's logs into the folder `out` and say what is in them.

    Without a `start` the season ends on LAST_DAY. `progress` is told after each day how many are done. Raises
    PodiumError for numbers out of range and for a folder that cannot be written or holds other people's logs.
    """
    world = _checked_world(agents, days, seed, start)
    _check_folder(out, world)
    season = _Season(out)
    tasks = make_tasks(world)
    broken = broken_lines(world)
    try:
        out.mkdir(parents=True, exist_ok=True)
        corrections: list[tuple[int, str]] = []
        for at_s, task in corrected_tasks(world, tasks):
            season.good(at_s)
            corrections.append((at_s, task_line(world, task, "k0", at_s)))
        season.write(TASKS, _task_lines(season, world, tasks, [line for line in broken if line.is_task]))
        _write_submissions(season, world, tasks, broken, corrections, progress)
        corrections.sort(key=lambda one: one[0])
        season.write(CORRECTIONS, (text for _, text in corrections))
    except OSError as error:
        reason = error.strerror or str(error)
        raise PodiumError(
            f"The sample season could not be written to {out}: {reason}. Name a folder that can be written."
        ) from error
    midnight = datetime.combine(world.start, datetime.min.time(), UTC)
    return SampleReport(
        out=out,
        files=tuple(season.files),
        n_records=season.n_records,
        n_duplicates=season.n_duplicates,
        n_blank=season.n_blank,
        refused=tuple(season.refused),
        last_at=midnight + timedelta(seconds=season.last_s),
    )


def _checked_world(agents: int, days: int, seed: int, start: date | None) -> World:
    if not 1 <= agents <= MAX_AGENTS:
        raise PodiumError(f"A sample season has 1 to {MAX_AGENTS} agents, not {agents}.")
    if not 1 <= days <= MAX_DAYS:
        raise PodiumError(f"A sample season lasts 1 to {MAX_DAYS} days, not {days}.")
    first = start if start is not None else LAST_DAY - timedelta(days=days - 1)
    low, high = START_YEARS
    if not low <= first.year <= high:
        raise PodiumError(f"A sample season starts in a year from {low} to {high}, not on {first}.")
    return build_world(agents=agents, days=days, seed=seed, start=first)


def _check_folder(out: Path, world: World) -> None:
    """Never lay a season over logs that are somebody's own."""
    if out.exists() and not out.is_dir():
        raise PodiumError(f"{out} is a file; a sample season needs a folder.")
    if not out.is_dir():
        return
    ours = {TASKS, CORRECTIONS, *(_month_file(world, day) for day in range(world.days))}
    try:
        there = {path.name for path in out.iterdir() if not path.name.startswith(".")}
        tasks = (out / TASKS).open("rb").read(len(_OURS)) if TASKS in there else b""
    except OSError as error:
        raise PodiumError(f"The folder {out} cannot be read: {error.strerror}.") from error
    strange = sorted(there - ours)
    if strange or (there and tasks != _OURS):
        what = strange[0] if strange else "logs that are no sample season's"
        raise PodiumError(f"The folder {out} already holds {what}: name a new or an empty folder.")


def _month_file(world: World, day: int) -> str:
    return f"submissions-{(world.start + timedelta(days=day)).isoformat()[:7]}.jsonl"


def _task_lines(
    season: _Season, world: World, tasks: list[Task], broken: list[BrokenLine]
) -> Iterator[str | BrokenLine]:
    """Announcements in the order in which they were made, as far as the season reaches."""
    announced = [(task.announced_s, i, task) for i, task in enumerate(tasks) if task.announced_s is not None]
    waiting = list(broken)
    known = sorted(one for one in announced if one[0] < world.days * DAY_S)
    for number, (at_s, _, task) in enumerate(known, start=1):
        while waiting and waiting[0].at_s <= at_s:
            yield waiting.pop(0)
        season.good(at_s)
        yield task_line(world, task, f"k{number}", at_s)
    yield from waiting


def _write_submissions(
    season: _Season,
    world: World,
    tasks: list[Task],
    broken: list[BrokenLine],
    corrections: list[tuple[int, str]],
    progress: Callable[[int], None] | None,
) -> None:
    """One file a month, each line in the month in which it became known; corrections are put aside."""
    arrivals = _arrivals(world, tasks, broken, progress)
    waiting = next(arrivals, None)
    number = 0

    def month_lines(name: str) -> Iterator[str | BrokenLine]:
        nonlocal waiting, number
        again: str | None = None
        while waiting is not None and _month_file(world, waiting.at_s // DAY_S) == name:
            one, waiting = waiting, next(arrivals, None)
            if isinstance(one, BrokenLine):
                yield one
                continue
            number += 1
            season.good(one.at_s)
            text = submission_line(world, one, f"e{number}")
            if one.is_correction:
                corrections.append((one.at_s, text))
                continue
            yield text
            if again is not None:
                season.n_duplicates += 1
                yield again
            again = text if number == _AGAIN else None
            if number == _BLANK:
                season.n_blank += 1
                yield ""

    for name in dict.fromkeys(_month_file(world, day) for day in range(world.days)):
        season.write(name, month_lines(name))


def _arrivals(
    world: World, tasks: list[Task], broken: list[BrokenLine], progress: Callable[[int], None] | None
) -> Iterator[News | BrokenLine]:
    """All news of submissions, and broken lines, in the order in which they become known."""
    heap: list[tuple[int, int, News | BrokenLine]] = []
    order = 0
    for line in broken:
        if not line.is_task:
            order += 1
            heappush(heap, (line.at_s, order, line))
    for day, news in enumerate(play(world, tasks), start=1):
        for one in news:
            order += 1
            heappush(heap, (one.at_s, order, one))
        while heap and heap[0][0] < day * DAY_S:
            yield heappop(heap)[2]
        if progress is not None:
            progress(day)
