"""Who is recognised in what leaves: `python benchmarks/arena_recognised.py [--seeds N] [--rows DIR]`.

Prints the table of docs/arena.md, in some minutes. Sample seasons of some 200 people; of each, groups of three sizes
share everything. `--rows` also writes what arena_anonymeter.py attacks. Not here: the attackers
(arena_profile_attacks.py), the seasons (arena_teams.py).
"""

import argparse
import datetime as dt
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from arena_profile_attacks import (
    FIGURES,
    Guesses,
    by_content,
    by_digits,
    by_levels,
    by_rough_calls,
    by_totals,
    by_two_agents,
    by_weeks,
    together,
    unique_rows,
)
from arena_profiles import EXACTLY
from arena_teams import Team

from pipelines.arena.consents import ACHIEVEMENTS, IN_FORCE, METRICS
from pipelines.arena.periods import last_closed_day
from pipelines.arena.policy import Policy, load_policy
from pipelines.arena.pseudonyms import pseudonym
from pipelines.engines.chosen import product_a
from pipelines.engines.local import quiet
from pipelines.game.calls import AGENT_CALLS
from pipelines.store.replay import scan

SIZES = {5: 20, 40: 5, 200: 1}  # so many groups of each size are taken out of a season
WEEK = dt.timedelta(weeks=1)
WITHIN = 0.2
TABLES = ("profiles", "agent_statistics", "leaderboard_entries", "achievements")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=Path)
    asked, policy = parser.parse_args(), load_policy()
    found: dict[str, dict[int, list[Guesses]]] = {}
    for seed in range(asked.seeds):
        dice = np.random.default_rng(seed)
        with tempfile.TemporaryDirectory() as work:
            team = Team.of(200, seed, policy, Path(work))
            house = _told(team, team.people, _exact(policy), dt.timedelta(0))["profiles"]
            now = _told(team, team.people, _exact(policy), -WEEK)["profiles"]
            for size, n_groups in SIZES.items():
                drawn = team.people.shuffle(seed)
                for group in range(n_groups):
                    who = drawn.slice(group * size, size)
                    for name, guesses in _attacks(team, who.sort(), house, now, dice):
                        found.setdefault(name, {n: [] for n in SIZES})[size].append(guesses)
            if asked.rows is not None and seed == 0:
                _write_rows(team, asked.rows)
    _show(found)


def _attacks(
    team: Team, who: pl.Series, house: pl.DataFrame, now: pl.DataFrame, dice: np.random.Generator
) -> Iterator[tuple[str, Guesses]]:
    """All attacks on a group that shares. `house`: everybody's exact totals of then; `now`: of a week later."""
    told, before = _told(team, who, team.policy, dt.timedelta(0)), _told(team, who, team.policy, WEEK)
    profiles, achieved = told["profiles"], told["achievements"]
    exact = house.filter(pl.col("owner_id").is_in(profiles["owner_id"].implode()))
    yield "unique: exact calls", unique_rows(exact, ["calls"])
    yield "unique: told calls", unique_rows(profiles, ["calls"])
    yield "unique: exact XP", unique_rows(exact, ["xp"])
    yield "unique: told XP", unique_rows(profiles, ["xp"])
    yield "unique: all figures, exact", unique_rows(exact, FIGURES)
    yield "unique: all figures, told", unique_rows(profiles, FIGURES)
    yield "insider, totals of that Sunday", by_totals(profiles, house, FIGURES, dice)
    yield "insider, totals of a week later", by_totals(profiles, now, FIGURES, dice)
    yield "outsider, calls within 20 %", by_rough_calls(profiles, exact.select("owner_id", "calls"), WITHIN, dice)
    yield "outsider, two agents", by_two_agents(told["agent_statistics"], _used(team, told), dice)
    with_both = achieved.filter(pl.col("owner_id").is_in(profiles["owner_id"].implode()))
    yield "scopes, levels", by_levels(profiles, with_both, dice)
    yield "scopes, all that they say", by_weeks(profiles, told["leaderboard_entries"], with_both, dice)
    yield "epochs, the same week", by_content(profiles, profiles, dice)
    still = profiles.filter(pl.col("owner_id").is_in(before["profiles"]["owner_id"].implode()))
    yield "epochs, a week between", by_content(before["profiles"], still, dice)
    yield "pseudonyms alone", by_digits(_pseudonyms(who, METRICS), _pseudonyms(who, ACHIEVEMENTS), dice)


def _told(team: Team, who: pl.Series, policy: Policy, earlier: dt.timedelta) -> dict[str, pl.DataFrame]:
    """Product a of a group up to the Sunday before the season's end, or so much earlier; with `owner_id`."""
    consents = pl.DataFrame(
        [(owner, scope, "grant") for owner in who for scope in (ACHIEVEMENTS, METRICS)], IN_FORCE, orient="row"
    )
    day = last_closed_day(team.as_of, team.rules.timezone) - earlier
    with tempfile.TemporaryDirectory() as scratch:
        rows = product_a(team.generation, team.rules, policy, consents, day, Path(scratch), quiet)
    return {name: rows[name] for name in TABLES}


def _exact(policy: Policy) -> Policy:
    return policy.model_copy(update={"profiles": policy.profiles.model_copy(update=EXACTLY)})


def _used(team: Team, told: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Which public agents each one told of really called."""
    calls = scan(team.generation, AGENT_CALLS).select("agent_id", owner_id="user_id").unique().collect()
    of_group = pl.col("owner_id").is_in(told["profiles"]["owner_id"].implode())
    return calls.filter(of_group, pl.col("agent_id").is_in(team.policy.words.agents)).rename({"agent_id": "agent"})


def _pseudonyms(who: pl.Series, scope: str) -> dict[str, str]:
    key = secrets.token_bytes(32)
    return {owner: pseudonym(key, secrets.token_bytes(32), scope) for owner in who}


def _write_rows(team: Team, folder: Path) -> None:
    """For arena_anonymeter.py: half of the people share. What is told of them, and everybody's totals in its grains."""
    folder.mkdir(parents=True, exist_ok=True)
    half = team.people.shuffle(0).head(team.people.len() // 2)
    share = pl.col("owner_id").is_in(half.implode())
    house = _told(team, team.people, team.policy, dt.timedelta(0))["profiles"].select("owner_id", *FIGURES)
    told = _told(team, half.sort(), team.policy, dt.timedelta(0))["profiles"]
    house.filter(share).drop("owner_id").write_parquet(folder / "sharing.parquet")
    house.filter(~share).drop("owner_id").write_parquet(folder / "others.parquet")
    told.select(FIGURES).sample(fraction=1, shuffle=True, seed=0).write_parquet(folder / "told.parquet")


def _show(found: dict[str, dict[int, list[Guesses]]]) -> None:
    print("| attack |" + "".join(f" {size} share | chance |" for size in SIZES))
    print("|---|" + "--:|--:|" * len(SIZES))
    for name, by_size in found.items():
        cells = []
        for parts in by_size.values():
            of_all = together(parts)
            low, high = of_all.interval()
            cells.append(
                f" {100 * of_all.share:.0f} ({100 * low:.0f} to {100 * high:.0f}) | {100 * of_all.chance:.1f} |"
            )
        print(f"| {name} |" + "".join(cells))


if __name__ == "__main__":
    main()
