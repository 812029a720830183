"""XP: what agent calls earn, factor by factor, and the ledger of it (SPEC section 8).

Here: base and factors of a call, their product, evidence, and the published table `xp_ledger`. Key of the stage: user.
Not here: the order of calls (calls.py), what XP makes of a user (levels.py), achievements (achievements.py).
"""

import polars as pl

from pipelines.game import streaks
from pipelines.game.calls import DECIMALS
from pipelines.game.contract import INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.records import COMPLEXITIES, EVIDENCE_TYPES
from pipelines.game.xp_rules import ByComplexity, Step, XpRules

BADGES_BETWEEN = 1 << 30  # places left behind each call for badges that come before the next one


def _of_calls(name: str, about: str, dtype: pl.DataType = NUMBER) -> Column:
    return Column(name, dtype, f"{about}; null for achievements", nullable=True, low=0)


XP_LEDGER = Table(
    name="xp_ledger",
    grain="One row per award of XP",
    columns=(
        Column("entry_id", TEXT, "the award: its rule, and the call or the user"),
        Column("event_id", TEXT, "the call's record in force; of an achievement the event that completed it"),
        Column("user_id", TEXT, "who earned it"),
        Column("agent_id", TEXT, "the agent called; null for achievements", nullable=True),
        Column("team_id", TEXT, "the team of that event", nullable=True),
        Column("project_id", TEXT, "the project of that event", nullable=True),
        Column("rule", TEXT, "`agent_call`, or `achievement:` and its slug"),
        Column("xp", WHOLE, "XP", low=0),
        Column("earned_at", INSTANT, "when it was earned"),
        _of_calls("base", "base of the call", WHOLE),
        _of_calls("complexity_factor", "for its complexity"),
        _of_calls("quality_factor", "for the mean of its scores"),
        _of_calls("speed_factor", "for its duration against the expected one"),
        _of_calls("multiplier", "product of its multipliers"),
        _of_calls("streak_factor", "for the user's run of active days"),
        _of_calls("success_factor", "for success or failure"),
        _of_calls("bonus", "bonus, added in full", WHOLE),
        _of_calls("evidence", "for evidence, added in full", WHOLE),
        Column("rulebook", TEXT, "fingerprint of the rules applied"),
    ),
    sort_by=("user_id", "earned_at"),
)


def active_days(ordered: pl.DataFrame, calendar: streaks.Calendar) -> pl.DataFrame:
    """Days on which a user had a successful call: user, day, run, run_length (days of the run so far)."""
    days = ordered.filter("success").select("user", "day", completed=pl.lit(1)).unique(maintain_order=True)
    return streaks.active_days(days, calendar, key="user")


def earn(ordered: pl.DataFrame, active: pl.DataFrame, rules: XpRules, calendar: streaks.Calendar) -> pl.DataFrame:
    """The calls with every factor and their `xp`: columns of the ledger from `base` to `evidence`.

    `active`: from `active_days`; a call's run of active days is the one that ends on the day before it.
    """
    with_days = ordered.join(
        _days_in_a_row(ordered, active, calendar), on=["user", "day"], how="left", maintain_order="left"
    )
    used, expected = pl.col("duration_s"), pl.col("expected_s")
    frame = with_days.with_columns(
        base=_base(rules),
        complexity_factor=_by_complexity(rules.complexity),
        expected_s=_by_complexity(rules.speed.expected_s),
        quality_factor=_from(pl.col("mean_quality"), rules.quality.steps).fill_null(rules.quality.absent),
        multiplier=_product(pl.col("multipliers"), ordered),
        streak_factor=_from(pl.col("n_days"), rules.streak).fill_null(1.0),
        success_factor=pl.when("success").then(pl.lit(rules.success)).otherwise(pl.lit(rules.failure)),
        bonus=pl.col("bonus_points").fill_null(0),
        evidence=_evidence(rules),
    )
    slower = (1 - rules.speed.slow_slope * (used - expected) / expected).clip(lower_bound=rules.speed.slow_least)
    speed = _up_to((used / expected).round(DECIMALS), rules.speed.steps, slower)
    frame = frame.with_columns(speed_factor=pl.when(used > 0).then(speed).otherwise(1.0))
    product = pl.col("base").cast(pl.Float64)
    for factor in ("complexity", "quality", "speed"):
        product *= pl.col(f"{factor}_factor")
    product = product * pl.col("multiplier") * pl.col("streak_factor") * pl.col("success_factor")
    main = product.clip(upper_bound=rules.cap).round(DECIMALS).floor().cast(pl.Int64)
    return frame.with_columns(xp=main + pl.col("bonus") + pl.col("evidence"))


def _days_in_a_row(ordered: pl.DataFrame, active: pl.DataFrame, calendar: streaks.Calendar) -> pl.DataFrame:
    """Per user and day with a call `n_days`: 1, and the length of the run of active days that ended the day before."""
    days = ordered.select("user", "day").unique(maintain_order=True)
    last = active.select("user", "run_length", "day", active_on="day").sort("day", maintain_order=True)
    found = days.sort("day", maintain_order=True).join_asof(
        last, on="day", by="user", strategy="backward", allow_exact_matches=False, check_sortedness=False
    )
    is_running = calendar.missed_between(pl.col("active_on"), pl.col("day")) == 0
    return found.select("user", "day", n_days=1 + pl.when(is_running).then("run_length").otherwise(0))


def _base(rules: XpRules) -> pl.Expr:
    by_action = pl.col("action_type").replace_strict(
        list(rules.action), list(rules.action.values()), default=rules.other_action, return_dtype=pl.Int64
    )
    return pl.when(pl.col("base_points") > 0).then("base_points").otherwise(by_action)


def _by_complexity(numbers: ByComplexity) -> pl.Expr:
    told = [getattr(numbers, name) for name in COMPLEXITIES]
    return (
        pl.col("complexity").replace_strict(list(COMPLEXITIES), told, return_dtype=pl.Float64).fill_null(numbers.absent)
    )


def _from(value: pl.Expr, steps: tuple[Step, ...]) -> pl.Expr:
    """The factor of the last step that `value` reaches; null where it is null or below the first."""
    factor = pl.lit(None, dtype=pl.Float64)
    for at_least, told in steps:
        factor = pl.when(value >= at_least).then(pl.lit(told)).otherwise(factor)
    return factor


def _up_to(value: pl.Expr, steps: tuple[Step, ...], beyond: pl.Expr) -> pl.Expr:
    """The factor of the first step that `value` does not exceed, or else `beyond`."""
    factor = beyond
    for at_most, told in reversed(steps):
        factor = pl.when(value <= at_most).then(pl.lit(told)).otherwise(factor)
    return factor


def _product(numbers: pl.Expr, frame: pl.DataFrame) -> pl.Expr:
    """The product of each list, from left to right, as the rounding of doubles depends on it."""
    longest = frame["multipliers"].list.len().max()
    product = pl.lit(1.0)
    for place in range(longest if isinstance(longest, int) else 0):
        product = product * numbers.list.get(place, null_on_oob=True).fill_null(1.0)
    return product


def _evidence(rules: XpRules) -> pl.Expr:
    """Evidence needs a type and a text; its XP is a share of the base that the record gave, cut to whole XP twice."""
    rates = [getattr(rules.evidence, name) for name in EVIDENCE_TYPES]
    rate = pl.col("evidence_type").replace_strict(list(EVIDENCE_TYPES), rates, return_dtype=pl.Float64)
    plain = (pl.col("base_points").fill_null(0) * rate).round(DECIMALS).floor()
    factor = pl.col("improvement_factor").clip(upper_bound=rules.evidence.max_improvement)
    improved = (plain * factor).round(DECIMALS).floor()
    has_text = pl.col("evidence").str.len_bytes() > 0
    return pl.when(has_text).then(improved.fill_null(plain)).fill_null(0).cast(pl.Int64)


def publish(earned: pl.DataFrame, rewards: pl.DataFrame, ids: Ids, fingerprint: str) -> pl.DataFrame:
    """A bucket's part of the table `xp_ledger`: its calls, and the XP of achievements after the event of each.

    `earned`: from `earn`; `rewards`: user, badge, tier, xp, earned_at, place, event_id, team, project.
    """
    calls = earned.with_columns(
        place=place_of_call(), earned_at="at", rule=pl.lit("agent_call"), entry_id=pl.format("agent_call:{}", "call_id")
    )
    tier = pl.when(pl.col("tier").is_not_null()).then(pl.format("/{}", "tier")).otherwise(pl.lit(""))
    rewarded = rewards.with_columns(
        rule=pl.format("achievement:{}", "badge"), agent=pl.lit(None, dtype=pl.UInt32)
    ).with_columns(entry_id=pl.format("{}{}:{}", "rule", tier, ids.users.gather(rewards["user"])))
    shared = [c for c in calls.columns if c in rewarded.columns]
    frame = pl.concat([calls, rewarded.select(shared)], how="diagonal").sort("user", "place", maintain_order=True)
    return XP_LEDGER.shape(
        frame.with_columns(
            user_id=ids.users.gather(frame["user"]),
            agent_id=ids.agents.gather(frame["agent"]),
            team_id=ids.teams.gather(frame["team"]),
            project_id=ids.projects.gather(frame["project"]),
            rulebook=pl.lit(fingerprint),
        )
    )


def place_of_call() -> pl.Expr:
    """Where a call stands in its bucket, with room behind it for the badges that come before the next call."""
    return pl.col("row").cast(pl.Int64) * BADGES_BETWEEN
