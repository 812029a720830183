"""Product b: sums over everyone who allows aggregates, each kind and month of them released once, under noise.

Here: from exact counts to the rows of USAGE, and to those of WITHHELD where there are none. Not here: the counts and
their cap (aggregates.py), the noise (noise.py), the ledger (budget.py), and when people are too few (disclosure.py).

Neighbours are two logs of which one has all records of one owner who allows aggregates, and the other none of them. Who
allows aggregates, and takes part at all, is taken for known (it decides whether people are enough): what they did is
what the noise hides. (To exchange an owner's records for others moves the sums by at most sqrt(2) times the cap, since
no figure is negative: that costs twice the rho.) Whether a row is there never depends on a count, only on public words,
the calendar, how many allow aggregates, and the ledger.

A release stays in every later bundle, also when a person withdraws or fewer than k are left. It is out and was paid
for: to tell it again adds nothing to what it reveals, whereas its absence would say that somebody left.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from pipelines.arena.aggregates import cells_of, clipped, key_set
from pipelines.arena.budget import BudgetExceeded, Ledger, Release
from pipelines.arena.disclosure import too_few
from pipelines.arena.noise import noisy, sigma_for
from pipelines.arena.policy import AggregateLimits, Policy
from pipelines.arena.reasons import withheld_rows
from pipelines.arena.tables import USAGE

N_VECTORS = 2  # the margins and the cells, each under half of the price
_FIGURES = ("successes", "failures")


def usage(
    counts: pl.DataFrame,
    enrolled: pl.Series,
    profiled: pl.Series,
    months: Sequence[str],
    policy: Policy,
    ledger: Ledger,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Release what may be and is not yet: all rows of USAGE ever released, and those of WITHHELD for `months`.

    `counts`: exact, of `monthly_counts`. `enrolled`: who allows aggregates and takes part at all. `profiled`: whose
    profile is public. The oldest months come first, while the budget lasts. Raises LedgerBusy and DiskFault.
    """
    limits = policy.aggregates
    people = enrolled.unique()
    n_others = people.filter(~people.is_in(profiled.implode())).len()
    reason = too_few(people.len(), n_others, limits)
    of_enrolled = counts.filter(pl.col("owner_id").is_in(people.implode()))
    withheld = []
    for month in sorted(set(months)):
        for kind in limits.kinds:
            name = f"{kind}/{month}"
            if ledger.find(name) is not None:
                continue
            if reason is not None:
                withheld.append((USAGE.name, kind, month, reason))
                continue
            draw = partial(drawn, of_enrolled, kind, month, policy)
            try:
                ledger.release(name, limits.release_micro_rho, limits.budget_micro_rho, draw)
            except BudgetExceeded:  # the bundle goes out without it, and says so
                withheld.append((USAGE.name, kind, month, "budget"))
    return released_so_far(ledger), withheld_rows(withheld, limits)


def without_ledger(told_before: pl.DataFrame, months: Sequence[str], limits: AggregateLimits) -> pl.DataFrame:
    """Rows of WITHHELD for what is due and was not told before, where the ledger was lost and nothing may be drawn."""
    told = set(told_before.select("kind", "month").unique().iter_rows())
    due = [(kind, month) for month in months for kind in limits.kinds if (kind, month) not in told]
    return withheld_rows([(USAGE.name, kind, month, "ledger") for kind, month in due], limits)


def released_so_far(ledger: Ledger) -> pl.DataFrame:
    """The rows of USAGE of all releases that were ever made; draws nothing."""
    return pl.concat([USAGE.empty(), *map(_rows, ledger.releases)]).sort(USAGE.sort_by)


def drawn(
    counts: pl.DataFrame,
    kind: str,
    month: str,
    policy: Policy,
    noise: Callable[[Sequence[int], float], list[int]] = noisy,
) -> dict[str, Any]:
    """One release, drawn: noisy figures in the order of `key_set`, and all that tells how they came about.

    `counts`: exact, of `monthly_counts`, of those enrolled. Margins and cells get noise of one scale, at which both
    together cost `release_micro_rho`. It holds nothing else that depends on the log.
    """
    limits, keys = policy.aggregates, key_set(kind, policy.words)
    sigma = sigma_for(limits.max_norm, limits.release_micro_rho, N_VECTORS)
    sums = _sums(clipped(counts, limits.max_norm), kind, month, keys)
    values = noise([*sums["successes"], *sums["failures"]], sigma)
    return {
        "kind": kind,
        "month": month,
        "agents": keys["agent"].unique(maintain_order=True).to_list(),
        "categories": keys["category"].drop_nulls().unique(maintain_order=True).to_list(),
        "successes": values[: keys.height],
        "failures": values[keys.height :],
        "sigma": sigma,
        "max_norm": limits.max_norm,
        "k": limits.k,
        "policy": policy.fingerprint,
    }


def _sums(capped: pl.DataFrame, kind: str, month: str, keys: pl.DataFrame) -> pl.DataFrame:
    """What all owners put into each key together, 0 where nobody put anything."""
    of_release = capped.filter(pl.col("kind") == kind, pl.col("month") == month)
    sums = of_release.group_by(keys.columns).agg(pl.col(_FIGURES).sum())
    joined = keys.join(sums, on=keys.columns, how="left", nulls_equal=True, maintain_order="left")
    return joined.with_columns(pl.col(_FIGURES).fill_null(0))


def _rows(release: Release) -> pl.DataFrame:
    told: Mapping[str, Any] = release.drawn
    figures = [pl.Series(name, told[name], dtype=USAGE.schema[name]) for name in _FIGURES]
    same = {name: pl.lit(told[name], dtype=USAGE.schema[name]) for name in ("kind", "month", "sigma")}
    return cells_of(told["agents"], told["categories"]).with_columns(*figures, **same).select(USAGE.schema.keys())
