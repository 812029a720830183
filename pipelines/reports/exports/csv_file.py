"""A board as CSV: UTF-8, RFC 4180, with a header; texts that could be formulas are guarded.

Not here: the columns (columns.py), what is guarded (guard.py).
"""

import csv
import datetime as dt
import io

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.columns import export_table
from pipelines.reports.exports.guard import guarded
from pipelines.reports.machine import rfc3339

BETWEEN = ";"  # of a list in one cell: no slug holds it


def csv_text(page: BoardPage) -> str:
    """The whole file. Numbers stay numbers; instants are RFC 3339 in UTC; null is an empty cell."""
    table = export_table(page, with_origin=True)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([_cell(value) for value in row] for row in table.frame.iter_rows())
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, list):
        return guarded(BETWEEN.join(value))
    return rfc3339(value) if isinstance(value, dt.datetime) else value
