"""Sample seasons: believable logs in the native input contract, from a seed, as NDJSON files.

One world and its two sides: agents that compete, and the people who own them, at work with sub-agents. Here: which
files there are (`tasks.jsonl`, one of submissions and one of calls a month, `corrections.jsonl.gz`) and which line
goes where. Not here: the files themselves (`sample_files.py`), the players (`sample_world.py`), the tasks
(`sample_tasks.py`), the competition (`sample_play.py`), the people (`sample_team.py`), their work (`sample_calls.py`),
the spelling of lines (`sample_lines.py`, `sample_call_lines.py`). Same arguments, same bytes, on any machine.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.sources.sample_call_lines import broken_calls, call_line
from pipelines.sources.sample_calls import EARLIEST_S, work
from pipelines.sources.sample_files import RefusedLine, SampleFile, SeasonFiles
from pipelines.sources.sample_lines import (
    CALLS,
    SUBMISSIONS,
    TASKS,
    BrokenLine,
    broken_lines,
    submission_line,
    task_line,
)
from pipelines.sources.sample_outcomes import Call
from pipelines.sources.sample_play import News, play
from pipelines.sources.sample_tasks import Task, corrected_tasks, make_tasks
from pipelines.sources.sample_world import DAY_S, World, build_world

MAX_AGENTS = 2000
MAX_DAYS = 730
LAST_DAY = date(2026, 11, 15)  # a Sunday: without a start of its own a season ends here
START_YEARS = (1970, 2200)
TASKS_FILE = f"{TASKS}.jsonl"
CORRECTIONS_FILE = "corrections.jsonl.gz"
_OURS = b'{"type":"task","event_id":"k1",'  # how the tasks of every sample begin
_AGAIN = 50  # this one of the submissions, and of the calls, is written twice, as if a shipper had sent it again
_BLANK = 75  # and after this one of the submissions comes an empty line


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
    names = _file_names(world)
    _check_folder(out, set(names))
    try:
        out.mkdir(parents=True, exist_ok=True)
        with SeasonFiles(out, names) as files:
            _write(files, world, progress)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PodiumError(
            f"The sample season could not be written to {out}: {reason}. Name a folder that can be written."
        ) from error
    midnight = datetime.combine(world.start, datetime.min.time(), UTC)
    return SampleReport(
        out=out,
        files=tuple(files.files),
        n_records=files.n_records,
        n_duplicates=files.n_duplicates,
        n_blank=files.n_blank,
        refused=tuple(files.refused),
        last_at=midnight + timedelta(seconds=files.last_s),
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


def _check_folder(out: Path, ours: set[str]) -> None:
    """Never lay a season over logs that are somebody's own."""
    if out.exists() and not out.is_dir():
        raise PodiumError(f"{out} is a file; a sample season needs a folder.")
    if not out.is_dir():
        return
    try:
        there = {path.name for path in out.iterdir() if not path.name.startswith(".")}
        tasks = (out / TASKS_FILE).open("rb").read(len(_OURS)) if TASKS_FILE in there else b""
    except OSError as error:
        raise PodiumError(f"The folder {out} cannot be read: {error.strerror}.") from error
    strange = sorted(there - ours)
    if strange or (there and tasks != _OURS):
        what = strange[0] if strange else "logs that are no sample season's"
        raise PodiumError(f"The folder {out} already holds {what}: name a new or an empty folder.")


def _file_names(world: World) -> list[str]:
    months = [
        list(dict.fromkeys(_month_file(world, stem, day) for day in range(world.days))) for stem in (SUBMISSIONS, CALLS)
    ]
    return [TASKS_FILE, *months[0], *months[1], CORRECTIONS_FILE]


def _month_file(world: World, stem: str, day: int) -> str:
    return f"{stem}-{(world.start + timedelta(days=day)).isoformat()[:7]}.jsonl"


def _write(files: SeasonFiles, world: World, progress: Callable[[int], None] | None) -> None:
    """Each line into the file of the month in which it became known; corrections into one of their own."""
    tasks = make_tasks(world)
    broken = [*broken_lines(world), *broken_calls(world)]
    _write_tasks(files, world, tasks, [line for line in broken if line.stem == TASKS])
    corrections = [(at_s, task_line(world, task, "k0", at_s)) for at_s, task in corrected_tasks(world, tasks)]
    seen = {SUBMISSIONS: 0, CALLS: 0}
    again: dict[str, str] = {}  # by file, a line that is sent again after the next one
    for one in _arrivals(world, tasks, [line for line in broken if line.stem != TASKS], progress):
        stem = one.stem if isinstance(one, BrokenLine) else CALLS if isinstance(one, Call) else SUBMISSIONS
        name = _month_file(world, stem, one.at_s // DAY_S)
        if isinstance(one, BrokenLine):
            files.broken(name, one)
            continue
        seen[stem] += 1
        text = call_line(world, one) if isinstance(one, Call) else submission_line(world, one, f"e{seen[stem]}")
        if one.is_correction:
            corrections.append((one.at_s, text))
            continue
        files.good(name, one.at_s, text)
        if name in again:
            files.again(name, again.pop(name))
        elif seen[stem] == _AGAIN:
            again[name] = text
        if stem == SUBMISSIONS and seen[stem] == _BLANK:
            files.blank(name)
    for at_s, text in sorted(corrections, key=lambda correction: correction[0]):
        files.good(CORRECTIONS_FILE, at_s, text)


def _write_tasks(files: SeasonFiles, world: World, tasks: list[Task], broken: list[BrokenLine]) -> None:
    """Announcements in the order in which they were made, as far as the season reaches."""
    announced = [(task.announced_s, i, task) for i, task in enumerate(tasks) if task.announced_s is not None]
    waiting = list(broken)
    known = sorted(one for one in announced if one[0] < world.days * DAY_S)
    for number, (at_s, _, task) in enumerate(known, start=1):
        while waiting and waiting[0].at_s <= at_s:
            files.broken(TASKS_FILE, waiting.pop(0))
        files.good(TASKS_FILE, at_s, task_line(world, task, f"k{number}", at_s))
    for line in waiting:
        files.broken(TASKS_FILE, line)


def _arrivals(
    world: World, tasks: list[Task], broken: list[BrokenLine], progress: Callable[[int], None] | None
) -> Iterator[News | Call | BrokenLine]:
    """All news of submissions and calls, and broken lines, in the order in which they become known."""
    heap: list[tuple[int, int, News | Call | BrokenLine]] = []
    order = 0
    for line in broken:
        order += 1
        heappush(heap, (line.at_s, order, line))
    for day, (played, worked) in enumerate(zip(play(world, tasks), work(world), strict=True), start=1):
        today: list[News | Call] = [*played, *worked]
        for one in today:
            order += 1
            heappush(heap, (one.at_s, order, one))
        known_s = day * DAY_S + (EARLIEST_S if day < world.days else 0)  # nothing earlier is still to come
        while heap and heap[0][0] < known_s:
            yield heappop(heap)[2]
        if progress is not None:
            progress(day)
