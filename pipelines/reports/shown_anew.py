"""What shows a season, once somebody is forgotten: report and exports written anew, where there are any, or removed.

Not here: what is in them (site/, exports/), and when it is time (engines/forgetting.py).
"""

import datetime as dt
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.game.rulebook import load_rulebook
from pipelines.reports.exports.configured import configured_exports
from pipelines.reports.exports.nightly import INDEX, write_exports
from pipelines.reports.reading import Reading
from pipelines.reports.site.folder import generation_of
from pipelines.reports.site.publishing import publish_site
from pipelines.settings import Settings
from pipelines.store.durable import disk_faults
from pipelines.store.forgotten import Played
from pipelines.store.generation import NoGeneration

Progressing = Callable[[str, int, int], None]


def played(where: Settings) -> Played | None:
    """How the current season was played, to play it so again; None if there is none."""
    try:
        reading = Reading.open(where)
    except NoGeneration:
        return None
    except PodiumError:  # it cannot be read: then as `podium recompute` would
        return Played(load_rulebook(where.rulebook), None)
    with reading.generation as generation:
        asked = generation.manifest.get("made_from", {}).get("asked_as_of")
        return Played(reading.rules, dt.datetime.fromisoformat(asked) if asked else None)


def show_anew(where: Settings, progress: Progressing) -> tuple[str, ...]:
    """Write report and exports of the home anew, if there are any; what cannot be written anew is removed.

    Gives back a sentence on each. Raises DiskFault where it cannot be removed either.
    """
    return (*_report(where, progress), *_exports(where, progress))


def _report(where: Settings, progress: Progressing) -> Iterator[str]:
    if generation_of(where.report) is None:  # there is none, or it is not ours
        return
    try:
        reading = Reading.open(where)
        with reading.generation:
            publish_site(reading, where.report, progress=progress)
    except PodiumError as fault:
        with disk_faults("Removing the report", where.home):
            shutil.rmtree(where.report)
        yield f"The report in {where.report} is removed, for it could not be written anew: {fault}"
    else:
        yield f"The report in {where.report} is written anew."


def _exports(where: Settings, progress: Progressing) -> Iterator[str]:
    index = where.exports / INDEX
    if not index.is_file():
        return
    before, new = _named(index), set()
    try:
        reading = Reading.open(where)
        with reading.generation:
            reports = write_exports(reading, configured_exports(where.home, reading), where.exports, progress)
        new = {report.path.name for report in reports if report.path}
    except PodiumError as fault:
        yield f"The exports in {where.exports} are removed, for they could not be written anew: {fault}"
    else:
        yield f"The exports in {where.exports} are written anew."
    with disk_faults("Removing old exports", where.exports):
        for name in before - new:
            (where.exports / name).unlink(missing_ok=True)
        if not new:
            index.unlink(missing_ok=True)


def _named(index: Path) -> set[str]:
    """The files that an index names, as far as they are plain names."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        names = {str(entry["file"]) for entry in json.loads(index.read_text("utf-8"))["exports"]}
        return {name for name in names if name == Path(name).name and not name.startswith(".")}
    return set()
