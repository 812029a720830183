"""How figures look, and how they leave the house: colours, signs of series, texts of strangers, JSON.

Colours read on white and on the dark pages, at 3:1 or better; since eight such colours are much alike in greyscale,
every series also has a dash and a marker of its own. Not here: what a figure shows.
"""

import html
import json
import unicodedata
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from pipelines.reports.terminal import safe

# Okabe and Ito's colours ("Color Universal Design", 2008), those that were too light for white made darker.
PALETTE = ("#0072b2", "#d55e00", "#009e73", "#bf5f94", "#b07d00", "#1f93c9", "#7c6bd6", "#7a7f87")
BLUE, VERMILLION, GREEN, PURPLE, OCHRE, SKY, VIOLET, GREY = PALETTE
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
_SOLID = ("circle", "square", "diamond", "triangle-up", "x", "star", "triangle-down", "cross")
MARKERS = (*_SOLID, "circle-open", "square-open", "diamond-open", "triangle-up-open")
GLYPHS = "●■◆▲✖★▼✚○□◇△"  # the same signs, for a label
PATTERNS = ("", "/", "x", ".", "-", "+")
MAX_SERIES = 12  # lines in one figure: more cannot be told apart
INK, LINE = "#787d86", "rgba(128,134,145,0.28)"  # both halfway between the pages' light and dark
FAINT = "rgba(120,125,134,0.55)"  # intervals that stand behind many signs
FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"
HEAT = [[0, "rgba(31,147,201,0.07)"], [0.001, "rgba(31,147,201,0.22)"], [1, "rgba(31,147,201,1)"]]
LONGEST = 40  # characters of a name, unless a figure has less room
CONFIG: dict[str, Any] = {
    "displaylogo": False,
    "showSendToCloud": False,
    "plotlyServerURL": "",
    "responsive": True,
    "typesetMath": False,
    "displayModeBar": False,
    "scrollZoom": False,
    "doubleClick": "reset",
}
# Text of figures takes the page's own colour, which on either page is read more easily than one grey for both.
CSS = ".js-plotly-plot .main-svg text:not(.hoverlayer *) { fill: currentColor !important; }"
_SIGNIFICANT = 6
_UNSAFE_IN_HTML = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&\u2028\u2029"}


@dataclass(frozen=True)
class Look:
    """How one series is told from the others."""

    colour: str
    dash: str
    marker: str
    glyph: str


def look(place: int) -> Look:
    """The look of a series by its place; the first twelve differ in (dash, marker), whatever their colour."""
    sign = place % len(MARKERS)
    return Look(PALETTE[place % len(PALETTE)], DASHES[place % len(DASHES)], MARKERS[sign], GLYPHS[sign])


def _template() -> go.layout.Template:
    axis = {
        "gridcolor": LINE,
        "linecolor": LINE,
        "zerolinecolor": LINE,
        "automargin": True,
        "title": {"standoff": 8, "font": {"size": 12}},
        "fixedrange": True,
    }
    return go.layout.Template(
        layout={
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"family": FONT, "size": 12, "color": INK},
            "title": {
                "font": {"size": 15},
                "x": 0,
                "pad": {"l": 8, "t": 10},
                "xanchor": "left",
                "y": 1,
                "yanchor": "top",
            },
            "colorway": list(PALETTE),
            "hoverlabel": {
                "bgcolor": "#20242e",
                "bordercolor": "#6b7280",
                "font": {"color": "#f4f5f7", "family": FONT, "size": 12},
                "align": "left",
            },
            "xaxis": {**axis, "showgrid": False},
            "yaxis": axis,
            "margin": {"l": 8, "r": 16, "t": 48, "b": 8},
            "showlegend": False,
            "hovermode": "closest",
            "dragmode": False,
        }
    )


TEMPLATE = _template()


def plain(text: object, longest: int = LONGEST) -> str:
    """A stranger's text for a place where Plotly reads markup: it is shown as it is, and does nothing.

    Plotly knows HTML-like tags and entities, `%{...}` out of its templates and `$...$` for formulas. Characters that
    cannot be seen appear as escapes; of more than `longest` characters the rest is an ellipsis; what is written from
    right to left turns nothing around it.
    """
    shown = html.escape(cut(text, longest), quote=False).replace("%{", "%&#123;").replace("$", "&#36;")
    return f"\u2068{shown}\u2069" if any(unicodedata.bidirectional(c) in ("R", "AL") for c in shown) else shown


def cut(text: object, longest: int = LONGEST) -> str:
    """A stranger's text for a place that knows no markup, such as a summary: visible, and no longer than `longest`."""
    shown = safe(text)
    return shown if len(shown) <= longest else shown[: longest - 1].rstrip() + "…"


def as_json(figure: go.Figure, *, titled: bool = True) -> str:
    """A figure as `Plotly.newPlot(element, spec.data, spec.layout, spec.config)` takes it: compact, the same each time.

    Safe inside `<script type="application/json">`. Numbers have six significant digits. Without `titled` the title
    is left out and its room with it: for a page that says it in a heading of its own (`layout.meta.title`).
    """
    spec = figure.to_plotly_json()
    layout = dict(spec["layout"])
    if not titled:
        layout.pop("title", None)
        layout["margin"] = {**layout.get("margin", {}), "t": 12}
    content = {"data": spec["data"], "layout": layout, "config": CONFIG}
    text = json.dumps(_short(content), ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.translate(_UNSAFE_IN_HTML)


def standalone(figure: go.Figure, *, plotly_js: str | None = None) -> str:
    """A page of one figure that needs nothing else: 4.8 MB, or with `plotly_js` the address of a shared script."""
    from plotly.offline import get_plotlyjs

    script = f"<script>{get_plotlyjs()}</script>"
    if plotly_js is not None:
        script = f'<script src="{html.escape(plotly_js)}"></script>'
    meta = figure.layout.meta
    label = html.escape(f"{meta['title']}. {meta['summary']}")
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(meta["title"])}</title>\n'
        '<meta name="color-scheme" content="light dark"><style>body{margin:1rem;background:Canvas;color:CanvasText}'
        f"{CSS}</style>{script}</head>\n"
        f'<body><div id="figure" role="img" aria-label="{label}"></div>\n'
        f'<script type="application/json" id="spec">{as_json(figure)}</script>\n'
        '<script>const spec=JSON.parse(document.getElementById("spec").textContent);'
        'Plotly.newPlot("figure",spec.data,spec.layout,spec.config);</script></body></html>\n'
    )


def _short(value: Any) -> Any:
    """The same content with plain lists and short numbers."""
    if isinstance(value, dict):
        return {key: _short(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        return [_short(held) for held in value]
    if isinstance(value, float):
        short = float(f"{value:.{_SIGNIFICANT}g}")
        return int(short) if short.is_integer() else short
    if hasattr(value, "to_plotly_json"):
        return _short(value.to_plotly_json())
    return value
