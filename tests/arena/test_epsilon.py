"""What a spent budget means: the same as dp-accounting says, which was written by others."""

from math import log, log1p, sqrt
from pathlib import Path
from typing import Any

import pytest

from pipelines.arena.budget import Ledger, epsilon_of
from pipelines.arena.noise import sigma_for

MAX_NORM = 30
# Of a Renyi divergence; dp-accounting's own ones are for a rho near 1.
ORDERS = [1 + 10 ** (n / 40) for n in range(-70, 240)]


def accountant(events: list[tuple[Any, int]]) -> Any:
    """Their accountant after so many of each event: importing it takes a second, which no other test should pay."""
    from dp_accounting.rdp import RdpAccountant

    held = RdpAccountant(orders=ORDERS)
    for event, n_times in events:
        held.compose(event, n_times)
    return held


def rho_told_by(held: Any, delta: float) -> float:
    """The rho behind an accountant's epsilon at the order it chose: proposition 12 read backwards."""
    epsilon, order = held.get_epsilon_and_optimal_order(delta)
    return (epsilon - log1p(-1 / order) + log(delta * order) / (order - 1)) / order


@pytest.mark.parametrize("micro_rho", [0, 1, 50_000, 1_200_000, 10**9])
@pytest.mark.parametrize("delta", [1e-9, 1e-6, 1e-2])
def test_epsilon_is_that_of_dp_accounting_or_a_little_less(micro_rho: int, delta: float):
    from dp_accounting import ZCDpEvent

    rho = micro_rho / 10**6
    ours, theirs = epsilon_of(micro_rho, delta), accountant([(ZCDpEvent(rho), 1)]).get_epsilon(delta)
    assert ours <= theirs * (1 + 1e-12)  # they try some orders, we find the best
    assert ours == pytest.approx(theirs, rel=0.001)
    assert ours <= rho + 2 * sqrt(rho * log(1 / delta))


def test_what_a_ledger_spends_is_what_dp_accounting_says_of_the_same_releases(tmp_path: Path):
    from dp_accounting import GaussianDpEvent, ZCDpEvent
    from dp_accounting.pld.privacy_loss_distribution import from_discrete_gaussian_mechanism

    ledger, prices, delta = Ledger.open(tmp_path / "budget.jsonl"), [50_000] * 8 + [20_000, 130_000], 1e-6
    for n, price in enumerate(prices):
        ledger.release(f"calls/{n}", price, 10**6, dict)
    sigmas = [sigma_for(MAX_NORM, price, 2) for price in prices]
    spent = ledger.spent_micro_rho / 10**6

    charged = accountant([(ZCDpEvent(price / 10**6), 1) for price in prices])
    assert rho_told_by(charged, delta) == pytest.approx(spent, rel=1e-9)
    drawn = accountant([(GaussianDpEvent(sigma / MAX_NORM), 2) for sigma in sigmas])
    assert spent * (1 - 1e-4) < rho_told_by(drawn, delta) <= spent  # sigma is rounded up to thousandths

    losses = [
        from_discrete_gaussian_mechanism(sigma, sensitivity=MAX_NORM, value_discretization_interval=1e-3).self_compose(
            2
        )
        for sigma in sigmas
    ]
    exact = losses[0]
    for loss in losses[1:]:
        exact = exact.compose(loss)
    claimed = epsilon_of(ledger.spent_micro_rho, delta)
    # The distribution of the privacy loss is tighter than anything that knows rho alone; of those ours is the tightest.
    assert exact.get_epsilon_for_delta(delta) <= claimed <= charged.get_epsilon(delta)
    assert claimed == pytest.approx(charged.get_epsilon(delta), rel=0.001)
