"""Places on a board under two rulebooks side by side. Not here: playing other rules (`engines/what_if.py`)."""

import polars as pl

from pipelines.reports.figures.canvas import HEIGHT, Canvas, Titles, canvas, label_ends, nothing
from pipelines.reports.figures.style import MAX_SERIES, cut, look, plain

TOP = 10
_SIDES = ["rules now", "other rules"]


def rank_moves(compared: pl.DataFrame, top: int = TOP) -> Canvas:
    """A line for each entry from its place now to its place under other rules.

    `compared`: rows of `compared_boards` of one board, window and scope. Shown are those that are among the `top` on
    either side, at most MAX_SERIES; who has no place on one side has a sign on the other only.
    """
    titles = Titles("Places under other rules", "Rules", "Rank")
    best = pl.min_horizontal("rank_before", "rank_after")
    shown = compared.filter(best <= top).sort(best, "rank_after", "subject_id").head(MAX_SERIES)
    if shown.is_empty():
        return nothing(titles, "No places yet")
    rows = shown.select("subject_id", "rank_before", "rank_after").rows()
    worst = max(rank for _, *ranks in rows for rank in ranks if rank is not None)
    told = "; ".join(f"{cut(name)} {_place(now)} to {_place(then)}" for name, now, then in rows)
    figure = canvas(titles, f"From the rules now to the other rules: {told}.", max(HEIGHT, 130 + 20 * min(worst, 20)))
    for place, (name, now, then) in enumerate(rows):
        signs = look(place)
        figure.add_scatter(
            x=[0, 1],
            y=[now, then],
            name=plain(name),
            mode="lines+markers",
            line={"color": signs.colour, "dash": signs.dash, "width": 2},
            marker={"symbol": signs.marker, "size": 9, "color": signs.colour},
            customdata=_SIDES,
            hovertemplate="<b>%{fullData.name}</b><br>%{customdata}: rank %{y}<extra></extra>",
        )
    figure.update_xaxes(tickvals=[0, 1], ticktext=_SIDES, range=[-0.15, 1.08], tickangle=0)
    label_ends(
        figure, [(name, now if then is None else then) for name, now, then in rows], 0.5, worst + 0.5, downwards=True
    )
    figure.update_yaxes(dtick=max(1, -(-worst // 20)), tick0=1, zeroline=False)
    return figure


def _place(rank: int | None) -> str:
    return "no place" if rank is None else str(rank)
