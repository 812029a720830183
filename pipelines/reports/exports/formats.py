"""The formats of exports by name, and writing one: whole under its name, or not at all.

Not here: what each format holds (`*_file.py`), which exports are made every night (configured.py).
"""

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.reports.board_page import BoardPage, board_page
from pipelines.reports.choices import Misuse, one_of, quoted
from pipelines.reports.exports import picture, print_file
from pipelines.reports.exports.browser import screenshot
from pipelines.reports.exports.csv_file import csv_text
from pipelines.reports.exports.ctftime_file import ctftime_text
from pipelines.reports.exports.file_names import stem
from pipelines.reports.exports.markdown_file import markdown_text
from pipelines.reports.exports.parquet_file import parquet_bytes
from pipelines.reports.exports.xlsx_file import xlsx_bytes
from pipelines.reports.machine import to_json
from pipelines.reports.reading import Reading
from pipelines.store.durable import disk_faults, half_made, replaced

SCALE = 2  # pixels of a PNG to one of the picture
MAX_IN_PNG = 150  # entries: of larger pictures browsers leave the end out


@dataclass(frozen=True)
class Format:
    """A format: how its files end, the whole of one, whether that is text, how many entries it holds unless asked."""

    suffix: str
    made: Callable[[BoardPage], bytes]
    is_text: bool = False
    top: int | None = None


def _text(suffix: str, text: Callable[[BoardPage], str], top: int | None = None) -> Format:
    return Format(suffix, lambda page: text(page).encode(), is_text=True, top=top)


def _json_text(page: BoardPage) -> str:
    return to_json(page.for_machines()) + "\n"


def _png_bytes(page: BoardPage) -> bytes:
    if page.entries.height > MAX_IN_PNG:
        raise Misuse(f"A PNG holds {MAX_IN_PNG} entries at the most: ask for fewer with --top, or for a PDF.")
    svg = picture.svg_text(page)
    return screenshot(svg, picture.WIDTH, picture.height(svg), SCALE)


FORMATS = {
    "csv": _text("csv", csv_text),
    "xlsx": Format("xlsx", xlsx_bytes),
    "parquet": Format("parquet", parquet_bytes),
    "json": _text("json", _json_text),
    "md": _text("md", markdown_text),
    "svg": _text("svg", picture.svg_text, picture.TOP),
    "png": Format("png", _png_bytes, top=picture.TOP),
    "pdf": Format("pdf", print_file.pdf_bytes),
    "ctftime": _text("ctftime.json", ctftime_text),
}


def format_of(name: str) -> Format:
    """The format of a name. Raises Misuse, which names those that there are."""
    return FORMATS[one_of(name.lower(), list(FORMATS), "format")]


def page_for(
    reading: Reading,
    form: str,
    board: str,
    window: str | None = None,
    on: dt.date | None = None,
    scope_id: str | None = None,
    top: int | None = None,
) -> BoardPage:
    """The page that a format is made of: as `board_page`, of pictures the first 25 unless `top` is given."""
    return board_page(reading, board, window, on, scope_id, top or format_of(form).top)


def text_of(page: BoardPage, form: str) -> str:
    """The export as text. Raises Misuse for a format that is no text."""
    chosen = format_of(form)
    if not chosen.is_text:
        texts = ", ".join(name for name, held in FORMATS.items() if held.is_text)
        raise Misuse(f"{form} is no text, and --out - is for texts ({texts}): name a file.")
    return chosen.made(page).decode()


def destination(page: BoardPage, form: str, out: str | None) -> Path:
    """Where an export goes: the file that was named, else one named after the board, in the folder that was named.

    Raises Misuse if there is no such folder.
    """
    name = f"{stem(page)}.{format_of(form).suffix}"
    chosen = Path(out or ".")
    is_folder = chosen.is_dir() or (out or "").endswith("/")
    path = chosen / name if is_folder else chosen
    if not path.parent.is_dir():
        raise Misuse(f"There is no folder {quoted(str(path.parent))}.")
    return path


def write_export(page: BoardPage, form: str, path: Path) -> int:
    """Write an export, and say how many bytes; what lay there stays until the new one is whole.

    Of a link the file that it leads to is written; a device or a pipe is written to, and never replaced. Raises
    PodiumError with a sentence.
    """
    made = format_of(form).made(page)
    with disk_faults("Writing the export", path.parent):
        if path.exists() and not path.is_file():
            path.write_bytes(made)
            return len(made)
        target = Path(os.path.realpath(path))
        try:
            with replaced(target) as half:
                half.write_bytes(made)
        finally:
            half_made(target).unlink(missing_ok=True)  # what a fault has left
    return len(made)
