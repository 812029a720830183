"""What each owner puts into the aggregates of a month, and how far one owner may move them.

Here: which months may be released, exact counts per owner, the cap, and the public key set; all of it pure. Not here:
the noise (noise.py), its price (budget.py), and whether a month is released at all (releases.py).

An owner's part must follow from the owner's own records alone: else taking one person away would also change what
others put in, and the cap would not bound it. So which tries count is decided here anew, per owner, by the rule of SPEC
section 4. The season's own `is_counted` will not do: there one person's solve makes a repeat of another's, if both use
an agent of the same name, and a person who allows nothing would be seen in the figures of one who does.
"""

import datetime as dt
from collections.abc import Sequence
from math import isqrt

import polars as pl

from pipelines.arena.leaving import COUNTS
from pipelines.arena.periods import month_text
from pipelines.arena.policy import OTHER, AggregateLimits, PublicWords
from pipelines.game.windows import end_of, local_date, local_day

_RELEASE = ["kind", "month"]
_CELL = ["agent", "category"]
_FIGURES = ["successes", "failures"]


def months_to_release(as_of: dt.datetime, zone: str, limits: AggregateLimits) -> list[str]:
    """The last `months_back` months of `zone` that are over for longer than `settle_days` at `as_of`, oldest first.

    `as_of`: naive UTC. Only the calendar decides: a month in which nothing happened is released like any other.
    """
    months: list[str] = []
    first_day = local_day(as_of, zone).replace(day=1)
    while len(months) < limits.months_back:
        last_day = first_day - dt.timedelta(days=1)
        if end_of(last_day + dt.timedelta(days=limits.settle_days), zone) < as_of:
            months.append(last_day.isoformat()[:7])
        first_day = last_day.replace(day=1)
    return sorted(months)


def key_set(kind: str, words: PublicWords) -> pl.DataFrame:
    """What a release tells of, whatever happened: columns agent and category (null: the margin), in USAGE's order."""
    agents = sorted((*words.agents, OTHER))
    categories = sorted((*_categories(kind, words), OTHER))
    return cells_of(agents, categories)


def cells_of(agents: Sequence[str], categories: Sequence[str]) -> pl.DataFrame:
    """Columns agent and category: per agent the margin (category null), then each category."""
    rows = [(agent, category) for agent in agents for category in (None, *categories)]
    return pl.DataFrame(rows, schema={name: COUNTS[name] for name in _CELL}, orient="row")


def monthly_counts(
    calls: pl.LazyFrame,
    submissions: pl.LazyFrame,
    owners: pl.Series,
    months: Sequence[str],
    words: PublicWords,
    zone: str,
) -> pl.DataFrame:
    """What each of `owners` did in each of `months`, exact and before the cap: columns of COUNTS, no category null.

    `calls` and `submissions`: the tables of a season with `owner_id` (owners.py). A call stands in the month of `at`, a
    try in that of `counted_at`; its category is its problem. Words that may not leave are told as `other`.
    """
    worked = calls.filter(pl.col("owner_id").is_in(owners.implode())).select(
        "owner_id",
        kind=pl.lit("calls"),
        month=_month("at", zone),
        agent=_told("agent_id", words.agents),
        category=_told("category", _categories("calls", words)),
        is_success="success",
    )
    tried = _own_attempts(submissions.filter(pl.col("owner_id").is_in(owners.implode()))).select(
        "owner_id",
        kind=pl.lit("submissions"),
        month=_month("counted_at", zone),
        agent=_told("agent_id", words.agents),
        category=_told("problem", _categories("submissions", words)),
        is_success=pl.col("verdict") == "verified",
    )
    keys = ["owner_id", *_RELEASE, *_CELL]
    both = pl.concat([worked, tried]).filter(pl.col("month").is_in(list(months)))
    sums = both.group_by(keys).agg(
        successes=pl.col("is_success").sum().cast(pl.Int64), failures=(~pl.col("is_success")).sum().cast(pl.Int64)
    )
    return sums.sort(keys).select(COUNTS.keys()).collect()


def clipped(counts: pl.DataFrame, max_norm: int) -> pl.DataFrame:
    """What each owner puts in after the cap: columns of COUNTS, margins (category null) beside the cells.

    `counts`: exact, of `monthly_counts`. An owner's margins of a kind and month are one vector over (agent; successes,
    failures), the cells another over (agent, category; successes, failures). A vector whose Euclidean norm is above
    `max_norm` is scaled down to it and its figures rounded down, each vector by itself: so a margin is not always the
    sum of its cells. The norm is then within `max_norm` without any rounding error: with x of a vector of square sum S
    each figure becomes floor(sqrt(x^2 max_norm^2 / S)), in whole numbers, and the sum of x^2 max_norm^2 / S is
    max_norm^2. Rows of which nothing is left are left out. Raises ValueError if margins are among the counts already.
    """
    if counts["category"].null_count():
        raise ValueError("the counts hold margins: the cap must not be applied twice")
    of_agent = ["owner_id", *_RELEASE, "agent"]
    margins = counts.group_by(of_agent).agg(pl.col(_FIGURES).sum()).with_columns(category=pl.lit(None, pl.String))
    both = pl.concat([counts.select(COUNTS.keys()), margins.select(COUNTS.keys())])
    wide = pl.sum_horizontal(pl.col(name).cast(pl.Int128) * pl.col(name).cast(pl.Int128) for name in _FIGURES)
    of_vector = ["owner_id", *_RELEASE, pl.col("category").is_null()]
    measured = both.with_columns(squares=wide.sum().over(of_vector))
    is_over = pl.col("squares") > max_norm * max_norm
    over = measured.filter(is_over)
    scaled = over.with_columns(_scaled(over[name], over["squares"], max_norm) for name in _FIGURES)
    whole = pl.concat([measured.filter(~is_over), scaled]).filter(pl.any_horizontal(pl.col(_FIGURES) > 0))
    return whole.sort("owner_id", *_RELEASE, *_CELL).select(COUNTS.keys())


def _scaled(figures: pl.Series, squares: pl.Series, max_norm: int) -> pl.Series:
    """Each figure times max_norm / sqrt(squares), rounded down: whole numbers of any size, so exact."""
    pairs = zip(figures.to_list(), squares.to_list(), strict=True)
    return pl.Series(figures.name, [isqrt((x * max_norm) ** 2 // square) for x, square in pairs], dtype=pl.Int64)


def _own_attempts(submissions: pl.LazyFrame) -> pl.LazyFrame:
    """An owner's judged tries at known tasks, per agent and task up to and including the owner's first verified one."""
    pair = ["owner_id", "agent_id", "task_id"]
    solves = (pl.col("verdict") == "verified").cast(pl.Int64)
    judged = submissions.filter(pl.col("verdict").is_in(["verified", "rejected"]), pl.col("problem").is_not_null())
    ordered = judged.sort("counted_at", "submission_id")
    return ordered.filter((solves.cum_sum() - solves).over(pair) == 0)


def _categories(kind: str, words: PublicWords) -> tuple[str, ...]:
    return {"calls": words.categories, "submissions": words.problems}[kind]


def _told(column: str, words: tuple[str, ...]) -> pl.Expr:
    is_public = pl.col(column).is_in(pl.Series(words, dtype=pl.String).implode())
    return pl.when(is_public).then(pl.col(column)).otherwise(pl.lit(OTHER))


def _month(column: str, zone: str) -> pl.Expr:
    return month_text(local_date(pl.col(column).dt.replace_time_zone(None), zone))
