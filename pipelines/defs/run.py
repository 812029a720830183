"""One run of the batch as plain Python: land, build, look over, publish, show, under the lock of the home.

Steps of a Dagster run share one `Run` (resources.py), so that the lock is held from the first step to the last and
the candidate goes from hand to hand in one process. Not here: names, order and metadata (assets.py, checks.py).
"""

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Self

from pipelines.defs.folder import SETTLING_S, settled, waiting
from pipelines.engines.local import Progress, quiet
from pipelines.engines.recompute import build, make_current
from pipelines.game.faults import PodiumError
from pipelines.game.rulebook import load_rulebook
from pipelines.reports.choices import files as logs_of
from pipelines.reports.reading import Reading
from pipelines.settings import Settings, account
from pipelines.store.generation import Generation
from pipelines.store.landing import FileReport, land
from pipelines.store.published import Candidate
from pipelines.store.runlock import run_lock
from pipelines.store.warehouse import Warehouse

if TYPE_CHECKING:
    from pipelines.engines.sharing import Exported
    from pipelines.reports.exports.nightly import ExportReport
    from pipelines.reports.site.publishing import SiteReport


class OutOfTurn(PodiumError):
    """A step was asked for without the step before it."""


class BadInstant(PodiumError):
    """An `as_of` that is no instant."""


class Run:
    """A run in a home. As a context manager it lets go of the home at the end, however the run ended.

    `is_attended`: somebody waits for it. Then a busy home is a fault at once, and files are taken as they lie;
    else the run may come again later, and a file that is still being written waits for the next one.
    """

    def __init__(self, settings: Settings, *, is_attended: bool = False, progress: Progress = quiet) -> None:
        self.settings, self.is_attended, self._progress = settings, is_attended, progress
        self.reports: list[FileReport] = []
        self.published_id: str | None = None
        self._held = ExitStack()
        self._is_begun = self._is_sound = False
        self._candidate: Candidate | None = None

    def land(
        self,
        paths: Sequence[str],
        rename: Mapping[str, str],
        feed_options: Mapping[str, object],
        transcript_options: Mapping[str, object],
    ) -> list[FileReport]:
        """Take in files and folders (none named: what waits in the landing folder). Unreadable ones are reported."""
        self._begin()
        now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        with Warehouse.open(self.settings.home) as warehouse:
            files = logs_of(map(Path, paths)) or self._waiting(warehouse)
            self.reports = land(
                warehouse,
                files,
                now,
                rename=rename,
                feed_options=feed_options,
                transcript_options={"account": account(), **transcript_options},
                progress=self._landing_progress(files),
            )
        return self.reports

    def build(self, as_of: str | None) -> Generation:
        """Score the facts into a sealed candidate, which nobody reads until it is published."""
        self._begin()
        rules = load_rulebook(self.settings.rulebook)
        self._candidate, self._is_sound = None, False
        self._candidate = build(self.settings.home, rules, instant_of(as_of), progress=self._progress)
        return Generation.open_path(self._candidate.path)

    def made(self) -> Generation:
        """What this run has made; of a run that made nothing (checks on their own) the current generation."""
        home = self.settings.home
        return Generation.open_path(self._candidate.path) if self._candidate else Generation.open(home)

    def approve(self) -> None:
        """Say that every check of the candidate has passed."""
        self._is_sound = True

    def publish(self) -> Generation:
        """Make the candidate current and remove the oldest generations. Only what was checked is published."""
        if self._candidate is None or not self._is_sound:
            raise OutOfTurn(
                "Nothing was published: this run has not both made and checked a season. Run the whole job."
            )
        make_current(self.settings.home, self._candidate)
        self.published_id = self._candidate.id
        return Generation.open_path(self._candidate.path)

    def report(self) -> "SiteReport":
        """Write the report of the current generation into the home."""
        from pipelines.reports.site.publishing import publish_site

        return publish_site(Reading.open(self.settings), self.settings.report, progress=self._progress)

    def export(self) -> "list[ExportReport]":
        """Write the configured exports of the current generation into the home."""
        from pipelines.reports.exports.configured import configured_exports
        from pipelines.reports.exports.nightly import write_exports

        reading = Reading.open(self.settings)
        configured = configured_exports(self.settings.home, reading)
        return write_exports(reading, configured, self.settings.exports, self._progress)

    def leave(self) -> "Exported":
        """Write the bundle for the arena, of the current generation."""
        from pipelines.arena.keys import Keyring
        from pipelines.defs.house import house_of
        from pipelines.engines.sharing import export

        self._begin()
        house = house_of(self.settings)
        return export(house, Keyring.open(house.keys, house.home), self._progress)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._held.close()

    def _begin(self) -> None:
        if not self._is_begun:
            self._held.enter_context(run_lock(self.settings.home))
            self._is_begun = True

    def _landing_progress(self, files: Sequence[Path]) -> Callable[[Path, int], None]:
        """Landing counts lines, the run's progress counts files."""
        place = {path: n for n, path in enumerate(files, start=1)}
        return lambda path, _: self._progress(f"reading {path.name}", place[path], len(files))

    def _waiting(self, warehouse: Warehouse) -> list[Path]:
        files = settled(self.settings.landing, time.time(), 0 if self.is_attended else SETTLING_S)
        return waiting(files, warehouse.ingested_files())


def instant_of(text: str | None) -> dt.datetime | None:
    """An RFC 3339 instant with its offset as naive UTC, as the engines want it. Raises BadInstant."""
    if text is None:
        return None
    try:
        instant = dt.datetime.fromisoformat(text)
        offset = instant.utcoffset()
    except ValueError:
        offset = None
    if offset is None:
        raise BadInstant(f"{text!r} is no instant for as_of: write one with its offset, such as 2026-03-01T12:00:00Z.")
    return instant.astimezone(dt.UTC).replace(tzinfo=None)
