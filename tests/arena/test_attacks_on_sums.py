"""Attacks on product b, with figures: who joined, who is left when the profiles are taken away, what one owner did."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.arena_attacks import Guesses, Joining, by_difference, by_likelihood
from pipelines.arena.budget import Ledger, epsilon_of
from pipelines.arena.disclosure import too_few, without_narrow
from pipelines.arena.joint_bounds import GROUP, cap_of, known_widths
from pipelines.arena.noise import noisy
from pipelines.arena.policy import Policy, load_policy
from pipelines.arena.profile_bounds import Told, known_of
from pipelines.arena.releases import usage
from tests.arena.aggregate_rows import counts, people, policy
from tests.arena.group_sizes import PEOPLE, k_of
from tests.arena.linear_program import by_linear_program

MONTH = "2026-10"
NOBODY = people(0)
SURE = 4.0  # standard deviations of chance that no attack is helped or hurt by
N = 4000


def team(owners: pl.Series, seed: int) -> pl.DataFrame:
    """What a team did in a month: some with one agent, some with more, in all categories."""
    dice = np.random.default_rng(seed)
    rows = [
        (owner, kind, MONTH, agent, category, int(dice.poisson(6)), int(dice.poisson(3)))
        for owner in owners
        for kind, categories in (("calls", ("testing", "other")), ("submissions", ("collatz", "other")))
        for agent in ("python-pro", "other")
        for category in categories
        if dice.random() < 0.5
    ]
    return counts(*rows)


def joining(successes: int, failures: int, limits: Policy) -> Joining:
    newcomer = counts(("new", "calls", MONTH, "python-pro", "testing", successes, failures))
    return Joining.of(team(people(19), 1), newcomer, "calls", MONTH, limits)


def test_exact_and_rounded_exports_give_away_who_joins() -> None:
    seldom, often = joining(2, 1, policy()), joining(400, 0, policy())
    assert by_difference(seldom, N, 1, grain=1) == by_difference(often, N, 1, grain=1) == Guesses(N, N)
    assert by_difference(often, N, 2, grain=5) == Guesses(N, N)
    low, high = by_difference(seldom, N, 2, grain=5).interval(SURE)
    assert low < (1 + (1 - 0.6**2 * 0.8**2)) / 2 < high  # .885: four figures, each by chance over a grain or not
    assert low > 0.85


def test_the_best_attacker_is_right_about_who_joined_no_more_often_than_the_noise_allows() -> None:
    often = joining(400, 0, policy())
    assert (np.abs(often.added) > 0).sum() == 2  # one cell and its margin, both at the cap
    assert float((often.added**2).sum()) == 2 * policy().aggregates.max_norm ** 2
    assert often.bound == pytest.approx(0.5628, abs=1e-4)
    low, _ = by_likelihood(often, N, 3).interval(SURE)
    assert 0.5 < low < often.bound  # the attack works, and no better than it may
    epsilon = epsilon_of(policy().aggregates.release_micro_rho, policy().aggregates.delta)
    assert often.bound < np.exp(epsilon) / (1 + np.exp(epsilon)) + policy().aggregates.delta


def test_half_of_the_noise_would_be_caught() -> None:
    often = joining(400, 0, policy())
    low, _ = by_likelihood(often, N, 4, noise=lambda values, sigma: noisy(values, sigma / 2)).interval(SURE)
    assert low > often.bound


def test_an_export_after_somebody_joined_tells_nothing_new_of_the_months_before(tmp_path: Path) -> None:
    path = tmp_path / "budget.jsonl"
    before, _ = usage(team(people(19), 1), people(19), NOBODY, [MONTH], policy(), Ledger.open(path))
    after, _ = usage(team(people(20), 1), people(20), NOBODY, [MONTH], policy(), Ledger.open(path))
    assert before.height > 0
    assert after.equals(before)


def test_what_is_left_of_a_team_without_its_profiles_is_nobody_or_k_people(tmp_path: Path) -> None:
    """Teams of 1 to 48, of whom random shares allow aggregates and have profiles, also of others that do not."""
    dice, k = np.random.default_rng(5), policy().aggregates.k
    n_withheld, n_would_expose, least = 0, 0, pl.DataFrame(schema=PEOPLE)
    for size in range(1, 49):
        allows, has_profile = (pl.Series(dice.random(size) < dice.choice([0.2, 0.6, 0.9, 1.0])) for _ in range(2))
        enrolled, profiled = people(size).filter(allows), people(size).filter(has_profile)
        did = team(enrolled, size)
        rows, withheld = usage(did, enrolled, profiled, [MONTH], policy(), Ledger.open(tmp_path / f"{size}.jsonl"))
        n_left = (allows & ~has_profile).sum()
        n_would_expose += 0 < n_left < k
        assert rows.is_empty() == (too_few(enrolled.len(), n_left, policy().aggregates) is not None)
        assert withheld.height == (2 if rows.is_empty() else 0)
        n_withheld += rows.is_empty()
        least = pl.concat([least, k_of(rows, did, enrolled, profiled)])
    assert least["n_people"].min() >= k
    assert least.filter(pl.col("n_others") > 0)["n_others"].min() >= k
    assert least["n_active"].min() < k  # how many of them did something decides nothing
    assert 15 < n_would_expose <= n_withheld < 48


def test_all_figures_of_a_release_together_leave_one_owner_as_wide_as_the_cap(tmp_path: Path) -> None:
    limits, owners = load_policy(), people(20)
    rows, _ = usage(team(owners, 6), owners, owners.head(8), [MONTH], limits, Ledger.open(tmp_path / "budget.jsonl"))
    widths = known_widths(rows, known_of([profiles_of(owners.head(8))], [MONTH], limits), 12, 30)
    assert widths.height == rows.height == 32 * 10 + 32 * 4
    assert widths["width"].min() == cap_of(30) == 42
    assert limits.aggregates.min_width <= 42


def test_bounds_of_a_drawn_release_are_those_of_the_linear_program(tmp_path: Path) -> None:
    owners, known = people(20), known_of([profiles_of(people(8))], [MONTH], policy())
    rows, _ = usage(team(owners, 6), owners, owners.head(8), [MONTH], policy(), Ledger.open(tmp_path / "budget.jsonl"))
    widths = known_widths(rows, known, 12, 30)
    for (kind, _, agent), figures in rows.group_by(GROUP):
        ordered = figures.sort("category", nulls_last=True)
        [at_most] = known.filter(pl.col("kind") == kind, pl.col("agent") == agent)["at_most"]
        told = ordered.select("successes", "failures").rows()
        expected = by_linear_program(told, 12, at_most, cap_of(30), figures["sigma"][0])
        own = widths.filter(pl.col("kind") == kind, pl.col("agent") == agent).sort("category", nulls_last=True)
        assert np.array(own.select("low", "high").rows()) == pytest.approx(np.array(expected), abs=1e-6)


def test_a_release_with_hardly_any_noise_is_withheld_after_all(tmp_path: Path) -> None:
    loud = policy(release_micro_rho=10**9, budget_micro_rho=10**9, kinds=["calls"])
    owners = people(20)
    did = team(owners, 7).filter(pl.col("agent") == "python-pro")  # so all figures of `other` are nothing but noise
    rows, withheld = usage(did, owners, NOBODY, [MONTH], loud, Ledger.open(tmp_path / "budget.jsonl"))
    assert withheld.is_empty()
    assert known_widths(rows, known_of([], [], loud), 20, 30)["width"].min() < loud.aggregates.min_width
    kept, instead = without_narrow(rows, [], 20, loud)
    assert kept.is_empty()
    assert instead["reason"].to_list() == ["narrow_bounds"]


def profiles_of(owners: pl.Series) -> Told:
    """Product a of these owners: each called one agent 30 times and tried nothing."""
    names = [f"{i:032x}" for i in range(owners.len())]
    statistics = pl.DataFrame({"pseudonym": names, "agent": ["python-pro"] * len(names), "calls": [30] * len(names)})
    return Told("2026-W45", pl.DataFrame({"pseudonym": names, "attempts": [0] * len(names)}), statistics)
