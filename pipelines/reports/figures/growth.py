"""How points or XP grow over time: of a few side by side, and of one with what it has reached.

Points and XP are two currencies: a figure shows one of them. Not here: ranks (race.py), days one by one (activity.py).
"""

import datetime as dt
from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.game.levels import begins, level_of
from pipelines.game.windows import local_date
from pipelines.game.xp_rules import LevelRules
from pipelines.reports.figures.canvas import (
    LABEL_PX,
    Canvas,
    Titles,
    add_line,
    canvas,
    date_axis,
    label_ends,
    nothing,
    pixels,
    rule_lines,
)
from pipelines.reports.figures.style import MAX_SERIES, OCHRE, cut, plain
from pipelines.reports.quantities import counted

UNITS = {"points": "points", "xp": "XP"}


def daily(ledger: pl.DataFrame, key: str, zone: str) -> pl.DataFrame:
    """Sums of a ledger by `key` (agent_id, user_id, team_id) and local day: `key`, `day`, `points` or `xp`, sorted.

    Rows without a key (the XP of achievements has no agent) count for nobody.
    """
    measure = "xp" if "xp" in ledger.columns else "points"
    days = ledger.filter(pl.col(key).is_not_null()).with_columns(
        day=local_date(pl.col("earned_at").dt.replace_time_zone(None), zone)
    )
    return days.group_by(key, "day").agg(pl.col(measure).sum()).sort(key, "day")


def growth(
    days: pl.DataFrame, subjects: Sequence[str], measure: str = "points", *, key: str = "agent_id", until: dt.date
) -> Canvas:
    """What `subjects` had gathered at the end of each day.

    `days`: daily sums with `key`, `day` and `measure` (`agent_days`, or `daily` of a ledger). `until`: the local date
    of `as_of`, where all lines end. At most MAX_SERIES lines are drawn, the first of `subjects`.
    """
    drawn = list(dict.fromkeys(subjects))[:MAX_SERIES]
    unit = UNITS[measure]
    titles = Titles(f"{_capital(unit)} gathered over time", "Day", _axis(unit))
    lines = {subject: _line(days, key, subject, measure, until) for subject in drawn}
    lines = {subject: line for subject, line in lines.items() if line[1][-1]}
    if not lines:
        return nothing(titles, f"No {unit} yet")
    ends = [(subject, y[-1]) for subject, (_, y) in lines.items()]
    figure = canvas(titles, _summary(ends, unit, until))
    for place, (subject, (x, y)) in enumerate(lines.items()):
        add_line(figure, place, subject, x, y, _says(unit), "hv")
    date_axis(figure, min(x[0] for x, _ in lines.values()), until)
    label_ends(figure, ends, 0, max(y for _, y in ends) * 1.05)
    figure.update_yaxes(tickformat=",d")
    return figure


def growth_with_levels(
    days: pl.DataFrame, subject: str, rules: LevelRules, *, key: str = "user_id", until: dt.date
) -> Canvas:
    """The XP of one user (or of a pair: daily sums of its calls) with the levels it has passed and the next one.

    `days`: daily sums with `key`, `day` and `xp`, as `daily` of the XP ledger makes them.
    """
    titles = Titles("XP gathered, and the levels that it makes", "Day", _axis("XP"), plain(subject))
    x, y = _line(days, key, subject, "xp", until)
    if not y[-1]:
        return nothing(titles, "No XP yet")
    levels = level_lines(int(y[-1]), rules)
    top = max(y[-1], *(begin for _, begin in levels)) * 1.05
    reached = [level for level, begin in levels if begin <= y[-1]]
    summary = f"{_summary([(subject, y[-1])], 'XP', until)} {f'That is level {reached[-1]}.' if reached else ''}"
    figure = canvas(titles, summary.strip())
    add_line(figure, 0, subject, x, y, _says("XP"), "hv")
    kept = _with_room(levels, top * LABEL_PX / pixels(figure))
    rule_lines(figure, [(begin, f"Level {level}") for level, begin in kept])
    date_axis(figure, x[0], until)
    figure.update_layout(margin_r=64)
    figure.update_yaxes(range=[0, top], showgrid=False, tickformat=",d")
    return figure


def growth_with_badges(
    days: pl.DataFrame,
    subject: str,
    badges: pl.DataFrame,
    names: Mapping[str, str],
    *,
    zone: str,
    until: dt.date,
) -> Canvas:
    """The points of one agent with the days on which it earned badges.

    `days`: `agent_days`. `badges`: rows of `badges` of this agent. `names`: what badges are called, by slug.
    """
    titles = Titles("Points gathered, and badges earned", "Day", _axis("points"), plain(subject))
    x, y = _line(days, "agent_id", subject, "points", until)
    if not y[-1]:
        return nothing(titles, "No points yet")
    earned = badges.sort("earned_at", "badge").select(
        "badge", day=local_date(pl.col("earned_at").dt.replace_time_zone(None), zone)
    )
    told = ", ".join(f"{names.get(slug, slug)} on {day}" for slug, day in earned.rows())
    summary = f"{_summary([(subject, y[-1])], 'points', until)} Badges: {told or 'none'}."
    figure = canvas(titles, summary)
    add_line(figure, 0, subject, x, y, _says("points"), "hv")
    by_day = earned.group_by("day", maintain_order=True).agg("badge")
    heights = [_at(x, y, day) for day in by_day["day"]]
    figure.add_scatter(
        x=[day.isoformat() for day in by_day["day"]],
        y=heights,
        customdata=["<br>".join(plain(names.get(slug, slug)) for slug in slugs) for slugs in by_day["badge"]],
        name="badges",
        mode="markers+text",
        text=_labels([[names.get(slug, slug) for slug in slugs] for slugs in by_day["badge"]], heights, y[-1] / 12),
        textposition=["top left" if day - x[0] > (until - x[0]) / 2 else "bottom right" for day in by_day["day"]],
        textfont={"size": 11},
        marker={"symbol": "star", "size": 13, "color": OCHRE, "line": {"width": 1, "color": OCHRE}},
        hovertemplate="<b>%{customdata}</b><br>%{x|%d %b %Y}<extra></extra>",
    )
    date_axis(figure, x[0], until)
    figure.update_yaxes(range=[-y[-1] * 0.1, y[-1] * 1.1], tickformat=",d")
    return figure


def _labels(badges: Sequence[Sequence[str]], heights: Sequence[float], gap: float) -> list[str]:
    """What stands beside each star: the first badge of the day and how many more; nothing where there is no room."""
    labels: list[str] = []
    last = -gap
    for names, height in zip(badges, heights, strict=True):
        has_room = height - last >= gap
        more = f" and {len(names) - 1} more" if len(names) > 1 else ""
        labels.append(f"{plain(names[0], 24)}{more}" if has_room else "")
        last = height if has_room else last
    return labels


def level_lines(xp: int, rules: LevelRules) -> list[tuple[int, int]]:
    """The levels from 2 up to the one after that of `xp`, each with the XP at which it begins."""
    next_one = pl.select(level_of(pl.lit(xp, dtype=pl.Int64), rules) + 1).item()
    levels = pl.select(level=pl.int_range(2, next_one + 1)).with_columns(begin=begins(pl.col("level"), rules))
    return levels.drop_nulls().rows()


def _line(
    days: pl.DataFrame, key: str, subject: str, measure: str, until: dt.date
) -> tuple[list[dt.date], list[float]]:
    """The days on which something was gained and the sums at their ends, from the day before the first to `until`."""
    mine = days.filter((pl.col(key) == subject) & (pl.col(measure) > 0)).sort("day")
    if mine.is_empty():
        return [until], [0]
    x, y = mine["day"].to_list(), mine[measure].cum_sum().to_list()
    x, y = [x[0] - dt.timedelta(days=1), *x], [0, *y]
    return (x, y) if x[-1] >= until else ([*x, until], [*y, y[-1]])


def _with_room(levels: Sequence[tuple[int, int]], gap: float) -> list[tuple[int, int]]:
    """The levels whose lines lie at least `gap` apart, chosen from the highest downwards."""
    kept: list[tuple[int, int]] = []
    for level, begin in reversed(levels):
        if not kept or kept[-1][1] - begin >= gap:
            kept.append((level, begin))
    return kept


def _at(x: Sequence[dt.date], y: Sequence[float], day: dt.date) -> float:
    """The height of the line on a day."""
    before = [height for at, height in zip(x, y, strict=True) if at <= day]
    return before[-1] if before else 0


def _summary(ends: Sequence[tuple[str, float]], unit: str, until: dt.date) -> str:
    ranked = sorted(ends, key=lambda end: (-end[1], end[0]))
    told = ", ".join(f"{cut(name)} {value:,.0f}" for name, value in ranked)
    return f"{_capital(unit)} of {counted(len(ends), 'line')} on {until}: {told}."


def _says(unit: str) -> str:
    return f"%{{x|%d %b %Y}}<br>%{{y:,}} {unit}"


def _axis(unit: str) -> str:
    return f"{_capital(unit)}, summed up"


def _capital(unit: str) -> str:
    return unit[0].upper() + unit[1:]
