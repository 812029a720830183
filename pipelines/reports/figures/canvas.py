"""What figures share: an empty canvas with title and axes, labels at the ends of lines, fewer points of a long season.

Not here: colours and texts (style.py), and what a figure shows.
"""

import datetime as dt
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from pipelines.reports.figures.style import LINE, TEMPLATE, Look, as_json, cut, look, plain

HEIGHT = 360
MAX_POINTS = 400  # dates of one line; a longer season is thinned out evenly, first and last day kept
MAX_LABEL = 16  # characters of a name at the end of a line: more would take the room of the lines on a phone
LABEL_PX = 15  # from one label to the next
KEY_PX = 40  # of the height, what a key to the signs takes
KEY: dict[str, Any] = {  # to the signs, at the foot of a figure
    "orientation": "h", "x": 0, "y": 0, "xref": "container", "yref": "container", "traceorder": "normal",
    "font": {"size": 11},
}  # fmt: skip
_FRAME_PX = 110  # of the height, what is no plot
_ROW_PX = 24


class Canvas(go.Figure):  # type: ignore[misc] # Plotly has no types
    """A figure that notebooks show without Plotly's cloud, and that says in words what it shows."""

    _ipython_display_ = None

    def _repr_mimebundle_(self, *_: object, **__: object) -> dict[str, object]:
        """For Jupyter: the figure for Plotly's own renderer, else its title and summary."""
        meta = self.layout.meta
        return {
            "application/vnd.plotly.v1+json": json.loads(as_json(self)),
            "text/html": self._repr_html_(),
            "text/plain": f"{meta['title']}. {meta['summary']}",
        }

    def _repr_html_(self) -> str:
        """Where nothing draws it: in words. Plotly's own way would load a script from the network."""
        meta = self.layout.meta
        return f"<p><b>{html.escape(meta['title'])}.</b> {html.escape(meta['summary'])}</p>"


@dataclass(frozen=True)
class Titles:
    """What a figure is called. `title` and the axes are ours, with strangers' names made `plain` and short."""

    title: str
    x: str
    y: str
    subtitle: str = ""


def canvas(
    titles: Titles, summary: str, height: int = HEIGHT, data: Sequence[dict[str, Any]] = (), **more: Any
) -> Canvas:
    """A figure without series. `summary` says in plain text what they will show.

    `data` and `more`: the series, and what else the layout has, for a figure of which hundreds are drawn: at once
    takes a fifth of the time. Plotly looks over what is added later, and not what is given here: the tests do.
    """
    title: dict[str, object] = {"text": titles.title}
    layout: dict[str, Any] = {"template": TEMPLATE, "height": height, "title": title}
    if titles.subtitle:
        title["subtitle"] = {"text": titles.subtitle, "font": {"size": 12}}
        layout["margin"] = {"t": 64}
    layout["meta"] = {"title": _words(titles.title), "summary": summary}
    layout |= {"xaxis": {"title": {"text": titles.x}}, "yaxis": {"title": {"text": titles.y}}}
    for name, held in more.items():
        layout[name] = {**layout.get(name, {}), **held} if name in ("xaxis", "yaxis", "margin") else held
    figure = Canvas(data=list(data), layout=layout, _validate=False)  # looking over the template takes a millisecond
    figure._validate = figure.layout._validate = True
    return figure


def nothing(titles: Titles, sentence: str) -> Canvas:
    """A figure of nothing: the titles, and in the middle a sentence that says what there is none of."""
    figure = canvas(titles, sentence, 200)
    figure.update_xaxes(showticklabels=False, zeroline=False, range=[0, 1])
    figure.update_yaxes(showticklabels=False, showgrid=False, zeroline=False, range=[0, 1])
    figure.add_annotation(text=sentence, x=0.5, y=0.5, xref="paper", yref="paper", showarrow=False, font_size=14)
    return figure


def rows_height(n_rows: int) -> int:
    """Pixels that a figure of so many rows is high."""
    return _FRAME_PX + 20 + _ROW_PX * max(n_rows, 2)


def thinned(n: int) -> list[int]:
    """The places of the points that are drawn out of `n`: at most MAX_POINTS, evenly, first and last among them."""
    if n <= MAX_POINTS:
        return list(range(n))
    return [round(step * (n - 1) / (MAX_POINTS - 1)) for step in range(MAX_POINTS)]


def add_line(
    figure: Canvas, place: int, name: str, x: Sequence[dt.date], y: Sequence[float | int | None], says: str, shape: str
) -> Look:
    """A line with a name, its hover `says` (a Plotly template of ours), and the look of its place."""
    figure.add_scatter(**line(place, name, x, y, says, shape))
    return look(place)


def line(
    place: int, name: str, x: Sequence[dt.date], y: Sequence[float | int | None], says: str, shape: str
) -> dict[str, Any]:
    """What `add_line` adds, for a figure that is made at once."""
    looks, kept = look(place), thinned(len(x))
    return {
        "type": "scatter",
        "x": [x[point].isoformat() for point in kept],
        "y": [y[point] for point in kept],
        "name": plain(name),
        "mode": "lines+markers",
        "line": {"color": looks.colour, "dash": looks.dash, "width": 2, "shape": shape},
        "marker": {"symbol": looks.marker, "size": 7, "color": looks.colour, "maxdisplayed": 10},
        "hovertemplate": f"<b>%{{fullData.name}}</b><br>{says}<extra></extra>",
        "connectgaps": False,
    }


def label_ends(
    figure: Canvas, ends: Sequence[tuple[str, float]], low: float, high: float, *, downwards: bool = False
) -> None:
    """Names at the right edge, at the height where their lines end, pushed apart so that none covers another.

    `ends`: name and last value; `low` and `high`: the ends of the y axis, which is set to them, upside down with
    `downwards`.
    """
    gap = (high - low) * LABEL_PX / pixels(figure)
    order = sorted(range(len(ends)), key=lambda place: (ends[place][1], place))
    heights = _apart([ends[place][1] for place in order], gap, low, high)
    for place, height in zip(order, heights, strict=True):
        sign = f'<span style="color:{look(place).colour}">{look(place).glyph}</span>'
        figure.add_annotation(
            text=f"{sign} {plain(ends[place][0], MAX_LABEL)}",
            x=1,
            xref="paper",
            xanchor="left",
            xshift=6,
            y=height,
            yanchor="middle",
            showarrow=False,
            font={"size": 12},
        )
    longest = max((len(cut(name, MAX_LABEL)) for name, _ in ends), default=0)
    figure.update_layout(margin_r=32 + 7.6 * longest)
    figure.update_yaxes(range=[high, low] if downwards else [low, high])


def _apart(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Ascending heights, moved as little as needs be to lie `gap` apart and within the axis, if there is room."""
    apart: list[float] = []
    for height in heights:
        apart.append(max(height, apart[-1] + gap) if apart else max(height, low))
    top = high
    for place in reversed(range(len(apart))):
        apart[place] = min(apart[place], top)
        top = apart[place] - gap
    return apart


def date_axis(figure: Canvas, first: dt.date, last: dt.date) -> None:
    """The x axis as dates from `first` to `last`, with a day of air; of two instants as times of the day."""
    figure.update_xaxes(**dates(first, last))


def dates(first: dt.date, last: dt.date) -> dict[str, Any]:
    """The axis of `date_axis`, for a figure that is made at once."""
    air = dt.timedelta(days=max((last - first).days // 60, 1))
    named: dict[str, object] = {"tickformatstops": _TICKS}
    if isinstance(first, dt.datetime) and isinstance(last, dt.datetime):
        air, named = (
            max((last - first) / 60, dt.timedelta(minutes=1)),
            {"tickformat": "%H:%M\n%d %b", "ticklabelstandoff": 4},
        )
    edges = [first - air, last + air]
    return {"type": "date", "range": [edge.isoformat() for edge in edges], "nticks": 6, "tickangle": 0, **named}


def whole_axis(figure: Canvas, most: int) -> None:
    """The x axis as whole numbers from 0 to `most`, at most six of them named, of long ones four."""
    n_steps = 5 if most < 1000 else 3
    step = next(n * 10**zeros for zeros in range(19) for n in (1, 2, 5) if n * 10**zeros * n_steps >= most)
    figure.update_xaxes(showgrid=True, tickformat=",d", tickangle=0, tick0=0, dtick=step, range=[0, most * 1.02])


def key_below(figure: Canvas) -> None:
    """A key to the signs at the foot of the figure; it takes room, for which the height has to be more by KEY_PX."""
    figure.update_layout(showlegend=True, legend=KEY)


def pixels(figure: Canvas) -> int:
    """How high the plot is, about."""
    return plot_height(int(figure.layout.height))


def plot_height(height: int) -> int:
    """How high the plot of a figure so high is, in pixels, about."""
    return max(height - _FRAME_PX, 1)


def rule_lines(lines: Sequence[tuple[float, str]]) -> dict[str, Any]:
    """Thin horizontal lines across the plot, each with a label of ours at its right edge: y and text.

    As shapes and annotations of a layout: one by one Plotly checks anew those that are there.
    """
    shape = {"type": "line", "xref": "paper", "x0": 0, "x1": 1, "line": {"color": LINE, "width": 1, "dash": "dot"}}
    label = {"x": 1, "xref": "paper", "xanchor": "left", "xshift": 6, "yanchor": "middle", "showarrow": False}
    return {
        "shapes": [{**shape, "y0": y, "y1": y} for y, _ in lines],
        "annotations": [{**label, "y": y, "text": text, "font": {"size": 11}} for y, text in lines],
    }


_TICKS = [
    {"dtickrange": [None, "M1"], "value": "%d %b"},
    {"dtickrange": ["M1", "M12"], "value": "%b %Y"},
    {"dtickrange": ["M12", None], "value": "%Y"},
]


def _words(title: str) -> str:
    """A title as text instead of markup: entities become the signs that they stand for."""
    return html.unescape(title.replace("<br>", " ")).replace("\u2068", "").replace("\u2069", "")
