"""A season among a few: what the game would be had only some owners ever played, up to the end of a week.

For what may leave the house: no number of it can depend on anybody else, since nobody else's records are there. Not
here: who the owners are (arena/owners.py), what is told of it (arena/profiles.py).
"""

import datetime as dt
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.arena.owners import owned
from pipelines.engines.local import Progress, quiet, score
from pipelines.game.rules import Rulebook
from pipelines.game.season import Season
from pipelines.game.tables import TABLES
from pipelines.store.buckets import ROWS_PER_BUCKET
from pipelines.store.generation import Generation
from pipelines.store.replay import Narrowed, Replay

KEPT = ("agent_stats", "user_stats", "user_agents", "leaderboards", "badges", "level_ups")


@dataclass(frozen=True)
class SubSeason:
    """The tables of KEPT of a season among a few, and who owns each of its agents: agent_id, owner_id."""

    tables: Mapping[str, pl.DataFrame]
    owners_of_agents: pl.DataFrame

    @property
    def agents(self) -> pl.DataFrame:
        """agent_stats of agents with an owner, with `owner_id`."""
        return self.tables["agent_stats"].join(self.owners_of_agents, on="agent_id")


def among(
    generation: Generation,
    rules: Rulebook,
    owners: pl.Series,
    until: dt.datetime,
    progress: Progress = quiet,
    *,
    scratch: Path | None = None,
    rows_per_bucket: int = ROWS_PER_BUCKET,
) -> SubSeason:
    """Play the records of `owners` alone, as of `until` (naive UTC).

    What was judged after `until` is pending, as it was then. `scratch`: a folder of ours for what does not fit into
    memory; without one a folder is made and removed. Raises NotReplayable.
    """

    def theirs(every: pl.LazyFrame) -> pl.LazyFrame:
        return owned(every).filter(pl.col("owner_id").is_in(owners.implode())).drop("owner_id")

    def submissions(every: pl.LazyFrame) -> pl.LazyFrame:
        return _known(theirs(every), until)

    def calls(every: pl.LazyFrame) -> pl.LazyFrame:
        return theirs(every).filter(pl.col("at") <= until)

    source = Replay.open(generation, rows_per_bucket, Narrowed(until, submissions, calls))
    season = Season(rules, source.as_of, source.facts)
    parts: dict[str, list[pl.DataFrame]] = {name: [TABLES[name].empty()] for name in KEPT}

    def keep(name: str, part: pl.DataFrame) -> None:
        if name in parts:
            parts[name].append(part)

    with tempfile.TemporaryDirectory(prefix="podium-arena-") if scratch is None else nullcontext(scratch) as folder:
        score(source, season, keep, Path(folder), progress)
    last = _last_owners(source.played["submissions"])
    return SubSeason({name: pl.concat(held) for name, held in parts.items()}, last)


def _known(submissions: pl.LazyFrame, until: dt.datetime) -> pl.LazyFrame:
    """Those handed in by then, in the state of then."""
    is_judged = pl.col("judged_at").is_null() | (pl.col("judged_at") <= until)
    verdict = pl.when(is_judged | (pl.col("verdict") == "void")).then("verdict").otherwise(pl.lit("pending"))
    later = [pl.when(is_judged).then(column).alias(column) for column in ("found", "awarded_points", "judged_at")]
    return submissions.filter(pl.col("submitted_at") <= until).with_columns(verdict, *later)


def _last_owners(submissions: pl.LazyFrame) -> pl.DataFrame:
    """Per agent the owner of its last submission that is not void: agent_id, owner_id."""
    valid = owned(submissions).filter(pl.col("verdict") != "void")
    last = valid.sort("submitted_at", "submission_id").group_by("agent_id").agg(pl.col("owner_id").last())
    return last.sort("agent_id").collect()
