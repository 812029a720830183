"""What is left of the truth in profiles by choice: what rounding to grains takes from product a.

Here: a team in, its errors out. Both sides are the code that fills bundles, once with the policy's grains and once
exact. Not here: the team (arena_teams.py), and the tables (arena_utility.py).
"""

import numpy as np
import polars as pl
from arena_sums import Found, tau
from arena_teams import Team

from pipelines.arena import profiles
from pipelines.arena.policy import ProfileLimits

EXACTLY = {"count_grain": 1, "score_grain": 1, "min_share_of": 1}


def profiles_of(team: Team) -> dict[str, Found]:
    """What is told of all people of a team who share metrics, by table."""
    season, last = team.played_alone()
    held, zone, words = season.tables, team.rules.timezone, team.policy.words

    def tables(limits: ProfileLimits) -> dict[str, pl.DataFrame]:
        return {
            "profiles": profiles.profiles(team.people, held["user_stats"], season.agents, limits, zone),
            "agents": profiles.agent_statistics(held["user_agents"], words, limits),
            "entries": profiles.leaderboard_entries(
                held["leaderboards"], season.owners_of_agents, words, limits, last
            ),
        }  # fmt: skip

    told, true = tables(team.policy.profiles), tables(team.policy.profiles.model_copy(update=EXACTLY))
    return {
        "Profiles": _rows(told["profiles"], true["profiles"], ["owner_id"], {
            "calls": None, "xp": None, "points": None, "attempts": None,
            "success_share": "calls", "accuracy": "attempts",
        }),
        "Profiles, an owner's agents": _rows(told["agents"], true["agents"], ["owner_id", "agent"], {
            "calls": None, "xp": None, "success_share": "calls",
        }),
        "Ranks": _ranks(told["entries"], true["entries"]),
    }  # fmt: skip


def _rows(told: pl.DataFrame, true: pl.DataFrame, on: list[str], columns: dict[str, str | None]) -> Found:
    """Median error of each column; of a share how often it is told, among rows in which there is any."""
    both = true.join(told, on=on, how="inner", suffix="_told")
    found: Found = {
        "rows": float(true.height),
        "of these told, %": 100 * both.height / true.height,
    }
    for name, of in columns.items():
        some = both.filter(pl.col(of if of else name) > 0)
        if of is not None:
            found[f"`{name}` is told of them, %"] = 100 * (1 - some[f"{name}_told"].null_count() / max(some.height, 1))
            some = some.filter(pl.col(f"{name}_told").is_not_null())
        scale, unit = (100, ", %") if of is not None else (1, "")
        found[f"true `{name}`{unit}"] = _median(scale * some[name])
        found[f"error of `{name}`{unit.replace('%', 'percentage points')}"] = _median(
            scale * (some[f"{name}_told"] - some[name]).abs()
        )
    return found


def _ranks(told: pl.DataFrame, true: pl.DataFrame) -> Found:
    """Of points and XP, over all time and in a week: entries told, ranks kept, and how alike the orders are."""
    found: Found = {}
    for board in ("points", "xp-user"):
        for name, is_of in (("all time", pl.col("period") == "all"), ("a week", pl.col("period").str.contains("W"))):
            of_true = true.filter(pl.col("board") == board, is_of)
            both = of_true.join(
                told, on=["board", "period", "owner_id", "agent_id"], how="inner", suffix="_told", nulls_equal=True
            )
            if not both.height:
                continue
            orders = [
                tau(one["rank"].to_numpy(), one["rank_told"].to_numpy())
                for one in both.partition_by("period")
                if one["rank"].n_unique() > 1 and one["rank_told"].n_unique() > 1
            ]
            found |= {
                f"`{board}`, {name}: entries told, %": 100 * both.height / of_true.height,
                f"`{board}`, {name}: rank as without rounding, %": 100 * _share(both["rank"] == both["rank_told"]),
                f"`{board}`, {name}: Kendall's tau": float(np.median([one for one in orders if one is not None])),
            }
    return found


def _share(holds: pl.Series) -> float:
    return int(holds.sum()) / holds.len()


def _median(values: pl.Series) -> float | None:
    return float(np.median(values.to_numpy())) if values.len() else None
