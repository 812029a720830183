"""Keys as codes: rows are grouped, sorted and looked up by whole numbers in a third of the time that texts take.

Not here: what is grouped (growth/daily_work.py, advice/subject_use.py and others).
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

Whole = NDArray[np.int64]
NOT_THERE = -1


def coded(values: pl.Series, ids: pl.Series | None = None) -> pl.Series:
    """Texts as an enum in the order of the texts: of `ids`, or of `values` themselves."""
    known = values if ids is None else ids
    return values.cast(pl.Enum(known.drop_nulls().unique().sort()))


def packed(rows: pl.DataFrame) -> Whole:
    """One number for all columns (enums, days, whole numbers) of each row, in the order of the rows if sorted by them.

    Null comes first. How many different values the columns have, multiplied, must stay below 2^63.
    """
    key = np.zeros(rows.height, np.int64)
    for column in rows:
        number = pl.col(column.name).to_physical().cast(pl.Int64)
        code = (number - number.min() + int(column.has_nulls())).fill_null(0)
        place = rows.select(code).to_series().to_numpy()
        key = key * (int(place.max(initial=0)) + 1) + place
    return key


def place_of(held: Whole, asked: Whole) -> Whole:
    """Where each asked key stands in the sorted `held`; NOT_THERE where it does not."""
    if not held.size:
        return np.full(asked.size, NOT_THERE)
    place = np.minimum(np.searchsorted(held, asked), held.size - 1)
    return np.where(held[place] == asked, place, NOT_THERE)
