"""The tables of badges and achievements: what was earned, and the way to the others.

Here: the published tables `badges` and `badge_progress`. Not here: when a condition held (badges.py, champion.py,
achievements.py, conferring.py), and what is required besides (requires.py).
"""

import polars as pl

from pipelines.game import requires
from pipelines.game.badges import EARNED
from pipelines.game.contract import INSTANT, NUMBER, TEXT, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule

_WHOSE_BADGE = (
    Column("subject_type", TEXT, "whose: an agent's or a user's", words=("agent", "user")),
    Column("subject_id", TEXT, "the agent or user"),
    Column("badge", TEXT, "slug of the badge or achievement"),
    Column("tier", TEXT, "its tier, where it has tiers", nullable=True),
)

BADGES = Table(
    name="badges",
    grain="One row per badge or achievement earned",
    columns=(
        *_WHOSE_BADGE,
        Column("earned_at", INSTANT, "when its condition first held"),
        Column("event_id", TEXT, "the event that did it"),
    ),
    sort_by=("subject_type", "subject_id", "earned_at", "badge", "tier"),
)

BADGE_PROGRESS = Table(
    name="badge_progress",
    grain="One row per agent and badge, or user and achievement, not yet earned",
    columns=(
        *_WHOSE_BADGE,
        Column("progress_share", NUMBER, "how far, 0 to 1", low=0, high=1),
        Column("value", NUMBER, "the metric so far (in a sliding window: the best window)", low=0),
        Column("threshold", NUMBER, "the value that earns it (leads: the leader's points)", low=0),
    ),
    sort_by=("subject_type", "subject_id", "badge", "tier"),
)


def earned(held: pl.DataFrame, badges: tuple[BadgeRule, ...]) -> pl.DataFrame:
    """The badges that agents earned, from where each badge's own condition first held: columns of badges.EARNED."""
    if not badges:
        return held
    own = {
        badge.key: held.filter(
            (pl.col("badge") == badge.slug) & pl.col("tier").eq_missing(pl.lit(badge.tier, dtype=pl.String))
        ).drop("badge", "tier")
        for badge in badges
    }
    return requires.earned(badges, own, "agent").select(EARNED.keys())


def publish_badges(earned: pl.DataFrame, subject_type: str, subjects: pl.Series) -> pl.DataFrame:
    """Badges of agents or achievements of users as rows of the table `badges`.

    `earned`: a column named like `subject_type` with the number of each, badge, tier, earned_at, event_id;
    `subjects`: their ids by number.
    """
    frame = earned.with_columns(subject_type=pl.lit(subject_type), subject_id=subjects.gather(earned[subject_type]))
    return BADGES.shape(frame.sort(BADGES.sort_by))


def publish_progress(
    agents: pl.DataFrame,
    progress: pl.DataFrame,
    earned: pl.DataFrame,
    badges: tuple[BadgeRule, ...],
    ids: Ids,
) -> pl.DataFrame:
    """The agents' rows of `badge_progress`: every agent by every badge it has not earned; no event yet is none."""
    rules = pl.DataFrame(
        {
            "badge": [badge.slug for badge in badges],
            "tier": [badge.tier for badge in badges],
            "threshold": [float(badge.threshold) for badge in badges],
            "min_attempts": [badge.min_attempts if badge.metric == "accuracy" else 0 for badge in badges],
        },
        schema={"badge": pl.String, "tier": pl.String, "threshold": pl.Float64, "min_attempts": pl.Int64},
    )
    frame = _on_the_way("agent", agents, rules, progress, earned).with_columns(
        pl.col("attempts").fill_null(0), threshold=pl.coalesce("leader_total", "threshold")
    )
    return _publish_progress(frame, "agent", _share("attempts", "min_attempts", 1.0), ids.agents)


def publish_user_progress(
    users: pl.DataFrame,
    progress: pl.DataFrame,
    earned: pl.DataFrame,
    achievements: tuple[AchievementRule, ...],
    ids: Ids,
) -> pl.DataFrame:
    """The users' rows of `badge_progress`. `progress`, `earned`: user, badge, tier, with value, level; of a bucket."""
    rules = pl.DataFrame(
        {
            "badge": [rule.slug for rule in achievements],
            "tier": [rule.tier for rule in achievements],
            "threshold": [rule.threshold for rule in achievements],
            "min_level": [rule.min_level for rule in achievements],
        },
        schema={"badge": pl.String, "tier": pl.String, "threshold": pl.Int64, "min_level": pl.Int64},
    )
    frame = _on_the_way("user", users, rules, progress, earned).with_columns(
        pl.col("level").fill_null(pl.col("min_level"))
    )
    return _publish_progress(frame, "user", _share("level", "min_level", 1.0), ids.users)


def _on_the_way(
    subject: str, subjects: pl.DataFrame, rules: pl.DataFrame, progress: pl.DataFrame, earned: pl.DataFrame
) -> pl.DataFrame:
    """Every subject by every rule it has not earned, with its progress where it has any."""
    key = [subject, "badge", "tier"]
    open_ = subjects.join(rules, how="cross").join(earned, on=key, how="anti", nulls_equal=True)
    frame = open_.join(progress, on=key, how="left", nulls_equal=True)
    return frame.with_columns(pl.col("value").fill_null(0))


def _publish_progress(frame: pl.DataFrame, subject: str, besides: pl.Expr, subjects: pl.Series) -> pl.DataFrame:
    frame = frame.with_columns(
        progress_share=_share("value", "threshold", 0.0) * besides,
        subject_type=pl.lit(subject),
        subject_id=subjects.gather(frame[subject]),
    )
    return BADGE_PROGRESS.shape(frame.sort(BADGE_PROGRESS.sort_by))


def _share(part: str, whole: str, of_nothing: float) -> pl.Expr:
    """How much of `whole` is there, 0 to 1; `of_nothing` where nothing is asked for.

    Both are columns: Polars divides by a literal through its reciprocal, which is off in the last bit.
    """
    return pl.when(pl.col(whole) > 0).then(pl.col(part) / pl.col(whole)).otherwise(of_nothing).clip(0.0, 1.0)


def leader_progress(totals: pl.DataFrame, badge: BadgeRule) -> pl.DataFrame:
    """How near the agents (with their `points`) are to the leader: columns of PROGRESS."""
    return totals.select(
        "agent",
        badge=pl.lit(badge.slug),
        tier=pl.lit(badge.tier, dtype=pl.String),
        value=pl.col("points").cast(pl.Float64),
        attempts=pl.lit(None, dtype=pl.Int64),
        leader_total=pl.col("points").max().cast(pl.Float64),
    )
