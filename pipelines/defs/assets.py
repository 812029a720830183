"""The assets: files in, the season made in one step, and the generation that readers see.

Names, order and what the web UI shows; each body is one call of the run (run.py). Not here: the checks that stand
between the season and its publication (checks.py).
"""

from collections.abc import Iterator
from typing import Any

import dagster as dg
from pydantic import Field

from pipelines.defs.faults import PATIENCE, told_plainly
from pipelines.defs.pages import (
    LANDED,
    OWNERS,
    PUBLISHED,
    SEASON,
    landing_page,
    publication_page,
    season_pages,
    season_specs,
)
from pipelines.defs.run import Run


class LandingConfig(dg.Config):
    """Which files to take in (none named: those that wait in the landing folder), and how to read them."""

    paths: list[str] = Field(default_factory=list)
    rename: dict[str, str] = Field(default_factory=dict, description="column names of tables, theirs to ours")
    feed_options: dict[str, Any] = Field(default_factory=dict, description="what is told about contest feeds")
    transcript_options: dict[str, Any] = Field(
        default_factory=dict, description="whose transcripts are: user_id, team_id; keeps_descriptions"
    )


class SeasonConfig(dg.Config):
    """The instant for which results hold, RFC 3339 with offset; without one the greatest `at` in the log."""

    as_of: str | None = None


@dg.asset(
    name=LANDED,
    description="One row per file taken in: read once, checked line by line, good lines stored, bad ones kept aside.",
    group_name="landing",
    owners=OWNERS,
    kinds={"duckdb"},
    retry_policy=PATIENCE,
    check_specs=[dg.AssetCheckSpec("readable", asset=LANDED, description="Every file could be read to its end.")],
)
def landed_files(config: LandingConfig, run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
    """Take in new files."""
    with told_plainly(run):
        reports = run.land(config.paths, config.rename, config.feed_options, config.transcript_options)
    yield landing_page(reports)


@dg.multi_asset(name="season", specs=season_specs(), retry_policy=PATIENCE)
def season(config: SeasonConfig, run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
    """Play the whole season anew from the facts, into a candidate that nobody reads yet."""
    with told_plainly(run):
        candidate = run.build(config.as_of)
    yield from season_pages(candidate)


@dg.asset(
    name=PUBLISHED,
    description="The generation that readers see: the checked season, made current by one rename. Three are kept.",
    group_name="published",
    owners=OWNERS,
    kinds={"duckdb", "parquet"},
    deps=list(SEASON),
)
def published_generation(run: dg.ResourceParam[Run]) -> Iterator[dg.MaterializeResult[None]]:
    """Make the candidate current."""
    with told_plainly(run):
        generation = run.publish()
    yield publication_page(generation)
