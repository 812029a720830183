"""docs/input.md documents the whole input contract, and its examples do what it says of them."""

import datetime as dt

import polars as pl
import pytest

from pipelines.game.events import Record, check_line
from pipelines.game.records import MAX_LINE_BYTES, RECORDS, Field, Kind, Reason
from pipelines.sources.clics_feed import FeedLine, read_line
from pipelines.sources.tables import csv_lines
from pipelines.store.landing import land
from pipelines.store.warehouse import Warehouse
from tests.docs.pages import ROOT, Example, examples, page, section, table_rows

INPUT = page("docs/input.md")
EXAMPLES = examples(ROOT / "docs" / "input.md")
ACCEPTED = [example for example in EXAMPLES if example.info == "json"]
REFUSED = [example for example in EXAMPLES if "refused=" in example.info]
READ_AT = dt.datetime(2027, 1, 1)  # noqa: DTZ001 - naive UTC, as facts are
READ_AT_US = int(READ_AT.replace(tzinfo=dt.UTC).timestamp()) * 1_000_000


def power(number: float) -> str:
    """10^9 as the page spells it, smaller numbers as they are."""
    text = f"{number:.0f}"
    return f"10^{len(text) - 1}" if number >= 10**6 else f"{number:g}"


def holds(field: Field) -> str:
    """The words or bounds of a field, as the page spells them."""
    if field.words:
        return ", ".join(f"`{word}`" for word in field.words)
    bounds = f"{power(field.low)} to {power(field.high)}"
    return {
        Kind.WHOLE: bounds,
        Kind.NUMBER: bounds,
        Kind.NUMBERS: f"{bounds} each, at most 10",
    }.get(field.kind, "")


@pytest.mark.parametrize("kind", RECORDS)
def test_every_field_stands_in_the_table_of_its_record_with_kind_need_and_bounds(kind):
    rows = table_rows(section(INPUT, f"## {kind}"))
    of_every_record = table_rows(section(INPUT, "## Every record"))
    expected = {f.name: [f.kind.value, "yes" if f.required else "", holds(f)] for f in RECORDS[kind]}
    told = {name: cells[:3] for name, cells in (of_every_record | rows).items() if name != "type"}
    assert told == expected
    assert all(cells[3] for cells in rows.values()), "every field has a meaning"


def test_every_kind_of_value_is_explained():
    told = section(INPUT, "## Kinds of values")
    assert [kind.value for kind in Kind if f"| {kind.value} |" not in told] == []


def test_every_reason_has_its_section_in_the_order_in_which_faults_are_looked_for():
    refused = section(INPUT, "## Refused lines")
    headings = [line.removeprefix("### ") for line in refused.splitlines() if line.startswith("### ")]
    assert headings == [reason.value for reason in Reason]
    assert f"{MAX_LINE_BYTES:,}" in section(INPUT, "### oversized")


def test_every_reason_but_one_has_an_example():
    shown = {example.info.partition("refused=")[2] for example in REFUSED}
    assert shown == {reason.value for reason in Reason} - {"oversized"}  # a mebibyte is no example


@pytest.mark.parametrize("example", ACCEPTED, ids=str)
def test_every_example_line_is_accepted(example: Example):
    for line in example.lines():
        assert isinstance(check_line(line, READ_AT_US), Record), line


def test_every_record_type_has_an_accepted_example():
    read = [check_line(line, READ_AT_US) for example in ACCEPTED for line in example.lines()]
    assert {record.type for record in read} == set(RECORDS)


@pytest.mark.parametrize("example", [e for e in REFUSED if "conflicting" not in e.info], ids=str)
def test_every_example_of_a_refusal_is_refused_for_its_reason(example: Example):
    for line in example.lines():
        assert getattr(check_line(line, READ_AT_US), "reason", "accepted") == example.info.partition("refused=")[2], (
            line
        )


def test_the_example_of_csv_is_read_row_by_row(tmp_path):
    (example,) = (e for e in EXAMPLES if e.info == "csv")
    path = tmp_path / "tasks.csv"
    path.write_text(example.text)
    rows = [check_line(row.json_text or "", READ_AT_US) for row in csv_lines(path, {})]
    assert [record.values["points"] for record in rows if isinstance(record, Record)] == [5, None]


def test_the_example_of_a_feed_is_understood_in_each_dialect():
    (example,) = (e for e in EXAMPLES if e.info == "json feed")
    assert [isinstance(read_line(line), FeedLine) for line in example.lines()] == [True] * 4


def test_the_examples_land_as_the_page_says(tmp_path):
    accepted = [line for example in ACCEPTED for line in example.lines()]
    (conflict,) = (e for e in REFUSED if e.info.endswith("conflicting_duplicate"))
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join([*accepted, *accepted, *conflict.lines()]))
    with Warehouse.open(tmp_path / "home") as warehouse:
        (report,) = land(warehouse, [log], READ_AT)
        refused = pl.concat(warehouse.quarantine())
    assert (report.n_accepted, report.n_duplicates, report.n_quarantined) == (len(accepted) + 1, len(accepted), 1)
    assert refused.select("reason", "raw").rows() == [("conflicting_duplicate", conflict.lines()[1])]
