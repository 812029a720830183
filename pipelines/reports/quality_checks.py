"""What the checkup says of the quality of the data, a source of logs at a time: what its figures mean for the numbers.

Not here: the figures (store/quality.py), the other checks and the order of all (checkup.py).
"""

from collections.abc import Iterator
from typing import Any

import polars as pl

from pipelines.reports import quantities
from pipelines.reports.findings import Finding
from pipelines.reports.machine import to_second
from pipelines.reports.quantities import counted
from pipelines.reports.reading import Reading

TABLES = ("data_quality", "row_types")


def quality(reading: Reading) -> Iterator[Finding]:
    """The findings on each source, one after another; none of a season that was published without these tables."""
    if not all(reading.has(name) for name in TABLES):
        return
    unknown = reading.collect(reading.table("row_types").filter(~pl.col("is_known")))
    for source in reading.collect(reading.table("data_quality")).to_dicts():
        yield _read(source)
        yield from _unreadable(source)
        yield from _calls(source)
        yield from _tokens(source)
        yield from _unknown_rows(source, unknown.filter(pl.col("source") == source["source"]))


def _read(source: dict[str, Any]) -> Finding:
    held = [counted(source["n_files"], "file"), counted(source["n_lines"], "line")]
    held += [counted(source["n_quarantined"], "refused", "refused")] if source["n_quarantined"] else []
    held += [counted(source[f"n_{what}s"], what) for what in ("call", "run", "message") if source[f"n_{what}s"]]
    first, last = source["first_at"], source["last_at"]
    span = f", from {to_second(first)} to {to_second(last)}" if first and last else ""
    return _finding(source, "read", f"Read: {', '.join(held)}{span}.", is_ok=True)


def _unreadable(source: dict[str, Any]) -> Iterator[Finding]:
    if n := source["n_unreadable_files"]:
        sentence = f"Files that could not be read when last tried: {n:,}. What they hold is in no number."
        yield _finding(source, "unreadable files", sentence)


def _calls(source: dict[str, Any]) -> Iterator[Finding]:
    attributed, derived = source["attributed_share"], source["derived_success_share"]
    if attributed == 1:
        sentence = "Every run of a sub-agent belongs to a known call."
        yield _finding(source, "attributed runs", sentence, is_ok=True)
    elif attributed is not None:
        sentence = (
            f"{_part(1 - attributed)} of the runs of sub-agents belong to no known call: they earn nothing, and their "
            "agents look less busy than they are."
        )
        yield _finding(source, "attributed runs", sentence)
    if n := source["n_pending_calls"]:
        sentence = f"Calls of which no end is known yet: {n:,}. They count nowhere until it is read."
        yield _finding(source, "pending calls", sentence)
    if derived == 0:
        yield _finding(
            source, "derived success", "No success of a call is derived: the log itself tells it.", is_ok=True
        )
    elif derived is not None:
        of_calls = "all calls" if derived == 1 else f"{_part(derived).lower()} of calls"
        sentence = (
            f"Success of {of_calls} is derived from how the run ended, not judged: shares of success say how often "
            "runs end well, not how often the work was right."
        )
        yield _finding(source, "derived success", sentence)


def _tokens(source: dict[str, Any]) -> Iterator[Finding]:
    share = source["low_reliability_token_share"]
    if share is None:
        return
    if share == 0:
        yield _finding(source, "token counts", "The output tokens of every message are final.", is_ok=True)
        return
    sentence = (
        f"{_part(share)} of the output tokens stand in messages whose end was never written down: output tokens, and "
        "tokens per success, are likely too low."
    )
    yield _finding(source, "token counts", sentence)


def _unknown_rows(source: dict[str, Any], types: pl.DataFrame) -> Iterator[Finding]:
    if types.is_empty():
        return
    ordered = types.sort("n_rows", "row_type", descending=[True, False])
    details = tuple(f"{name}: {n:,}" for name, n in ordered.select("row_type", "n_rows").iter_rows())
    sentence = (
        f"Rows of types that Podium does not know: {types['n_rows'].sum():,} ({counted(types.height, 'type')}). "
        "They are counted and passed over: whatever they tell is in no number."
    )
    yield _finding(source, "unknown rows", sentence, details)


def _finding(
    source: dict[str, Any], check: str, sentence: str, details: tuple[str, ...] = (), *, is_ok: bool = False
) -> Finding:
    return Finding(check, "ok" if is_ok else "attention", sentence, details, source["source"])


def _part(share: float) -> str:
    """A share that is neither nothing nor all unless it is."""
    if share == 1:
        return "All"
    if share < 0.0005:
        return "Under 0.1 %"
    return "Over 99.9 %" if share > 0.9995 else quantities.share(share)
