"""What the web UI is told about tables: columns from their contracts, counts from the manifest, the top of the board.

Names of agents are other people's text and the page renders Markdown: `markdown.cell` makes them plain.
Not here: which assets there are (assets.py).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg
import polars as pl

from pipelines.game.contract import Column, Table
from pipelines.game.tables import TABLES
from pipelines.reports.markdown import cell
from pipelines.reports.report_view import HOME_PAGE, link
from pipelines.store.generation import Generation
from pipelines.store.landing import FileReport

if TYPE_CHECKING:
    from pipelines.reports.exports.nightly import ExportReport
    from pipelines.reports.site.publishing import SiteReport

OWNERS = ["team:podium"]
LANDED, PUBLISHED, REPORT, EXPORTS = "landed_files", "published_generation", "report_site", "exports"
TOP = 10
MAX_FILES_SHOWN = 200
LONGEST_NAME = 60
_GROUPS = {
    "tasks": "facts",
    "submissions": "facts",
    "agent_calls": "facts",
    "points_ledger": "ledger",
    "xp_ledger": "ledger",
    "user_agents": "usage",
    "usage_hours": "usage",
    "usage_mix": "usage",
    "data_quality": "accounts",
    "row_types": "accounts",
    "quarantine": "accounts",
    "ingested_files": "accounts",
    "event_sources": "accounts",
}
_PREVIEWS = {  # of a board: heading and column of each number
    "points": (("points", "points"), ("tasks", "tasks_completed"), ("accuracy", "accuracy")),
    "xp-agent": (("XP", "xp"), ("calls", "calls"), ("success", "success_share")),
    "xp-user": (("XP", "xp"), ("calls", "calls"), ("success", "success_share")),
}


def table_spec(table: Table) -> dg.AssetSpec:
    """The asset of a published table: its grain, its columns, its group."""
    return dg.AssetSpec(
        table.name,
        description=f"{table.grain}.",
        group_name=_GROUPS.get(table.name, "standing"),
        owners=OWNERS,
        kinds={"polars", "parquet"},
        deps=[LANDED],
        metadata={"dagster/column_schema": column_schema(table), "sorted_by": ", ".join(table.sort_by)},
    )


def column_schema(table: Table) -> dg.TableSchema:
    """The contract's columns as Dagster knows columns."""
    return dg.TableSchema(columns=[_column(column) for column in table.columns])


def _column(column: Column) -> dg.TableColumn:
    words = f"one of {', '.join(column.words)}" if column.words else None
    bounds = [f"{sign} {bound:g}" for sign, bound in ((">=", column.low), ("<=", column.high)) if bound is not None]
    limits = dg.TableColumnConstraints(nullable=column.nullable, other=[*bounds, *([words] if words else [])])
    return dg.TableColumn(column.name, str(column.dtype), description=column.about, constraints=limits)


def landing_page(reports: Sequence[FileReport]) -> dg.MaterializeResult[None]:
    """What became of each file; unreadable ones are a warning, for the others have landed."""
    unreadable = [report for report in reports if report.error]
    rows = [_file_row(report) for report in reports[:MAX_FILES_SHOWN]]
    verdict = dg.AssetCheckResult(
        passed=not unreadable,
        check_name="readable",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"n_unreadable": len(unreadable), "faults": [str(report.error) for report in unreadable[:TOP]]},
    )
    shown: dict[str, Any] = {"n_files": len(reports)}
    if rows:
        shown["files"] = dg.MetadataValue.table(records=rows)
    return dg.MaterializeResult(metadata=shown, check_results=[verdict])


def _file_row(report: FileReport) -> dg.TableRecord:
    return dg.TableRecord(
        {
            "path": str(report.path),
            "lines": report.n_lines,
            "accepted": report.n_accepted,
            "duplicates": report.n_duplicates,
            "quarantined": report.n_quarantined,
            "fault": report.error or "",
        }
    )


def season_pages(generation: Generation) -> Iterator[dg.MaterializeResult[None]]:
    """One materialisation a table, with its row count and where its numbers come from."""
    with generation:
        for name in TABLES:
            shown = {"dagster/row_count": generation.manifest["tables"][name]["n_rows"], **provenance(generation)}
            if name == "leaderboards":
                for board in _PREVIEWS.keys() & {rule["slug"] for rule in generation.manifest["rules"]["board"]}:
                    preview = board_preview(generation.table(name), board)
                    shown[f"{board.replace('-', '_')}_board"] = dg.MetadataValue.md(preview)
            yield dg.MaterializeResult(asset_key=name, metadata=shown)


def publication_page(generation: Generation) -> dg.MaterializeResult[None]:
    """Which generation readers see from now on."""
    with generation:
        return dg.MaterializeResult(metadata=provenance(generation))


def report_page(report: "SiteReport") -> dg.MaterializeResult[None]:
    """Where the report is, and how large it has become: the web UI plots numbers over time."""
    first = report.out.absolute() / HOME_PAGE
    shown = {"n_pages": report.n_pages, "n_bytes": report.n_bytes, "n_profiles": report.n_profiles}
    where = {"open": dg.MetadataValue.url(link(report.out)), "index": dg.MetadataValue.path(str(first))}
    return dg.MaterializeResult(metadata={**where, **shown})


def exports_page(reports: "Sequence[ExportReport]") -> dg.MaterializeResult[None]:
    """What was written; what could not be made is a warning, for the others are there."""
    faults = [f"{report.board}, {report.format}: {report.fault}" for report in reports if report.fault]
    made = [report for report in reports if report.path]
    rows = [
        dg.TableRecord({"file": str(r.path), "board": r.board, "window": r.window or "all", "entries": r.n_entries})
        for r in made[:MAX_FILES_SHOWN]
    ]
    verdict = dg.AssetCheckResult(
        passed=not faults,
        check_name="written",
        severity=dg.AssetCheckSeverity.WARN,
        metadata={"n_faults": len(faults), "faults": faults[:TOP]},
    )
    shown: dict[str, Any] = {"n_files": len(made), "n_entries": sum(report.n_entries for report in made)}
    if rows:
        shown["files"] = dg.MetadataValue.table(records=rows)
    return dg.MaterializeResult(metadata=shown, check_results=[verdict])


def provenance(generation: Generation) -> dict[str, str]:
    """What the numbers of a generation are a function of, and its name."""
    manifest = generation.manifest
    return {"generation": generation.id, "as_of": manifest["as_of"], "rulebook": manifest["rulebook"]}


def board_preview(leaderboards: pl.LazyFrame, board: str) -> str:
    """The top of an all-time board as a Markdown table."""
    everybody = (pl.col("board") == board) & (pl.col("window") == "all")
    rows = leaderboards.filter(everybody).sort("rank", "subject_id").head(TOP).collect()
    if rows.is_empty():
        return "Nobody has an entry yet."
    numbers = _PREVIEWS[board]
    headings = ["#", "who", *(heading for heading, _ in numbers), "moved"]
    ruler = ["--:", ":--", *("--:" for _ in numbers), "--:"]
    lines = [headings, ruler, *(_board_row(row, [c for _, c in numbers]) for row in rows.iter_rows(named=True))]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _board_row(row: dict[str, Any], columns: list[str]) -> list[str]:
    shown = [f"{row[c]:.1%}" if isinstance(row[c], float) else "" if row[c] is None else f"{row[c]}" for c in columns]
    moved = "new" if row["rank_change"] is None else f"{row['rank_change']:+d}"
    return [str(row["rank"]), cell(row["subject_id"], LONGEST_NAME), *shown, moved]
