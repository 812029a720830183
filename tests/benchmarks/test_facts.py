"""The facts of the scoring benchmark are the generated season, with numbers in place of ids."""

import datetime as dt
import json
from pathlib import Path

import polars as pl
from facts import FACT_VERDICTS, generate_facts
from generate import DIFFICULTIES, TYPES, generate


def test_facts_are_the_records_of_the_season(tmp_path: Path):
    generate(2000, tmp_path / "season.jsonl", seed=3)
    generate_facts(2000, tmp_path / "facts", seed=3)

    lines = [json.loads(line) for line in (tmp_path / "season.jsonl").read_text(encoding="utf-8").splitlines()]
    submissions = [line for line in lines if line["type"] == "submission"]
    tasks = [line for line in lines if line["type"] == "task"]
    about = json.loads((tmp_path / "facts" / "facts.json").read_text(encoding="utf-8"))

    assert pl.read_parquet(tmp_path / "facts" / "submissions" / "*.parquet").rows() == [as_fact(s) for s in submissions]
    assert pl.read_parquet(tmp_path / "facts" / "tasks.parquet").rows() == [
        (about["problems"].index(task["problem"]), TYPES.index(task["task_type"]),
         DIFFICULTIES.index(task["difficulty"]), task.get("points"), None)
        for task in tasks
    ]  # fmt: skip
    assert about["n_records"] == len(submissions)
    assert about["as_of"] == max(instant(s["at"]) for s in submissions).isoformat(timespec="microseconds")


def as_fact(line: dict) -> tuple:
    return (
        number(line["event_id"]), number(line["submission_id"]), instant(line["at"]), number(line["agent_id"]),
        number(line["task_id"]), number(line["team_id"]) if "team_id" in line else None,
        instant(line["submitted_at"]), instant(line["claimed_at"]), FACT_VERDICTS.index(line["verdict"]),
        line.get("found"), line.get("awarded_points"),
    )  # fmt: skip


def number(name: str) -> int:
    return int(name.split("-")[1])


def instant(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=None)


def test_revised_names_the_submissions_with_more_than_one_record(tmp_path: Path):
    generate_facts(2000, tmp_path / "facts")

    records = pl.read_parquet(tmp_path / "facts" / "submissions" / "*.parquet")
    revised = pl.read_parquet(tmp_path / "facts" / "revised.parquet")

    more = records.group_by("submission").len().filter(pl.col("len") > 1).sort("submission")
    assert revised["submission"].to_list() == more["submission"].to_list() != []


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path):
    for name in ("one", "two"):
        generate_facts(2000, tmp_path / name, seed=5)

    one, two = (
        {path.relative_to(tmp_path / name): path.read_bytes() for path in (tmp_path / name).rglob("*.*")}
        for name in ("one", "two")
    )
    assert len(one) == 4
    assert one == two


def test_a_whale_makes_its_share(tmp_path: Path):
    generate_facts(2000, tmp_path / "facts", whale=0.5)

    agents = pl.read_parquet(tmp_path / "facts" / "submissions" / "*.parquet")["agent"]

    assert 0.45 < (agents == 0).mean() < 0.55
