"""The budget of privacy, for people and machines: what was released, what it cost, what is left, what that means.

Not here: the ledger (arena/budget.py), what a release tells (arena/releases.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table

from pipelines.arena.budget import Ledger, Release, epsilon_of, rho_text
from pipelines.arena.policy import AggregateLimits
from pipelines.reports.arena_odds import most_right
from pipelines.reports.columns import column, table_of
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen

BAR = 40  # cells


@dataclass(frozen=True)
class BudgetPage:
    """The releases in their order, and the limits under which the next is made. `head`: SHA-256 of the last line."""

    releases: Sequence[Release]
    limits: AggregateLimits
    head: str

    @property
    def spent(self) -> int:
        """Millionths of rho that all releases cost together."""
        return self.releases[-1].spent_micro_rho if self.releases else 0

    @property
    def left(self) -> int:
        """Millionths of rho that may still be spent; none where the budget was made smaller than what is spent."""
        return max(self.limits.budget_micro_rho - self.spent, 0)

    @property
    def n_left(self) -> int:
        """How many releases more that is."""
        return self.left // self.limits.release_micro_rho

    def epsilon(self, micro_rho: int) -> float:
        """What that much spent is as an epsilon, at the delta of the policy."""
        return epsilon_of(micro_rho, self.limits.delta)

    def for_machines(self) -> dict[str, Any]:
        """The page as plain data."""
        return {
            "spent_micro_rho": self.spent,
            "budget_micro_rho": self.limits.budget_micro_rho,
            "left_micro_rho": self.left,
            "n_releases_left": self.n_left,
            "release_micro_rho": self.limits.release_micro_rho,
            "delta": self.limits.delta,
            "epsilon": self.epsilon(self.spent),
            "head": self.head,
            "releases": [self._release(release) for release in self.releases],
        }

    def _release(self, release: Release) -> dict[str, Any]:
        return {
            "name": release.name,
            "micro_rho": release.micro_rho,
            "spent_micro_rho": release.spent_micro_rho,
            "epsilon": self.epsilon(release.spent_micro_rho),
            "sigma": release.drawn.get("sigma"),
            "sha256": release.sha256,
        }


def budget_page(ledger: Ledger, limits: AggregateLimits) -> BudgetPage:
    """What stands in the ledger, under the limits of a policy."""
    return BudgetPage(ledger.releases, limits, ledger.head)


def show_budget(page: BudgetPage, screen: Screen) -> None:
    """Show the page."""
    cap = page.limits.budget_micro_rho
    screen.say()
    screen.say(f"{rho_text(page.spent)} of {rho_text(cap)} rho spent", "bold")
    screen.say(screen.bar(page.spent / cap, min(BAR, screen.width)))
    more = counted(page.n_left, "more release")
    screen.say(f"{rho_text(page.left)} rho left: {more} at {rho_text(page.limits.release_micro_rho)} each.")
    screen.say()
    if not page.releases:
        screen.say("Nothing has been released yet: no sum over people has left.")
        return
    screen.show(_table(page, screen))
    screen.say(
        f"Spent and epsilon: of all releases up to this one, epsilon at delta {page.limits.delta:g}. Noise: the "
        "standard deviation of what is added to each sum.",
        "dim",
    )
    screen.say(
        "Whoever sees all of it, knows what everybody else did and asks whether one person did their work at all is "
        f"right at most {most_right(page.spent)} times in 100; a coin is right 50 times.",
        "dim",
    )


def _table(page: BudgetPage, screen: Screen) -> Table:
    told = page.releases
    return table_of(
        screen,
        column("release", [release.name for release in told], least=16),
        column("rho", [rho_text(release.micro_rho) for release in told], "right"),
        column("spent", [rho_text(release.spent_micro_rho) for release in told], "right"),
        column("epsilon", [f"{page.epsilon(release.spent_micro_rho):.2f}" for release in told], "right"),
        column("noise", [_noise(release) for release in told], "right"),
    )


def _noise(release: Release) -> str:
    sigma = release.drawn.get("sigma")
    return f"{sigma:.1f}" if isinstance(sigma, int | float) else ""
