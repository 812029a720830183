"""Contracts of tables: what a column says is checked, and every published table keeps the names of the house."""

import datetime as dt

import polars as pl
import pytest

from pipelines.game.contract import DAY, FLAG, INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.identities import IDENTITIES
from pipelines.game.tables import TABLES

PLAYS = Table(
    name="plays",
    grain="One row per play",
    columns=(
        Column("play_id", TEXT, "the play"),
        Column("verdict", TEXT, "what was said", words=("good", "bad")),
        Column("share", NUMBER, "how much", nullable=True, low=0, high=1),
        Column("played_at", INSTANT, "when"),
        Column("score", NUMBER, "how many", low=0),
    ),
    sort_by=("play_id",),
)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
COLUMNS = [
    pytest.param(table, column, id=f"{table.name}.{column.name}")
    for table in TABLES.values()
    for column in table.columns
]


def plays(**over):
    row = {"play_id": "p", "verdict": "good", "share": 0.5, "played_at": NOON, "score": 1.0, **over}
    return pl.DataFrame([row], schema=PLAYS.schema)


def faults(frame):
    from pandera.errors import SchemaErrors

    try:
        PLAYS.model.validate(frame, lazy=True)
    except SchemaErrors as broken:
        assert not PLAYS.is_kept_by(frame)  # the fast look says what pandera says
        return sorted({str(column) for column in broken.failure_cases["column"]})
    assert PLAYS.is_kept_by(frame)
    return []


@pytest.mark.parametrize("over", [{}, {"share": None}, {"share": 0.0}, {"share": 1.0}, {"verdict": "bad"}])
def test_a_row_within_the_contract_passes(over):
    assert faults(plays(**over)) == []


@pytest.mark.parametrize(
    ("over", "column"),
    [
        ({"verdict": "great"}, "verdict"),
        ({"verdict": None}, "verdict"),
        ({"share": 1.5}, "share"),
        ({"share": -0.1}, "share"),
        ({"share": float("nan")}, "share"),
        ({"played_at": None}, "played_at"),
        ({"score": float("nan")}, "score"),
        ({"score": -1.0}, "score"),
    ],
)
def test_a_value_outside_the_contract_is_named(over, column):
    assert faults(plays(**over)) == [column]


@pytest.mark.parametrize(
    "frame",
    [
        plays().drop("share"),
        plays().with_columns(more=1),
        plays().select(reversed(plays().columns)),
        plays().with_columns(pl.col("share").cast(pl.Float32)),
        plays().with_columns(pl.col("played_at").dt.replace_time_zone(None)),
    ],
    ids=["a column missing", "one too many", "another order", "another type", "an instant without a zone"],
)
def test_a_frame_of_another_shape_does_not_pass(frame):
    assert faults(frame) != []


def test_an_empty_frame_has_the_shape_and_passes():
    assert PLAYS.empty().schema == pl.Schema(PLAYS.schema)
    assert faults(PLAYS.empty()) == []


def test_shape_selects_orders_and_casts_and_takes_naive_instants_as_utc():
    frame = pl.DataFrame(
        {
            "more": [1],
            "played_at": [NOON.replace(tzinfo=None)],
            "share": [1],
            "verdict": ["good"],
            "play_id": ["p"],
            "score": [1],
        },
        schema_overrides={"verdict": pl.Enum(["good", "bad"]), "played_at": pl.Datetime("ms")},
    )
    assert PLAYS.shape(frame).equals(plays(share=1.0))
    assert faults(PLAYS.shape(frame)) == []


# --- the published tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_a_table_has_a_grain_and_an_order_over_its_own_columns(table):
    names = [column.name for column in table.columns]
    assert table.grain.startswith("One row per ")
    assert len(set(names)) == len(names)
    assert set(table.sort_by) <= set(names)
    assert table.sort_by


@pytest.mark.parametrize(("table", "column"), COLUMNS)
def test_the_name_of_a_column_says_its_type_and_unit(table, column):
    kind, name = column.dtype, column.name
    assert column.about
    assert (name.endswith("_at") or name == "at") == (kind == INSTANT)
    assert (name.endswith("_on") or name == "day") == (kind == DAY)
    assert name.startswith("is_") <= (kind == FLAG)
    assert name.endswith("_id") <= (kind == TEXT)
    assert name.startswith("n_") <= (kind == WHOLE and column.low == 0)
    assert name.endswith("_share") <= (kind == NUMBER and (column.low, column.high) == (0, 1))
    assert bool(column.words) <= (kind == TEXT)
    assert (column.low is not None or column.high is not None) <= (kind in (WHOLE, NUMBER))


def test_a_column_of_one_name_has_one_type_in_all_tables():
    types: dict[str, set[pl.DataType]] = {}
    for table in TABLES.values():
        for column in table.columns:
            types.setdefault(column.name, set()).add(column.dtype)
    assert {name: held for name, held in types.items() if len(held) > 1} == {}


def test_no_identity_is_broken_by_empty_tables():
    empty = {name: table.empty().lazy() for name, table in TABLES.items()}
    assert {i.name: i.violations(empty).collect().height for i in IDENTITIES} == {i.name: 0 for i in IDENTITIES}
    assert {identity.guards for identity in IDENTITIES} <= set(TABLES)
