"""Figures as the pages take them: JSON for the script, and in words for who does not see it.

Not here: the figures (reports/figures/), the drawing of them (static/podium.js).
"""

from dataclasses import dataclass

from markupsafe import Markup

from pipelines.reports.figures.canvas import Canvas
from pipelines.reports.figures.style import as_json


@dataclass(frozen=True)
class Chart:
    """A figure on a page: its title, what it shows in words, how high it is, and what the script draws."""

    title: str
    summary: str
    height: int
    json: Markup


def alone(figure: Canvas) -> Canvas:
    """A figure of one line on the page of whose it is: its name is left out, and gives its room to the line."""
    figure.layout.annotations = ()
    figure.update_layout(margin_r=16)
    return figure


def shown(figure: Canvas) -> Chart:
    """A figure for a page, whose heading is its title."""
    meta = figure.layout.meta
    drawn = Markup(as_json(figure, titled=False))  # noqa: S704 - as_json escapes
    return Chart(meta["title"], meta["summary"], figure.layout.height, drawn)
