"""How agents spread through a team: steps of users over time, and a map of who has called which agent how often.

Both tell of single users, so neither is drawn of a team with fewer than `small_group` of them: a sentence says so. Not
here: what a team shares in numbers (insight/teams/collaboration.py, insight/teams/adoption.py).
"""

import datetime as dt
import math

import polars as pl

from pipelines.reports.figures.canvas import (
    Canvas,
    Titles,
    add_line,
    canvas,
    date_axis,
    label_ends,
    nothing,
    rows_height,
)
from pipelines.reports.figures.rows import name_rows
from pipelines.reports.figures.spans import SHORT_DAYS, on_clock
from pipelines.reports.figures.style import HEAT, cut, plain
from pipelines.reports.quantities import counted

TOP_STEPS = 6  # lines of agents: steps of few users lie close together
TOP_AGENTS, TOP_USERS = 15, 15  # rows and columns of the map: those with the most calls
MAX_NAME = 16  # characters of a name beside the map, which wants the room
_NO_CALLS = "No calls for this team yet"


def adoption_steps(
    uses: pl.DataFrame, *, until: dt.datetime, zone: str, small_group: int, top: int = TOP_STEPS
) -> Canvas:
    """How many users of a team had called each agent by when: lines of the agents that most users called.

    `uses`: one row per agent and user of the team: agent_id, user_id, calls, first_at (as `TeamUse.pairs`). `until`:
    `as_of`, in UTC, where all lines end. The axis shows the clock of `zone`.
    """
    titles = Titles("Users of an agent over time", f"Time ({zone})", "Users who have called it", _shown(uses, top))
    if uses.is_empty():
        return nothing(titles, _NO_CALLS)
    if uses["user_id"].n_unique() < small_group:
        return nothing(titles, _hidden(small_group))
    agents = _first(uses, "agent_id", top)
    instants = {
        agent: uses.filter(pl.col("agent_id") == agent)["first_at"].dt.replace_time_zone(None).sort().to_list()
        for agent in agents
    }
    end = on_clock(until.replace(tzinfo=None), zone)
    ends = [(agent, float(len(joined))) for agent, joined in instants.items()]
    told = ", ".join(f"{cut(agent)} {n:.0f}" for agent, n in ends)
    n_users = uses["user_id"].n_unique()
    figure = canvas(titles, f"Of {counted(n_users, 'user')} so many had called an agent by {end:%Y-%m-%d}: {told}.")
    for place, (agent, joined) in enumerate(instants.items()):
        x = [on_clock(at, zone) for at in joined]
        add_line(
            figure,
            place,
            agent,
            [x[0], *x, end],
            [0, *range(1, len(x) + 1), len(x)],
            "%{x|%d %b %Y}<br>users: %{y:,}",
            "hv",
        )
    first = on_clock(min(joined[0] for joined in instants.values()), zone)
    is_short = (end - first).days < SHORT_DAYS
    date_axis(figure, *((first, end) if is_short else (_date(first), _date(end))))
    most = max(n for _, n in ends)
    label_ends(figure, ends, 0, most * 1.08)
    figure.update_yaxes(tickformat=",d", tick0=0, dtick=max(1, math.ceil(most / 6)))
    return figure


def sharing_map(uses: pl.DataFrame, *, small_group: int) -> Canvas:
    """How often each user of a team has called each agent, those with the most calls first. `uses`: as above.

    Colours go by the logarithm of the calls: a few busy users would leave all others pale.
    """
    titles = Titles("Who has called which agent", "User", "Agent", "Colour: calls, on a logarithmic scale")
    if uses.is_empty():
        return nothing(titles, _NO_CALLS)
    n_users, n_agents = uses["user_id"].n_unique(), uses["agent_id"].n_unique()
    if n_users < small_group:
        return nothing(titles, _hidden(small_group))
    agents, users = _first(uses, "agent_id", TOP_AGENTS, "calls"), _first(uses, "user_id", TOP_USERS, "calls")
    calls = {(agent, user): n for agent, user, n in uses.select("agent_id", "user_id", "calls").rows()}
    cells = [[calls.get((agent, user), 0) for user in users] for agent in agents]
    shared = sum(sum(n > 0 for n in row) > 1 for row in cells)
    left_out = f" Of {n_agents:,} agents and {n_users:,} users those with the most calls are drawn."
    more = left_out if n_agents > len(agents) or n_users > len(users) else ""
    figure = canvas(
        titles,
        f"Calls of {counted(len(agents), 'agent')} by {counted(len(users), 'user')} of the team; {shared:,} of these "
        f"agents were called by two or more of them. The most called: {cut(agents[0])}, {sum(cells[0]):,}.{more}",
        80 + rows_height(len(agents)),
    )
    most = max(max(row) for row in cells)
    steps = [10**power for power in range(len(str(most)))]
    figure.add_heatmap(
        x=list(range(len(users))),
        y=list(range(len(agents))),
        z=[[math.log10(n) + 0.2 if n else 0 for n in row] for row in cells],
        customdata=[
            [
                f"{plain(user)} and {plain(agent)}<br>n = {counted(n, 'call')}"
                for user, n in zip(users, row, strict=True)
            ]
            for agent, row in zip(agents, cells, strict=True)
        ],
        colorscale=HEAT,
        zmin=0,
        zmax=max(math.log10(most), 1) + 0.2,
        xgap=2,
        ygap=2,
        hovertemplate="%{customdata}<extra></extra>",
        colorbar={
            "orientation": "h",  # above the map: at its side it would take half of a phone's room
            "y": 1,
            "yanchor": "bottom",
            "thickness": 8,
            "title": {"text": "Calls", "side": "top", "font": {"size": 11}},
            "outlinewidth": 0,
            "tickvals": [0, *(power + 0.2 for power in range(len(steps)))],
            "ticktext": ["0", *(f"{step:,}" for step in steps)],
        },
    )
    name_rows(figure, agents)
    for axis, names in ((figure.layout.xaxis, users), (figure.layout.yaxis, agents)):
        axis.update(
            tickvals=list(range(len(names))),
            ticktext=[plain(name, MAX_NAME) for name in names],
            tickfont_size=11,
            ticks="",
        )
    figure.update_xaxes(tickangle=-90, zeroline=False)
    return figure


def _first(uses: pl.DataFrame, key: str, top: int, by: str = "n") -> list[str]:
    """The agents with the most users (or `by` calls), or the users with the most calls; of equals by their ids."""
    sums = uses.group_by(key).agg(n=pl.len(), calls=pl.col("calls").sum())
    order = [by, *({"n", "calls"} - {by}), key]
    return sums.sort(order, descending=[True, True, False])[key].head(top).to_list()


def _shown(uses: pl.DataFrame, top: int) -> str:
    n_agents = uses["agent_id"].n_unique()
    return f"Of {n_agents:,} agents the {top} that most users called" if n_agents > top else ""


def _hidden(small_group: int) -> str:
    return f"Not drawn of a team of fewer than {small_group} users"


def _date(at: dt.date) -> dt.date:
    return at.date() if isinstance(at, dt.datetime) else at
