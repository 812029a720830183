"""Making the configured exports: each whole or not at all, one that fails keeps no other back, and an index of all.

Not here: which they are (configured.py), who calls this every night (defs/).
"""

import datetime as dt
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.game.faults import PodiumError
from pipelines.reports.exports.configured import ConfiguredExport
from pipelines.reports.exports.file_names import stem
from pipelines.reports.exports.formats import format_of, page_for, write_export
from pipelines.reports.machine import to_json
from pipelines.reports.reading import Reading
from pipelines.store.durable import disk_faults, replaced, sha256

INDEX = "index.json"
Progressing = Callable[[str, int, int], None]


@dataclass(frozen=True)
class ExportReport:
    """What became of one configured export in one format; `fault` is a sentence, and then there is no new file."""

    board: str
    window: str | None
    format: str
    path: Path | None = None
    n_entries: int = 0
    window_start_on: dt.date | None = None
    window_end_on: dt.date | None = None
    scope_id: str | None = None
    fault: str | None = None

    def for_machines(self) -> dict[str, Any]:
        """The report as plain data."""
        return {**vars(self), "path": str(self.path) if self.path else None}


def write_exports(
    reading: Reading,
    configured: Sequence[ConfiguredExport],
    out_dir: Path,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> list[ExportReport]:
    """Write the exports into `out_dir`, and `index.json` beside them: what is there, and what failed.

    Files are called after their entry's `name`, else after board and window, without dates: the same names every
    night. Files that the index before named and that nobody asks for any more are removed; of an export that fails the
    file of the last time stays, and the index does not name it. Raises PodiumError only where nothing can be written.
    """
    asked = [(entry, form) for entry in configured for form in entry.format]
    before = _named(out_dir / INDEX)
    with disk_faults("Writing exports", out_dir):
        out_dir.mkdir(parents=True, exist_ok=True)
    reports: list[ExportReport] = []
    taken: set[str] = set()
    for n, (entry, form) in enumerate(asked):
        progress("writing exports", n, len(asked))
        reports.append(_written(reading, entry, form, out_dir, taken))
    progress("writing exports", len(asked), len(asked))
    with disk_faults("Writing exports", out_dir):
        with replaced(out_dir / INDEX) as half:
            half.write_text(to_json(_index(reading, reports)) + "\n", "utf-8")
        if not any(report.fault for report in reports):
            for name in before - taken:
                (out_dir / name).unlink(missing_ok=True)
    return reports


def _written(reading: Reading, entry: ConfiguredExport, form: str, out_dir: Path, taken: set[str]) -> ExportReport:
    failed = ExportReport(entry.board, entry.window, form, scope_id=entry.scope_id)
    try:
        page = page_for(reading, form, entry.board, entry.window, scope_id=entry.scope_id, top=entry.top)
        name = f"{entry.name or stem(page, with_dates=False)}.{format_of(form).suffix}"
        if name in taken or name == INDEX:
            raise PodiumError(f"{name} is the name of two exports: give one of them a `name` of its own.")  # noqa: TRY301
        taken.add(name)
        write_export(page, form, out_dir / name)
    except PodiumError as fault:
        return _with(failed, str(fault))
    except Exception as fault:  # noqa: BLE001 - a fault of ours in one export is no reason to have none of the others
        return _with(failed, f"A fault of Podium's own ({type(fault).__name__}): please report it.")
    return ExportReport(
        page.board, page.window, form, out_dir / name, page.entries.height, page.start_on, page.end_on, page.scope_id
    )


def _with(report: ExportReport, fault: str) -> ExportReport:
    return ExportReport(report.board, report.window, report.format, scope_id=report.scope_id, fault=fault)


def _index(reading: Reading, reports: Sequence[ExportReport]) -> dict[str, object]:
    return {
        "generation": reading.generation.id,
        "as_of": reading.as_of,
        "rulebook": reading.fingerprint,
        "exports": [dict(_entry(report, report.path)) for report in reports if report.path],
        "faults": [
            {name: getattr(report, name) for name in ("board", "window", "scope_id", "format", "fault")}
            for report in reports
            if report.fault
        ],
    }


def _entry(report: ExportReport, path: Path) -> Iterator[tuple[str, object]]:
    yield "file", path.name
    for name in ("board", "window", "window_start_on", "window_end_on", "scope_id", "format", "n_entries"):
        yield name, getattr(report, name)
    yield "n_bytes", path.stat().st_size
    yield "sha256", sha256(path)


def _named(index: Path) -> set[str]:
    """The files that an index names, as far as they are plain names; none if there is no index that can be read."""
    with suppress(OSError, ValueError, TypeError, KeyError):
        names = {str(entry["file"]) for entry in json.loads(index.read_text("utf-8"))["exports"]}
        return {name for name in names if name == Path(name).name and not name.startswith(".") and name != INDEX}
    return set()
