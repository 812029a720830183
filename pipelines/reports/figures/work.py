"""Sub-agents beside one another: how often calls succeed, how sure that is, and what a call takes.

These are observations of calls that people chose to make, of different kinds and difficulty: they rank no agent and
prove no cause. Not here: one agent by itself (specialisation.py).
"""

import polars as pl

from pipelines.reports.figures.canvas import Canvas, Titles, canvas, nothing, rows_height
from pipelines.reports.figures.specialisation import label_right, name_rows, share_axis
from pipelines.reports.figures.style import BLUE, INK, MARKERS, PALETTE, cut, plain
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import duration, large, share

TOP = 20  # agents: those with the most calls
N_LABELLED = 8  # points of a scatter with their names beside them
MIN_CALLS = 5  # of an agent: of fewer the interval says next to nothing
AGAINST = {
    "median_duration_s": ("median duration", "Median duration of a call, seconds (log scale)", duration),
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
    figure.add_scatter(
        x=shares,
        y=list(range(len(names))),
        mode="markers",
        marker={"size": 10, "color": BLUE, "symbol": "circle"},
        error_x={
            "type": "data",
            "array": [high - value for value, (_, high) in zip(shares, sure, strict=True)],
            "arrayminus": [value - low for value, (low, _) in zip(shares, sure, strict=True)],
            "color": INK,
            "thickness": 1.5,
            "width": 4,
        },
        customdata=[_says(*row) for row in zip(names, successes, calls, strict=True)],
        hovertemplate="%{customdata}<extra></extra>",
        cliponaxis=False,
    )
    label_right(figure, [f"{right:,} of {n:,}" for right, n in zip(successes, calls, strict=True)])
    name_rows(figure, names)
    figure.update_yaxes(showgrid=True)
    share_axis(figure, "x")
    return figure


def success_against(
    agents: pl.DataFrame, against: str = "median_duration_s", top: int = TOP, min_calls: int = MIN_CALLS
) -> Canvas:
    """The success of the agents that are called most against the time or the tokens that it takes.

    `agents`: rows of `agent_stats` or of `user_agents` of one user. `against`: median_duration_s or
    tokens_per_success. The larger a sign, the more calls; the most called have their names beside them.
    """
    words, axis, quantity = AGAINST[against]
    titles = Titles(f"Success and {words} of each agent", axis, "Success: successful calls / calls", _SIZES)
    told = agents.filter(pl.col(against) > 0)
    shown = _called_most(told, top, min_calls)
    if shown.is_empty():
        return nothing(titles, f"No agent has {min_calls} calls that tell their {words} yet")
    figure = canvas(titles, f"{_summary(shown, against)}", 420)
    most = shown["calls"].max()
    for place, (agent, successes, calls, value) in enumerate(
        shown.select("agent_id", "successes", "calls", against).rows()
    ):
        low, high = wilson(successes, calls)
        here = successes / calls
        figure.add_scatter(
            x=[value],
            y=[here],
            name=plain(agent),
            mode="markers+text" if place < N_LABELLED else "markers",
            text=[plain(agent, 18)],
            textposition=("top center", "bottom center")[place % 2],
            textfont={"size": 11, "color": INK},
            marker={
                "size": 9 + 17 * (calls / most) ** 0.5,
                "color": PALETTE[place % len(PALETTE)],
                "symbol": MARKERS[place % len(MARKERS)],
                "opacity": 0.85,
            },
            error_y={"type": "data", "array": [high - here], "arrayminus": [here - low], "color": _FAINT, "width": 0},
            customdata=[f"{_says(agent, successes, calls)}<br>{words}: {quantity(value)}"],
            hovertemplate="%{customdata}<extra></extra>",
            cliponaxis=False,
        )
    figure.update_xaxes(type="log", showgrid=True, nticks=6, tickformat="~s")
    share_axis(figure, "y")
    figure.update_yaxes(range=[0, 1.05])
    return figure


def _called_most(agents: pl.DataFrame, top: int, min_calls: int) -> pl.DataFrame:
    called = agents.filter(pl.col("calls") >= max(min_calls, 1))
    return called.sort(["calls", "agent_id"], descending=[True, False]).head(top)


def _says(agent: str, successes: int, calls: int) -> str:
    low, high = wilson(successes, calls)
    return (
        f"<b>{plain(agent)}</b><br>{successes:,} of {calls:,} calls: {share(successes / calls)}"
        f"<br>95 % interval {share(low)} to {share(high)}"
    )


def _summary(shown: pl.DataFrame, against: str | None = None) -> str:
    columns = ["agent_id", "successes", "calls", *([against] if against else [])]
    told = []
    for agent, successes, calls, *value in shown.select(columns).rows():
        more = f", {AGAINST[against][0]} {AGAINST[against][2](value[0])}" if against else ""
        told.append(f"{cut(agent)} {share(successes / calls)} ({successes:,} of {calls:,}){more}")
    return f"Successful calls of {len(told)} agents: {'; '.join(told)}."


_FAINT = "rgba(120,125,134,0.55)"
_INTERVALS = "Whiskers: 95 % interval (Wilson)"
_SIZES = "Size: calls. Lines: 95 % interval"
