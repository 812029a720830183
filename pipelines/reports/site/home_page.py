"""The first page: the season at a glance. Who leads, who climbs, what happened last, and the key figures.

Not here: any of it in full, which the other pages show.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.reports.board_page import board_page
from pipelines.reports.figures.growth import growth
from pipelines.reports.quantities import counted
from pipelines.reports.site.charts import Chart, shown
from pipelines.reports.site.gains import gains_of
from pipelines.reports.site.held import Held
from pipelines.reports.site.rendering import Page, Renderer, day

N_LEADERS, N_CLIMBERS, N_HAPPENED, N_TEAMS = 10, 5, 10, 5
N_DRAWN = 5  # whose growth is drawn
_RANKED = {  # boards that stand here: whom each ranks, and whether by calls
    "points": ("agent", False),
    "xp-agent": ("agent", True),
    "xp-user": ("user", True),
    "team-points": ("team", False),
    "team-xp": ("team", True),
}


Figure = tuple[str, str, str]  # a number as text, what it counts, and a note or ""


@dataclass(frozen=True)
class Happened:
    """Something worth telling: when, to whom, and what."""

    at: dt.datetime
    kind: str
    subject: str
    badge: str | None
    sentence: str


def pages(made: Renderer) -> Iterator[Page]:
    """The one page."""
    held = made.held
    first = held.frame("agent_days")["day"].min()
    span = _span(first, held.today) if isinstance(first, dt.date) else ""
    yield made.page(
        "home.html.j2",
        "index.html",
        about=f"{span}days in {held.rules.timezone}",
        figures=key_figures(held),
        points=leaders(held, "points"),
        has_days=held.has_days,
        called=leaders(held, "xp-agent"),
        users=leaders(held, "xp-user"),
        events=happened(held),
        climbers=climbers(held),
        today=held.today,
        streaks=streaks(held),
        teams=teams(held),
        remarks=remarks(held),
        chart=chart(held),
    )


def _span(first: dt.date, last: dt.date) -> str:
    return f"{day(last)}, " if first == last else f"{day(first)} to {day(last)}, "


def chart(held: Held) -> Chart | None:
    """How the first five agents came to their points, or where there are none those called to their XP."""
    for board, measure in (("points", "points"), ("xp-agent", "xp")):
        first = [row["subject_id"] for row in leaders(held, board)[:N_DRAWN]]
        if first:
            gains, until = gains_of(held, "agent_id", measure), held.until(measure)
            return shown(growth(gains, first, measure, until=until, zone=held.rules.timezone))
    return None


def key_figures(held: Held) -> list[list[Figure]]:
    """The season in numbers: those of submissions, and those of calls; a side that has none is left out."""
    agents, users = held.frame("agent_stats"), held.frame("user_stats")
    tried = agents.filter(pl.col("attempts") > 0)
    called = agents.filter(pl.col("calls") > 0)
    figures: list[list[Figure]] = []
    if tried.height:
        done, attempts = int(tried["tasks_completed"].sum()), int(tried["attempts"].sum())
        firsts = held.table("points_ledger").filter(pl.col("rule") == "first_solver").select(pl.len())
        of_submissions = [
            (f"{tried.height:,}", _word(tried.height, "agent", "agents") + " competing", ""),
            (f"{done:,}", "tasks completed", f"of {counted(attempts, 'attempt')}"),
            (f"{held.collect(firsts).item():,}", "tasks solved by anyone", f"of {held.frame('tasks').height:,}"),
            (f"{tried['points'].sum():,}", "points awarded", ""),
        ]
        figures.append(of_submissions)
    if called.height:
        calls, successes = int(called["calls"].sum()), int(called["successes"].sum())
        callers = users.filter(pl.col("calls") > 0)
        of_calls = [
            (f"{callers.height:,}", _word(callers.height, "user who calls agents", "users who call agents"), ""),
            (f"{called.height:,}", _word(called.height, "agent called", "agents called"), ""),
            (f"{calls:,}", "calls", f"{successes / calls:.1%} succeeded".replace("%", " %")),
            (f"{users['xp'].sum():,}", "XP earned", ""),
        ]
        figures.append(of_calls)
    return figures


def _word(n: int, one: str, many: str) -> str:
    return one if n == 1 else many


def is_told(held: Held, board: str) -> bool:
    """Whether a board stands here: one for all, of all time, that ranks those it ranks by default.

    A rulebook may leave it out, cut it into scopes or rank others by it; then its own page tells it.
    """
    subject, is_of_calls = _RANKED[board]
    rule = held.board_rule(board) if board in held.boards() else None
    if rule is None or rule.scope != "all" or "all" not in rule.windows:
        return False
    return (rule.subject, rule.is_of_calls) == (subject, is_of_calls)


def leaders(held: Held, board: str) -> list[dict[str, Any]]:
    """The first entries of a board of all time, with what stands beside them and the last days."""
    if not is_told(held, board):
        return []
    page = board_page(held, board, "all", top=N_LEADERS)
    rows = page.entries.to_dicts()
    if page.subject == "agent":
        drawn = held.last_days("xp" if page.is_of_calls else "points", [row["subject_id"] for row in rows])
        for row in rows:
            row["spark"] = drawn[row["subject_id"]]
    return rows


def climbers(held: Held, board: str = "points") -> list[dict[str, Any]]:
    """Who climbed most in this week, or while it has no entry in the last one, against the week before it.

    Nobody where both have none: what lies further back is no news.
    """
    if not is_told(held, board):
        return []
    is_recent = pl.col("window_end_on") >= held.today - dt.timedelta(days=7)
    rows = held.frame("leaderboards").filter((pl.col("board") == board) & (pl.col("window") == "week") & is_recent)
    up = rows.filter((pl.col("window_start_on") == pl.col("window_start_on").max()) & (pl.col("rank_change") > 0))
    first = up.sort("rank_change", "rank", "subject_id", descending=[True, False, False]).head(N_CLIMBERS)
    return first.to_dicts()


def happened(held: Held) -> list[Happened]:
    """The last badges, achievements and levels, the newest first; of one subject and instant the rarest badge."""
    badges = held.frame("badges")
    holders = badges.group_by("subject_type", "badge").len("n_holders")
    rare = badges.join(holders, on=["subject_type", "badge"]).sort(
        "earned_at", "n_holders", "subject_id", "badge", descending=[True, False, False, False]
    )
    once = rare.unique(["subject_type", "subject_id", "earned_at"], keep="first", maintain_order=True)
    told = [_badge(held, row) for row in once.head(N_HAPPENED).to_dicts()]
    levels = held.frame("level_ups").filter(pl.col("scope") == "user")
    last = levels.sort("reached_at", "user_id", "level", descending=[True, False, True]).head(N_HAPPENED)
    told += [
        Happened(row["reached_at"], "user", row["user_id"], None, f"reached level {row['level']}")
        for row in last.to_dicts()
    ]
    return sorted(told, key=lambda event: (event.at, event.subject), reverse=True)[:N_HAPPENED]


def _badge(held: Held, row: dict[str, Any]) -> Happened:
    rule = held.badge_rules.get(row["badge"])
    name = rule.name if rule else row["badge"]
    tier = f" ({row['tier']})" if row["tier"] else ""
    others = row["n_holders"] - 1
    company = "nobody else has it" if not others else f"with {others:,} other{'s' if others > 1 else ''}"
    return Happened(
        row["earned_at"], row["subject_type"], row["subject_id"], row["badge"], f"earned {name}{tier}, {company}"
    )


def teams(held: Held) -> list[dict[str, Any]]:
    """The first teams by points, or by XP where nobody has points."""
    for board in ("team-points", "team-xp"):
        if is_told(held, board):
            rows = board_page(held, board, "all", top=N_TEAMS).entries
            if rows.height:
                return rows.to_dicts()
    return []


def streaks(held: Held) -> list[dict[str, Any]]:
    """The longest runs of days that are still alive."""
    alive = held.frame("streaks").filter(pl.col("daily_current") > 0)
    return alive.sort("daily_current", "agent_id", descending=[True, False]).head(N_CLIMBERS).to_dicts()


def remarks(held: Held) -> Sequence[str]:
    """Sentences on how far the numbers can still move or be trusted; none, if there is nothing to say."""
    said = []
    provisional = held.table("points_ledger").filter("is_provisional").select(pl.col("points").sum())
    if points := held.collect(provisional).item():
        said.append(f"Provisional points, which a pending verdict can still take away: {points:,}.")
    if refused := held.collect(held.table("quarantine").select(pl.len())).item():
        lines = "line was" if refused == 1 else "lines were"
        said.append(f"{refused:,} {lines} refused and count nowhere; the data page says why.")
    return said
