"""Whether agents change: the slope of success, difficulty, duration and volume over the last 26 weeks, and how sure.

Here: the table `agent_trends`. A word such as "rising" is given only where Benjamini and Hochberg's procedure over all
agents lets it stand (slopes.py), so that of 10,000 agents not 500 rise by chance. Success that is adjusted for the mix
of work is success less what all agents together have in the same category and difficulty: an agent that gets easier
work is not better for it. It is cautious where an agent does most of a kind of work itself, for then it is held against
itself. What no slope can tell apart: change, and the way back from a lucky start (regression to the mean) of an agent
that was picked out for it. Not here: counting days (daily_work.py), the lines (series.py, slopes.py), the
sentences (words.py).
"""

import datetime as dt
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from pipelines.game.contract import DAY, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.evidence import KINDS, Evidence
from pipelines.insight.growth.series import DAYS, MEASURES, Recent, measured
from pipelines.insight.growth.slopes import flagged
from pipelines.insight.growth.words import DIRECTIONS, FALLING, NONE_SHOWN, RISING, TOO_LITTLE, with_sentences

MIN_DAYS = 8  # with a trial: of fewer the spread between days is not known
MIN_SPAN = 14  # days from the first to the last: from less, a change in 30 days would be a guess

AGENT_TRENDS = Table(
    name="agent_trends",
    grain="One row per agent, kind of trial and measure, of what was tried in the last 26 weeks",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        Column("kind", TEXT, "whether its calls or its counted submissions", words=KINDS),
        Column(
            "measure",
            TEXT,
            "success: a share; mix_adjusted_success: success less that of all agents in the same category (problem) "
            "and difficulty; complexity: mean difficulty, 0 easy to 3 hardest; duration: geometric mean, seconds; "
            "volume: trials in 7 days",
            words=MEASURES,
        ),
        Column("first_on", DAY, "the first day with a trial in these weeks"),
        Column("last_on", DAY, "the last one"),
        Column("n_days", WHOLE, "days with a trial that tells the measure", low=1),
        Column("n", WHOLE, "those trials; of volume without the agent's first day ever", low=1),
        Column("n_before", WHOLE, "those of the first half of the time", low=0),
        Column("before", NUMBER, "the measure in that half", nullable=True),
        Column("n_after", WHOLE, "those of the second half", low=0),
        Column("after", NUMBER, "the measure in that half", nullable=True),
        Column(
            "slope",
            NUMBER,
            "change of the measure in 30 days, by weighted least squares; of duration that of its natural logarithm",
            nullable=True,
        ),
        Column("slope_lo95", NUMBER, "95 % lower bound of it, robust to days that differ", nullable=True),
        Column("slope_hi95", NUMBER, "95 % upper bound of it", nullable=True),
        Column("p_value", NUMBER, "of a slope of 0", nullable=True, low=0, high=1),
        Column(
            "direction",
            TEXT,
            "rising or falling only where the rulebook's share of false flags among all agents allows the word",
            words=DIRECTIONS,
        ),
        Column("sentence", TEXT, "the same for a person"),
    ),
    sort_by=("agent_id", "kind", "measure"),
)
_DECIMALS = 6


def trends(evidence: Evidence, days: pl.DataFrame) -> pl.DataFrame:
    """The table. `days`: `daily_work` of the same evidence."""
    since = dt.date.fromordinal(max(evidence.today.toordinal() - DAYS + 1, 1))  # a log may begin with the calendar
    recent = days.filter(pl.col("day").is_between(since, evidence.today))
    if recent.is_empty():
        return AGENT_TRENDS.empty()
    born = days.group_by("agent_id", "kind").agg(born=pl.col("day").min())
    rows = recent.join(born, on=["agent_id", "kind"], how="left", maintain_order="left")
    rows = rows.with_columns(of=pl.struct("agent_id", "kind").rle_id().cast(pl.Int64))
    whose = rows.group_by("of", maintain_order=True).agg(
        pl.col("agent_id", "kind").first(), first_on=pl.col("day").min(), last_on=pl.col("day").max()
    )
    lines = Recent.of_days(rows, evidence.today)
    frame = pl.concat([whose] * len(MEASURES)).hstack(_of_measures(lines))
    frame = frame.filter(pl.col("n") > 0).with_columns(cs.float().fill_nan(None))
    least = evidence.rules.insight.min_attempts
    frame = _with_directions(frame, least, evidence.rules.insight.false_flags)
    return AGENT_TRENDS.shape(with_sentences(frame, least, MIN_DAYS, MIN_SPAN).sort(AGENT_TRENDS.sort_by))


def _of_measures(recent: Recent) -> pl.DataFrame:
    """Every measure of all series, one measure after another."""
    columns: dict[str, list[NDArray[Any]]] = {}
    for measure in MEASURES:
        held = measured(recent, measure)
        line = held.line
        counts = {"n_days": held.n_days, "n": held.n, "n_before": held.n_before, "n_after": held.n_after}
        numbers = {"before": held.before, "after": held.after, "slope": line.slope, "p_value": line.p_value}
        numbers |= {"slope_lo95": line.low, "slope_hi95": line.high}
        rounded = {name: np.round(values, _DECIMALS) + 0.0 for name, values in numbers.items()}  # never -0
        for name, values in (counts | rounded).items():
            columns.setdefault(name, []).append(values)
    named = np.repeat(MEASURES, recent.n_series)
    return pl.DataFrame({"measure": named, **{name: np.concatenate(parts) for name, parts in columns.items()}})


def _with_directions(frame: pl.DataFrame, min_attempts: int, false_flags: float) -> pl.DataFrame:
    """Adds `span` (days), `direction`, and `n_family`: how many agents of that kind and measure have a slope.

    Where there is too little data, the slope is taken out: nobody shall read what nobody vouches for.
    """
    slope = ["slope", "slope_lo95", "slope_hi95", "p_value"]
    frame = frame.with_columns(span=(pl.col("last_on") - pl.col("first_on")).dt.total_days())
    is_enough = (pl.col("n") >= min_attempts) & (pl.col("n_days") >= MIN_DAYS) & (pl.col("span") >= MIN_SPAN)
    frame = frame.with_columns(pl.when(is_enough).then(pl.col(slope)))
    family = frame.select(pl.struct("kind", "measure").rank("dense").cast(pl.Int64)).to_series()
    told = flagged(frame["p_value"].fill_null(np.nan).to_numpy(), family.to_numpy(), false_flags)
    word = pl.when(pl.col("slope") > 0).then(pl.lit(RISING)).otherwise(pl.lit(FALLING))
    return frame.with_columns(
        pl.when(pl.Series(told)).then(word)
        .when(pl.col("slope").is_null()).then(pl.lit(TOO_LITTLE))
        .otherwise(pl.lit(NONE_SHOWN)).alias("direction"),
        n_family=pl.col("slope").count().over("kind", "measure"),
    )  # fmt: skip
