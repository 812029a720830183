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
    HEIGHT,
    LABEL_PX,
    Canvas,
    Titles,
    add_line,
    canvas,
    date_axis,
    dates,
    label_ends,
    line,
    nothing,
    plot_height,
    rule_lines,
)
from pipelines.reports.figures.spans import by_instant, column, is_short, on_clock
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


def gains(ledger: pl.DataFrame, key: str, zone: str, until: dt.date) -> pl.DataFrame:
    """What a ledger says of each day, or if `until` is an instant of each instant: `daily` or `by_instant`."""
    return by_instant(ledger, key) if is_short(until) else daily(ledger, key, zone)


def growth(
    days: pl.DataFrame,
    subjects: Sequence[str],
    measure: str = "points",
    *,
    key: str = "agent_id",
    until: dt.date,
    zone: str = "UTC",
) -> Canvas:
    """What `subjects` had gathered at the end of each day.

    `days`: daily sums with `key`, `day` and `measure` (`agent_days`, or `daily` of a ledger). `until`: the local date
    of `as_of`, where all lines end. At most MAX_SERIES lines are drawn, the first of `subjects`. If `until` is an
    instant, so are those of `days` (`by_instant`), and the axis shows the clock of `zone`.
    """
    drawn = list(dict.fromkeys(subjects))[:MAX_SERIES]
    unit = UNITS[measure]
    titles = Titles(f"{_capital(unit)} gathered over time", _time(until, zone), _axis(unit))
    lines = {subject: _line(days, key, subject, measure, until, zone) for subject in drawn}
    lines = {subject: line for subject, line in lines.items() if line[1][-1]}
    if not lines:
        return nothing(titles, f"No {unit} yet")
    ends = [(subject, y[-1]) for subject, (_, y) in lines.items()]
    figure = canvas(titles, _summary(ends, unit, on_clock(until, zone)))
    for place, (subject, (x, y)) in enumerate(lines.items()):
        add_line(figure, place, subject, x, y, _says(unit, until), "hv")
    date_axis(figure, min(x[0] for x, _ in lines.values()), on_clock(until, zone))
    label_ends(figure, ends, 0, max(y for _, y in ends) * 1.05)
    figure.update_yaxes(tickformat=",d")
    return figure


def growth_with_levels(
    days: pl.DataFrame, subject: str, rules: LevelRules, *, key: str = "user_id", until: dt.date, zone: str = "UTC"
) -> Canvas:
    """The XP of one user (or of a pair: daily sums of its calls) with the levels it has passed and the next one.

    `days`: daily sums with `key`, `day` and `xp`, as `daily` of the XP ledger makes them, or `by_instant`.
    """
    titles = Titles("XP gathered, and the levels that it makes", _time(until, zone), _axis("XP"), plain(subject))
    x, y = _line(days, key, subject, "xp", until, zone)
    if not y[-1]:
        return nothing(titles, "No XP yet")
    levels = level_lines(int(y[-1]), rules)
    top = max(y[-1], *(begin for _, begin in levels)) * 1.05
    reached = [level for level, begin in levels if begin <= y[-1]]
    told = _summary([(subject, y[-1])], "XP", on_clock(until, zone))
    summary = f"{told} {f'That is level {reached[-1]}.' if reached else ''}"
    kept = with_room(levels, top * LABEL_PX / plot_height(HEIGHT))
    return canvas(
        titles,
        summary.strip(),
        HEIGHT,
        [line(0, subject, x, y, _says("XP", until), "hv")],
        **rule_lines([(begin, f"Level {level}") for level, begin in kept]),
        margin={"r": 64},
        xaxis=dates(x[0], on_clock(until, zone)),
        yaxis={"range": [0, top], "showgrid": False, "tickformat": ",d"},
    )


def growth_with_badges(
    days: pl.DataFrame,
    subject: str,
    badges: pl.DataFrame,
    names: Mapping[str, str],
    *,
    zone: str,
    until: dt.date,
) -> Canvas:
    """The points of one agent with the days, or instants, on which it earned badges.

    `days`: `agent_days`, or `by_instant`. `badges`: rows of `badges` of this agent. `names`: what badges are
    called, by slug.
    """
    titles = Titles("Points gathered, and badges earned", _time(until, zone), _axis("points"), plain(subject))
    x, y = _line(days, "agent_id", subject, "points", until, zone)
    if not y[-1]:
        return nothing(titles, "No points yet")
    earned_at = pl.col("earned_at").dt.replace_time_zone(None)
    earned = badges.sort("earned_at", "badge").select(
        "badge", day=earned_at if is_short(until) else local_date(earned_at, zone)
    )
    earned = earned.with_columns(pl.Series("day", [on_clock(day, zone) for day in earned["day"]], earned["day"].dtype))
    end = on_clock(until, zone)
    told = ", ".join(f"{names.get(slug, slug)} {_when(day)}" for slug, day in earned.rows())
    summary = f"{_summary([(subject, y[-1])], 'points', end)} Badges: {told or 'none'}."
    figure = canvas(titles, summary)
    add_line(figure, 0, subject, x, y, _says("points", until), "hv")
    by_day = earned.group_by("day", maintain_order=True).agg("badge")
    heights = [_at(x, y, day) for day in by_day["day"]]
    figure.add_scatter(
        x=[day.isoformat() for day in by_day["day"]],
        y=heights,
        customdata=["<br>".join(plain(names.get(slug, slug)) for slug in slugs) for slugs in by_day["badge"]],
        name="badges",
        mode="markers+text",
        text=_labels([[names.get(slug, slug) for slug in slugs] for slugs in by_day["badge"]], heights, y[-1] / 12),
        textposition=["top left" if day - x[0] > (end - x[0]) / 2 else "bottom right" for day in by_day["day"]],
        textfont={"size": 11},
        marker={"symbol": "star", "size": 13, "color": OCHRE, "line": {"width": 1, "color": OCHRE}},
        hovertemplate="<b>%{customdata}</b><br>" + _hover(until) + "<extra></extra>",
    )
    date_axis(figure, x[0], on_clock(until, zone))
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
    days: pl.DataFrame, key: str, subject: str, measure: str, until: dt.date, zone: str
) -> tuple[list[dt.date], list[float]]:
    """The days on which something was gained and the sums at their ends, from the day before the first to `until`.

    Of a short season the instants on the clock of `zone`, from the first one at which anybody in `days` gained.
    """
    when = column(until)
    mine = days.filter((pl.col(key) == subject) & (pl.col(measure) > 0)).sort(when)
    if mine.is_empty():
        return [on_clock(until, zone)], [0]
    x, y = mine[when].to_list(), mine[measure].cum_sum().to_list()
    begin = days.filter(pl.col(measure) > 0)[when].min() if is_short(until) else x[0] - dt.timedelta(days=1)
    x, y = [begin, *x], [0, *y]
    if x[-1] < until:
        x, y = [*x, until], [*y, y[-1]]
    return [on_clock(at, zone) for at in x], y


def with_room(levels: Sequence[tuple[int, int]], gap: float) -> list[tuple[int, int]]:
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
    return f"{_capital(unit)} of {counted(len(ends), 'line')} {_when(until)}: {told}."


def _says(unit: str, until: dt.date) -> str:
    return f"{_hover(until)}<br>%{{y:,}} {unit}"


def _hover(until: dt.date) -> str:
    return "%{x|%d %b %Y, %H:%M}" if is_short(until) else "%{x|%d %b %Y}"


def _when(day: dt.date) -> str:
    return f"at {day:%Y-%m-%d %H:%M}" if is_short(day) else f"on {day}"


def _time(until: dt.date, zone: str) -> str:
    return f"Time ({zone})" if is_short(until) else "Day"


def _axis(unit: str) -> str:
    return f"{_capital(unit)}, summed up"


def _capital(unit: str) -> str:
    return unit[0].upper() + unit[1:]
