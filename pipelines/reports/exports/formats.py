"""The formats of exports by name, and writing one: whole under its name, or not at all.

Not here: what each format holds (`*_file.py`), which exports are made every night (configured.py).
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pipelines.reports.board_page import BoardPage
from pipelines.reports.choices import Misuse, one_of
from pipelines.reports.exports import picture, print_file
from pipelines.reports.exports.browser import screenshot
from pipelines.reports.exports.csv_file import csv_text
from pipelines.reports.exports.ctftime_file import ctftime_text
from pipelines.reports.exports.file_names import stem
from pipelines.reports.exports.markdown_file import markdown_text
from pipelines.reports.exports.parquet_file import write_parquet
from pipelines.reports.exports.xlsx_file import write_xlsx
from pipelines.reports.machine import to_json
from pipelines.store.durable import disk_faults, replaced

SCALE = 2  # pixels of a PNG to one of the picture
MAX_IN_PNG = 150  # entries: of larger pictures browsers leave the end out


@dataclass(frozen=True)
class Format:
    """A format: how its files end, how one is made (as text, or at a path), how many entries it holds unless asked."""

    suffix: str
    text: Callable[[BoardPage], str] | None = None
    write: Callable[[BoardPage, Path], object] | None = None
    top: int | None = None


def _json_text(page: BoardPage) -> str:
    return to_json(page.for_machines()) + "\n"


def _write_png(page: BoardPage, path: Path) -> None:
    if page.entries.height > MAX_IN_PNG:
        raise Misuse(f"A PNG holds {MAX_IN_PNG} entries at the most: ask for fewer with --top, or for a PDF.")
    svg = picture.svg_text(page)
    path.write_bytes(screenshot(svg, picture.WIDTH, picture.height(svg), SCALE))


def _write_pdf(page: BoardPage, path: Path) -> None:
    path.write_bytes(print_file.pdf_bytes(page))


FORMATS = {
    "csv": Format("csv", text=csv_text),
    "xlsx": Format("xlsx", write=write_xlsx),
    "parquet": Format("parquet", write=write_parquet),
    "json": Format("json", text=_json_text),
    "md": Format("md", text=markdown_text),
    "svg": Format("svg", text=picture.svg_text, top=picture.TOP),
    "png": Format("png", write=_write_png, top=picture.TOP),
    "pdf": Format("pdf", write=_write_pdf),
    "ctftime": Format("ctftime.json", text=ctftime_text),
}


def format_of(name: str) -> Format:
    """The format of a name. Raises Misuse, which names those that there are."""
    return FORMATS[one_of(name.lower(), list(FORMATS), "format")]


def text_of(page: BoardPage, name: str) -> str:
    """The export as text. Raises Misuse for a format that is no text."""
    chosen = format_of(name)
    if chosen.text is None:
        texts = ", ".join(name for name, held in FORMATS.items() if held.text)
        raise Misuse(f"{name} is no text, and --out - is for texts ({texts}): name a file.")
    return chosen.text(page)


def file_name(page: BoardPage, name: str, *, with_dates: bool = True) -> str:
    """The name of an export's file: `points-week-2026-11-09.csv`."""
    return f"{stem(page, with_dates=with_dates)}.{format_of(name).suffix}"


def write_export(page: BoardPage, name: str, path: Path) -> None:
    """Write an export; what lay there before stays until the new one is whole. Raises PodiumError with a sentence."""
    chosen = format_of(name)
    with disk_faults("Writing the export", path.parent):
        try:
            with replaced(path) as half:
                if chosen.text is not None:
                    half.write_bytes(chosen.text(page).encode())
                elif chosen.write is not None:
                    chosen.write(page, half)
        finally:
            path.with_name(f".{path.name}.half").unlink(missing_ok=True)  # what a fault has left
