"""A board as Parquet: the types of the published tables, and what it is of as key-values of the file.

Not here: the columns (columns.py).
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.about import facts
from pipelines.reports.exports.columns import export_table

PREFIX = "podium."  # of the key-values


def write_parquet(page: BoardPage, path: Path) -> None:
    """Write the file; the same page gives the same bytes."""
    arrow: pa.Table = export_table(page, with_origin=True).frame.to_arrow()
    told = arrow.replace_schema_metadata({f"{PREFIX}{name}": value for name, value in facts(page).items()})
    pq.write_table(told, path, compression="zstd", store_schema=False)
