"""What is required besides: badges and achievements that count only once others are earned.

Here: the one rule of it, for agents and for users. Not here: when a badge's own condition held (badges.py, champion.py,
achievements.py, conferring.py).
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

import polars as pl

_ORDER = ("earned_at", "place")


class Earnable(Protocol):
    """A badge or an achievement, or one tier of it."""

    @property
    def slug(self) -> str:
        """Its name; entries of one slug are its tiers."""

    @property
    def tier(self) -> str | None:
        """Its tier."""

    @property
    def key(self) -> str:
        """Slug and tier."""

    @property
    def requires(self) -> tuple[str, ...]:
        """The slugs that it requires."""


def earned(rules: Sequence[Earnable], own: Mapping[str, pl.DataFrame], subject: str) -> pl.DataFrame:
    """What is earned: the own condition held, and every required slug is earned, whichever came last decides.

    `own`: by key of a rule, per `subject` the event at which its own condition first held: columns subject, earned_at,
    place and any more. Gives these columns with badge (the slug) and tier. A slug with tiers counts as earned, for
    what requires it, with the first of them.
    """
    done: dict[str, list[pl.DataFrame]] = {rule.slug: [] for rule in rules}
    parts, waiting = [], list(rules)
    while waiting:
        open_slugs = {rule.slug for rule in waiting}
        ready = [rule for rule in waiting if not open_slugs & set(rule.requires)]
        for rule in ready:
            held = last_of([own[rule.key], *(_first_of(done[slug], subject) for slug in rule.requires)], subject)
            done[rule.slug].append(held)
            parts.append(held.with_columns(badge=pl.lit(rule.slug), tier=pl.lit(rule.tier, dtype=pl.String)))
        waiting = [rule for rule in waiting if rule not in ready]
    return pl.concat(parts)


def last_of(conditions: Sequence[pl.DataFrame], subject: str) -> pl.DataFrame:
    """Per subject that stands in each of the frames (once) its last event of them."""
    if len(conditions) == 1:
        return conditions[0]
    together = pl.concat(conditions).sort(subject, *_ORDER, maintain_order=True)
    in_all = together.filter(pl.len().over(subject) == len(conditions))
    return in_all.unique(subject, keep="last", maintain_order=True)


def _first_of(tiers: Sequence[pl.DataFrame], subject: str) -> pl.DataFrame:
    """Per subject the first event of several conditions."""
    together = pl.concat(tiers).sort(subject, *_ORDER, maintain_order=True)
    return together.unique(subject, keep="first", maintain_order=True)
