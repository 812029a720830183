"""A page that stands alone: one file with all that it needs, in the look of the report site, to be handed on.

No script, no request, no link to a style sheet: a policy in its head forbids the browser all of them. A template of
such a page lies in site/templates/, extends `alone.html.j2` and fills its blocks `title`, `where`, `lead`, `main` and
`foot`. Autoescape is on, and undefined names are faults. Not here: what such a page shows (arena_*_page.py and such).
"""

from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from pipelines.reports import quantities
from pipelines.reports.site.templating import environment

SHEETS = ("podium.css", "alone.css")  # what all pages look like, then what only these have


def page(template: str, **shown: Any) -> str:
    """The text of a whole page. `shown`: what the template names."""
    return _environment().get_template(template).render(**shown)


@cache
def _environment() -> Environment:
    made = environment()
    made.filters |= {
        "number": quantities.number,
        "decimal": quantities.decimal,
        "counted": quantities.counted,
    }
    static = files("pipelines.reports.site").joinpath("static")
    sheets = "\n".join(static.joinpath(name).read_text("utf-8") for name in SHEETS)
    made.globals["sheets"] = Markup(sheets)  # noqa: S704 - our own files
    return made
