"""What is left of the truth in sums over people: error of each figure of product b, cap and noise told apart.

Here: a team in, medians of its months out. Not here: the team (arena_teams.py), and the tables (arena_utility.py).
"""

from collections.abc import Sequence
from math import sqrt
from pathlib import Path

import numpy as np
import polars as pl
from arena_teams import Team
from numpy.typing import NDArray
from scipy.stats import kendalltau

from pipelines.arena import releases
from pipelines.arena.aggregates import key_set
from pipelines.arena.budget import Ledger
from pipelines.arena.joint_bounds import known_widths
from pipelines.arena.policy import Policy
from pipelines.arena.profile_bounds import KNOWN

Found = dict[str, float | None]
UNCAPPED = 10**6
LEGIBLE = 2.0  # standard deviations of noise that a figure must be above 0 to be told from it


def usage_of(team: Team, work: Path) -> list[dict[str, Found]]:
    """Of each month: what the sums of calls and of submissions are worth."""
    counts, found = team.counts(), []
    ledger = Ledger.open(work / "budget.jsonl")
    rows, withheld = releases.usage(counts, team.people, team.people.clear(), team.months, team.policy, ledger)
    for month in team.months:
        parts: dict[str, Found] = {}
        for kind in team.policy.aggregates.kinds:
            release = rows.filter(pl.col("kind") == kind, pl.col("month") == month)
            sums = figures(counts, kind, month, team.policy)
            if release.height:
                sums = sums.with_columns(release["sigma"], told_s=release["successes"], told_f=release["failures"])
            is_margin = pl.col("category").is_null()
            parts[f"Product b, {kind}: per agent and month"] = errors(sums.filter(is_margin))
            parts[f"Product b, {kind}: per agent, category and month"] = errors(sums.filter(~is_margin))
            widths = known_widths(
                release, pl.DataFrame(schema=KNOWN), team.people.len(), team.policy.aggregates.max_norm
            )
            parts[f"Product b, {kind}: as a whole"] = whole(sums.filter(is_margin)) | {
                "share of months that are withheld": float(
                    withheld.filter(pl.col("kind") == kind, pl.col("period") == month).height
                ),
                "attempts of one person in a cell are known to within": widths["width"].min()
                if release.height
                else None,
            }
        found.append(parts)
    return found


def figures(counts: pl.DataFrame, kind: str, month: str, policy: Policy) -> pl.DataFrame:
    """Every key of a release with its exact figures and those after the cap, without noise."""
    rows = key_set(kind, policy.words)
    uncapped = policy.aggregates.model_copy(update={"max_norm": UNCAPPED})
    for name, limits in (("true", uncapped), ("capped", policy.aggregates)):
        one = policy.model_copy(update={"aggregates": limits})
        drawn = releases.drawn(counts, kind, month, one, lambda values, _: list(values))
        rows = rows.with_columns(
            pl.Series(f"{name}_s", drawn["successes"], pl.Int64), pl.Series(f"{name}_f", drawn["failures"], pl.Int64)
        )
    return rows


def errors(rows: pl.DataFrame) -> Found:
    """Of figures in which somebody did something: how large they are, what the cap takes, what the noise adds."""
    active = rows.filter(pl.col("true_s") + pl.col("true_f") > 0)
    true, capped = (attempts(active, name) for name in ("true", "capped"))
    found: Found = {
        "figures with an attempt": float(active.height),
        "true attempts": float(np.median(true)),
        "of these the cap takes": float(np.median((true - capped) / true)),
        "noise: error of attempts": None,
        "all: error of attempts": None,
        "all: error / true attempts": None,
        "share that can be told from 0": None,
        "true success share of these": None,
        "error of their success share": None,
    }
    if "told_s" not in rows.columns:
        return found
    seen, sigma = attempts(active, "told"), sqrt(2) * active["sigma"].to_numpy()
    legible = active.filter(pl.Series(seen > LEGIBLE * sigma))
    shares = [legible[f"{name}_s"].to_numpy() / attempts(legible, name) for name in ("true", "told")]
    found |= {
        "noise: error of attempts": float(np.median(np.abs(seen - capped))),
        "all: error of attempts": float(np.median(np.abs(seen - true))),
        "all: error / true attempts": float(np.median(np.abs(seen - true) / true)),
        "share that can be told from 0": legible.height / active.height,
    }
    if legible.height:
        found["true success share of these"] = float(np.median(shares[0]))
        found["error of their success share"] = float(np.median(np.abs(shares[1] - shares[0])))
    return found


def whole(margins: pl.DataFrame) -> Found:
    """Of all agents of a month together: their sum, success share, and which are the popular ones."""
    true, capped = (attempts(margins, name) for name in ("true", "capped"))
    active = true > 0
    found: Found = {
        "true attempts of all agents": float(true.sum()),
        "of these the cap takes": float(1 - capped.sum() / true.sum()),
        "all: error / true attempts": None,
        "error of the success share": None,
        "agents with an attempt": float(active.sum()),
        "error of an agent's part of all attempts, percentage points": None,
        "Kendall's tau of agents by attempts, cap alone": tau(true[active], capped[active]),
        "Kendall's tau of agents by attempts": None,
        "share of months that name the most used agent right": None,
    }
    if "told_s" not in margins.columns:
        return found
    seen = attempts(margins, "told")
    positive = np.maximum(seen, 0)
    share = [float(margins[f"{name}_s"].sum()) / all_of.sum() for name, all_of in (("true", true), ("told", seen))]
    return found | {
        "all: error / true attempts": abs(float(seen.sum() - true.sum())) / float(true.sum()),
        "error of the success share": abs(share[1] - share[0]),
        "error of an agent's part of all attempts, percentage points": float(
            np.median(np.abs(positive / positive.sum() - true / true.sum())[active]) * 100
        ),
        "Kendall's tau of agents by attempts": tau(true[active], seen[active]),
        "share of months that name the most used agent right": float(seen.argmax() == true.argmax()),
    }


def attempts(rows: pl.DataFrame, name: str) -> NDArray[np.float64]:
    return (rows[f"{name}_s"] + rows[f"{name}_f"]).to_numpy().astype(np.float64)


def tau(one: Sequence[float] | NDArray[np.float64], other: Sequence[float] | NDArray[np.float64]) -> float | None:
    return float(kendalltau(one, other).statistic) if len(one) > 1 else None
