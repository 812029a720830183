"""The rival in SQL: DuckDB with hand-tuned statements (duckdb_sql.sql), one after the other.

Here: the settings, the numbers of the game as variables of SQL, and the writing of the tables. Not here: the rules.
"""

import json
from pathlib import Path

import default_game as game
import duckdb
from script import play

THREADS, MEMORY_LIMIT = 2, "16GB"
NUMBERS = ("pending", "verified", "rejected", "void", "search", "pattern", "task", "pattern_insight", "counterexample",
           "first_solver", "perfect_day", "insight_least", "insight_most", "counterexample_least",
           "first_solver_points", "perfect_day_points", "perfect_day_tasks", "first_blood", "on_fire", "sharpshooter",
           "erdos_straus_master", "collatz_crawler", "counterexample_hunter", "speed_demon", "scholar", "champion",
           "rising_star", "on_fire_tasks", "on_fire_us", "sharp_percent", "sharp_attempts", "master_tasks", "fast_us",
           "rising_tasks", "least_by_difficulty", "most_by_difficulty")  # fmt: skip


def score(facts: Path, out: Path) -> None:
    """Run the statements, write each table."""
    about = json.loads((facts / "facts.json").read_text(encoding="utf-8"))
    spilled = out / "spilled"
    settings = {"threads": THREADS, "memory_limit": MEMORY_LIMIT, "temp_directory": str(spilled),
                "preserve_insertion_order": False}  # fmt: skip
    variables = {name: getattr(game, name.upper()) for name in NUMBERS} | {
        "records": str(facts / "submissions" / "*.parquet"),
        "revised": str(facts / "revised.parquet"),
        "tasks": str(facts / "tasks.parquet"),
        "as_of": about["as_of"],
        "erdos_straus": about["problems"].index("erdos-straus"),
        "collatz": about["problems"].index("collatz"),
    }
    with duckdb.connect(config=settings) as con:
        con.execute("SET TimeZone = 'UTC'")
        for name, value in variables.items():
            con.execute(f"SET VARIABLE {name} = $value", {"value": value})
        for statement in duckdb.extract_statements(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8")):
            con.execute(statement)
        for table in game.TABLES:
            to = {"to": str(out / f"{table}.parquet")}
            con.execute(f"COPY {table} TO $to (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)", to)


if __name__ == "__main__":
    play(score)
