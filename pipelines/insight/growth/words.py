"""A trend as a sentence: what was, what is, how fast and how sure, or that there is too little to say.

No sentence says why. Not here: the numbers (trends.py).
"""

import polars as pl

from pipelines.insight.evidence import CALL

RISING, FALLING, NONE_SHOWN, TOO_LITTLE = "rising", "falling", "no trend shown", "too little data"
DIRECTIONS = (RISING, FALLING, NONE_SHOWN, TOO_LITTLE)
_HEADS = {
    "success": "Success",
    "mix_adjusted_success": "Success against all agents' at the same kind of work",
    "complexity": "Difficulty of the work (0 to 3)",
    "duration": "Duration",
    "volume": "Volume",
}
_MANY_S = 100  # seconds, from which on minutes read better
_TIMES, _MOST_TIMES = 3, 1000  # factors of durations are told in percent below, and no further than the second
_UNITS = dict.fromkeys(("success", "mix_adjusted_success"), " percentage points") | {"volume": " a week"}


def with_sentences(frame: pl.DataFrame, min_attempts: int, min_days: int, min_span: int) -> pl.DataFrame:
    """Adds `sentence` to rows of `agent_trends`, in any order.

    They have also `span`, days from first to last, and `n_family`, of how many agents a slope is known.
    """
    is_little = pl.col("direction") == TOO_LITTLE
    little, told = frame.filter(is_little), frame.filter(~is_little)
    little = little.with_columns(sentence=_too_little(min_attempts, min_days, min_span))
    return pl.concat([little, told.with_columns(sentence=_trend())]) if told.height else little


def _too_little(min_attempts: int, min_days: int, min_span: int) -> pl.Expr:
    is_few = (pl.col("n") < min_attempts) | (pl.col("n_days") < min_days) | (pl.col("span") < min_span)
    wanted = f"wanted are {min_attempts} on {min_days} days, the last at least {min_span} days after the first"
    why = pl.when(is_few).then(pl.lit(wanted)).otherwise(pl.lit("too much of it fell on a few days"))
    return pl.format("{}: too little data for a trend, {}; {}.", _head(), _days(), why)


def _trend() -> pl.Expr:
    change, low, high = (_change(f"slope{end}") for end in ("", "_lo95", "_hi95"))
    unit = pl.col("measure").replace_strict(_UNITS, default="", return_dtype=pl.String)
    leaves_out_0 = (pl.col("slope_lo95") > 0) | (pl.col("slope_hi95") < 0)
    many = pl.format("; with {} agents looked at, an interval that leaves 0 out is no rarity", pl.col("n_family"))
    is_none = pl.col("direction") == NONE_SHOWN
    verdict = (
        pl.when(is_none).then(pl.lit(": no trend shown. ")).otherwise(pl.format(" is {}: ", pl.col("direction")))
    )  # fmt: skip
    return pl.format(
        "{}{}{} in the first half ({}), {} in the second ({}); {}{} (95 % interval {} to {}) in 30 days{}; {}.",
        _head(),
        verdict,
        *(part for half in ("before", "after") for part in (_value(half), _count(f"n_{half}", _noun()))),
        *(change, unit, low, high),
        pl.when(is_none & leaves_out_0).then(many).otherwise(pl.lit("")),
        _days(),
    )


def _head() -> pl.Expr:
    return pl.col("measure").replace_strict(_HEADS, return_dtype=pl.String)


def _days() -> pl.Expr:
    return pl.format("{} on {}", _count("n", _noun()), _count("n_days", pl.lit("day")))


def _noun() -> pl.Expr:
    return pl.when(kind=CALL).then(pl.lit("call")).otherwise(pl.lit("submission"))


def _count(n: str, noun: pl.Expr) -> pl.Expr:
    return pl.format("{} {}{}", pl.col(n), noun, pl.when(pl.col(n) == 1).then(pl.lit("")).otherwise(pl.lit("s")))


def _value(column: str) -> pl.Expr:
    """The measure in words; `nothing` for a half without trials."""
    value = pl.col(column)
    words = (
        pl.when(measure="success").then(pl.format("{} %", _fixed(value * 100, 1)))
        .when(measure="mix_adjusted_success").then(pl.format("{} percentage points", _signed(value * 100, 1)))
        .when(measure="complexity").then(_fixed(value, 2))
        .when(measure="duration").then(_time(value))
        .otherwise(pl.format("{} a week", _fixed(value, 1)))
    )  # fmt: skip
    return pl.when(value.is_null()).then(pl.lit("nothing")).otherwise(words)


def _time(seconds: pl.Expr) -> pl.Expr:
    return (
        pl.when(seconds < _MANY_S).then(pl.format("{} s", _fixed(seconds, 1)))
        .when(seconds < 60 * _MANY_S).then(pl.format("{} min", _fixed(seconds / 60, 1)))
        .otherwise(pl.format("{} h", _fixed(seconds / 3600, 1)))
    )  # fmt: skip


def _change(column: str) -> pl.Expr:
    """A slope in words. That of a duration is a factor: in percent, and where it is large in times."""
    value = pl.col(column)
    factor = value.clip(-20, 20).exp()
    times = pl.format("x {}", _fixed(factor.clip(upper_bound=_MOST_TIMES), 1))
    percent = pl.format("{} %", _signed((factor - 1) * 100, 0))
    return (
        pl.when(pl.col("measure").is_in(["success", "mix_adjusted_success"])).then(_signed(value * 100, 1))
        .when(measure="complexity").then(_signed(value, 2))
        .when((pl.col("measure") == "duration") & (factor >= _TIMES)).then(times)
        .when(measure="duration").then(percent)
        .otherwise(_signed(value, 1))
    )  # fmt: skip


def _signed(value: pl.Expr, decimals: int) -> pl.Expr:
    plus = pl.when(value.round(decimals) > 0).then(pl.lit("+")).otherwise(pl.lit(""))
    return pl.format("{}{}", plus, _fixed(value, decimals))


def _fixed(value: pl.Expr, decimals: int) -> pl.Expr:
    """A number with so many decimals; never -0."""
    rounded = value.round(decimals) + 0.0
    if decimals == 0:
        return rounded.cast(pl.Int64).cast(pl.String)
    whole = (rounded.abs() * 10**decimals).round().cast(pl.Int64)
    sign = pl.when(rounded < 0).then(pl.lit("-")).otherwise(pl.lit(""))
    rest = (whole % 10**decimals).cast(pl.String).str.zfill(decimals)
    return pl.format("{}{}.{}", sign, whole // 10**decimals, rest)
