"""Looking a candidate over: every table against its contract, and the identities between tables.

The candidate checked each part as it was written; here the files are read back, part by part, so that what is judged
is what readers will get. Values are not shown where they may be raw lines of somebody's log.
And what the gates of its statistics say. Not here: when this happens and what it stops (checks.py, gates.py).
"""

from typing import Any

import dagster as dg
import polars as pl

from pipelines.defs.pages import INSIGHT
from pipelines.engines.recompute import Violation, violations
from pipelines.game.contract import Table
from pipelines.game.identities import IDENTITIES, Identity
from pipelines.game.tables import TABLES
from pipelines.insight.gates import FAILED, PASSED, Gate
from pipelines.insight.guards import GUARDS, Guard
from pipelines.insight.tables import INSIGHT_TABLES
from pipelines.store.generation import Generation

N_SHOWN = 5
HIDDEN = {"raw", "sentence"}  # columns of a refused line: they quote it


def verdicts(generation: Generation) -> list[dg.AssetCheckResult]:
    """The results of all checks of a generation."""
    with generation:
        broken = {violation.identity.name: violation for violation in violations(generation)}
        contracts = [contract_verdict(generation, table) for table in TABLES.values()] + [insight_verdict(generation)]
        return contracts + [identity_verdict(identity, broken.get(identity.name)) for identity in IDENTITIES]


def contract_verdict(generation: Generation, table: Table) -> dg.AssetCheckResult:
    """Whether the rows of a table, as they stand in its files, are as many as was said and keep the contract."""
    said = generation.manifest["tables"][table.name]
    n_rows, n_faults, first = 0, 0, []
    for file in said["files"]:
        part = pl.read_parquet(generation.path / file, glob=False)
        faults = contract_faults(table, part)
        first += [{"file": file, **fault} for fault in faults[:N_SHOWN]]
        n_rows, n_faults = n_rows + part.height, n_faults + len(faults)
    is_whole = n_rows == said["n_rows"]
    sentence = f"{table.name} breaks its contract: {n_faults} faults, {n_rows} rows of {said['n_rows']}."
    return dg.AssetCheckResult(
        passed=is_whole and not n_faults,
        asset_key=table.name,
        check_name="contract",
        description=None if is_whole and not n_faults else sentence,
        metadata={"n_rows": n_rows, "n_faults": n_faults, "first_faults": dg.MetadataValue.json(first[:N_SHOWN])},
    )


def insight_verdict(generation: Generation) -> dg.AssetCheckResult:
    """Whether all tables of insight keep their contracts: one check for all of them."""
    broken = [v for v in (contract_verdict(generation, table) for table in INSIGHT_TABLES.values()) if not v.passed]
    return dg.AssetCheckResult(
        passed=not broken,
        asset_key=INSIGHT,
        check_name="contract",
        description=" ".join(str(verdict.description) for verdict in broken) or None,
        metadata={"n_tables": len(INSIGHT_TABLES), "n_broken": len(broken)},
    )


def contract_faults(table: Table, frame: pl.DataFrame) -> list[dict[str, Any]]:
    """Where a frame breaks the contract: column, what was asked of it, and the row (from 0; None for all rows)."""
    if table.is_kept_by(frame):
        return []
    model = table.model
    from pandera.errors import SchemaError, SchemaErrors  # two seconds, and already paid for by the model

    try:
        model.validate(frame, lazy=True)
    except (SchemaError, SchemaErrors) as broken:
        cases = broken.failure_cases
        if not isinstance(cases, pl.DataFrame):
            return [{"column": None, "check": "schema", "row": None}]
        return [{"column": c["column"], "check": c["check"], "row": c["index"]} for c in cases.to_dicts()]
    return []


def identity_verdict(identity: Identity, violation: Violation | None) -> dg.AssetCheckResult:
    """Whether an identity holds; if not, in how many rows it does not, and the first of them."""
    n_rows, first = (violation.n_rows, violation.examples) if violation else (0, [])
    sentence = f"This does not hold for {n_rows} rows of {identity.guards}: {identity.sentence.lower()}."
    return dg.AssetCheckResult(
        passed=violation is None,
        asset_key=identity.guards,
        check_name=identity.name,
        description=sentence if violation else None,
        metadata={"n_rows": n_rows, "first_rows": dg.MetadataValue.json([_shown(row) for row in first[:N_SHOWN]])},
    )


def gate_verdicts(generation: Generation) -> list[dg.AssetCheckResult]:
    """The results of all gates of a generation."""
    with generation:
        return [gate_verdict(guard, guard.gate(generation.table(guard.table).collect())) for guard in GUARDS]


def gate_verdict(guard: Guard, gate: Gate) -> dg.AssetCheckResult:
    """An error only where something is shown not to work; what is not decided warns, unless nothing was asked."""
    is_failed = gate.verdict == FAILED
    return dg.AssetCheckResult(
        passed=gate.verdict == PASSED or gate.is_idle,
        asset_key=guard.table,
        check_name=guard.name,
        severity=dg.AssetCheckSeverity.ERROR if is_failed else dg.AssetCheckSeverity.WARN,
        description=gate.sentence,
        metadata={"verdict": gate.verdict, **gate.figures},
    )


def _shown(row: dict[str, object]) -> dict[str, object]:
    """A row as JSON takes it: instants and dates as text."""
    plain = (bool, int, float, str, type(None))
    return {k: v if isinstance(v, plain) else str(v) for k, v in row.items() if k not in HIDDEN}
