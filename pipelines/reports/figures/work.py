"""Sub-agents beside one another: how often calls succeed, how sure that is, and what a call takes.

These are observations of calls that people chose to make, of different kinds and difficulty: they rank no agent and
prove no cause. Not here: one agent by itself (specialisation.py).
"""

from collections.abc import Sequence
from math import log10

import polars as pl

from pipelines.reports.figures.canvas import Canvas, Titles, canvas, nothing, rows_height
from pipelines.reports.figures.rows import label_right, name_rows, part_of_shares, share_axis, share_dots
from pipelines.reports.figures.style import FAINT, MARKERS, PALETTE, cut, plain
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import counted, duration, large, share

_Box = tuple[float, float, float, float]  # left, right, bottom, top

TOP = 20  # agents: those with the most calls
SIDES = ("middle right", "middle left", "top center", "bottom center")
MIN_CALLS = 5  # of an agent: of fewer the interval says next to nothing
AGAINST = {
    "median_duration_s": ("median duration", "Median duration of a call (log scale)", duration),
    "tokens_per_success": ("tokens", "Tokens for each success (log scale)", large),
}


def success_shares(agents: pl.DataFrame, top: int = TOP, min_calls: int = MIN_CALLS) -> Canvas:
    """The success of the agents that are called most, each with its interval, the highest share first.

    `agents`: rows of `agent_stats` or of `user_agents` of one user: agent_id, calls, successes.
    """
    titles = Titles("Success of the agents called most", "Success: successful calls / calls", "Agent", _INTERVALS)
    shown = _called_most(agents, top, min_calls)
    if shown.is_empty():
        return nothing(titles, "No calls yet" if not agents["calls"].sum() else f"No agent has {min_calls} calls yet")
    shown = shown.sort([pl.col("successes") / pl.col("calls"), "calls", "agent_id"], descending=[True, True, False])
    names, successes, calls = (shown[column].to_list() for column in ("agent_id", "successes", "calls"))
    sure = [wilson(right, n) for right, n in zip(successes, calls, strict=True)]
    shares = [right / n for right, n in zip(successes, calls, strict=True)]
    figure = canvas(titles, _summary(shown), rows_height(len(names)))
    share_dots(figure, shares, sure, [_says(*row) for row in zip(names, successes, calls, strict=True)])
    label_right(figure, [f"{right:,} of {n:,}" for right, n in zip(successes, calls, strict=True)])
    name_rows(figure, names)
    figure.update_yaxes(showgrid=True)
    share_axis(figure)
    return figure


def success_against(
    agents: pl.DataFrame, against: str = "median_duration_s", top: int = TOP, min_calls: int = MIN_CALLS
) -> Canvas:
    """The success of the agents that are called most against the time or the tokens that it takes.

    `agents`: rows of `agent_stats` or of `user_agents` of one user. `against`: median_duration_s or
    tokens_per_success. The larger a sign, the more calls; the most called have their names beside them where there is
    room. The axis of success need not begin at 0.
    """
    words, axis, quantity = AGAINST[against]
    titles = Titles(f"Success and {words} of each agent", axis, "Success: successful calls / calls", _SIZES)
    shown = _called_most(agents.filter(pl.col(against) > 0), top, min_calls)
    if shown.is_empty():
        return nothing(titles, f"No agent has {min_calls} calls that tell their {words} yet")
    figure = canvas(titles, _summary(shown, against), 440)
    columns = ("agent_id", "successes", "calls", against)
    names, successes, calls, values = (shown[column].to_list() for column in columns)
    sure = [wilson(right, n) for right, n in zip(successes, calls, strict=True)]
    shares = [right / n for right, n in zip(successes, calls, strict=True)]
    ticks, ends = _log_ticks(min(values), max(values), against)
    bottom, height = max(min(low for low, _ in sure) - 0.05, 0), 1.03
    across = [(log10(value) - ends[0]) / (ends[1] - ends[0]) for value in values]
    sides = free_sides(across, [(value - bottom) / (height - bottom) for value in shares], [cut(n, 18) for n in names])
    for place, agent in enumerate(names):
        low, high = sure[place]
        figure.add_scatter(
            x=[values[place]],
            y=[shares[place]],
            name=plain(agent),
            mode="markers+text" if sides[place] else "markers",
            text=[plain(agent, 18)],
            textposition=sides[place] or "top center",
            textfont={"size": 11},
            marker={
                "size": 8 + 16 * (calls[place] / calls[0]) ** 0.5,
                "color": PALETTE[place % len(PALETTE)],
                "symbol": MARKERS[place % len(MARKERS)],
                "line": {"width": 1, "color": "#ffffff"},
            },
            error_y={
                "type": "data",
                "array": [high - shares[place]],
                "arrayminus": [shares[place] - low],
                "color": FAINT,
                "thickness": 1.5,
                "width": 0,
            },
            customdata=[f"{_says(agent, successes[place], calls[place])}<br>{words}: {quantity(values[place])}"],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    figure.update_xaxes(type="log", showgrid=True, tickvals=ticks, ticktext=[quantity(tick) for tick in ticks])
    figure.update_xaxes(range=list(ends), tickangle=0)
    figure.update_yaxes(range=[bottom, height], **part_of_shares(bottom, 1, 7))
    return figure


def free_sides(
    x: Sequence[float], y: Sequence[float], names: Sequence[str], sides_asked: Sequence[str] = SIDES
) -> list[str | None]:
    """On which side of each point its name lies on no point and no other name; None where there is no such side.

    `x`, `y`: shares of the plot's width and height. The first points choose first, and each the first of `sides_asked`.
    """
    points = [(across * _PLOT_WIDTH, up * _PLOT_HEIGHT) for across, up in zip(x, y, strict=True)]
    taken = [(left - 9, left + 9, down - 9, down + 9) for left, down in points]
    sides: list[str | None] = []
    for (left, down), name in zip(points, names, strict=True):
        width = 6.5 * len(name)
        boxes = {
            "middle right": (left + 10, left + 14 + width, down - 7, down + 7),
            "middle left": (left - 14 - width, left - 10, down - 7, down + 7),
            "top center": (left - width / 2, left + width / 2, down + 10, down + 24),
            "bottom center": (left - width / 2, left + width / 2, down - 24, down - 10),
        }
        side = next((side for side in sides_asked if _is_free(boxes[side], taken)), None)
        sides.append(side)
        if side:
            taken.append(boxes[side])
    return sides


def _is_free(box: _Box, taken: Sequence[_Box]) -> bool:
    left, right, low, high = box
    inside = left >= -10 and right <= _PLOT_WIDTH + 10 and low >= 0 and high <= _PLOT_HEIGHT
    return inside and not any(
        left < end and begin < right and low < top and base < high for begin, end, base, top in taken
    )


def _log_ticks(lowest: float, highest: float, against: str) -> tuple[list[float], tuple[float, float]]:
    """Round values on a log axis, and the ends of the axis, as powers of ten, with some air."""
    low, high = log10(lowest), log10(highest)
    air = max((high - low) * 0.08, 0.08)
    ends = (low - air, high + air)
    steps = (
        _ROUND_SECONDS
        if against == "median_duration_s"
        else [n * 10**zeros for zeros in range(12) for n in (1, 2, 3, 5)]
    )
    inside = [step for step in steps if ends[0] <= log10(step) <= ends[1]]
    return inside[:: -(-len(inside) // 6)] if inside else [lowest], ends


def _called_most(agents: pl.DataFrame, top: int, min_calls: int) -> pl.DataFrame:
    called = agents.filter(pl.col("calls") >= max(min_calls, 1))
    return called.sort(["calls", "agent_id"], descending=[True, False]).head(top)


def _says(agent: str, successes: int, calls: int) -> str:
    low, high = wilson(successes, calls)
    return (
        f"<b>{plain(agent)}</b><br>{successes:,} of {counted(calls, 'call')}: {share(successes / calls)}"
        f"<br>95 % interval {share(low)} to {share(high)}"
    )


def _summary(shown: pl.DataFrame, against: str | None = None) -> str:
    columns = ["agent_id", "successes", "calls", *([against] if against else [])]
    told = []
    for agent, successes, calls, *value in shown.select(columns).rows():
        more = f", {AGAINST[against][0]} {AGAINST[against][2](value[0])}" if against else ""
        told.append(f"{cut(agent)} {share(successes / calls)} ({successes:,} of {calls:,}){more}")
    return f"Successful calls of {len(told)} agents: {'; '.join(told)}."


_PLOT_WIDTH, _PLOT_HEIGHT = 320, 320  # pixels that names are placed for: those of a phone
_ROUND_SECONDS: list[float] = [0.1, 0.5, 1, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18000, 43200, 86400]
_INTERVALS = "Whiskers: 95 % interval (Wilson)"
_SIZES = "Size: calls. Lines: 95 % interval"
