"""What became of the lines that were read, and why some were refused. Not here: the lines themselves."""

from pathlib import PurePath

import polars as pl

from pipelines.reports.figures.canvas import KEY_PX, Canvas, Titles, canvas, key_below, nothing, rows_height, whole_axis
from pipelines.reports.figures.rows import BAR, count_bars, label_right, name_rows
from pipelines.reports.figures.style import GREEN, GREY, SKY, VERMILLION, cut, plain
from pipelines.reports.quantities import counted

TOP = 20  # files: those with the most lines
MAX_NAME = 20  # characters of a file's name
_FATES = (
    ("n_accepted", "accepted", GREEN, ""),
    ("n_duplicates", "duplicates", SKY, "/"),
    ("n_quarantined", "quarantined", VERMILLION, "x"),
    ("n_blank", "blank", GREY, "."),
)


def lines_read(files: pl.DataFrame, top: int = TOP) -> Canvas:
    """What became of the lines of each file: accepted, duplicates, quarantined, blank.

    `files`: rows of `ingested_files`; readings of one path are summed up.
    """
    titles = Titles("What became of the lines of each file", "Lines", "File", "At the right: lines quarantined")
    counts = [column for column, *_ in _FATES]
    sums = files.group_by("path").agg(pl.col("n_lines", *counts).sum())
    shown = sums.filter(pl.col("n_lines") > 0).sort(["n_lines", "path"], descending=[True, False]).head(top)
    if shown.is_empty():
        return nothing(titles, "No lines read yet")
    totals = {column: int(sums[column].sum()) for column in counts}
    told = ", ".join(f"{totals[column]:,} {words}" for column, words, *_ in _FATES)
    figure = canvas(
        titles,
        f"Of {int(sums['n_lines'].sum()):,} lines of {sums.height:,} files: {told}.",
        KEY_PX + rows_height(shown.height),
    )
    paths = shown["path"].to_list()
    for column, words, colour, pattern in _FATES:
        figure.add_bar(
            orientation="h",
            y=list(range(len(paths))),
            x=shown[column].to_list(),
            name=words,
            width=BAR,
            marker={"color": colour, "pattern": {"shape": pattern, "size": 6}},
            customdata=[plain(PurePath(path).name or path, 80) for path in paths],
            hovertemplate=f"<b>%{{customdata}}</b><br>%{{x:,}} {words}<extra></extra>",
        )
    label_right(figure, [f"{n:,}" for n in shown["n_quarantined"]])
    name_rows(figure, [_short(PurePath(path).name or path) for path in paths])
    figure.update_layout(barmode="stack")
    key_below(figure)
    whole_axis(figure, max(shown["n_lines"].to_list()))
    return figure


def refusals(quarantine: pl.DataFrame) -> Canvas:
    """How many lines were refused for each reason. `quarantine`: rows of that table."""
    titles = Titles("Why lines were refused", "Lines refused", "Reason")
    counts = quarantine.group_by("reason").len("n").sort(["n", "reason"], descending=[True, False])
    if counts.is_empty():
        return nothing(titles, "No line was refused")
    reasons, n_lines = counts["reason"].to_list(), counts["n"].to_list()
    told = "; ".join(f"{cut(reason)} {n:,}" for reason, n in zip(reasons, n_lines, strict=True))
    figure = canvas(titles, f"Of {quarantine.height:,} refused lines: {told}.", rows_height(len(reasons)))
    said = [f"<b>{plain(reason)}</b><br>{counted(n, 'line')}" for reason, n in zip(reasons, n_lines, strict=True)]
    count_bars(figure, n_lines, VERMILLION, said)
    label_right(figure, [f"{n:,}" for n in n_lines])
    name_rows(figure, [reason.replace("_", " ") for reason in reasons])
    whole_axis(figure, max(n_lines))
    return figure


def _short(name: str) -> str:
    """A file's name without its middle if it is long: beginning and end tell files apart, and phones are narrow."""
    return name if len(name) <= MAX_NAME else f"{name[:6]}…{name[7 - MAX_NAME :]}"
