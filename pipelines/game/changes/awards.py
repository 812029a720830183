"""Awards that differ, whichever the ledger: told one by one, or added up from total to total.

Corrections come first, one row per award; then what other rules and an earlier `as_of` make of the rest; then progress.
So the `before` of a sum is the total after all rows above it, and the last `after` is the subject's new total. Not
here: why an award is another (points.py, xp.py).
"""

from collections.abc import Mapping

import polars as pl

from pipelines.game.changes.causes import AS_OF, RULEBOOK, Causes
from pipelines.game.changes.table import TOLD, told

PROGRESS, STREAK = "progress", "streak_factor"
SUBJECT = ("subject_type", "subject_id")


def both(lost: pl.DataFrame, gained: pl.DataFrame, key: list[str], worth: str) -> pl.DataFrame:
    """Every award that differs, once: what it is for, `old` and `new` worth (0: it is not there), whether it is there.

    Other columns are those of the award as it is now, or of a lost one as it was.
    """
    frame = lost.join(gained, on=key, how="full", coalesce=True, suffix="_now")
    others = [name for name in lost.columns if name not in (*key, worth)]
    return frame.select(
        *key,
        *(pl.coalesce(f"{name}_now", name).alias(name) for name in others),
        old=pl.col(worth).fill_null(0),
        new=pl.col(f"{worth}_now").fill_null(0),
        was_there=pl.col(worth).is_not_null(),
        is_there=pl.col(f"{worth}_now").is_not_null(),
    )


def one_by_one(rows: pl.DataFrame, currency: str) -> pl.DataFrame:
    """One row per award. `rows`: subject_type, subject_id, entry_id, old, new, because, event_id, changed_at."""
    return told(
        rows,
        kind=_kind(currency, pl.col("new") - pl.col("old")),
        about=pl.col("entry_id"),
        before=pl.col("old"),
        after=pl.col("new"),
        is_correction=True,
    )


def sums(rows: pl.DataFrame, totals: pl.DataFrame, currency: str, sentences: Mapping[str, pl.Expr]) -> pl.DataFrame:
    """One row per subject and part that adds up to something.

    `rows`: every award that differs: SUBJECT, part (null: told one by one), old, new, entry_id, event_id, earned_at.
    `totals`: SUBJECT and the `total` before. `sentences`: the parts in the order in which they are told, each with
    its sentence, an expression over the awards of one subject in the order in which they were earned.
    """
    delta = pl.col("new") - pl.col("old")
    ordered = rows.sort("earned_at", "entry_id")
    base = ordered.group_by(SUBJECT).agg(told=delta.filter(pl.col("part").is_null()).sum())
    base = base.join(totals, on=SUBJECT, how="left")
    base = base.select(*SUBJECT, total=pl.col("total").fill_null(0) + pl.col("told"))
    made = [pl.DataFrame(schema=TOLD)]
    for part, sentence in sentences.items():
        added = ordered.filter(pl.col("part") == part).group_by(SUBJECT, maintain_order=True)
        each = added.agg(
            delta=delta.sum(),
            because=sentence,
            event_id=pl.col("event_id").last(),
            changed_at=pl.col("earned_at").last(),
        )
        base = base.join(each, on=SUBJECT, how="left").with_columns(delta=pl.col("delta").fill_null(0))
        base = base.with_columns(next=pl.col("total") + pl.col("delta"))
        rows_of_part = told(
            base.filter(pl.col("delta") != 0),
            kind=_kind(currency, pl.col("delta")),
            about=None if part == PROGRESS else part,
            before=pl.col("total"),
            after=pl.col("next"),
            is_correction=part not in (PROGRESS, AS_OF),
        )
        made.append(rows_of_part)
        base = base.select(*SUBJECT, total=pl.col("next"))
    return pl.concat(made)


def sentences(causes: Causes, progress: pl.Expr) -> dict[str, pl.Expr]:
    """The parts that both currencies know, with their sentences."""
    return {
        RULEBOOK: pl.format("{} {}: gone, new or worth something else.", pl.lit(causes.rules or ""), n_awards()),
        AS_OF: pl.format("{} {}: earned after that, or resting on what was.", pl.lit(causes.cut or ""), n_awards()),
        PROGRESS: progress,
    }


def n_awards() -> pl.Expr:
    """How many awards a sum has: `1 award`, `12 awards`."""
    return pl.when(pl.len() == 1).then(pl.lit("1 award")).otherwise(pl.format("{} awards", pl.len()))


def _kind(currency: str, delta: pl.Expr) -> pl.Expr:
    return pl.when(delta > 0).then(pl.lit(f"{currency}_gained")).otherwise(pl.lit(f"{currency}_lost"))
