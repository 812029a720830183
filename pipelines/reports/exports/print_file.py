"""A board to be printed: the whole of it as a table on A4 pages, the header repeated on each.

Not here: what turns it into a PDF (browser.py), what the texts are (shown.py).
"""

import re

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.about import subtitle, title
from pipelines.reports.exports.browser import printed
from pipelines.reports.exports.picture import environment
from pipelines.reports.exports.shown import shown_board

MAX_TAGGED = 1000  # entries: of more, tags for screen readers make a PDF ten times as large and twice as slow
_STAMP = re.compile(rb"\((D:\d{14})([+-]\d\d'\d\d'|Z?)\)")  # of an instant in the facts of a PDF


def pdf_bytes(page: BoardPage) -> bytes:
    """The whole file. Raises PodiumError without a browser."""
    made = f"D:{page.reading.as_of:%Y%m%d%H%M%S}".encode()
    return _STAMP.sub(
        lambda stamp: b"(" + made + stamp[2] + b")",
        printed(print_html(page), is_tagged=page.entries.height <= MAX_TAGGED),
    )


def print_html(page: BoardPage) -> str:
    """The page that is printed: it needs no other file, script or network."""
    return (
        environment()
        .get_template("board_print.html.j2")
        .render(
            title=title(page),
            subtitle=subtitle(page),
            board=shown_board(page),
            badges_heading="Achievements" if page.subject == "user" else "Badges",
            rulebook=page.reading.fingerprint,
            generation=page.reading.generation.id,
        )
    )
