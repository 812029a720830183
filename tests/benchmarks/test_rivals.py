"""The rivals of the scoring benchmark make the same tables, of a season in which all rules come to pass."""

import datetime as dt
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb_sql
import polars as pl
import polars_lazy
import pytest
import python_loop
from default_game import BADGES, CHAMPION, FIRST_SOLVER, ON_FIRE, PERFECT_DAY, RULES, SHARPSHOOTER, TABLES
from facts import RECORDS, TASKS, write_facts
from same_tables import compare

from tests.benchmarks.dense_season import BEGIN, LATE_TO_FAIL, PROBLEMS, REJECTED, VERIFIED, dense_season

SCORING = Path(__file__).parents[2] / "benchmarks" / "scoring.py"
HOUR, MICROSECOND = dt.timedelta(hours=1), dt.timedelta(microseconds=1)
OTHERS = (duckdb_sql, polars_lazy)
each_other, each_rival = (
    pytest.mark.parametrize("rival", rivals, ids=lambda rival: rival.__name__)
    for rivals in (OTHERS, (python_loop, *OTHERS))
)


@pytest.fixture(scope="module", params=range(4))
def season(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the facts of a dense season, and the loop's tables of it in `loop`."""
    folder = tmp_path_factory.mktemp("season")
    dense_season(folder / "facts", request.param)
    (folder / "loop").mkdir()
    python_loop.score(folder / "facts", folder / "loop")
    return folder


@each_other
def test_a_rival_makes_the_tables_of_the_loop(season: Path, rival, tmp_path: Path):
    rival.score(season / "facts", tmp_path)

    n_rows, differences = compare(season / "loop", tmp_path)

    assert differences == []
    assert n_rows.keys() == TABLES.keys()
    assert all(n_rows.values())


def test_every_rule_and_badge_comes_to_pass(season: Path):
    entries, badges = (pl.read_parquet(season / "loop" / f"{name}.parquet") for name in ("points_ledger", "badges"))

    assert set(entries["rule"]) == set(RULES)
    assert set(entries.filter("is_provisional")["rule"]) == {FIRST_SOLVER, PERFECT_DAY}
    assert set(entries.filter(~pl.col("is_provisional"))["rule"]) == set(RULES)
    assert set(badges["badge"]) == set(BADGES)


def test_ties_repeats_and_corrections_come_to_pass(season: Path):
    records = pl.read_parquet(season / "facts" / "submissions" / "*.parquet")
    entries = pl.read_parquet(season / "loop" / "points_ledger.parquet")
    solves = records.filter(pl.col("verdict") == VERIFIED)

    assert records.select("agent", "submitted_at").is_duplicated().any()
    assert records.select("task", "submitted_at").is_duplicated().any()
    assert records.select("submission", "at").is_duplicated().any()
    assert solves.unique("submission").select("agent", "task").is_duplicated().any()
    perfect, others = (entries.filter((pl.col("rule") == PERFECT_DAY) == is_perfect) for is_perfect in (True, False))
    assert perfect.join(others, on=["agent", "earned_at"]).height > 0  # an award at the last microsecond of the day


def test_a_rejection_can_make_a_sharpshooter_if_it_is_the_twentieth_attempt(season: Path):
    badges = pl.read_parquet(season / "loop" / "badges.parquet")
    records = pl.read_parquet(season / "facts" / "submissions" / "*.parquet")

    earned = badges.filter((pl.col("badge") == SHARPSHOOTER) & (pl.col("agent") == LATE_TO_FAIL))

    assert records.filter(pl.col("submission") == earned["submission"].item())["verdict"].to_list() == [REJECTED]


def score_solves(rival, folder: Path, solves: list[tuple[int, dt.timedelta]], as_of: dt.timedelta) -> None:
    """Tables, in `folder`, of easy tasks solved once each, by (agent, time after BEGIN), all known at `as_of`."""
    records = [
        {"event": n, "submission": n, "at": BEGIN + as_of, "agent": agent, "task": n, "team": None,
         "submitted_at": BEGIN + after, "claimed_at": None, "verdict": VERIFIED, "found": None, "awarded_points": None,
         "is_correction": False}
        for n, (agent, after) in enumerate(solves)
    ]  # fmt: skip
    task = {"problem": 0, "task_type": 0, "difficulty": 0, "points": 5, "counterexample_points": None}
    frame = pl.DataFrame(records, schema={**RECORDS, "is_correction": pl.Boolean()})
    write_facts(folder / "facts", pl.DataFrame([task] * len(solves), schema=TASKS), [frame], {"problems": PROBLEMS})
    rival.score(folder / "facts", folder)


@each_rival
def test_who_draws_level_with_the_leader_is_no_champion(rival, tmp_path: Path):
    # agents 1 and 2 rise together; 3 draws level; 2 passes them
    score_solves(rival, tmp_path, [(1, 0 * HOUR), (2, 0 * HOUR), (3, 1 * HOUR), (2, 2 * HOUR)], as_of=3 * HOUR)

    badges = pl.read_parquet(tmp_path / "badges.parquet").filter(pl.col("badge") == CHAMPION)
    assert badges.select("agent", "earned_at", "submission").rows() == [(2, BEGIN + 2 * HOUR, 3)]


@each_rival
@pytest.mark.parametrize("late_by", [0, 1])
def test_on_fire_is_ten_tasks_of_which_the_last_is_24_hours_after_the_first(rival, late_by: int, tmp_path: Path):
    last = 24 * HOUR + late_by * MICROSECOND
    score_solves(rival, tmp_path, [*((0, n * HOUR) for n in range(9)), (0, last)], as_of=last)

    badges = pl.read_parquet(tmp_path / "badges.parquet").filter(pl.col("badge") == ON_FIRE)
    assert badges.select("earned_at", "submission").rows() == ([] if late_by else [(BEGIN + last, 9)])


@each_rival
@pytest.mark.parametrize("early_by", [0, 1])
def test_a_day_is_perfect_once_as_of_has_reached_its_last_microsecond(rival, early_by: int, tmp_path: Path):
    score_solves(rival, tmp_path, [(0, 0 * HOUR)] * 5, as_of=24 * HOUR - (1 + early_by) * MICROSECOND)

    end = BEGIN + 24 * HOUR - MICROSECOND
    entries = pl.read_parquet(tmp_path / "points_ledger.parquet").filter(pl.col("rule") == PERFECT_DAY)
    assert entries.select("submission", "task", "earned_at").rows() == ([] if early_by else [(4, None, end)])
    assert pl.read_parquet(tmp_path / "agent_stats.parquet")["last_active_at"].to_list() == [BEGIN if early_by else end]


def test_one_changed_value_is_found(season: Path, tmp_path: Path):
    shutil.copytree(season / "loop", tmp_path / "other")
    file = tmp_path / "other" / "streaks.parquet"
    streaks = pl.read_parquet(file)
    is_chosen = pl.col("agent") == 3
    streaks.with_columns(pl.when(is_chosen).then(77).otherwise("daily_best").alias("daily_best")).write_parquet(file)

    _, differences = compare(season / "loop", tmp_path / "other")

    assert [text.split(" {")[0] for text in differences[1:]] == ["streaks: only loop has", "streaks: only other has"]
    assert "'daily_best': 77" in differences[2]


def test_a_small_run_of_the_benchmark_ends_with_a_table(tmp_path: Path):
    rivals = "duckdb_sql,polars_lazy,python_loop,physical_limit"
    words = ["--rows", "2000", "--repeat", "1", "--whale", "0.5", "--rivals", rivals, "--work", str(tmp_path)]
    done = subprocess.run([sys.executable, str(SCORING), *words], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    assert "one agent made 50% of them" in done.stdout
    assert "Row for row the same with all that make tables" in done.stdout
    assert done.stdout.count("\n| ") == 5
    assert [path.name for path in tmp_path.iterdir()] == ["facts-2000-1-whale-0.5"]
