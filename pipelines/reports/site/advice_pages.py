"""The page of advice: which agent for which work, of all users and teams with a page, as one table that is searched.

A page has to stay light: of many users and teams only their most frequent work stands here (MAX_ROWS), and `podium
recommend` tells all other. Not here: the rows (advised.py), how agents are chosen (insight/advice/recommend.py),
whether advice works (trust.html).
"""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from pipelines.insight.advice.recommend import MIN_DIRECT, MIN_KNOWN, MOST_KINDS, SLOTS
from pipelines.insight.advice.subject_use import NOW_DAYS, TEAM, USER
from pipelines.insight.skill.trials import ACTIVE_DAYS
from pipelines.reports.advice_words import work_of
from pipelines.reports.quantities import counted
from pipelines.reports.recommend_page import CANNOT_KNOW
from pipelines.reports.site.advised import TABLE, AllAdvised, n_works, told
from pipelines.reports.site.grids import Col, Grid, data_file
from pipelines.reports.site.held import Held, published_before
from pipelines.reports.site.profile_parts import Figure
from pipelines.reports.site.rendering import Page, Renderer

PATH, FILE = "advice.html", "assets/advice.js"
FIRST_ROWS = 20  # that stand in the page itself: reasons are long
MAX_ROWS = 3_000  # of the table: with their reasons about 1.7 MB
COLUMNS = (
    Col("whom", "Whom", "text"),
    Col("subject", "For", "who"),
    Col("work", "Work", "text", "complexity and category"),
    Col("choice", "Choice", "text", "the three of the best chances, and one that is worth a try"),
    Col("agent", "Agent", "who"),
    Col("chance", "Chance", "sure", "expected chance of success, and its 80 % interval"),
    Col("lift", "To now", "sure", "percentage points over the agent in use, and their 80 % interval"),
    Col("calls", "Calls", "sure", "of the agent in that category; of all its calls; of these for this user or team"),
    Col("evidence", "Evidence", "text"),
    Col("why", "Why", "reason"),
)


def pages(made: Renderer) -> Iterator[Page]:
    """The one page, and the file of its table; also where there is no advice."""
    names = {kind: list(made.links.paths.get(kind, {})) for kind in (TEAM, USER)}
    advice = AllAdvised.of(made.held, team=names[TEAM], user=names[USER])
    whose = [(kind, name) for kind in names for name in names[kind] if (kind, name) in advice.by]
    rows = [advice.by[each] for each in whose]
    most = min(max(MAX_ROWS // (len(SLOTS) * max(len(rows), 1)), 1), MOST_KINDS)
    table = grid(made, rows, most) if rows else None
    yield made.page(
        "advice.html.j2",
        PATH,
        sentence=sentence(made.held),
        figures=figures(rows) if rows else [],
        grid=table,
        shown=_shown(whose, rows, most, table) if table else "",
        most=FIRST_ROWS,
        told={"key": PATH, "file": FILE, "badges": {}},
        caution=advice.caution,
        unjudged=advice.unjudged,
        cannot_know=CANNOT_KNOW,
        recent_days=ACTIVE_DAYS,
        now_days=NOW_DAYS,
        min_direct=MIN_DIRECT,
        min_known=MIN_KNOWN,
    )
    if table:
        yield Page(FILE, data_file(PATH, table.for_script()))


def sentence(held: Held) -> str:
    """Why there is no advice, for a season that has none."""
    if not held.has(TABLE):
        return published_before("advised nobody")
    if not held.rules.insight.enabled:
        return "Nobody is advised: the rulebook switches insight off."
    return f"Nobody is advised: no agent was called by a user or for a team in the last {ACTIVE_DAYS} days."


def figures(rows: Sequence[pl.DataFrame]) -> list[Figure]:
    """Kinds of work with advice, where the first choice is in use already, and where it differs beyond chance."""
    first = pl.concat(rows).filter(pl.col("slot") == SLOTS[0])
    in_use = int((first["agent_id"] == first["current_agent_id"]).fill_null(value=False).sum())
    better = int((first["lift_lo80"] > 0).fill_null(value=False).sum())
    n, none = first.height, int(first["current_agent_id"].null_count())
    teams = first.filter(pl.col("subject_type") == TEAM)["subject_id"].n_unique()
    users = first.filter(pl.col("subject_type") == USER)["subject_id"].n_unique()
    return [
        (f"{n:,}", "Kinds of work with advice", f"of {counted(teams, 'team')} and {counted(users, 'user')}"),
        (f"{in_use:,}", "First choice in use already", f"of {n:,}"),
        (
            f"{better:,}",
            "First choice ahead of the one in use",
            f"of {n:,}: the 80 % interval lies above 0; so it may for one in ten that are equal",
        ),
        (f"{none:,}", "No agent in use", f"of {n:,}: none called for that category in the last {NOW_DAYS} days"),
    ]


def grid(made: Renderer, rows: Sequence[pl.DataFrame], most: int) -> Grid:
    """The table: `most` kinds of work of each, in the order of the subjects."""
    shown = pl.concat(rows).filter(pl.col("place") < most)
    held = [told(row) for row in shown.head(MAX_ROWS).iter_rows(named=True)]
    page = made.links.path
    values: dict[str, list[Any]] = {
        "whom": [row["subject_type"] for row in held],
        "subject": [row["subject_id"] for row in held],
        "subject.page": [page(row["subject_type"], row["subject_id"]) for row in held],
        "work": [work_of(row) for row in held],
        "choice": [row["name"] for row in held],
        "agent": [row["agent_id"] for row in held],
        "agent.page": [page("agent", row["agent_id"]) for row in held],
        "chance": [[row["p_success"], row["chance"], row["chance_within"]] for row in held],
        "lift": [_lift(row) for row in held],
        "calls": [
            [row["n_category"], f"{row['n_category']:,}", f"of {row['n_agent']:,}; {row['n_own']:,} own"]
            for row in held
        ],
        "evidence": [row["evidence"] for row in held],
        "why": [row["reason"] for row in held],
    }
    return Grid(COLUMNS, values, shown.height)


def _lift(row: dict[str, Any]) -> list[Any] | None:
    if row["lift"] is None:
        return None
    within = f"{row['lift_within']} pp" if row["lift_within"] else ""
    return [row["lift_pp"] or 0.0, row["lift"], within]


def _shown(whose: Sequence[tuple[str, str]], rows: Sequence[pl.DataFrame], most: int, table: Grid) -> str:
    """What of all advice stands in the table."""
    if max(map(n_works, rows)) <= most and table.n == table.n_total:
        return "Teams first, then users, those who earned most first; of each the most frequent work first."
    each = counted(most, "most frequent kind", "most frequent kinds")
    return (
        f"Teams first, then users, those who earned most first; of each the {each} of work "
        f"({table.n:,} rows of {sum(part.height for part in rows):,} for the {len(whose):,} with a page)."
    )
