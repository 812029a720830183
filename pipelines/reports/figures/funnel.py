"""Who lies outside of what chance alone would give: shares of successes against n, with limits around the overall one.

A funnel plot (Spiegelhalter, "Funnel plots for comparing institutional performance", Statistics in Medicine 24, 2005):
limits of the binomial distribution, interpolated between whole numbers. Lying outside is no verdict on an agent, for
agents do different work: the ratings take account of that (ratings.py). Not here: the order of agents.
"""

from collections.abc import Sequence
from functools import cache
from math import log10
from statistics import NormalDist

import numpy as np
import polars as pl

from pipelines.insight.skill.ratings import OVERALL
from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing
from pipelines.reports.figures.ratings import tries_of
from pipelines.reports.figures.rows import PERCENTS, QUARTERS, more
from pipelines.reports.figures.style import INK, OCHRE, SKY, VERMILLION, cut, plain
from pipelines.reports.figures.work import free_sides
from pipelines.reports.quantities import counted, share
from pipelines.reports.trial_words import tried

MIN_AGENTS = 3  # fewer make no overall share that anybody could be seen against
MAX_AGENTS = 300  # points: those outside the limits first, then those with the most tries
LIMITS = (0.95, 0.998)  # two and three standard deviations, as in control charts
_EXACT = 2000  # tries: of more the normal distribution is as good
_NAMED = 12  # agents outside the limits that are named in words
_CROWD = 100  # agents: more are drawn smaller
_STEPS = 60  # points of a limit
_ZONES = (
    ("within 95 %", SKY, "circle"),
    ("outside 95 %", OCHRE, "diamond"),
    ("outside 99.8 %", VERMILLION, "square"),
)


def funnel(skills: pl.DataFrame) -> Canvas:
    """The share of successes of each agent against its number of tries (log axis), with 95 % and 99.8 % limits.

    `skills`: rows of `agent_skill` of one kind; those of scope overall are taken.
    """
    titles = Titles(f"Success of {tries_of(skills)} against their number", "n (log scale)", "Success, as counted")
    held = skills.filter((pl.col("scope") == OVERALL) & (pl.col("attempts") > 0))
    if held.is_empty():
        return nothing(titles, "No tries yet")
    kind, tries = held["kind"][0], tries_of(held)
    if held.height < MIN_AGENTS:
        return nothing(titles, f"Too few agents with {tries}: fewer than {MIN_AGENTS}")
    overall = int(held["successes"].sum()) / int(held["attempts"].sum())
    rows = _zoned(held, overall)
    shown = rows[:MAX_AGENTS]
    figure = canvas(titles, _summary(rows, overall, kind), 450 + KEY_PX)
    left_out = f"<br>{more(len(rows) - len(shown))}" if len(rows) > len(shown) else ""
    most = max(n for _, _, n, _ in rows)
    ends = (log10(min(n for _, _, n, _ in rows)) - 0.1, log10(most) + 0.1)
    _add_limits(figure, overall, ends)
    across = [(log10(n) - ends[0]) / (ends[1] - ends[0]) for _, _, n, _ in shown]
    names = [cut(name, 18) if zone else "" for name, _, _, zone in shown]  # those outside come first
    sides = free_sides(across, [right / n for _, right, n, _ in shown], names)
    size = 7 if len(shown) <= _CROWD else 5
    for zone, (words, colour, symbol) in enumerate(_ZONES):
        at = [place for place, row in enumerate(shown) if row[3] == zone]
        figure.add_scatter(
            x=[shown[place][2] for place in at],
            y=[shown[place][1] / shown[place][2] for place in at],
            mode="markers+text" if zone else "markers",
            text=[plain(shown[place][0], 18) if sides[place] else "" for place in at],
            textposition=[sides[place] or "top center" for place in at],
            textfont={"size": 11},
            marker={
                "color": colour,
                "symbol": symbol,
                "size": size + (2 if zone else 0),
                "opacity": 1 if zone else 0.8,
            },
            name=f"{words}: {sum(row[3] == zone for row in rows):,}",
            customdata=[_says(shown[place], overall, kind) for place in at],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    key_below(figure)
    ticks = [n * 10**zeros for zeros in range(12) for n in (1, 3) if ends[0] <= log10(n * 10**zeros) <= ends[1]]
    ticks = ticks[:: max(-(-len(ticks) // 6), 1)] or [most]
    figure.update_xaxes(
        type="log", range=list(ends), tickvals=ticks, ticktext=[f"{n:,}" for n in ticks], tickangle=0,
        title_text=f"{tries.capitalize()} (log scale){left_out}",
    )  # fmt: skip
    figure.update_yaxes(range=[-0.02, 1.02], tickvals=QUARTERS, ticktext=PERCENTS, zeroline=False)
    return figure


def limits(overall: float, n: int, level: float) -> tuple[float, float]:
    """Between which shares `n` tries fall with probability `level` if each succeeds with probability `overall`.

    Interpolated as in Spiegelhalter's appendix, so that the limits are smooth in n; of many tries by the normal
    distribution. A share of 0 or 1 is never outside if so few tries can end like that by chance.
    """
    tail = (1 - level) / 2
    if overall in (0, 1):
        return overall, overall
    if n > _EXACT:
        spread = NormalDist().inv_cdf(1 - tail) * (overall * (1 - overall) / n) ** 0.5
        return max(overall - spread, 0), min(overall + spread, 1)
    return _quantile(overall, n, tail), 1 - _quantile(1 - overall, n, tail)


def _quantile(p: float, n: int, tail: float) -> float:
    """The share below which `n` tries fall with probability `tail`, interpolated."""
    x = np.arange(n + 1)
    ways = _log_factorials()
    below = np.cumsum(np.exp(ways[n] - ways[x] - ways[n - x] + x * np.log(p) + (n - x) * np.log1p(-p)))
    r = int(np.searchsorted(below, tail, side="right"))
    before = float(below[r - 1]) if r else 0.0
    back = (float(below[r]) - tail) / (float(below[r]) - before)
    return float(max(r - back, 0)) / n


@cache
def _log_factorials() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, _EXACT + 1)))])


def _zoned(held: pl.DataFrame, overall: float) -> list[tuple[str, int, int, int]]:
    """agent, successes, tries, and its zone (a place in _ZONES); the outermost first, then those of most tries."""
    rows = []
    at = {n: [limits(overall, n, level) for level in LIMITS] for n in held["attempts"].unique().to_list()}
    for agent, right, n in held.select("agent_id", "successes", "attempts").rows():
        rows.append((agent, right, n, sum(not low <= right / n <= high for low, high in at[n])))
    return sorted(rows, key=lambda row: (-row[3], -row[2], row[0]))


def _add_limits(figure: Canvas, overall: float, ends: tuple[float, float]) -> None:
    low, high = (max(round(10**end), 1) for end in ends)
    steps = sorted({round(10 ** (log10(low) + (log10(high) - log10(low)) * at / _STEPS)) for at in range(_STEPS + 1)})
    for level, dash, symbol in zip(LIMITS, ("dash", "dot"), ("circle", "square"), strict=True):
        both = [limits(overall, n, level) for n in steps]
        figure.add_scatter(
            x=[*steps, None, *steps],
            y=[*(low for low, _ in both), None, *(high for _, high in both)],
            mode="lines",
            line={"color": INK, "width": 1.5, "dash": dash},
            marker={"symbol": symbol},
            hoverinfo="skip",
            name=f"{level * 100:g} % limits",
        )
    figure.add_shape(
        type="line", x0=0, x1=1, xref="paper", y0=overall, y1=overall, layer="below", line={"color": INK, "width": 1}
    )


def _says(row: tuple[str, int, int, int], overall: float, kind: str) -> str:
    agent, right, n, zone = row
    low, high = limits(overall, n, LIMITS[0])
    return (
        f"<b>{plain(agent)}</b><br>{right:,} of {tried(n, kind)}: {share(right / n)}<br>{_ZONES[zone][0]} limits; "
        f"of {tried(n, kind)}<br>95 % is {share(low)} to {share(high)}"
    )


def _summary(rows: Sequence[tuple[str, int, int, int]], overall: float, kind: str) -> str:
    """Which agents lie outside, in words, and how many would by chance alone."""
    n_tries, by_chance = sum(n for _, _, n, _ in rows), len(rows) * (1 - LIMITS[0])
    head = f"Of {counted(len(rows), 'agent')} with {tried(n_tries, kind)}, {share(overall)} of them successful,"
    told = [f"{head} about {by_chance:,.1f} would lie outside the 95 % limits by chance alone."]
    for zone in (2, 1):
        outside = [row for row in rows if row[3] == zone]
        for side, words in ((1, "above"), (-1, "below")):
            there = [row for row in outside if (row[1] / row[2] - overall) * side > 0]
            if there:
                named = ", ".join(f"{cut(agent)} {share(right / n)} of {n:,}" for agent, right, n, _ in there[:_NAMED])
                rest = f" and {len(there) - _NAMED:,} more" if len(there) > _NAMED else ""
                told.append(f"{_ZONES[zone][0].capitalize()}, {words}: {named}{rest}.")
    return " ".join(told if len(told) > 1 else [*told, "None does."])
