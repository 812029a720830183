"""Numbers in sentences of tables read as everywhere else."""

import polars as pl

from pipelines.insight.spoken import counted, percentage_points
from pipelines.reports import quantities


def test_counts_are_spelt_as_on_pages() -> None:
    numbers = [0, 1, 12, 999, 1000, 12_345, 123_456, 1_234_567, 12_345_678, 1_234_567_890]
    told = pl.DataFrame({"n": numbers}).select(counted(pl.col("n"), "call")).to_series().to_list()
    assert told == [quantities.counted(n, "call") for n in numbers]


def test_differences_have_a_sign_unless_they_are_none() -> None:
    told = pl.DataFrame({"x": [0.1234, -0.1, 0.001, -0.001, None]}).select(percentage_points("x")).to_series()
    assert told.to_list() == ["+12", "−10", "0", "0", None]
