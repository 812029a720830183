"""docs/tables.md says what the contracts say, no more and no less."""

from pipelines.game.comparison import COMPARISONS
from pipelines.game.tables import TABLES
from pipelines.reports.table_docs import table_docs
from tests.docs.pages import page, section, table_rows


def test_the_page_is_what_the_contracts_say():
    again = "write it anew: python -m pipelines.reports.table_docs > docs/tables.md"
    assert page("docs/tables.md") == table_docs(), again


def test_every_table_has_its_grain_its_order_and_all_its_columns_in_order():
    for table in (*TABLES.values(), *COMPARISONS.values()):
        text = section(table_docs(), f"## {table.name}")
        assert table.grain in text
        assert ", ".join(f"`{name}`" for name in table.sort_by) in text
        assert list(table_rows(text)) == [column.name for column in table.columns]


def test_a_column_says_its_type_whether_it_may_be_null_its_words_and_its_bounds():
    ledger = table_rows(section(table_docs(), "## points_ledger"))
    assert ledger["earned_at"] == ["instant", "", "when they were earned, by the rulebook's clock", ""]
    assert ledger["team_id"][:2] == ["text", "yes"]
    assert ledger["rule"][3].startswith("`task`, `pattern_insight`, ")
    assert ledger["points"][3] == "at least 0"
    assert table_rows(section(table_docs(), "## badge_progress"))["progress_share"][3] == "0 to 1"


def test_the_readme_names_every_table():
    named = page("README.md")
    assert [name for name in TABLES if f"`{name}`" not in named] == []
