"""Why an agent is advised, as a sentence: the terms of the model that stand out, with the calls behind each.

"Because" speaks of terms of the model alone: of what was measured, not of what makes an agent succeed. Here: words.
Not here: the choice (choosing.py), the table (recommend.py).
"""

from math import isnan

import numpy as np
import polars as pl

from pipelines.insight.advice.subject_use import USER
from pipelines.insight.advice.support import Support
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.ratings import BORROWED
from pipelines.insight.skill.terms import HARDNESS
from pipelines.insight.skill.trials import Codes, Numbers

PRIOR = "prior"
STANDS_OUT = 1.0  # posterior standard deviations from the average agent: beneath that a term may well be nothing
LEAST_TERM = 0.1  # logits, 2 percentage points at one half: a smaller term is not worth a word however sure it is
MOST_TERMS = 3
OTHER_MIX, OTHER_RATE = 0.15, 0.05  # shares by which simple work, and the raw rate, must be off to be spoken of
_TERMS = ("skill", "own", "tilt", "spot", "pair")
_TERMS_SIZES = tuple(f"{term}_size" for term in _TERMS)


def terms(model: SkillModel, support: Support, agent: Codes, context: Codes, kind: tuple[Codes, Codes]) -> pl.DataFrame:
    """What the model says of agents, context (users) and kind of work (category, level), row by row, for `reasons`.

    Columns <term> (logits; 0 is the average agent) and <term>_sd for skill, own (what the category adds), tilt (what
    the difficulty adds), spot (category and difficulty together), pair (the user and the agent); hardness, n_kind,
    raw_rate, simplest_share.
    """
    category, level = kind
    hardness, tilt, skill = HARDNESS[level], model.tilt(), model.overall()
    own, spot, pair = model.own(agent, category), model.spot(agent, category, level), model.pair(agent, context)
    columns: dict[str, Numbers | Codes] = {
        "skill": skill.mean[agent],
        "skill_sd": skill.sd[agent],
        "own": own.mean,
        "own_sd": own.sd,
        "tilt": tilt.mean[agent] * hardness,
        "tilt_sd": tilt.sd[agent] * np.abs(hardness),
        "spot": spot.mean,
        "spot_sd": spot.sd,
        "pair": pair.mean,
        "pair_sd": pair.sd,
        "hardness": hardness,
        "n_kind": support.at_kind(agent, category, level),
        "raw_rate": support.raw_rate[agent],
        "simplest_share": support.simplest_share[agent],
    }
    return pl.DataFrame(columns)


def reasons(rows: pl.DataFrame, simplest_share_of_all: float, min_attempts: int) -> pl.Series:
    """The reason of each row of `agent_recommendations`; `rows` have the columns of `terms` too.

    `simplest_share_of_all`: of all calls; `min_attempts`: of an agent whose raw rate is worth a word.
    """
    # step by step: one expression of all this would take Polars longer to plan than a season to play
    told = rows.lazy().with_columns(work=work(), whose=_by_subject("you use", "the team uses"), **_sizes())
    told = told.with_columns(least=pl.concat_list(_TERMS_SIZES).list.sort(descending=True).list.get(MOST_TERMS - 1))
    told = told.with_columns(_named())
    told = told.with_columns(_because())
    is_prior, is_borrowed = pl.col("evidence") == PRIOR, pl.col("evidence") == BORROWED
    parts = {
        "head": pl.format("`{}` for {}: {}", "agent_id", "work", _interval("p_success", "p_lo80", "p_hi80")),
        "compared": _compared(),
        "known": pl.when(is_prior).then(_unknown()).when(is_borrowed).then(_lent()).otherwise(pl.lit("")),
        "because": pl.when(is_prior).then(pl.lit("")).otherwise(pl.col("because")),
        "flattered": _flattered(simplest_share_of_all, min_attempts),
        "tried": pl.when(pl.col("slot") == "explore").then(_tried()).otherwise(pl.lit("")),
    }
    return told.select(**parts).select(reason_text=pl.concat_str(pl.all())).collect().to_series()


def work() -> pl.Expr:
    """The kind of work of columns category and difficulty, in words."""
    category, difficulty = pl.col("category"), pl.col("difficulty")
    return (
        pl.when(category.is_null() & difficulty.is_null())
        .then(pl.lit("work of which neither category nor difficulty is told"))
        .when(category.is_null())
        .then(pl.format("{} work without a category", difficulty))
        .when(difficulty.is_null())
        .then(pl.format("{} of no told difficulty", category))
        .otherwise(pl.format("{} {}", difficulty, category))
    )


def _compared() -> pl.Expr:
    """Beside the agent in use."""
    lift, whose = _whole(pl.col("lift_pp")), pl.col("whose")
    low, high = _whole(pl.col("lift_lo80")), _whole(pl.col("lift_hi80"))
    point = pl.when(lift.abs() == 1).then(pl.lit("point")).otherwise(pl.lit("points"))
    side = pl.when(lift > 0).then(pl.lit("over")).otherwise(pl.lit("below"))
    apart = pl.format("{} percentage {} {}", lift.abs(), point, side)
    told = pl.when(lift == 0).then(pl.lit("level with")).otherwise(apart)
    by_chance = (pl.col("lift_lo80") <= 0) & (pl.col("lift_hi80") >= 0)
    sure = pl.format(", {} `{}` (80 %: {} to {}), which {} now.", told, "current_agent_id", low, high, whose)
    unsure = pl.format(
        ", {} `{}`, which {} now: the difference is within what chance makes (80 %: {} to {}).",
        told, "current_agent_id", whose, low, high,
    )  # fmt: skip
    return (
        pl.when(pl.col("current_agent_id").is_null())
        .then(pl.lit("."))
        .when(pl.col("current_agent_id") == pl.col("agent_id"))
        .then(_by_subject(". You use it now.", ". The team uses it now."))
        .when(by_chance)
        .then(unsure)
        .otherwise(sure)
    )


def _unknown() -> pl.Expr:
    n = pl.col("n_agent")
    return pl.format(
        " Only {} of it {} known: this is nearly what the average agent does.",
        _calls(n), pl.when(n == 1).then(pl.lit("is")).otherwise(pl.lit("are")),
    )  # fmt: skip


def _lent() -> pl.Expr:
    where = pl.col("category").fill_null("work without a category")
    n, others = pl.col("n_category"), pl.col("n_agent") - pl.col("n_category")
    none = pl.format(" No call of its own in {}: judged by its other work ({}).", where, _calls(others))
    few = pl.format(
        " Only {} of its own in {}: judged mostly by its other work ({}).", _calls(n), where, _calls(others)
    )
    return pl.when(n == 0).then(none).when(others > 0).then(few).otherwise(pl.lit(""))


def _sizes() -> dict[str, pl.Expr]:
    """How large each term is; 0 if it does not stand out."""
    return {name: _size(term) for term, name in zip(_TERMS, _TERMS_SIZES, strict=True)}


def _size(term: str) -> pl.Expr:
    size, sd = pl.col(term).abs(), pl.col(f"{term}_sd")
    return pl.when((size >= LEAST_TERM) & (size > STANDS_OUT * sd)).then(size).otherwise(0.0)


def _named() -> list[pl.Expr]:
    """The largest terms in words, at most MOST_TERMS of them: columns good and bad."""
    lines, good, bad = _phrases(), [], []
    for term, name in zip(_TERMS, _TERMS_SIZES, strict=True):
        is_named = (pl.col(name) > 0) & (pl.col(name) >= pl.col("least"))
        good.append(pl.when(is_named & (pl.col(term) > 0)).then(lines[term][0]))
        bad.append(pl.when(is_named & (pl.col(term) < 0)).then(lines[term][1]))
    return [pl.concat_str(held, separator=", ", ignore_nulls=True).alias(name) for held, name in
            ((good, "good"), (bad, "bad"))]  # fmt: skip


def _because() -> pl.Expr:
    """What stands out, or that nothing does; of an agent judged by its other work that was said already."""
    good, bad = pl.col("good"), pl.col("bad")
    is_judged = (pl.col("evidence") == BORROWED) & (pl.col("n_agent") > pl.col("n_category"))
    nothing = pl.format(" No term stands out: its place comes from all together ({}).", _calls(pl.col("n_agent")))
    return pl.concat_str(
        pl.when(good != "").then(pl.format(" Because: {}.", good)).otherwise(pl.lit("")),
        pl.when(bad != "").then(pl.format(" Against it: {}.", bad)).otherwise(pl.lit("")),
        pl.when((good == "") & (bad == "") & ~is_judged).then(nothing).otherwise(pl.lit("")),
    ).alias("because")


def _phrases() -> dict[str, tuple[pl.Expr, pl.Expr]]:
    """Of each term what is said for and against an agent."""
    category, is_hard = pl.col("category").fill_null("work without a category"), pl.col("hardness") > 0
    n_level = pl.format("{} {}", pl.col("n_difficulty"), pl.col("difficulty").fill_null("other"))
    at_level = pl.format(" ({} {})", n_level, _call(pl.col("n_difficulty")))
    for_whom, n_kind = _by_subject("with you", "in the team"), _calls(pl.col("n_kind"))
    best = pl.when(is_hard).then(pl.lit("holds up on hard work")).otherwise(pl.lit("at its best on easy work"))
    worst = pl.when(is_hard).then(pl.lit("falls off on hard work")).otherwise(pl.lit("less good on easy work"))
    return {
        "skill": _both("skilled overall ({})", "weak overall ({})", _calls(pl.col("n_agent"))),
        "own": _both("strong in {} ({})", "weak in {} ({})", category, _calls(pl.col("n_category"))),
        "tilt": (pl.concat_str(best, at_level), pl.concat_str(worst, at_level)),
        "spot": _both("better still at {} ({})", "worse than that at {} ({})", pl.col("work"), n_kind),
        "pair": _both("fares well {} ({})", "fares badly {} ({})", for_whom, _calls(pl.col("n_own"))),
    }  # fmt: skip


def _both(good: str, bad: str, *of: pl.Expr) -> tuple[pl.Expr, pl.Expr]:
    return pl.format(good, *of), pl.format(bad, *of)


def _flattered(of_all: float, min_attempts: int) -> pl.Expr:
    """Where an agent's raw rate misleads, for it had other work than most."""
    simplest = pl.col("simplest_share").fill_nan(None)  # of an agent whose difficulties nobody tells
    easier, higher = simplest - of_all, pl.col("raw_rate") - pl.col("p_success")
    is_known = pl.col("n_agent") >= min_attempts
    told = (_percent("raw_rate"), pl.col("n_agent"), _whole(simplest * 100))
    mix = f"% of its calls were simple ({'' if isnan(of_all) else round(of_all * 100)} % of all)."
    flatters = pl.format(" Its raw rate of {} % (n = {}) flatters: {} " + mix, *told)
    undersells = pl.format(" Its raw rate of {} % (n = {}) undersells it: {} " + mix, *told)
    return (
        pl.when(is_known & (easier >= OTHER_MIX) & (higher >= OTHER_RATE))
        .then(flatters)
        .when(is_known & (easier <= -OTHER_MIX) & (higher <= -OTHER_RATE))
        .then(undersells)
        .otherwise(pl.lit(""))
    )


def _tried() -> pl.Expr:
    """How it came to be tried; that nobody else tries it is not said of the agent in use."""
    whole = _percent("propensity")
    said = (
        pl.when(whole < 1)
        .then(pl.lit("less than 1"))
        .when(whole > 99)
        .then(pl.lit("more than 99"))
        .otherwise(whole.cast(pl.String))
    )
    drawn = pl.format(" Drawn as worth a try, with a chance of {} %", said)
    in_use = (pl.col("current_agent_id") == pl.col("agent_id")).fill_null(value=False)
    is_last, untried = pl.col("propensity") == 1, pl.lit(": what nobody tries stays unknown.")
    return (
        pl.when(is_last & in_use)
        .then(pl.lit(" No other is left to try."))
        .when(is_last)
        .then(pl.concat_str(pl.lit(" Worth a try as the only one left"), untried))
        .when(in_use)
        .then(pl.concat_str(drawn, pl.lit(".")))
        .otherwise(pl.concat_str(drawn, untried))
    )


def _by_subject(you: str, team: str) -> pl.Expr:
    return pl.when(pl.col("subject_type") == USER).then(pl.lit(you)).otherwise(pl.lit(team))


def _interval(value: str, low: str, high: str) -> pl.Expr:
    return pl.format("{} % (80 %: {} to {})", *(chance(name) for name in (value, low, high)))


def chance(share: str) -> pl.Expr:
    """A chance in whole percent; what is neither sure nor impossible does not read so."""
    whole = _percent(share)
    return pl.when(whole > 99).then(pl.lit(">99")).when(whole < 1).then(pl.lit("<1")).otherwise(whole.cast(pl.String))


def _percent(share: str) -> pl.Expr:
    return _whole(pl.col(share) * 100)


def _whole(value: pl.Expr) -> pl.Expr:
    return value.round(0).cast(pl.Int64)


def _calls(n: pl.Expr) -> pl.Expr:
    return pl.format("{} {}", n, _call(n))


def _call(n: pl.Expr) -> pl.Expr:
    return pl.when(n == 1).then(pl.lit("call")).otherwise(pl.lit("calls"))
