"""Where every record stands, out of the warehouse: the rows of the published table `event_sources`, part by part.

Here: the cut into parts of bounded size, and the query. Not here: the contract (`game/event_sources.py`), how a record
comes by its file and line (landing.py, feed_records.py, transcripts_records.py).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from pipelines.game.event_sources import EVENT_SOURCES
from pipelines.game.packing import sorted_rows
from pipelines.game.records import RECORDS
from pipelines.store.schema import record_table
from pipelines.store.warehouse import Warehouse

ROWS_PER_PART: Final = 1_000_000
_ALL_LINES: Final = 1 << 62

# The place of a path in the order of paths; a path that was read twice has one place and two files.
_PATHS: Final = """
CREATE OR REPLACE TEMP TABLE source_paths AS
SELECT file, path, (dense_rank() OVER (ORDER BY path) - 1)::UINTEGER AS place FROM ingested_files
"""
_PER_FILE: Final = " UNION ALL ".join(
    f"SELECT file, count(*) AS n, max(line) AS last_line FROM {record_table(kind)} GROUP BY file"  # noqa: S608
    for kind in RECORDS
)
_SIZES: Final = f"""
SELECT place, first(path) AS path, sum(n)::BIGINT AS n, max(last_line)::BIGINT AS last_line
FROM source_paths LEFT JOIN ({_PER_FILE}) USING (file) GROUP BY place ORDER BY place
"""  # noqa: S608 - our own names
_ROWS: Final = " UNION ALL ".join(
    f"""SELECT event_id, {n}::UTINYINT AS kind, "at", place, line
    FROM {record_table(kind)} JOIN (SELECT file, place FROM source_paths WHERE place BETWEEN $first AND $last)
         USING (file)
    WHERE line BETWEEN $from AND $to"""  # noqa: S608 - our own names
    for n, kind in enumerate(RECORDS)
)


@dataclass(frozen=True)
class _Part:
    """Lines of paths: all of several, or a range of those of one. All bounds are inclusive."""

    first: int
    last: int
    from_line: int = 1
    to_line: int = _ALL_LINES


def event_sources(warehouse: Warehouse, rows: int = ROWS_PER_PART) -> Iterator[pl.DataFrame]:
    """The table `event_sources` in its order, in parts of about `rows` rows."""
    con = warehouse.con
    con.execute(_PATHS)
    sizes: pl.DataFrame = con.sql(_SIZES).pl().with_columns(pl.col("n", "last_line").fill_null(0))
    kinds = pl.Series(list(RECORDS), dtype=pl.String)
    for part in _parts(sizes, rows):
        bounds = {"first": part.first, "last": part.last, "from": part.from_line, "to": part.to_line}
        found: pl.DataFrame = con.sql(_ROWS, params=bounds).pl()
        found = found[sorted_rows(found["place"].cast(pl.Int64), found["line"], found["event_id"])]
        yield EVENT_SOURCES.shape(
            found.with_columns(path=sizes["path"].gather(found["place"]), record_type=kinds.gather(found["kind"]))
        )


def _parts(sizes: pl.DataFrame, rows: int) -> Iterator[_Part]:
    """Paths one after another as long as they are small together; a large one by itself, in ranges of lines."""
    first, held = 0, 0
    for place, n, last_line in sizes.select("place", "n", "last_line").iter_rows():
        if held and held + n > rows:
            yield _Part(first, place - 1)
            first, held = place, 0
        if n > rows:
            step = max(last_line * rows // n, 1)
            yield from (_Part(place, place, begin, begin + step - 1) for begin in range(1, last_line + 1, step))
            first = place + 1
        else:
            held += n
    if held:
        yield _Part(first, sizes.height - 1)
