"""A board as Parquet: the types of the published tables, and what it is of as key-values of the file.

Not here: the columns (columns.py).
"""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.about import facts
from pipelines.reports.exports.columns import export_table

PREFIX = "podium."  # of the key-values


def parquet_bytes(page: BoardPage) -> bytes:
    """The whole file; the same page gives the same bytes."""
    arrow: pa.Table = export_table(page, with_origin=True).frame.to_arrow()
    made = io.BytesIO()
    with pq.ParquetWriter(made, arrow.schema, compression="zstd", store_schema=False) as writer:
        writer.write_table(arrow)
        writer.add_key_value_metadata({f"{PREFIX}{name}": value for name, value in facts(page).items()})
    return made.getvalue()
