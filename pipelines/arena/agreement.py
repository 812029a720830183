"""What the tables of one bundle owe each other and the manifest, beyond the contract of each.

Here: who is named where, and the sentences about tables that disagree; they name no value, so that they may stand in
any log. Not here: single rows (rows.py), files (verify.py).
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import polars as pl

from pipelines.arena.tables import ALL_TIME

Tables = Mapping[str, pl.DataFrame]

# Tables by the scope under whose pseudonyms they name people.
SCOPES = {
    "metrics": ("profiles", "agent_statistics", "leaderboard_entries"),
    "achievements": ("achievements",),
    "conversations": ("conversations",),
}
_NAMES = ("pseudonym", "owner_pseudonym")
_GRAINED = {  # what is told in whole grains: column -> which grain of the manifest
    "profiles": {
        "count_grain": ("calls", "successes", "tasks_completed", "attempts"),
        "score_grain": ("xp", "points"),
    },
    "agent_statistics": {"count_grain": ("calls", "successes"), "score_grain": ("xp",)},
}
_FIRST_YEAR = 2000
_TIMES = {  # what tells of weeks and months up to the manifest's week: by table
    "profiles": "last_active_week",
    "leaderboard_entries": "period",
    "achievements": "week",
    "usage": "month",
}
_IS_SCORED = pl.col("board").is_in(["points", "xp-user"])
_IS_COUNTED = pl.col("board").str.starts_with("problem:")


def named_in(tables: Tables) -> pl.Series:
    """Every pseudonym that a bundle names, owners' and agents', of all scopes; not those it only withdraws."""
    return _union(names for scope in SCOPES for names in _named_under(tables, scope))


def n_tied(tables: Tables) -> int:
    """How many pseudonyms stand in two scopes: each would join what its owner shares under two names."""
    names = pl.concat([_union(_named_under(tables, scope)) for scope in SCOPES])
    return names.filter(names.is_duplicated()).n_unique()


def last_month(week: str) -> str:
    """The month of the last day of an ISO week, such as 2026-11; empty for what is no week from 2000 on."""
    try:
        day = dt.date.fromisocalendar(int(week[:4]), int(week[6:]), 7)
    except ValueError:
        return ""
    return f"{day:%Y-%m}" if day.year >= _FIRST_YEAR else ""


def disagreements(tables: Tables, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about what does not agree; none if all does. `tables`: all of a bundle, each within its contract."""
    yield from _scopes(tables)
    yield from _withdrawn(tables)
    yield from _owners(tables)
    yield from _grains(tables, manifest)
    yield from _times(tables, manifest["week"])
    yield from _releases(tables["usage"])
    yield from _conversations(tables["conversations"], manifest["files"])


def _named_under(tables: Tables, scope: str) -> Iterator[pl.Series]:
    for table in SCOPES[scope]:
        for column in _NAMES:
            if column in tables[table].columns:
                yield tables[table][column]


def _scopes(tables: Tables) -> Iterator[str]:
    if n_tied(tables):
        yield "A pseudonym stands in the tables of two scopes: profiles, achievements and conversations share none."


def _withdrawn(tables: Tables) -> Iterator[str]:
    if tables["tombstones"]["pseudonym"].is_in(named_in(tables).implode()).any():
        yield "`tombstones` withdraws a pseudonym that another table names."


def _owners(tables: Tables) -> Iterator[str]:
    owners = tables["profiles"]["pseudonym"].implode()
    if not tables["agent_statistics"]["pseudonym"].is_in(owners).all():
        yield "`agent_statistics` names an owner who has no row in `profiles`."
    entries = tables["leaderboard_entries"]
    if not entries["owner_pseudonym"].is_in(owners).all():
        yield "`leaderboard_entries` names an owner who has no row in `profiles`."
    is_owner = pl.col("pseudonym") == pl.col("owner_pseudonym")
    if entries.filter((pl.col("subject_type") == "owner") != is_owner).height:
        yield "`leaderboard_entries` has an owner under two names, or an agent under its owner's."
    agents = entries.filter(pl.col("subject_type") == "agent").select("pseudonym", "owner_pseudonym").unique()
    if agents["pseudonym"].is_duplicated().any() or agents["pseudonym"].is_in(owners).any():
        yield "`leaderboard_entries` has an agent of two owners, or one under the name of another owner."


def _grains(tables: Tables, manifest: Mapping[str, Any]) -> Iterator[str]:
    """Finer figures than the manifest says would tell more of a person than it says."""
    for table, grains in _GRAINED.items():
        for grain, columns in grains.items():
            if tables[table].select((pl.col(columns) % manifest[grain] != 0).any()).transpose().to_series().any():
                yield f"`{table}` has figures that are no multiples of the manifest's `{grain}`."
    entries = tables["leaderboard_entries"]
    for grain, is_of_it in (("count_grain", _IS_COUNTED), ("score_grain", _IS_SCORED)):
        if entries.filter(is_of_it, pl.col("score") % manifest[grain] != 0).height:
            yield f"`leaderboard_entries` has scores that are no multiples of the manifest's `{grain}`."


def _times(tables: Tables, week: str) -> Iterator[str]:
    """Of what is still to come nobody can tell."""
    month = last_month(week)
    if not month:
        yield f"The manifest's `week` is none of the calendar, or before {_FIRST_YEAR}."
        return
    for table, column in _TIMES.items():
        told = pl.col(column)
        last = pl.when(told.str.contains("W", literal=True)).then(pl.lit(week)).otherwise(pl.lit(month))
        if tables[table].filter(told != ALL_TIME, told > last).height:
            yield f"`{table}` tells of a time after the manifest's `week`."


def _releases(usage: pl.DataFrame) -> Iterator[str]:
    if (usage["month"] < str(_FIRST_YEAR)).any():
        yield f"`usage` tells of a month before {_FIRST_YEAR}."
    if usage.select("kind", "month", "sigma").unique().select("kind", "month").is_duplicated().any():
        yield "`usage` has a release whose figures have noise of more than one `sigma`."


def _conversations(rows: pl.DataFrame, files: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if (rows["file"] != "conversations/" + rows["sha256"]).any():
        yield "`conversations` has a row whose `file` is not named by its `sha256`."
    sizes = {path: said["bytes"] for path, said in files.items() if path.startswith("conversations/")}
    if sizes != dict(rows.select("file", "n_bytes").iter_rows()):
        yield "`conversations` and the manifest do not name the same conversations, with the same sizes."
    if any(path.removeprefix("conversations/") != files[path]["sha256"] for path in sizes):
        yield "A conversation's file is not named by its checksum."


def _union(names: Iterable[pl.Series]) -> pl.Series:
    return pl.concat([name.rename("pseudonym") for name in names]).unique().sort()
