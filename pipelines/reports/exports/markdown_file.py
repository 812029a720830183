"""A board as Markdown, for an issue, a wiki or a chat: a GitHub table, with names that cannot become markup.

Not here: what makes a name harmless (reports/markdown.py).
"""

import re

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.about import subtitle, title
from pipelines.reports.exports.shown import Move, shown_board
from pipelines.reports.markdown import cell

_PLAIN = re.compile(r"(?:[A-Za-z0-9 ,:/%()★☆–·-]|(?<=\d)\.(?=\d))*")  # holds no markup, link or end of a cell
EMPTY = "Nobody has an entry here yet."


def markdown_text(page: BoardPage) -> str:
    """The whole file: heading, table, and what its numbers hold for."""
    board = shown_board(page)
    head = ["#", "moved", board.subject.lower(), *(column.heading for column in board.numbers)]
    ruler = ["--:", ":--", ":--", *("--:" if column.align == "right" else ":--" for column in board.numbers)]
    lines = []
    for n, rank in enumerate(board.ranks):
        texts = [_plain(column.texts[n]) for column in board.numbers]
        lines.append([str(rank), _moved(board.moves[n]), cell(board.names[n]), *texts])
    if board.badges is not None:
        head, ruler = [*head, "achievements" if page.subject == "user" else "badges"], [*ruler, ":--"]
        lines = [[*line, _plain(", ".join(held))] for line, held in zip(lines, board.badges, strict=True)]
    table = [f"| {' | '.join(line)} |" for line in (head, ruler, *lines)] if lines else [EMPTY]
    foot = [*(_starless(note) for note in board.notes), f"Rulebook `{page.reading.fingerprint}`."]
    return "\n".join([f"## {_plain(title(page))}", "", _plain(subtitle(page)), "", *table, "", "  \n".join(foot), ""])


def _plain(text: str) -> str:
    """A text as it is, or as code if there is a sign in it that Markdown could read."""
    starred = text.removesuffix("*")
    if _PLAIN.fullmatch(starred):
        return _starless(text)
    return cell(text)


def _starless(text: str) -> str:
    return text.replace("*", "\\*")


def _moved(move: Move) -> str:
    if move.n_places is None:
        return "new" if move.is_known else ""
    return "–" if move.n_places == 0 else f"{'▲' if move.n_places > 0 else '▼'} {abs(move.n_places):,}"
