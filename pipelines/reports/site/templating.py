"""The environment of Jinja2 in which all pages are made: autoescape is on, and undefined names are faults.

Here: what every template may use. Not here: what only pages of a season know (rendering.py), and the pages that stand
alone (reports/standalone.py).
"""

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipelines.reports import quantities
from pipelines.reports.site import sparks
from pipelines.reports.site.grids import script_json
from pipelines.reports.site.icons import SYMBOLS


def environment() -> Environment:
    """A new one, to which more may be added."""
    made = Environment(
        loader=PackageLoader("pipelines.reports.site"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "whole": lambda n: f"{n:,}",
        "mean": lambda x: f"{x:,.1f}",
        "share": quantities.share,
        "duration": quantities.duration,
        "json": lambda value: Markup(script_json(value)),  # noqa: S704 - script_json escapes
        "spark": sparks.line_of,
        "spark_end": sparks.end_of,
    }
    made.globals |= {"symbols": SYMBOLS, "spark_box": (sparks.WIDTH, sparks.HEIGHT)}
    return made
