"""Success of an agent's calls in a team before and after its second user there, and what the mix of work has in it.

A comparison over time, of work that nobody dealt out by lot: it shows an association, and who called, what for and what
else changed meanwhile go into it. Not here: who was second (use.py), how it is said (adoption.py).
"""

import polars as pl

from pipelines.insight.evidence import Evidence
from pipelines.insight.keys import coded
from pipelines.insight.proportions import difference, told
from pipelines.insight.teams.use import TeamUse

MIN_CALLS = 5  # on each side: of fewer the interval of a share is wider than half of all that is possible
PRIOR_CALLS = 10  # at the season's share are added to each kind of work, so that a few calls of a rare kind tell little
_PAIR = ["team_id", "agent_id"]
_WORK = ["category", "complexity"]
_SIDES = ("before", "after")
_ENDS = ("", "_lo95", "_hi95")


def success_around(evidence: Evidence, use: TeamUse) -> pl.DataFrame:
    """One row per team and agent of which it may be told: of a team that is not small, with `small_group` users here.

    Columns n_before, n_after: calls before the second user's first one, and from it on. Where both are MIN_CALLS or
    more, else null: `success_{side}_share`, `_lo95`, `_hi95` of each side; success_change with its ends, the share
    after less the share before; mix_change, how much the mix of work moved what was to be expected; adjusted_change
    with its ends.

    The mix is accounted for by indirect standardisation over category x complexity (Breslow and Day, Statistical
    Methods in Cancer Research II, 1987, chapter 2): expected of a side is what its calls would give if each succeeded
    as often as all calls of its kind in the season. adjusted_change is success_change less mix_change; its interval is
    the plain one moved along, and so takes what was expected as known.
    """
    is_asked = ~pl.col("is_small") & (pl.col("n_users") >= use.small_group)
    asked = use.agents.filter(is_asked).select(*_PAIR, "second_at")
    if asked.is_empty():
        return pl.DataFrame(schema=_MEASURED)
    calls = evidence.tables["agent_calls"].select(*_PAIR, *_WORK, "at", "success").collect()
    calls = calls.with_columns(coded(calls[name]) for name in (*_PAIR, *_WORK))
    asked = asked.with_columns(pl.col(name).cast(calls.schema[name]) for name in _PAIR)
    around = (
        calls.lazy()
        .join(asked.lazy(), on=_PAIR)
        .group_by(*_PAIR, *_WORK, is_after=pl.col("at") >= pl.col("second_at"))
        .agg(n=pl.len().cast(pl.Int64), successes=pl.col("success").sum().cast(pl.Int64))
    )
    counted = around.collect().join(_ease(calls.lazy()), on=_WORK, nulls_equal=True)
    counted = counted.sort(*_PAIR, "is_after", *_WORK)
    # one after another, in the order of the rows: sums of floats that threads add up differ in their last digit
    sums = counted.group_by(*_PAIR, maintain_order=True).agg(
        part.alias(f"{name}_{side}")
        for side, mine in zip(_SIDES, (~pl.col("is_after"), pl.col("is_after")), strict=True)
        for name, part in {
            "n": pl.col("n").filter(mine).sum(),
            "successes": pl.col("successes").filter(mine).sum(),
            "expected": (pl.col("n") * pl.col("ease")).filter(mine).sum(),
        }.items()
    )
    return _measured(sums.with_columns(pl.col(_PAIR).cast(pl.String)))


def _ease(calls: pl.LazyFrame) -> pl.DataFrame:
    """How often calls of each kind of work succeed in the season: category, complexity, ease."""
    kinds = calls.group_by(_WORK).agg(n=pl.len().cast(pl.Int64), right=pl.col("success").sum().cast(pl.Int64)).collect()
    right, n = pl.col("right"), pl.col("n")
    return kinds.select(*_WORK, ease=(right + PRIOR_CALLS * (right.sum() / n.sum())) / (n + PRIOR_CALLS))


def _measured(sums: pl.DataFrame) -> pl.DataFrame:
    """The shares of both sides and their differences, where there are enough calls."""
    is_enough = pl.all_horizontal(pl.col(f"n_{side}") >= MIN_CALLS for side in _SIDES)
    n = {side: pl.when(is_enough).then(pl.col(f"n_{side}")) for side in _SIDES}
    shares = [column for side in _SIDES for column in told(f"success_{side}", pl.col(f"successes_{side}"), n[side])]
    before, after = (pl.col(f"expected_{side}") / n[side] for side in _SIDES)
    frame = sums.select(*_PAIR, "n_before", "n_after", *shares, mix_change=after - before)
    changes = dict(zip(_ENDS, difference(*(f"success_{side}" for side in _SIDES)), strict=True))
    frame = frame.with_columns(value.alias(f"success_change{end}") for end, value in changes.items())
    adjusted = {end: pl.col(f"success_change{end}") - pl.col("mix_change") for end in _ENDS}
    return frame.with_columns(value.alias(f"adjusted_change{end}") for end, value in adjusted.items())


_MEASURED = {
    **dict.fromkeys(_PAIR, pl.String()),
    **dict.fromkeys(("n_before", "n_after"), pl.Int64()),
    **{f"success_{side}_{end}": pl.Float64() for side in _SIDES for end in ("share", "lo95", "hi95")},
    "mix_change": pl.Float64(),
    **{f"{kind}_change{end}": pl.Float64() for kind in ("success", "adjusted") for end in _ENDS},
}
