"""`docs/tables.md`: the contracts of the published tables as a page for readers.

`python -m pipelines.reports.table_docs > docs/tables.md` writes it anew; a test holds the page to the contracts. Not
here: the contracts themselves (game/contract.py, game/tables.py).
"""

import sys
from collections.abc import Mapping

from pipelines.game.comparison import COMPARISONS
from pipelines.game.contract import DAY, FLAG, INSTANT, NUMBER, NUMBERS, TEXT, TEXTS, WHOLE, Column, Table
from pipelines.insight.tables import PUBLISHED_TABLES

_TYPES = {
    INSTANT: "instant",
    DAY: "date",
    FLAG: "flag",
    WHOLE: "whole",
    NUMBER: "number",
    NUMBERS: "numbers",
    TEXT: "text",
    TEXTS: "texts",
}

_HEAD = """\
# Tables
Generated from the contracts in `pipelines/game/`; `python -m pipelines.reports.table_docs > docs/tables.md` writes it
anew. Every table is checked against its contract before it is published.

`data/published/current/` holds each table as `<table>.parquet`, or as a folder `<table>/` of parts when it is large,
and all of them in `podium.duckdb`. `podium sql "FROM badges"` asks them from the command line.

| type | Parquet | meaning |
|---|---|---|
| text | string | UTF-8; ids are trimmed and NFC, and ordered by code point |
| whole | int64 | a whole number |
| number | double | a finite number |
| numbers | list of double | numbers in the order given |
| texts | list of string | texts in the order given |
| flag | bool | true or false |
| instant | timestamp[us, UTC] | microseconds, in UTC |
| date | date32 | a calendar date in the rulebook's `timezone` |

Names say units: `*_at` is an instant, `*_on` a date, `*_s` seconds, `*_minutes` minutes, `*_share` a share from 0 to 1,
`n_*` a count, `is_*` a flag, `*_id` a key. Points and XP are two currencies and are never added together. A column may
be null only where it says so. Bounds are inclusive. Rows are sorted by the columns
named, ascending, null first.

Submissions earn points, agent calls earn XP. Consents are taken and kept, and move no number.
"""


_COMPARISONS = """\
# Frames of a comparison
What `engines.what_if.compared` gives a notebook, and what `podium compare` reads: two outcomes of one season, by the
rules it was published by and by others. They are made when they are asked for, and published nowhere.
"""


def table_docs() -> str:
    """The whole page, as Markdown."""
    return "\n".join(
        [_HEAD, _contents(PUBLISHED_TABLES), "", *map(_section, PUBLISHED_TABLES.values()), _COMPARISONS, *_compared()]
    )


def _compared() -> list[str]:
    return [_contents(COMPARISONS), "", *map(_section, COMPARISONS.values())]


def _contents(tables: Mapping[str, Table]) -> str:
    return "\n".join(f"- [`{table.name}`](#{table.name}): {_lower(table.grain)}" for table in tables.values())


def _section(table: Table) -> str:
    order = ", ".join(f"`{name}`" for name in table.sort_by)
    head = f"## {table.name}\n{table.grain}. In the order of {order}.\n"
    rows = ["| column | type | null | meaning | holds |", "|---|---|---|---|---|", *map(_row, table.columns)]
    return "\n".join([head, *rows, ""])


def _row(column: Column) -> str:
    null = "yes" if column.nullable else ""
    cells = (f"`{column.name}`", _TYPES[column.dtype], null, column.about, _holds(column))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _holds(column: Column) -> str:
    if column.words:
        return ", ".join(f"`{word}`" for word in column.words)
    low, high = (None if bound is None else f"{bound:g}" for bound in (column.low, column.high))
    if low is not None and high is not None:
        return f"{low} to {high}"
    if low is not None:
        return f"at least {low}"
    return "" if high is None else f"at most {high}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


if __name__ == "__main__":
    sys.stdout.buffer.write(table_docs().encode())  # UTF-8 and plain line ends, whatever the terminal is
