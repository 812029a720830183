"""Somebody's text in Markdown: as code, so that no markup, link or HTML in it comes alive.

Ids and names are other people's text, and what shows Markdown renders it. Not here: which tables are written in it.
"""

import re


def cell(text: str, longest: int | None = None) -> str:
    """A text as code in a cell of a Markdown table; longer than `longest` characters it is cut."""
    short = text if longest is None or len(text) <= longest else f"{text[:longest]}…"
    one_line = " ".join(short.split())
    fence = "`" * (max((len(run) for run in re.findall("`+", one_line)), default=0) + 1)
    inside = re.sub(
        r"(\\*)\|", r"\1\1\\|", one_line
    )  # a bar ends the cell, in code too, unless an odd `\` is before it
    if inside.endswith("\\"):
        inside += " "  # else it would escape what follows
    return f"{fence} {inside} {fence}" if "`" in inside else f"{fence}{inside}{fence}"
