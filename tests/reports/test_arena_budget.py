"""The budget as it is shown: what the ledger holds, what is left of it, and what that means for one person."""

import io
import json
from pathlib import Path
from statistics import NormalDist

import pytest

from pipelines.arena.budget import Ledger, epsilon_of
from pipelines.arena.policy import AggregateLimits, load_policy
from pipelines.reports.arena_budget_view import BudgetPage, budget_page, show_budget
from pipelines.reports.arena_odds import most_right
from pipelines.reports.machine import to_json
from pipelines.reports.terminal import screen

LIMITS = load_policy().aggregates.model_copy(update={"release_micro_rho": 50_000, "budget_micro_rho": 200_000})


def spent(path: Path, *names: str, limits: AggregateLimits = LIMITS) -> BudgetPage:
    """The page of a ledger with these releases, read anew from its file."""
    ledger = Ledger.open(path / "budget.jsonl")
    for name in names:
        ledger.release(name, 50_000, 10**6, lambda: {"sigma": 134.165})
    return budget_page(Ledger.open(path / "budget.jsonl"), limits)


def shown(page: BudgetPage, width: int = 200) -> list[str]:
    output = io.StringIO()
    show_budget(page, screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def test_an_empty_ledger_says_that_nothing_has_left(tmp_path: Path) -> None:
    assert shown(spent(tmp_path))[1:] == [
        "0 of 0.2 rho spent", "." * 40, "0.2 rho left: 4 more releases at 0.05 each.", "",
        "Nothing has been released yet: no sum over people has left.",
    ]  # fmt: skip
    assert not (tmp_path / "budget.jsonl").exists()


def test_each_release_stands_with_its_price_and_what_all_up_to_it_mean(tmp_path: Path) -> None:
    page = spent(tmp_path, "calls/2026-09", "submissions/2026-09")
    lines = shown(page)
    assert lines[1:4] == [
        "0.1 of 0.2 rho spent", "#" * 20 + "." * 20, "0.1 rho left: 2 more releases at 0.05 each.",
    ]  # fmt: skip
    assert lines[5:9] == [
        "release rho spent epsilon noise", lines[6],
        f"calls/2026-09 0.05 0.05 {epsilon_of(50_000, 1e-6):.2f} 134.2",
        f"submissions/2026-09 0.05 0.1 {epsilon_of(100_000, 1e-6):.2f} 134.2",
    ]  # fmt: skip
    assert lines[-1].endswith("is right at most 62 times in 100; a coin is right 50 times.")


def test_machines_get_the_same_with_the_head_of_the_ledger(tmp_path: Path) -> None:
    page = spent(tmp_path, "calls/2026-09")
    told = json.loads(to_json(page.for_machines()))
    assert {name: told[name] for name in ("spent_micro_rho", "left_micro_rho", "n_releases_left")} == {
        "spent_micro_rho": 50_000, "left_micro_rho": 150_000, "n_releases_left": 3,
    }  # fmt: skip
    assert told["releases"][0]["sha256"] == told["head"] == Ledger.open(tmp_path / "budget.jsonl").head
    assert told["epsilon"] == pytest.approx(epsilon_of(50_000, 1e-6))


def test_a_budget_made_smaller_than_what_is_spent_leaves_nothing(tmp_path: Path) -> None:
    small = LIMITS.model_copy(update={"budget_micro_rho": 60_000})
    page = spent(tmp_path, "calls/2026-09", "calls/2026-10", limits=small)
    assert (page.left, page.n_left) == (0, 0)
    assert shown(page)[1:3] == ["0.1 of 0.06 rho spent", "#" * 40]


@pytest.mark.parametrize("micro_rho", [0, 1, 50_000, 100_000, 1_200_000, 5_000_000, 10**9])
def test_odds_are_never_told_lower_than_the_best_attack_on_the_noise_reaches(micro_rho: int) -> None:
    """Against noise of a normal distribution that attack is known: right with Phi(sqrt(2 rho) / 2)."""
    best = NormalDist().cdf((2 * micro_rho / 10**6) ** 0.5 / 2)
    assert 50 <= 100 * best <= most_right(micro_rho) <= 100
    assert most_right(micro_rho) < 100 * best + 12
