"""What the web UI is told about assets: columns from their contracts, counts from the manifest, where things are.

Not here: which assets there are (assets.py, showing.py), the rows that it shows of them (previews.py).
"""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import dagster as dg

from pipelines.defs.previews import previews
from pipelines.game.contract import Column, Table
from pipelines.game.tables import TABLES
from pipelines.insight.guards import GUARDS
from pipelines.insight.tables import INSIGHT_TABLES
from pipelines.reports.report_view import HOME_PAGE, link
from pipelines.store.generation import Generation
from pipelines.store.landing import FileReport

if TYPE_CHECKING:
    from pipelines.engines.sharing import Exported
    from pipelines.reports.exports.nightly import ExportReport
    from pipelines.reports.site.publishing import SiteReport

OWNERS = ["team:podium"]
LANDED, PUBLISHED, REPORT, EXPORTS = "landed_files", "published_generation", "report_site", "exports"
BUNDLE = "arena_bundle"  # beside the nightly job: nothing leaves the house unasked
INSIGHT = "insight"  # one asset for all its tables: each event of an asset takes Dagster a hundredth of a second
GUARDED = tuple(guard.table for guard in GUARDS)  # tables of insight with a gate are assets, too
SEASON = (*TABLES, INSIGHT, *GUARDED)
TOP = 10
MAX_FILES_SHOWN = 200
_GROUPS = {
    **dict.fromkeys(GUARDED, "insight"),
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


def season_specs() -> list[dg.AssetSpec]:
    """The assets of a season: every table of the game, insight as one, and its tables that have a gate."""
    of_game, guarded = TABLES.values(), (INSIGHT_TABLES[name] for name in GUARDED)
    return [*map(table_spec, of_game), insight_spec(), *map(table_spec, guarded)]


def insight_spec() -> dg.AssetSpec:
    """The asset of all tables of insight: what each holds."""
    grains = "\n".join(
        f"- `{name}`: {table.grain[0].lower()}{table.grain[1:]}" for name, table in INSIGHT_TABLES.items()
    )
    return dg.AssetSpec(
        INSIGHT,
        description=f"Statistics over the season, one table each:\n{grains}",
        group_name="insight",
        owners=OWNERS,
        kinds={"polars", "parquet"},
        deps=[LANDED],
    )


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
    """One materialisation an asset, with its row count and where its numbers come from."""
    with generation:
        n_rows = {name: table["n_rows"] for name, table in generation.manifest["tables"].items()}
        rows = [dg.TableRecord({"table": name, "rows": n_rows[name]}) for name in INSIGHT_TABLES]
        told: dict[str, Any] = {"tables": dg.MetadataValue.table(records=rows), **provenance(generation)}
        yield dg.MaterializeResult(asset_key=INSIGHT, metadata=told)
        for name in (*TABLES, *GUARDED):
            shown: dict[str, Any] = {"dagster/row_count": n_rows[name], **provenance(generation)}
            shown |= {what: dg.MetadataValue.md(text) for what, text in previews(generation, name)}
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


def bundle_page(exported: "Exported") -> dg.MaterializeResult[None]:
    """How many rows of each table left and what the aggregates cost so far; no name, pseudonym or path."""
    manifest = exported.written.manifest
    rows = [dg.TableRecord({"table": name, "rows": n_rows}) for name, n_rows in manifest["tables"].items()]
    shown = {name: manifest[name] for name in ("sequence", "week", "rulebook", "policy", "epoch", "epsilon")}
    spent = {name: manifest[name] for name in ("micro_rho_spent", "micro_rho_budget")}
    return dg.MaterializeResult(
        metadata={
            **shown,
            **spent,
            "is_new": exported.written.is_new,
            "tables": dg.MetadataValue.table(records=rows),
        }
    )


def provenance(generation: Generation) -> dict[str, str]:
    """What the numbers of a generation are a function of, and its name."""
    manifest = generation.manifest
    return {"generation": generation.id, "as_of": manifest["as_of"], "rulebook": manifest["rulebook"]}
