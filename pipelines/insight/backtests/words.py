"""What a row of `recommender_backtest` says in words. Not here: its numbers (recommender.py)."""

from typing import Any

from pipelines.insight.backtests.policies import LOGGED, MOST_USED, OURS, RAW_BY_CATEGORY, RAW_RATE, WILSON_BY_CATEGORY

NAMES = {
    OURS: "our advice",
    MOST_USED: "the agent used most",
    RAW_RATE: "the agent of the best raw rate",
    RAW_BY_CATEGORY: "the agent of the best raw rate in the category",
    WILSON_BY_CATEGORY: "the agent of the best lower bound in the category",
    LOGGED: "what was done",
}


def row_sentence(row: dict[str, Any], best: str, *, is_of_days: bool) -> str:
    """The sentence of a row with figures; `best`: the best simple rule; `is_of_days`: the interval draws days."""
    users = "1 user" if row["n_users"] == 1 else f"{row['n_users']:,} users"
    if row["policy"] == LOGGED:
        counted = f"Of {row['n']:,} calls of {users}, {_percent(row['value'])} % succeeded{_range(row, is_of_days)}"
    else:
        counted = (
            f"With {NAMES[row['policy']]} on {row['n']:,} calls of {users}, {_percent(row['value'])} % were to be "
            f"expected to succeed{_range(row, is_of_days)}, by as much evidence as {row['ess']:,.0f} calls give"
        )
    return f"{counted}{_beside(row, best)}."


def _range(row: dict[str, Any], is_of_days: bool) -> str:
    if row.get("lo90") is None:
        return " (too few users and days for an interval)"
    of_whom = ", over days of these users alone" if is_of_days else ""
    return f" (90 %: {_percent(row['lo90'])} to {_percent(row['hi90'])} %{of_whom})"


def _beside(row: dict[str, Any], best: str) -> str:
    if row["policy"] == best:
        return ": the most of the simple rules"
    points = f"{row['diff'] * 100:+.1f} points"
    if row.get("diff_lo90") is not None:
        points += f" (90 %: {row['diff_lo90'] * 100:+.1f} to {row['diff_hi90'] * 100:+.1f})"
    return f"; {points} beside the best simple rule, {NAMES[best]}: {row['verdict']}"


def _percent(share: float) -> str:
    return f"{share * 100:.1f}"
