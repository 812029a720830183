"""What a row of `agent_adoption` says in words. Not here: its numbers (adoption.py)."""

import polars as pl

from pipelines.insight.spoken import counted, percent, percentage_points, whole
from pipelines.insight.teams.success_around import MIN_CALLS


def sentence(small_group: int) -> pl.Expr:
    """The sentence of each row; it names no cause, and says why something is left out."""
    n_users = pl.col("n_users")
    counts = pl.format(
        "{} called it for this team (n = {}).", counted(n_users, "user"), counted(pl.col("calls"), "call")
    )
    hidden = pl.lit(
        f" In a team of fewer than {small_group} users it is not told who was first, when others followed and how "
        "success went."
    )
    return pl.concat_str(
        counts,
        pl.when(pl.col("is_small"))
        .then(hidden)
        .when(n_users == 1)
        .then(pl.lit(" Nobody has followed the first one yet."))
        .otherwise(pl.concat_str(_followed(), _success(small_group))),
    )


def _followed() -> pl.Expr:
    shares = [percent(f"spread_{end}") for end in ("share", "lo95", "hi95")]
    return pl.format(
        " The second came {} days after the first; others than the first made {} % of the calls (95 %: {} to {} %).",
        pl.col("days_to_second").round(1),
        *shares,
    )


def _success(small_group: int) -> pl.Expr:
    both = pl.format(
        " Success was {} % before the second user (n = {}, 95 %: {} to {} %) and {} % from then on (n = {}, 95 %: {} "
        "to {} %).",
        *(
            value
            for side in ("before", "after")
            for value in (
                percent(f"success_{side}_share"),
                whole(pl.col(f"n_{side}")),
                percent(f"success_{side}_lo95"),
                percent(f"success_{side}_hi95"),
            )
        ),
    )
    change = pl.format(
        " That is {} percentage points (95 %: {} to {}); with the mix of category and complexity accounted for {} "
        "(95 %: {} to {}).",
        *(
            percentage_points(f"{kind}_change{end}")
            for kind in ("success", "adjusted")
            for end in ("", "_lo95", "_hi95")
        ),
    )
    caution = pl.lit(" An association: users, work and time differ, too.")
    few_users = pl.lit(f" Success before and after is told from {small_group} users of the agent on.")
    few_calls = pl.format(
        " Too few calls to compare success: {} before the second user and {} from then on, of each "
        f"{MIN_CALLS} are needed.",
        *(whole(pl.col(n)) for n in ("n_before", "n_after")),
    )
    return (
        pl.when(pl.col("n_before").is_null())
        .then(few_users)
        .when(pl.col("success_change").is_null())
        .then(few_calls)
        .otherwise(pl.concat_str(both, change, caution))
    )
