"""What is left of the truth in what leaves, and what it gives away: `python benchmarks/arena_utility.py [--seeds N]`.

Prints the tables of docs/arena-utility.md, in about two minutes. Everything runs through the code that fills bundles,
with the truth beside it; figures are medians over seeds and months. Not here: the teams (arena_teams.py), the errors
(arena_sums.py, arena_profiles.py), the attackers (arena_attacks.py).
"""

import argparse
import tempfile
from dataclasses import replace
from math import ceil, erf, sqrt
from pathlib import Path

import numpy as np
import polars as pl
from arena_attacks import Guesses, Joining, by_difference, by_likelihood
from arena_profiles import profiles_of
from arena_sums import SHARE, Found, usage_of
from arena_teams import N_AGENTS, Team

from pipelines.arena.budget import epsilon_of
from pipelines.arena.disclosure import too_few
from pipelines.arena.leaving import COUNTS
from pipelines.arena.policy import MICRO, Policy, load_policy

N_GUESSES, N_TEAMS = 40_000, 20_000
N_DRAWS = 800_000  # of noise, at most, for one attack
ATTACKED = 20  # people of the team that somebody joins


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    seeds, policy = parser.parse_args().seeds, load_policy()
    found: dict[str, dict[int, list[Found]]] = {}
    for n_people in N_AGENTS:
        for seed in range(seeds):
            with tempfile.TemporaryDirectory() as work:
                team = Team.of(n_people, seed, policy, Path(work))
                for parts in [*usage_of(team, Path(work)), profiles_of(team)]:
                    for title, part in parts.items():
                        found.setdefault(title, {n: [] for n in N_AGENTS})[n_people].append(part)
                if (n_people, seed) == (ATTACKED, 0):
                    attacks(team.counts(), team.months[-1], policy)
                if (n_people, seed) == (max(N_AGENTS), 0):
                    caps(team, Path(work))
    for title, by_size in found.items():
        shown(title, by_size)
    prices(policy)
    sizes(policy)


def shown(title: str, found: dict[int, list[Found]]) -> None:
    """A row a figure, a column a size: medians of all months and seeds; of what is or is not, a share of them."""
    print(f"\n### {title}\n\n| figure |", " | ".join(f"{n} people" for n in found), "|\n|---|" + "--:|" * len(found))
    for name in dict.fromkeys(name for worlds in found.values() for each in worlds for name in each):
        held = {n: [value for each in worlds if (value := each.get(name)) is not None] for n, worlds in found.items()}
        middle = np.mean if name.startswith(SHARE) else np.median
        if any(held.values()):
            cells = (number(float(middle(some))) if some else "withheld" for some in held.values())
            print(f"| {name} |", " | ".join(cells), "|")


def number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 20 else f"{value:.3g}"


def attacks(counts: pl.DataFrame, month: str, policy: Policy) -> None:
    """How often attackers say rightly whether a person joined, by what is exported and by who the person is."""
    calls = counts.filter(pl.col("kind") == "calls", pl.col("month") == month)
    by_work = calls.group_by("owner_id").agg(n=pl.sum("successes") + pl.sum("failures")).sort("n", "owner_id")
    typical = by_work["owner_id"][by_work.height // 2]
    people = {
        "3 calls": pl.DataFrame([("new", "calls", month, "debugger", "testing", 2, 1)], schema=COUNTS, orient="row"),
        f"{by_work['n'][by_work.height // 2]} calls, the median": calls.filter(pl.col("owner_id") == typical),
        "at the cap": pl.DataFrame(
            [("new", "calls", month, "debugger", "testing", 900, 0)], schema=COUNTS, orient="row"
        ),
    }
    others = counts.filter(pl.col("owner_id") != typical)
    print(
        "\n### Who joined?\n\n| the person | exact | to the nearest 5 | under noise | at best |\n|---|--:|--:|--:|--:|"
    )
    for name, person in people.items():
        joining = Joining.of(others, person, "calls", month, policy)
        n = min(N_GUESSES, N_DRAWS // int((joining.added != 0).sum()))
        seen = [by_difference(joining, n, 1, 1), by_difference(joining, n, 2, 5), by_likelihood(joining, n, 3)]
        print(f"| {name} |", " | ".join(map(guessed, seen)), f"| {joining.bound:.1%} |")


def guessed(guesses: Guesses) -> str:
    low, high = guesses.interval()
    return f"{guesses.share:.1%} ({low:.1%} to {high:.1%})"


def caps(team: Team, work: Path) -> None:
    """What another cap would leave of the same team's calls, at the same price."""
    norms, found = (10, 20, 30, 60, 120), []
    for norm in norms:
        limits = team.policy.aggregates.model_copy(update={"max_norm": norm})
        other = replace(team, policy=team.policy.model_copy(update={"aggregates": limits}))
        folder = work / f"norm-{norm}"
        parts = [
            part["Sums of calls, per agent and month"] for n in range(4) for part in usage_of(other, folder / str(n))
        ]
        found.append([part["error in all, % of the truth"] for part in parts])
    print("\n### Another cap\n\n| `max_norm` |", " | ".join(map(str, norms)), "|\n|---|" + "--:|" * len(norms))
    print("| error in all, % of the truth |", " | ".join(number(float(np.median(some))) for some in found), "|")


def prices(policy: Policy) -> None:
    """What releases cost, and how often the best attacker is right about a person at the cap in all of them."""
    limits = policy.aggregates
    most = limits.budget_micro_rho // limits.release_micro_rho
    print(f"\n### Prices\n\n| releases | rho | epsilon at {limits.delta:g} | right at best |\n|---|--:|--:|--:|")
    for n, name in ((1, "one"), (2, "a month of both kinds"), (most // 2, "half of the budget"), (most, "all")):
        micro_rho = n * limits.release_micro_rho
        best = ceil(100 * (1 + erf(sqrt(micro_rho / MICRO) / 2)) / 2)
        epsilon = ceil(10 * epsilon_of(micro_rho, limits.delta)) / 10
        print(f"| {n}: {name} | {micro_rho / MICRO:g} | {epsilon} | {best} in 100 |")


def sizes(policy: Policy) -> None:
    """How often a month is withheld, by the size of a team of whom each allows aggregates in 8 of 10 cases."""
    dice, shares = np.random.default_rng(1), (0.0, 0.25, 0.5, 1.0)
    print("\n### Withheld\n\n| people | " + " | ".join(f"{share:.0%} have profiles" for share in shares) + " |")
    print("|---|" + "--:|" * len(shares))
    for n in (5, 10, 15, 20, 40, 200):
        told = []
        for share in shares:
            n_enrolled = dice.binomial(n, 0.8, N_TEAMS)
            n_others = n_enrolled - dice.binomial(n_enrolled, share)
            reasons = [
                too_few(int(all_of), int(rest), policy.aggregates)
                for all_of, rest in zip(n_enrolled, n_others, strict=True)
            ]
            told.append(f"{1 - reasons.count(None) / N_TEAMS:.0%}")
        print(f"| {n} |", " | ".join(told), "|")


if __name__ == "__main__":
    main()
