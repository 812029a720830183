"""Skill of agents by category: a map of ratings, with their 90 % intervals and n under the pointer.

A cell in which an agent did nothing is shown empty; what the model borrows for it stands under the pointer alone. Not
here: agents in order (ratings.py), one agent month by month (skill_months.py).
"""

from collections.abc import Mapping
from typing import Any

import polars as pl

from pipelines.insight.evidence import CALL
from pipelines.insight.skill.ratings import CATEGORY, OVERALL
from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing, rows_height
from pipelines.reports.figures.ratings import AVERAGE, rated, tries_of
from pipelines.reports.figures.rows import more, name_rows
from pipelines.reports.figures.specialisation import UNKNOWN
from pipelines.reports.figures.style import INK, cut, plain
from pipelines.reports.quantities import counted
from pipelines.reports.trial_words import TRIALS, tried

TOP, TOP_CATEGORIES = 30, 12  # rows and columns: those with the most tries
MAX_NAME = 16  # characters of an agent or category: a phone needs its width for the cells
_SLANTED = 6  # columns whose names fit a phone slanted; those of more stand upright
_IN_A_ROW = 24  # characters that stand beside one another under the map of a phone
_LEAST_SPAN = 100  # of ratings to either side: smaller differences are not painted as large ones
_FEW = {"symbol": "circle", "size": 7, "color": "#ffffff", "line": {"width": 1.5, "color": "#20242e"}}
_EMPTY = {"symbol": "x-thin", "size": 6, "line": {"width": 1.5, "color": INK}}
_SCALE = {  # beneath the cells: beside them it would take a third of their room on a phone
    "orientation": "h", "x": 0.5, "y": 0, "yref": "container", "yanchor": "bottom", "ypad": 54, "len": 1,
    "thickness": 10, "outlinewidth": 0, "tickformat": "d", "tickangle": 0,
}  # fmt: skip
_TURNING = [[0, "#d55e00"], [0.5, "rgba(128,134,145,0.15)"], [1, "#0072b2"]]


def skill_map(skills: pl.DataFrame, top: int = TOP) -> Canvas:
    """The ratings of agents in each category; cells of few tries are marked, cells of none are empty and say so.

    `skills`: rows of `agent_skill` of one kind. Agents are those with the most tries, the highest rated on top.
    """
    words = TRIALS[skills["kind"][0] if skills.height else CALL]
    one, many = words.field, words.fields
    titles = Titles(f"Skill by {one}, from {tries_of(skills)}", f"{one.capitalize()}, most used first", "Agent")
    overall = skills.filter(pl.col("scope") == OVERALL)
    cells = skills.filter(pl.col("scope") == CATEGORY).with_columns(pl.col("category").fill_null(UNKNOWN))
    if overall.is_empty() or not cells["attempts"].sum():
        return nothing(titles, f"No agent is rated by {one} yet")
    kind = overall["kind"][0]
    busiest = overall.sort(["attempts", "agent_id"], descending=[True, False]).head(top)
    agents = busiest.sort(["rating", "agent_id"], descending=[True, False]).to_dicts()
    tried = cells.group_by("category").agg(pl.col("attempts").sum()).filter(pl.col("attempts") > 0)
    tried = tried.sort(["attempts", "category"], descending=[True, False])
    columns = tried["category"].head(TOP_CATEGORIES).to_list()
    shown = cells.join(busiest, on="agent_id", how="semi").filter(pl.col("category").is_in(columns)).to_dicts()
    held = {(row["agent_id"], row["category"]): row for row in shown}
    # of what an agent never did a large table has no row: then it is rated as in all its work
    grid = [[held.get((a["agent_id"], c), {**a, "attempts": 0}) for c in columns] for a in agents]
    left_out = overall.height - len(agents)
    figure = canvas(
        titles,
        _told(grid, kind, overall.height, counted(tried.height, one, many)),
        KEY_PX + 110 + rows_height(len(agents) + bool(left_out)),
    )
    span = max([_LEAST_SPAN, *(abs(cell["rating"] - AVERAGE) for row in grid for cell in row if cell["attempts"])])
    step = int(span * 0.8 // 50 * 50)  # three ratings name the colours: a phone has no room for more
    figure.add_heatmap(
        x=list(range(len(columns))),
        y=list(range(len(agents))),
        z=[[cell["rating"] if cell["attempts"] else None for cell in row] for row in grid],
        customdata=[
            [_cell_says(cell, column, kind) for column, cell in zip(columns, row, strict=True)] for row in grid
        ],
        colorscale=_TURNING,
        zmin=AVERAGE - span,
        zmax=AVERAGE + span,
        xgap=2,
        ygap=2,
        hoverongaps=True,
        hovertemplate="%{customdata}<extra></extra>",
        colorbar={**_SCALE, "tickvals": [AVERAGE - step, AVERAGE, AVERAGE + step]},
    )
    every = [(x, y, cell) for y, row in enumerate(grid) for x, cell in enumerate(row)]
    few = [(x, y) for x, y, cell in every if cell["attempts"] and cell["is_provisional"]]
    none = [(x, y) for x, y, cell in every if not cell["attempts"]]
    _mark(figure, few, f"few {words.many}: provisional", _FEW)
    _mark(figure, none, f"no {words.many}: borrowed", _EMPTY)
    name_rows(figure, [agent["agent_id"] for agent in agents], left_out, MAX_NAME)
    key_below(figure)
    ticks, is_short = [plain(column, MAX_NAME) for column in columns], sum(map(len, columns)) <= _IN_A_ROW
    figure.update_xaxes(tickvals=list(range(len(columns))), ticktext=ticks, showgrid=False, zeroline=False)
    angle = 0 if is_short else -40 if len(columns) <= _SLANTED else -90
    figure.update_xaxes(range=[-0.5, len(columns) - 0.5], tickangle=angle)
    if tried.height > len(columns):
        figure.update_xaxes(title_text=f"{titles.x}<br>{more(tried.height - len(columns))}")
    return figure


def _told(grid: list[list[Any]], kind: str, n_agents: int, fields: str) -> str:
    """In words: how much is shown, what is marked, and the highest cell that is not provisional."""
    cells = [cell for row in grid for cell in row]
    filled = [cell for cell in cells if cell["attempts"]]
    few = sum(cell["is_provisional"] for cell in filled)
    n_empty, tries = len(cells) - len(filled), TRIALS[kind].many
    words = (
        f"Ratings of {counted(n_agents, 'agent')} in {fields}: of {len(cells):,} cells shown {few:,} are provisional "
        f"(few {tries}) and {n_empty:,} have no {tries} (borrowed)."
    )
    settled = [cell for cell in filled if not cell["is_provisional"]]
    if not settled:
        return words
    best = max(settled, key=lambda cell: (cell["rating"], cell["attempts"], cell["agent_id"]))
    within = rated(best["rating"], best["rating_lo90"], best["rating_hi90"])
    return (
        f"{words} The highest that is not provisional: {cut(best['agent_id'])} in {cut(best['category'])}, {within}, "
        f"{tried(best['attempts'], kind)}."
    )


def _mark(figure: Canvas, at: list[tuple[int, int]], words: str, marker: Mapping[str, object]) -> None:
    if at:
        figure.add_scatter(
            x=[x for x, _ in at], y=[y for _, y in at], mode="markers", marker=marker, hoverinfo="skip", name=words
        )


def _cell_says(cell: Mapping[str, Any], column: str, kind: str) -> str:
    where = f"<b>{plain(cell['agent_id'])}</b> in {plain(column)}"
    within = rated(cell["rating"], cell["rating_lo90"], cell["rating_hi90"])
    if not cell["attempts"]:
        tries = TRIALS[kind].many
        return f"{where}<br>No {tries}; borrowed from its other {tries}:<br>rating {within}"
    provisional = "<br>provisional: few tries so far" if cell["is_provisional"] else ""
    right = f"{cell['successes']:,} of {tried(cell['attempts'], kind)} successful"
    return f"{where}<br>Rating {within}<br>{right}{provisional}"
