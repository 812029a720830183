"""Contracts of tables, stated once: grain, columns with types, units and bounds, and the order of the rows.

From one `Table` come the frame's schema, the pandera check before publishing, Dagster's column metadata and the
documentation. Not here: the tables themselves (each stands in the module that makes it; `tables.py` lists them).
"""

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    import pandera.polars as pa

INSTANT = pl.Datetime("us", "UTC")
FLAG, WHOLE, NUMBER, TEXT, DAY = pl.Boolean(), pl.Int64(), pl.Float64(), pl.String(), pl.Date()
NUMBERS, TEXTS = pl.List(NUMBER), pl.List(TEXT)


class ContractBroken(ValueError):
    """A table that does not keep its contract: a fault of ours, found before anybody reads it."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: what it is, in which unit, and what it may hold. Bounds are inclusive."""

    name: str
    dtype: pl.DataType
    about: str
    nullable: bool = False
    words: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Table:
    """A published table: one row per what, its columns in order, and the order of its rows (equals as they came)."""

    name: str
    grain: str
    columns: tuple[Column, ...]
    sort_by: tuple[str, ...]

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """Column names and Polars types, in order."""
        return {column.name: column.dtype for column in self.columns}

    def empty(self) -> pl.DataFrame:
        """A frame of this shape without rows."""
        return pl.DataFrame(schema=self.schema)

    def shape(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The contract's columns of `frame`, in order and cast; naive instants are taken as UTC."""
        return frame.select(_as_column(frame.schema[c.name], c) for c in self.columns)

    def is_kept_by(self, frame: pl.DataFrame) -> bool:
        """Whether a frame keeps the contract: what `model` would say, in one pass and without its reasons."""
        if frame.schema != self.schema or frame.columns != list(self.schema):
            return False
        return bool(frame.select(pl.all_horizontal(_holds(column) for column in self.columns)).item())

    @cached_property
    def model(self) -> "pa.DataFrameSchema":
        """The pandera schema, which names every fault: built late, because importing pandera takes two seconds."""
        import pandera.polars as pa

        return pa.DataFrameSchema(
            {c.name: pa.Column(c.dtype, _checks(c), nullable=c.nullable) for c in self.columns},
            strict=True,
            ordered=True,
            name=self.name,
        )


def _as_column(held: pl.DataType, column: Column) -> pl.Expr:
    named = pl.col(column.name)
    if column.dtype == INSTANT and isinstance(held, pl.Datetime) and held.time_zone is None:
        return named.dt.cast_time_unit("us").dt.replace_time_zone("UTC")
    return named if held == column.dtype else named.cast(column.dtype)


def _holds(column: Column) -> pl.Expr:
    """Whether all values of a column are what it may hold, as one value; nulls are asked about only by `nullable`."""
    value = pl.col(column.name)
    asked = []
    if not column.nullable:
        asked.append(value.null_count() == 0)
        if column.dtype == NUMBER:  # pandera takes NaN for null, and so do we
            asked.append(~value.is_nan().any())
    if column.words:
        asked.append(value.is_in(column.words).all())
    if column.low is not None:
        asked.append((value >= column.low).all())
    if column.high is not None:
        asked.append((value <= column.high).all())
    return pl.all_horizontal(asked) if asked else pl.lit(value=True)


def _checks(column: Column) -> "list[pa.Check]":
    import pandera.polars as pa

    checks = []
    if column.words:
        checks.append(pa.Check.isin(column.words))
    if column.low is not None:
        checks.append(pa.Check.ge(column.low))
    if column.high is not None:
        checks.append(pa.Check.le(column.high))
    return checks
