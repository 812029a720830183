"""The columns of exports are a contract: in this order, as docs/exports.md says, for every board of a kind."""

import pytest

from pipelines.reports.exports.columns import COLUMNS, ORIGIN, TEXTS, export_table, kind_of
from pipelines.reports.reading import Reading
from pipelines.reports.table_docs import _TYPES, _holds
from tests.docs import pages
from tests.reports.exports.boards import page

MOVES = ["previous_rank", "rank_change", "reached_at"]
SOLVED = ["points", "tasks_completed", "attempts", "accuracy", "wilson_low"]
CALLED = ["xp", "calls", "success_share"]
LEVEL = ["level", "title", "stars"]
GOLDEN = {  # changed only on purpose: somebody's script reads these
    "agents": ["rank", "subject_id", "score", *SOLVED, "penalty_minutes", "n_provisional_points", *MOVES,
               "daily_current", "badges"],
    "teams": ["rank", "subject_id", "score", *SOLVED, "n_provisional_points", "n_members", *MOVES],
    "agents-by-calls": ["rank", "subject_id", "score", *CALLED, *MOVES, "badges"],
    "users": ["rank", "subject_id", "score", *CALLED, *LEVEL, *MOVES, "badges"],
    "pairs": ["rank", "subject_id", "user_id", "agent_id", "score", *CALLED, *LEVEL, *MOVES],
    "teams-by-calls": ["rank", "subject_id", "score", *CALLED, "n_members", *MOVES],
}  # fmt: skip
ON_EVERY_ROW = ["board", "window", "window_start_on", "window_end_on", "scope_id", "as_of", "rulebook"]
TYPES = {**_TYPES, TEXTS: "list of text"}


def test_each_kind_of_board_has_its_columns_in_a_fixed_order() -> None:
    assert {kind: [column.name for column in columns] for kind, columns in COLUMNS.items()} == GOLDEN
    assert [column.name for column in ORIGIN] == ON_EVERY_ROW


@pytest.mark.parametrize(
    ("board", "kind"),
    [("points", "agents"), ("accuracy", "agents"), ("problem:collatz", "agents"), ("team-points", "teams"),
     ("team-points-mean", "teams"), ("xp-agent", "agents-by-calls"), ("xp-user", "users"),
     ("xp-user-agent", "pairs"), ("team-xp", "teams-by-calls")],
)  # fmt: skip
def test_a_board_has_the_columns_of_its_kind_whether_or_not_it_has_entries(
    small: Reading, board: str, kind: str
) -> None:
    shown = page(small, board)
    assert kind_of(shown) == kind
    for table, names in (
        (export_table(shown, with_origin=False), GOLDEN[kind]),
        (export_table(shown, with_origin=True), [*GOLDEN[kind], *ON_EVERY_ROW]),
    ):
        assert table.frame.columns == [column.name for column in table.columns] == names
        assert table.frame.schema == {column.name: column.dtype for column in table.columns}
        assert table.frame.height == shown.n_entries
        assert [c.name for c in table.columns if not c.nullable and table.frame[c.name].null_count()] == []


@pytest.mark.parametrize("kind", [*GOLDEN, "origin"])
def test_the_page_documents_every_column_of_a_kind_in_its_order(kind: str) -> None:
    columns = ORIGIN if kind == "origin" else COLUMNS[kind]  # type: ignore[index]
    documented = pages.table_rows(pages.section(pages.page("docs/exports.md"), f"### {kind}"))
    assert documented == {
        column.name: [TYPES[column.dtype], "yes" if column.nullable else "", column.about, _holds(column)]
        for column in columns
    }
