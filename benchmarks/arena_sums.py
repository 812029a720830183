"""What is left of the truth in sums over people: error of each figure of product b, cap and noise told apart.

Here: a team in, medians of its months out. Not here: the team (arena_teams.py), and the tables (arena_utility.py).
"""

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
SHARE = "share of months"  # how figures begin that are yes or no in each month
LEGIBLE = 2.0  # standard deviations of noise that a figure must be above 0 to be told from it


def usage_of(team: Team, work: Path) -> list[dict[str, Found]]:
    """Of each month: what the sums of calls and of submissions are worth, by table."""
    counts, found = team.counts(), []
    ledger = Ledger.open(work / "budget.jsonl")
    rows, withheld = releases.usage(counts, team.people, team.people.clear(), team.months, team.policy, ledger)
    for month in team.months:
        parts: dict[str, Found] = {}
        for kind in team.policy.aggregates.kinds:
            of_one = pl.col("kind") == kind
            release, limits = rows.filter(of_one, pl.col("month") == month), team.policy.aggregates
            sums = figures(counts, kind, month, team.policy)
            if release.height:
                sums = sums.with_columns(release["sigma"], told_s=release["successes"], told_f=release["failures"])
            is_margin = pl.col("category").is_null()
            what = "category" if kind == "calls" else "problem"
            widths = known_widths(release, pl.DataFrame(schema=KNOWN), team.people.len(), limits.max_norm)
            parts[f"Sums of {kind}, per agent and month"] = errors(sums.filter(is_margin)) | {
                "attempts of one person are known to within": widths["width"].min() if release.height else None,
                f"{SHARE} that are withheld, %": 100.0 * withheld.filter(of_one, pl.col("period") == month).height,
            }
            parts[f"Sums of {kind}, per agent, {what} and month"] = errors(sums.filter(~is_margin))
            if kind == "calls":  # agents that compete are no public words: all submissions stand under one
                parts["Sums of calls, all agents of a month together"] = whole(sums.filter(is_margin))
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
        "the cap takes of them, %": float(np.median((true - capped) / true)) * 100,
        "error that the noise adds, attempts": None,
        "error in all, attempts": None,
        "error in all, % of the truth": None,
        "figures that can be told from 0, %": None,
        "error of the success share of these, percentage points": None,
    }
    if "told_s" not in rows.columns:
        return found
    seen, sigma = attempts(active, "told"), sqrt(2) * active["sigma"].to_numpy()
    legible = active.filter(pl.Series(seen > LEGIBLE * sigma))
    found |= {
        "error that the noise adds, attempts": float(np.median(np.abs(seen - capped))),
        "error in all, attempts": float(np.median(np.abs(seen - true))),
        "error in all, % of the truth": float(np.median(np.abs(seen - true) / true)) * 100,
        "figures that can be told from 0, %": 100 * legible.height / active.height,
    }
    if legible.height:
        shares = [legible[f"{name}_s"].to_numpy() / attempts(legible, name) for name in ("true", "told")]
        found["error of the success share of these, percentage points"] = off(*shares)
    return found


def whole(margins: pl.DataFrame) -> Found:
    """Of all agents of a month together: their sum, success share, and which are the popular ones."""
    true, capped = (attempts(margins, name) for name in ("true", "capped"))
    active = true > 0
    found: Found = {
        "true attempts": float(true.sum()),
        "the cap takes of them, %": 100 * float(1 - capped.sum() / true.sum()),
        "error in all, % of the truth": None,
        "error of the success share, percentage points": None,
        "error of an agent's part of all attempts, percentage points": None,
        "Kendall's tau of agents by attempts, after the cap": tau(true[active], capped[active]),
        "Kendall's tau of agents by attempts, as told": None,
        f"{SHARE} that name the most used agent right, %": None,
    }
    if "told_s" not in margins.columns:
        return found
    seen = attempts(margins, "told")
    positive = np.maximum(seen, 0)
    share = [np.array(margins[f"{name}_s"].sum() / all_of.sum()) for name, all_of in (("true", true), ("told", seen))]
    return found | {
        "error in all, % of the truth": 100 * abs(float(seen.sum() - true.sum())) / float(true.sum()),
        "error of the success share, percentage points": off(*share),
        "error of an agent's part of all attempts, percentage points": off(
            (true / true.sum())[active], (positive / positive.sum())[active]
        ),
        "Kendall's tau of agents by attempts, as told": tau(true[active], seen[active]),
        f"{SHARE} that name the most used agent right, %": 100 * float(seen.argmax() == true.argmax()),
    }


def attempts(rows: pl.DataFrame, name: str) -> NDArray[np.float64]:
    return (rows[f"{name}_s"] + rows[f"{name}_f"]).to_numpy().astype(np.float64)


def off(true: NDArray[np.float64], told: NDArray[np.float64]) -> float:
    """The median error of shares in percentage points; a share that noise has put outside 0 to 1 is read as the end."""
    return 100 * float(np.median(np.abs(np.clip(told, 0, 1) - true)))


def tau(one: NDArray[np.float64], other: NDArray[np.float64]) -> float | None:
    return float(kendalltau(one, other).statistic) if len(one) > 1 else None
