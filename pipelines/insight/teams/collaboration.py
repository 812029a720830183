"""How a team shares its agents: one row per team with a call.

Counts of users, calls and agents, how evenly agents are used, on how few users the calls rest, how many agents came
from other teams. A small team keeps its counts and what describes agents; what would point at one of its users is null.
Not here: how single agents spread (adoption.py), who used what (use.py).
"""

import numpy as np
import polars as pl

from pipelines.game.contract import FLAG, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.proportions import DIGITS, told, wilson
from pipelines.insight.spoken import counted, percent, whole
from pipelines.insight.teams.evenness import evenness
from pipelines.insight.teams.use import TeamUse, Whole

_SMALL = "null in a small team"
TEAM_COLLABORATION = Table(
    "team_collaboration",
    "one row per team with a call",
    (
        Column("team_id", TEXT, "the team that the calls name"),
        Column("n_users", WHOLE, "users who called for it", low=1),
        Column("calls", WHOLE, "calls for it", low=1),
        Column("n_agents", WHOLE, "different agents called for it", low=1),
        Column("is_small", FLAG, "whether it has fewer users than insight.small_group: what points at one is null"),
        Column("n_shared_agents", WHOLE, "of the agents those that two or more of its users called", low=0),
        Column("shared_share", NUMBER, "n_shared_agents / n_agents", low=0, high=1),
        Column("shared_lo95", NUMBER, "low end of its 95 % interval (Wilson)", low=0, high=1),
        Column("shared_hi95", NUMBER, "high end of it", low=0, high=1),
        Column("n_single_user_agents", WHOLE, "agents that only one of its users has called", low=0),
        Column("n_reused_agents", WHOLE, "agents that another team had called before this one", low=0),
        Column("reused_share", NUMBER, "n_reused_agents / n_agents", low=0, high=1),
        Column("reused_lo95", NUMBER, "low end of its 95 % interval (Wilson)", low=0, high=1),
        Column("reused_hi95", NUMBER, "high end of it", low=0, high=1),
        Column(
            "usage_entropy_bits",
            NUMBER,
            "entropy of the calls over agents, Miller and Madow's; null for one user or too few calls",
            nullable=True,
            low=0,
        ),
        Column("usage_entropy_lo95", NUMBER, "low end of its 95 % interval (delta method)", nullable=True, low=0),
        Column("usage_entropy_hi95", NUMBER, "high end of it", nullable=True, low=0),
        Column(
            "effective_agents",
            NUMBER,
            "2 ^ usage_entropy_bits: as many agents, used evenly, would be as uncertain",
            nullable=True,
            low=1,
        ),
        Column("effective_lo95", NUMBER, "low end of its 95 % interval", nullable=True, low=1),
        Column("effective_hi95", NUMBER, "high end of it", nullable=True, low=1),
        Column(
            "bus_factor", WHOLE, f"fewest users who made more than half of the calls; {_SMALL}", nullable=True, low=1
        ),
        Column("bus_factor_lo95", WHOLE, f"fewest for whom that is possible (Wilson); {_SMALL}", nullable=True, low=1),
        Column(
            "bus_factor_hi95",
            WHOLE,
            f"fewest for whom it is sure (Wilson), at most all; {_SMALL}",
            nullable=True,
            low=1,
        ),
        Column(
            "spread_share",
            NUMBER,
            f"knowledge spread: share of calls by others than the agent's first user here; {_SMALL}",
            nullable=True,
            low=0,
            high=1,
        ),
        Column("spread_lo95", NUMBER, f"low end of its 95 % interval (Wilson); {_SMALL}", nullable=True, low=0, high=1),
        Column("spread_hi95", NUMBER, f"high end of it; {_SMALL}", nullable=True, low=0, high=1),
        Column("sentence", TEXT, "what that says, and what is left out"),
    ),
    ("team_id",),
)
HALF = 0.5  # of the calls: what a bus factor is asked about
_FACTORS = ("bus_factor", "bus_factor_lo95", "bus_factor_hi95")
_ENTROPIES = ("usage_entropy_bits", "usage_entropy_lo95", "usage_entropy_hi95")


def team_collaboration(use: TeamUse) -> pl.DataFrame:
    """The table `team_collaboration` of all teams. Intervals take calls for independent; those of one user are not."""
    if use.pairs.is_empty():
        return TEAM_COLLABORATION.empty()
    sums = use.agents.group_by("team_id").agg(
        n_agents=pl.len().cast(pl.Int64),
        n_shared_agents=(pl.col("n_users") > 1).sum().cast(pl.Int64),
        n_reused_agents=pl.col("is_reused").sum().cast(pl.Int64),
        calls_of_others=(pl.col("calls") - pl.col("calls_of_first")).sum(),
    )
    is_small, is_one = pl.col("is_small"), pl.col("n_users") == 1
    of_agents, of_users = use.team_starts
    entropies = pl.DataFrame(evenness(of_agents, use.agents["calls"].to_numpy()), _ENTROPIES)
    factors = pl.DataFrame(bus_factors(of_users, use.users["calls"].to_numpy()), _FACTORS)
    frame = pl.concat([use.teams, entropies, factors], how="horizontal").join(sums, on="team_id")
    frame = frame.with_columns(
        *(pl.when(~is_one).then(pl.col(name).fill_nan(None)).alias(name) for name in _ENTROPIES),
        *(pl.when(~is_small).then(pl.col(name)).alias(name) for name in _FACTORS),
        *told("shared", pl.col("n_shared_agents"), pl.col("n_agents")),
        *told("reused", pl.col("n_reused_agents"), pl.col("n_agents")),
        *told("spread", pl.col("calls_of_others"), pl.when(~is_small).then(pl.col("calls"))),
        n_single_user_agents=pl.col("n_agents") - pl.col("n_shared_agents"),
    )
    ends = ("effective_agents", "effective_lo95", "effective_hi95")
    effective = [(2.0 ** pl.col(name)).alias(end) for name, end in zip(_ENTROPIES, ends, strict=True)]
    frame = frame.with_columns(effective).with_columns(pl.col(pl.Float64).round(DIGITS))
    told_of = frame.with_columns(sentence=_sentence(use.small_group)).sort("team_id")
    return TEAM_COLLABORATION.shape(told_of)


def bus_factors(starts: Whole, calls: Whole) -> list[Whole]:
    """The fewest users of each team who made more than half of its calls, and the ends of that number.

    `calls` of users, team by team, the most first; `starts`: where each team begins. The bus (or truck) factor is the
    fewest people whose leaving stops the work (Williams and Kessler, Pair Programming Illuminated, 2002); as in Avelino
    et al. (A novel approach for estimating truck factors, ICPC 2016) those with most of it go first and half of it is
    the line, here half of the calls. The ends: how many until Wilson's 95 % interval of their share of the calls
    reaches beyond half, and until it lies beyond half wholly. It describes the calls so far, not who could step in.
    """
    sizes = np.diff(starts, append=calls.size)
    totals = np.repeat(np.add.reduceat(calls, starts), sizes)
    so_far = np.cumsum(calls)
    gone = so_far - np.repeat(so_far[starts] - calls[starts], sizes)
    low, high = wilson(pl.col("gone"), pl.col("n"))
    ends = pl.DataFrame({"gone": gone, "n": totals}).select(low=low, high=high)
    # of three calls or fewer the low end of even all of them lies beneath half: then it takes everybody
    return [
        np.minimum(np.add.reduceat((reach <= HALF).astype(np.int64), starts) + 1, sizes)
        for reach in (gone / totals, ends["high"].to_numpy(), ends["low"].to_numpy())
    ]


def _sentence(small_group: int) -> pl.Expr:
    n_users, calls, n_agents = pl.col("n_users"), pl.col("calls"), pl.col("n_agents")
    counts = pl.format(
        "{} called {} (n = {}), {} of them by two or more.",
        counted(n_users, "user"),
        counted(n_agents, "agent"),
        counted(calls, "call"),
        whole(pl.col("n_shared_agents")),
    )
    even = pl.format(
        " The calls are spread like those of {} agents used evenly (95 %: {} to {}).",
        *(pl.col(name).round(1) for name in ("effective_agents", "effective_lo95", "effective_hi95")),
    )
    few = pl.lit(" Of how evenly the agents are used so few calls tell little.")
    hidden = pl.lit(
        f" In a team of fewer than {small_group} users nothing is told that would point at one of them: on whom "
        "the calls rest, how knowledge spreads, success around the second user."
    )
    rests = pl.format(
        " {} made more than half of the calls (95 %: {} to {}). Others than an agent's first user here made {} % of "
        "the calls (95 %: {} to {} %).",
        counted(pl.col("bus_factor"), "user"),
        "bus_factor_lo95",
        "bus_factor_hi95",
        *(percent(f"spread_{end}") for end in ("share", "lo95", "hi95")),
    )
    alone = pl.format(
        "One user called {} (n = {}): there is nobody to share with yet.",
        counted(n_agents, "agent"),
        counted(calls, "call"),
    )
    return (
        pl.when(n_users == 1)
        .then(alone)
        .otherwise(
            pl.concat_str(
                counts,
                pl.when(pl.col("effective_agents").is_null()).then(few).otherwise(even),
                pl.when(pl.col("is_small")).then(hidden).otherwise(rests),
            )
        )
    )
