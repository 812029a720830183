"""From the warehouse to a published generation: what `podium run`, `podium recompute` and Dagster all call.

Three steps, so that Dagster can show each: `build` writes a candidate, `violations` looks it over, `publish`
makes it current. Not here: the game (game/season.py), how a generation is written (store/published.py).
"""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.engines.compared import NOTHING_BEFORE, changes_in
from pipelines.engines.local import Progress, quiet, score
from pipelines.engines.unchanged import made_from, still_current
from pipelines.game.faults import PodiumError
from pipelines.game.identities import IDENTITIES, Identity
from pipelines.game.rules import Rulebook
from pipelines.game.season import Season
from pipelines.game.tables import INGESTED_FILES, QUARANTINE, TABLES
from pipelines.insight.evidence import Evidence
from pipelines.insight.insights import insights
from pipelines.insight.tables import PUBLISHED_TABLES
from pipelines.store import changes_feed
from pipelines.store.behind import behind
from pipelines.store.buckets import ROWS_PER_BUCKET, BucketSource, last_known_at
from pipelines.store.event_sources import event_sources
from pipelines.store.published import Candidate, Generation
from pipelines.store.quality import data_quality, row_types
from pipelines.store.warehouse import SCRATCH, Warehouse


class NothingToScore(PodiumError):
    """The log is empty: it has no as_of."""


class IdentityBroken(PodiumError):
    """A law between tables does not hold: nothing was published."""


@dataclass(frozen=True)
class Violation:
    """An identity that a candidate breaks, with how many rows break it and the first of them."""

    identity: Identity
    n_rows: int
    examples: list[dict[str, object]]


def build(
    home: Path,
    rules: Rulebook,
    as_of: dt.datetime | None,
    *,
    compared: bool = True,
    progress: Progress = quiet,
    rows_per_bucket: int = ROWS_PER_BUCKET,
) -> Candidate:
    """Score the warehouse of `home` as of `as_of` (naive UTC; None: the greatest `at`) into a sealed candidate.

    `compared`: with the generation before, to tell what changed; else nothing has.
    Raises NothingToScore for an empty log, and PodiumError where the warehouse cannot be opened or written.
    """
    with Warehouse.open(home) as warehouse:
        instant = as_of or last_known_at(warehouse.con)
        if instant is None:
            raise NothingToScore(_why_nothing(home, n_readings=warehouse.ingested_files().height))
        source = BucketSource.open(warehouse.con, instant, rows_per_bucket)
        season = Season(rules, instant, source.facts)
        with Candidate(home, PUBLISHED_TABLES) as candidate:
            with behind(candidate.write) as write:
                score(source, season, write, home / SCRATCH, progress)
                for part in warehouse.quarantine():
                    write("quarantine", QUARANTINE.shape(part))
                write("ingested_files", INGESTED_FILES.shape(warehouse.ingested_files()))
                for part in event_sources(warehouse):
                    write("event_sources", part)
                write("data_quality", data_quality(warehouse))
                write("row_types", row_types(warehouse))
            marks = {"inputs": warehouse.n_records(), "made_from": made_from(home, rules, as_of)}
            _write_insights(candidate, rules, instant, progress)
            progress("telling what changed", 1, 1)
            changed, compared_with = changes_in(home, candidate, instant, rules) if compared else NOTHING_BEFORE
            candidate.write("changes", changed)
            _seal(candidate, instant, rules, {**marks, **compared_with}, progress)
    return candidate


def _write_insights(candidate: Candidate, rules: Rulebook, instant: dt.datetime, progress: Progress) -> None:
    """The statistics over what the candidate holds of the game."""
    written = {name: candidate.written(name) for name in TABLES}
    n_tables = len(PUBLISHED_TABLES) - len(TABLES)
    evidence = Evidence(written, rules, instant.replace(tzinfo=dt.UTC))
    for n, (name, frame) in enumerate(insights(evidence), start=1):
        progress("measuring skill", n, n_tables)
        candidate.write(name, frame)


def _why_nothing(home: Path, *, n_readings: int) -> str:
    if n_readings:
        return (
            f"There is nothing to score in {home} yet: no record that counts was read (files read: {n_readings}), so "
            "there is no as_of. Transcripts count from the first call of a sub-agent that has ended; `podium run "
            "--as-of DATE` publishes what was read all the same."
        )
    return (
        f"There is nothing to score: the log in {home} is empty, so it has no as_of. "
        "Ingest a file first (`podium ingest FILE`), or try `podium demo`."
    )


def _seal(
    candidate: Candidate, instant: dt.datetime, rules: Rulebook, marks: dict[str, Any], progress: Progress
) -> None:
    """Write down what the numbers are a function of, and close the candidate."""
    progress("writing the generation", 1, 1)
    candidate.seal(
        {
            "as_of": instant.isoformat(timespec="microseconds") + "Z",
            "rulebook": rules.fingerprint,
            "rules": rules.model_dump(mode="json"),
            **marks,
            "versions": marks["made_from"]["versions"],
        }
    )


def violations(generation: Generation) -> list[Violation]:
    """The identities that a generation breaks; none, if all is well."""
    tables = {name: generation.table(name) for name in TABLES}
    found = []
    for identity in IDENTITIES:
        broken = identity.violations(tables).collect()
        if isinstance(broken, pl.DataFrame) and broken.height:
            found.append(Violation(identity, broken.height, broken.head(3).to_dicts()))
    return found


def recompute(
    home: Path,
    rules: Rulebook,
    as_of: dt.datetime | None = None,
    *,
    anew: bool = False,
    compared: bool = True,
    progress: Progress = quiet,
) -> tuple[Generation, bool]:
    """Build, check and publish a generation; or give back the current one, and False, if it would be the same.

    `anew`: build it all the same. `compared`: as in `build`.
    Raises IdentityBroken, and publishes nothing, if a check fails.
    """
    if not anew and (same := still_current(home, rules, as_of)):
        changes_feed.catch_up(home)
        return same, False
    candidate = build(home, rules, as_of, compared=compared, progress=progress)
    broken = violations(Generation.open_path(candidate.path))
    if broken:
        first = broken[0]
        raise IdentityBroken(
            f"Nothing was published, because {first.n_rows} rows of {first.identity.guards} break a law: "
            f"{first.identity.sentence}. This is a fault of Podium's own: please report it with `podium doctor --json`."
        )
    make_current(home, candidate)
    return Generation.open(home), True


def make_current(home: Path, candidate: Candidate) -> None:
    """Publish a candidate that was looked over, and tell the feed what changed; first what a killed run did not tell.

    Raises DiskFault: if it is the feed that cannot be written after the switch, the next run catches up.
    """
    changes_feed.catch_up(home)
    candidate.publish()
    changes_feed.catch_up(home)
