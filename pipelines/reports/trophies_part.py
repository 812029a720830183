"""What an agent or a user has earned for good: badges or achievements, and those still to come.

Part of the pages of agents and users, as plain data. Not here: how it looks (profile_view.py), when a condition held
(game/badges.py, game/achievements.py).
"""

from typing import Any

import polars as pl

from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule
from pipelines.reports.reading import Reading


def earned(reading: Reading, subject_type: str, name: str) -> list[dict[str, Any]]:
    """The badges of an agent, or the achievements of a user with their XP, in the order in which they were earned."""
    rows = _named(reading, subject_type, reading.collect(_of(reading, "badges", subject_type, name)))
    if subject_type != "user":
        return rows
    xp = {(rule.slug, rule.tier): rule.xp for rule in reading.rules.achievement}
    return [{**row, "xp": xp.get((row["badge"], row["tier"]), 0)} for row in rows]


def on_the_way(reading: Reading, subject_type: str, name: str, level: int = 1) -> list[dict[str, Any]]:
    """What is not earned yet and how far it is, the nearest first; `also` says what it takes beside the threshold.

    `level`: of the user, who need not be told of one that is reached.
    """
    rows = reading.collect(_of(reading, "badge_progress", subject_type, name))
    held = set(reading.collect(_of(reading, "badges", subject_type, name).select("badge")).to_series())
    ordered = rows.sort("progress_share", "badge", "tier", descending=[True, False, False])
    also = {(rule.slug, rule.tier): _conditions(rule, held, level) for rule in _rules(reading, subject_type)}
    named = _named(reading, subject_type, ordered)
    names = reading.trophy_names(subject_type)
    return [{**row, "also": [names.get(n, n) for n in also.get((row["badge"], row["tier"]), ())]} for row in named]


def badges_by(reading: Reading, subject_type: str, subjects: pl.Series) -> pl.DataFrame:
    """Slugs of what each of the subjects has earned, what fewest hold first: columns subject_id, badges."""
    is_theirs = (pl.col("subject_type") == subject_type) & pl.col("subject_id").is_in(subjects.implode())
    held = reading.table("badges").filter(is_theirs).select("subject_type", "subject_id", "badge").unique()
    rare = reading.collect(held.join(reading.holders(), on=["subject_type", "badge"]))
    return rare.sort("n_holders", "badge").group_by("subject_id", maintain_order=True).agg(badges="badge")


def _rules(reading: Reading, subject_type: str) -> tuple[AchievementRule, ...] | tuple[BadgeRule, ...]:
    return reading.rules.achievement if subject_type == "user" else reading.rules.badge


def _conditions(rule: AchievementRule | BadgeRule, held: set[str], level: int) -> list[str]:
    """Slugs of required ones that are not held, then the rule's own conditions in words."""
    required = [slug for slug in rule.requires if slug not in held]
    if isinstance(rule, AchievementRule):
        return [*required, *([f"level {rule.min_level}"] if rule.min_level > level else [])]
    return [*required, *([f"{rule.min_attempts} attempts"] if rule.min_attempts > 1 else [])]


def _of(reading: Reading, table: str, subject_type: str, name: str) -> pl.LazyFrame:
    rows = reading.table(table).filter((pl.col("subject_type") == subject_type) & (pl.col("subject_id") == name))
    return rows.drop("subject_type", "subject_id")


def _named(reading: Reading, subject_type: str, frame: pl.DataFrame) -> list[dict[str, Any]]:
    names = reading.trophy_names(subject_type)
    return [{"badge": row["badge"], "name": names.get(row["badge"], row["badge"]), **row} for row in frame.to_dicts()]
