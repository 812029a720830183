"""The gallery of badges and achievements: what each takes, who holds it, how rare it is, who is nearest.

Not here: when a condition held (game/badges.py, game/achievements.py), its words (trophy_words.py).
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule
from pipelines.reports.figures.badges import holders
from pipelines.reports.quantities import number, share
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.held import Held
from pipelines.reports.site.icons import hue_of, icon_of
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.trophy_words import sentence

N_FIRST = 12  # holders that are named at once
N_NAMED = 50  # and with those that unfold: of more the page would grow out of hand
N_NEAR = 3  # of a badge that nobody holds


@dataclass(frozen=True)
class Near:
    """Somebody on the way to a badge: how far, as a share and in words."""

    subject: str
    progress: float
    words: str


@dataclass(frozen=True)
class Trophy:
    """A badge or an achievement (a tier of one): what it is, and who holds it, the first of them first."""

    anchor: str
    name: str
    tier: str | None
    icon: str
    hue: int
    condition: str
    xp: int | None
    n_holders: int
    n_could: int
    first_at: dt.datetime | None
    holders: Sequence[str]
    near: Sequence[Near]
    query: str

    @property
    def share(self) -> float:
        """The share of those who could hold it."""
        return min(self.n_holders / self.n_could, 1) if self.n_could else 0


@dataclass(frozen=True)
class Gallery:
    """All badges of agents, or all achievements of users. `could`: who could hold one, in words."""

    kind: str
    title: str
    about: str
    trophies: Sequence[Trophy]
    n_could: int
    could: str
    chart: Chart | None


def pages(made: Renderer) -> Iterator[Page]:
    """The one page."""
    held = made.held
    galleries = [_gallery(held, kind) for kind in ("agent", "user")]
    yield made.page("badges.html.j2", "badges.html", galleries=[g for g in galleries if g.trophies], most=N_FIRST)


def _gallery(held: Held, kind: str) -> Gallery:
    table, tried = {"agent": ("agent_stats", "attempts"), "user": ("user_stats", "calls")}[kind]
    rules: Sequence[BadgeRule | AchievementRule] = held.rules.badge if kind == "agent" else held.rules.achievement
    n_could = held.frame(table).filter(pl.col(tried) > 0).height
    badges = held.frame("badges").filter(pl.col("subject_type") == kind)
    titles = {
        "agent": ("Badges of the competition", "Agents earn them with submissions, once and for ever."),
        "user": ("Achievements of users", "Users earn them with calls of agents, and XP with them."),
    }
    could = {"agent": "agents with a counted submission", "user": "users with a call"}
    names = held.trophy_names(kind)
    trophies = [_trophy(held, rule, kind, badges, n_could) for rule in rules]
    chart = shown(holders(badges, names, n_could, kind)) if n_could and trophies else None
    return Gallery(kind, *titles[kind], trophies, n_could, could[kind], chart)


def _trophy(held: Held, rule: BadgeRule | AchievementRule, kind: str, badges: pl.DataFrame, n_could: int) -> Trophy:
    is_it = (pl.col("badge") == rule.slug) & pl.col("tier").eq_missing(pl.lit(rule.tier, dtype=pl.String))
    rows = badges.filter(is_it).sort("earned_at", "event_id", "subject_id")
    on_the_way = held.frame("badge_progress").filter((pl.col("subject_type") == kind) & is_it)
    nearest = on_the_way.filter(pl.col("progress_share") > 0).sort(
        "progress_share", "subject_id", descending=[True, False]
    )
    tier = f" AND tier = '{rule.tier}'" if rule.tier else ""
    return Trophy(
        anchor=f"{'badge' if kind == 'agent' else 'achievement'}-{rule.key.replace(':', '-')}",
        name=rule.name,
        tier=rule.tier,
        icon=icon_of(rule),
        hue=hue_of(rule.slug),
        condition=sentence(rule, held.trophy_names(kind)),
        xp=rule.xp if isinstance(rule, AchievementRule) else None,
        n_holders=rows.height,
        n_could=n_could,
        first_at=rows["earned_at"][0] if rows.height else None,
        holders=rows["subject_id"].head(N_NAMED).to_list(),
        near=[_near(rule, row) for row in nearest.head(1 if rows.height else N_NEAR).iter_rows(named=True)],
        query=f"FROM badges WHERE subject_type = '{kind}' AND badge = '{rule.slug}'{tier}",
    )


def _near(rule: BadgeRule | AchievementRule, row: dict[str, float | str]) -> Near:
    said = share if rule.metric == "accuracy" else number
    of = " points" if rule.metric == "leads" else ""
    words = f"{said(float(row['value']))} of {said(float(row['threshold']))}{of}"
    return Near(str(row["subject_id"]), float(row["progress_share"]), words)
