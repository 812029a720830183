"""What `podium export` says: where a file went and what it holds. Not here: writing it."""

import io
import sys
from pathlib import Path

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.about import dates, title, window_name
from pipelines.reports.exports.nightly import ExportReport
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import safe


def written(page: BoardPage, path: Path) -> str:
    """One sentence on one export."""
    n, window = page.entries.height, " ".join(part for part in (window_name(page), dates(page)) if part)
    of = f" of {page.n_entries:,}" if n < page.n_entries else ""
    return f"Wrote {path}: {n:,}{of} {'entry' if n == 1 and not of else 'entries'} of {title(page)}, {window}."


def for_machines(page: BoardPage, path: Path, form: str) -> dict[str, object]:
    """The same as plain data."""
    return {
        "path": str(path),
        "format": form,
        "board": page.board,
        "window": page.window,
        "window_start_on": page.start_on,
        "window_end_on": page.end_on,
        "scope_id": page.scope_id,
        "n_entries": page.entries.height,
        "generation": page.reading.generation.id,
    }


def all_written(reports: list[ExportReport], folder: Path) -> list[str]:
    """Lines on the configured exports: one for each that was written, then where they are."""
    done = [report for report in reports if report.path]
    lines = [f"{report.path.name}: {counted(report.n_entries, 'entry', 'entries')}" for report in done if report.path]
    return [*lines, f"Wrote {counted(len(done), 'export')} to {folder}, with an index.json."]


def fault(report: ExportReport) -> str:
    """A sentence on an export that failed."""
    window = f", {safe(report.window)}" if report.window else ""
    return f"{safe(report.board)}{window} as {report.format}: {report.fault}"


def hand_over(text: str) -> None:
    """Write an export to standard output, as the bytes that its file would have."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", newline="")
    sys.stdout.write(text)
