"""The page on the data: what was read, what was refused and why, what is not sure yet, and what made this season.

Not here: the figures of each source (store/quality.py), the sentences on them (quality_checks.py).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import polars as pl

from pipelines.reports.checkup import findings_for_readers
from pipelines.reports.figures.quality import lines_read, refusals
from pipelines.reports.findings import Finding
from pipelines.reports.quantities import share
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.held import Held
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.terminal import safe

N_FILES = 100  # the last ones read
N_REFUSED = 60  # lines that are shown
MAX_RAW = 200  # characters of a refused line
MAX_DETAILS = 20  # of what a finding speaks of
REASONS = {
    "oversized": "The line is longer than 1 MiB.",
    "not_json": "The line is not JSON, or holds NaN, Infinity or invalid UTF-8.",
    "not_an_object": "The line is JSON, but no object.",
    "duplicate_key": "One key stands twice in one object: which one counts is anybody's guess.",
    "unknown_type": "The record has a type that the input contract does not know.",
    "missing_field": "A required field is missing or null.",
    "bad_timestamp": "An instant is no RFC 3339 timestamp with an offset.",
    "bad_value": "A value is of the wrong type, or a word that is not on the list.",
    "out_of_range": "A number or a text lies outside what is allowed.",
    "time_travel": "Something was judged or known before it happened.",
    "from_the_future": "The record is dated more than a day after it was read.",
    "conflicting_duplicate": "Another record of the same event id, with other content, was there first.",
}


@dataclass(frozen=True)
class Source:
    """A kind of log: its figures, each a label and a text, and what they mean for the numbers."""

    name: str
    figures: Sequence[tuple[str, str]]
    findings: Sequence[Finding]


def pages(made: Renderer) -> Iterator[Page]:
    """The one page."""
    held = made.held
    quarantine = held.collect(held.table("quarantine").with_columns(pl.col("raw").str.slice(0, MAX_RAW + 1)))
    files = held.frame("ingested_files")
    findings = findings_for_readers(held)
    yield made.page(
        "quality.html.j2",
        "quality.html",
        figures=key_figures(files, quarantine.height, held),
        general=[finding for finding in findings if finding.source is None],
        sources=sources(held, findings),
        files=_files(files),
        n_files=files.height,
        reasons=reasons(quarantine),
        refused=refused(quarantine),
        n_refused=quarantine.height,
        lines_chart=shown(lines_read(files)) if files.height else None,
        reasons_chart=_chart(quarantine),
        most=MAX_DETAILS,
        facts=facts(held),
        tables=[(name, table["n_rows"]) for name, table in held.generation.manifest["tables"].items()],
        versions=sorted(held.generation.manifest.get("versions", {}).items()),
    )


def _chart(quarantine: pl.DataFrame) -> Chart | None:
    return shown(refusals(quarantine)) if quarantine.height else None


def key_figures(files: pl.DataFrame, n_refused: int, held: Held) -> list[tuple[str, str, str]]:
    """Files and lines, and what became of them; unresolved submissions and provisional points."""
    n_lines, n_paths = int(files["n_lines"].sum()), files["path"].n_unique()
    unresolved = held.collect(held.table("submissions").select(pl.col("is_unresolved").sum())).item() or 0
    provisional = held.table("points_ledger").filter("is_provisional").select(pl.col("points").sum())
    points = held.collect(provisional).item() or 0
    return [
        (f"{n_paths:,}", "file" if n_paths == 1 else "files", ""),
        (f"{n_lines:,}", "lines read", ""),
        (f"{n_refused:,}", "lines refused", share(n_refused / n_lines) if n_lines else ""),
        (f"{unresolved:,}", "unresolved submissions", "of tasks not known yet"),
        (f"{points:,}", "provisional points", "hang on pending verdicts"),
    ]


def sources(held: Held, findings: Sequence[Finding]) -> list[Source]:
    """Each source of logs with its figures; what it does not tell is left out."""
    if not held.has("data_quality"):
        return []
    rows = held.frame("data_quality").to_dicts()
    return [
        Source(row["source"], _figures(row), [finding for finding in findings if finding.source == row["source"]])
        for row in rows
    ]


def _figures(row: dict[str, Any]) -> list[tuple[str, str]]:
    whole = {
        "n_files": "Files",
        "n_unreadable_files": "Files that could not be read",
        "n_lines": "Distinct lines",
        "n_quarantined": "Refused among them",
        "n_calls": "Calls of sub-agents",
        "n_pending_calls": "Calls without an end yet",
        "n_runs": "Runs of sub-agents",
        "n_messages": "Messages of models",
        "input_tokens": "Tokens read",
        "output_tokens": "Tokens written",
    }
    shares = {
        "attributed_share": "Runs that belong to a known call",
        "derived_success_share": "Calls whose success is derived",
        "low_reliability_token_share": "Written tokens that may be too low",
    }
    told = [(label, f"{row[name]:,}") for name, label in whole.items() if row[name] is not None]
    return told + [(label, share(row[name])) for name, label in shares.items() if row[name] is not None]


def _files(files: pl.DataFrame) -> list[dict[str, Any]]:
    """The last readings, the newest first: each file by its name, for folders name people and machines."""
    rows = files.sort("ingested_at", "path", descending=[True, False]).head(N_FILES).to_dicts()
    return [row | {"name": _name(row["path"])} for row in rows]


def _name(path: str) -> str:
    return safe(PurePosixPath(path.replace("\\", "/")).name or path)


def reasons(quarantine: pl.DataFrame) -> list[tuple[str, str, int]]:
    """Reasons of refusals, the commonest first: the word, what it means, how many lines."""
    counts = quarantine.group_by("reason").len("n").sort("n", "reason", descending=[True, False])
    return [(reason, REASONS.get(reason, ""), n) for reason, n in counts.iter_rows()]


def refused(quarantine: pl.DataFrame) -> list[dict[str, Any]]:
    """The first refused lines, of every reason some, with what cannot be seen in them made visible."""
    order = quarantine.with_columns(nth=pl.int_range(pl.len()).over("reason"))
    rows = order.sort("nth", "path", "line").head(N_REFUSED).sort("path", "line", "ingested_at").to_dicts()
    return [
        row | {"name": _name(row["path"]), "raw": _cut(row["raw"]), "sentence": safe(row["sentence"])} for row in rows
    ]


def _cut(raw: str) -> str:
    shown_raw = safe(raw[: MAX_RAW + 1])
    return shown_raw if len(raw) <= MAX_RAW and len(shown_raw) <= MAX_RAW else f"{shown_raw[:MAX_RAW]}…"


def facts(held: Held) -> list[tuple[str, Any]]:
    """What this season is a function of, and when it was made."""
    manifest = held.generation.manifest
    told: list[tuple[str, Any]] = [("As of", held.as_of), ("Rulebook", held.fingerprint)]
    told += [("Time zone", held.rules.timezone), ("Clock of submissions", held.rules.clock)]
    told += [("Generation", held.generation.id)]
    if created := manifest.get("created_at"):
        told.append(("Made", dt.datetime.fromisoformat(created)))
    inputs = manifest.get("inputs", {})
    told += [(f"{kind.replace('_', ' ')} records".capitalize(), f"{n:,}") for kind, n in inputs.items()]
    return told
