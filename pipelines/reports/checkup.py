"""The checkup of a home: what is whole, what wants attention, what is broken.

Each check looks at one thing and says it in a sentence. Not here: what is said of each source (quality_checks.py), how
it looks (checkup_view.py), what must hold between tables (game/identities.py), mending: nothing is changed.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

import polars as pl

from pipelines.game.faults import PodiumError
from pipelines.game.identities import IDENTITIES
from pipelines.game.tables import TABLES
from pipelines.reports.choices import named
from pipelines.reports.findings import Finding
from pipelines.reports.gate_checks import gates
from pipelines.reports.quality_checks import quality
from pipelines.reports.quantities import counted
from pipelines.reports.reading import Reading, is_behind
from pipelines.settings import Settings
from pipelines.store.forgotten import MARK
from pipelines.store.generation import NoGeneration
from pipelines.store.query import query
from pipelines.store.shelf import PARTIAL, generations_of
from pipelines.store.warehouse import FILE, SCRATCH, Warehouse, WarehouseBusy

Check = Callable[[Reading], Iterable[Finding]]


def checkup(settings: Settings) -> list[Finding]:
    """Look the home over. What cannot be looked at is a finding too: nothing is raised."""
    findings = [
        *_guarded("warehouse", partial(_warehouse, settings)),
        *_guarded("leftovers", partial(_leftovers, settings)),
    ]
    try:
        reading = Reading.open(settings)
    except NoGeneration as fault:
        return [*findings, Finding("generation", "attention", str(fault))]
    except PodiumError as fault:
        return [*findings, Finding("generation", "broken", str(fault))]
    checks: tuple[tuple[str, Check], ...] = (
        ("generation", _generation),
        ("database", _database),
        ("identities", _identities),
        *_of_season(),
        ("freshness", partial(_freshness, settings)),
        ("quality", quality),
        ("gates", gates),
    )
    for name, check in checks:
        findings += _guarded(name, partial(check, reading))
    return findings


def findings_for_readers(reading: Reading) -> list[Finding]:
    """What of the checkup concerns whoever reads the numbers, and not the home that they come from."""
    checks = (*_of_season(), ("quality", quality))
    return [finding for name, check in checks for finding in _guarded(name, partial(check, reading))]


def _of_season() -> tuple[tuple[str, Check], ...]:
    return (
        ("task points", _task_points),
        ("unresolved", _unresolved),
        ("quarantine", _quarantine),
        ("provisional", _provisional),
        ("lines", _lines),
    )


def _guarded(name: str, check: Callable[[], Iterable[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except (PodiumError, OSError, pl.exceptions.PolarsError) as fault:
        return [Finding(name, "broken", str(fault).splitlines()[0])]


def _warehouse(settings: Settings) -> Iterator[Finding]:
    if not (settings.home / FILE).exists():
        yield Finding("warehouse", "attention", f"There is no warehouse in {settings.home} yet: nothing was ingested.")
        return
    try:
        with Warehouse.open(settings.home) as warehouse:
            counts = warehouse.n_records()
    except WarehouseBusy as fault:
        yield Finding("warehouse", "attention", str(fault))
        return
    held = ", ".join(f"{n:,} {kind} records" for kind, n in counts.items() if n) or "no records yet"
    yield Finding("warehouse", "ok", f"The warehouse opens and holds {held}.")


def _leftovers(settings: Settings) -> Iterator[Finding]:
    if (settings.home / MARK).exists():
        sentence = "An owner was being forgotten when that was killed: `podium forget` with the same id ends it."
        yield Finding("leftovers", "attention", sentence)
    scratch = settings.home / SCRATCH
    left = [*generations_of(settings.home).glob(f"*{PARTIAL}"), *(scratch.iterdir() if scratch.is_dir() else ())]
    if left:
        names = tuple(str(path.relative_to(settings.home)) for path in sorted(left))
        sentence = (
            f"Left by a run that is at work or was killed: {len(left)}; the next run sweeps what is half published."
        )
        yield Finding("leftovers", "attention", sentence, names)
    else:
        yield Finding("leftovers", "ok", "No run has left anything half made.")


def _generation(reading: Reading) -> Iterator[Finding]:
    damages = reading.generation.damages()
    if damages:
        yield Finding(
            "generation", "broken", f"Published files that are not as they were sealed: {len(damages)}.", tuple(damages)
        )
    else:
        n_files = len(reading.generation.manifest["files"])
        yield Finding(
            "generation", "ok", f"Generation {reading.generation.id} is whole: {n_files} files as they were sealed."
        )


def _database(reading: Reading) -> Iterator[Finding]:
    query(reading.generation, "SHOW TABLES")
    yield Finding("database", "ok", "podium.duckdb opens and answers.")


def _identities(reading: Reading) -> Iterator[Finding]:
    tables = {name: reading.table(name) for name in TABLES}
    broken = []
    for identity in IDENTITIES:
        rows = reading.collect(identity.violations(tables))
        if rows.height:
            first = rows.row(0, named=True)
            broken.append(f"{identity.sentence}: {rows.height} rows of {identity.guards} break it, first {first}")
    if broken:
        yield Finding("identities", "broken", "The numbers do not agree. Please report this.", tuple(broken))
    else:
        yield Finding("identities", "ok", f"The numbers agree: {len(IDENTITIES)} identities between the tables hold.")


def _task_points(reading: Reading) -> Iterator[Finding]:
    ranges = reading.rules.points.difficulty
    outside = [
        (pl.col("difficulty") == name) & ~pl.col("points").is_between(*getattr(ranges, name))
        for name in type(ranges).model_fields
    ]
    pattern = pl.col("task_type") == "pattern"  # these earn what the judge awards, not their own points
    tasks = reading.collect(reading.table("tasks").filter(pl.any_horizontal(outside) & ~pattern))
    if tasks.is_empty():
        yield Finding(
            "task points", "ok", "All tasks have points within the range of their difficulty, or none of their own."
        )
        return
    details = tuple(f"{t['task_id']}: {t['points']} points, {t['difficulty']}" for t in tasks.to_dicts())
    sentence = f"Tasks with points outside the range of their difficulty, which earn its nearest end: {tasks.height}."
    yield Finding("task points", "attention", sentence, details)


def _unresolved(reading: Reading) -> Iterator[Finding]:
    rows = reading.table("submissions").filter("is_unresolved").group_by("task_id").len().sort("task_id")
    tasks = reading.collect(rows)
    if tasks.is_empty():
        yield Finding("unresolved", "ok", "The task of every submission is known.")
        return
    details = tuple(f"{task}: {counted(n, 'submission')}" for task, n in tasks.iter_rows())
    n = tasks["len"].sum()
    sentence = f"Submissions that count nowhere until their task arrives: {n:,} (unknown tasks: {tasks.height:,})."
    yield Finding("unresolved", "attention", sentence, details)


def _quarantine(reading: Reading) -> Iterator[Finding]:
    reasons = reading.collect(
        reading.table("quarantine").group_by("reason").len().sort("len", "reason", descending=[True, False])
    )
    if reasons.is_empty():
        yield Finding("quarantine", "ok", "No line was refused.")
        return
    details = tuple(f"{reason}: {n:,}" for reason, n in reasons.iter_rows())
    yield Finding(
        "quarantine",
        "attention",
        f"Lines refused: {reasons['len'].sum():,}; `podium quarantine` shows them.",
        details,
    )


def _provisional(reading: Reading) -> Iterator[Finding]:
    rows = (
        reading.table("points_ledger")
        .filter("is_provisional")
        .group_by("rule")
        .agg(n=pl.len(), points=pl.col("points").sum())
    )
    awards = reading.collect(rows.sort("rule"))
    if awards.is_empty():
        yield Finding("provisional", "ok", "No award hangs on a pending verdict.")
        return
    details = tuple(
        f"{rule}: {counted(n, 'award')}, {counted(points, 'point')}" for rule, n, points in awards.iter_rows()
    )
    yield Finding(
        "provisional",
        "attention",
        f"Awards that a pending verdict can still take away: {awards['n'].sum():,}.",
        details,
    )


def _lines(reading: Reading) -> Iterator[Finding]:
    files = reading.collect(reading.table("ingested_files"))
    parts = pl.sum_horizontal("n_accepted", "n_duplicates", "n_quarantined", "n_blank")
    wrong = files.filter(pl.col("n_lines") != parts)["path"].to_list()
    if wrong:
        yield Finding("lines", "broken", f"Files whose lines do not add up: {named(wrong)}. Please report this.")
    else:
        yield Finding(
            "lines",
            "ok",
            f"Lines read: {files['n_lines'].sum():,}, files: {files.height:,}; each line is accounted for.",
        )


def _freshness(settings: Settings, reading: Reading) -> Iterator[Finding]:
    if is_behind(settings, reading.generation):
        yield Finding(
            "freshness", "attention", "The warehouse changed after this was published: `podium recompute` catches up."
        )
    else:
        yield Finding("freshness", "ok", "What is published is what the warehouse holds.")
