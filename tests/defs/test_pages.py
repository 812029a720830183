"""What the web UI is told: columns, and names that cannot become markup."""

import datetime as dt
from types import SimpleNamespace
from typing import Any, cast

import dagster as dg
import polars as pl
import pytest

from pipelines.defs.pages import table_spec
from pipelines.defs.previews import board_preview, changes_preview, previews
from pipelines.game.changes.table import CHANGES
from pipelines.game.leaderboards import LEADERBOARDS
from pipelines.game.tables import TABLES
from pipelines.store.generation import Generation
from tests.game.league import rules


def test_the_board_shows_place_points_accuracy_and_movement_of_the_first_ten() -> None:
    entries = [entry(rank, f"agent-{rank:02}", rank_change=None if rank == 1 else 2 - rank) for rank in range(1, 13)]
    board = board_preview(pl.DataFrame(entries, schema=LEADERBOARDS.schema).lazy(), "points").splitlines()
    assert board == [
        "| # | who | points | tasks | accuracy | moved |",
        "| --: | :-- | --: | --: | --: | --: |",
        "| 1 | `agent-01` | 99 | 2 | 66.7% | new |",
        "| 2 | `agent-02` | 98 | 2 | 66.7% | +0 |",
        "| 3 | `agent-03` | 97 | 2 | 66.7% | -1 |",
        *[f"| {n} | `agent-{n:02}` | {100 - n} | 2 | 66.7% | {2 - n:+d} |" for n in range(4, 11)],
    ]


def test_a_board_without_entries_says_so() -> None:
    assert board_preview(LEADERBOARDS.empty().lazy(), "xp-user") == "Nobody has an entry yet."


def test_previews_are_of_boards_for_all_of_all_time_in_one_order() -> None:
    def shown(**over: Any) -> list[str]:
        held = {"rules": rules(**over).model_dump(mode="json")}
        season = SimpleNamespace(manifest=held, table=lambda _: LEADERBOARDS.empty().lazy())
        return [name for name, _ in previews(cast(Generation, season), "leaderboards")]

    assert shown() == ["points_board", "xp_agent_board", "xp_user_board"]
    assert shown(board=[{"slug": "points", "scope": "team"}, {"slug": "xp-agent", "windows": ["week"]}]) == [
        "xp_user_board"
    ]


def test_corrections_stand_first_among_the_changes_with_names_and_reasons_as_code() -> None:
    at = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    rows = [
        {
            "change_id": "1",
            "kind": "points_gained",
            "subject_id": "ada",
            "before": 10,
            "after": 1015,
            "because": "2 awards",
        },
        {
            "change_id": "2",
            "kind": "badge_lost",
            "subject_id": "<b>bo|b</b>",
            "is_correction": True,
            "because": "[x](y)",
        },
    ]
    alike = {"subject_type": "agent", "is_correction": False, "before": None, "after": None, "changed_at": at}
    table = pl.DataFrame([{**alike, **row} for row in rows], schema_overrides={"before": pl.Int64, "after": pl.Int64})
    assert changes_preview(table.lazy()).splitlines()[2:] == [
        "| badge lost (corrected) | `<b>bo\\|b</b>` |  |  | `[x](y)` |",
        "| points gained | `ada` | 10 | 1,015 | `2 awards` |",
    ]
    assert changes_preview(CHANGES.empty().lazy()) == "Nothing has changed."


@pytest.mark.parametrize("name", TABLES)
def test_every_column_of_a_table_is_described_with_its_type_and_limits(name: str) -> None:
    schema = table_spec(TABLES[name]).metadata["dagster/column_schema"]
    assert [column.name for column in schema.columns] == list(TABLES[name].schema)
    assert all(column.description and column.type for column in schema.columns)


def test_a_column_s_bounds_and_words_are_its_constraints() -> None:
    schema = table_spec(LEADERBOARDS).metadata["dagster/column_schema"]
    limits = {column.name: column.constraints for column in schema.columns}
    assert limits["accuracy"] == dg.TableColumnConstraints(nullable=True, other=[">= 0", "<= 1"])
    assert limits["scope"] == dg.TableColumnConstraints(nullable=False, other=["one of all, team, project"])


def entry(rank: int, agent: str, rank_change: int | None) -> dict[str, object]:
    empty = dict.fromkeys(LEADERBOARDS.schema)
    numbers = {"points": 100 - rank, "score": 100.0 - rank, "tasks_completed": 2, "attempts": 3, "accuracy": 2 / 3}
    place = {"board": "points", "window": "all", "scope": "all", "rank": rank, "rank_change": rank_change}
    return {**empty, **numbers, **place, "subject_id": agent, "agent_id": agent}
