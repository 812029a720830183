"""What if the rules were different: a published season played once more, by other rules, at the same instant.

The facts come from the generation itself (store/replay.py), so that nothing is locked, and nothing is written but
buckets that do not fit into memory, into a folder that is removed at the end. Kept of the outcome are only the tables
that are compared. Not here: comparing (game/comparison.py), what is shown of it (reports/).
"""

import tempfile
from pathlib import Path

import polars as pl

from pipelines.engines.local import Progress, quiet, score
from pipelines.engines.unchanged import program
from pipelines.game.comparison import COMPARED, Comparison, compare
from pipelines.game.rules import Rulebook
from pipelines.game.season import Season
from pipelines.game.tables import TABLES
from pipelines.game.tallies import BEFORE, windows_of
from pipelines.store.buckets import ROWS_PER_BUCKET
from pipelines.store.generation import Generation
from pipelines.store.replay import Replay, collect, scan

RECURRING = ("day", "week", "month")  # windows that come again and again: compared only if they are asked for
Outcome = dict[str, pl.DataFrame]  # the tables of comparison.COMPARED


def compared(
    generation: Generation,
    rules: Rulebook,
    *,
    base: Rulebook | None = None,
    window: str | None = None,
    progress: Progress = quiet,
) -> Comparison:
    """What is published against what `rules` would make of the same facts at the same `as_of`.

    `window`: of boards only this one; without it all but days, weeks and months. `base`: rules to play instead of
    reading what is published, for a season that another version of the program has published. Nothing is changed.

    Raises NotReplayable for a generation that does not hold all its facts, or cannot be read.
    """
    before = published(generation, window) if base is None else what_if(generation, base, window=window)
    if rules.fingerprint == (generation.manifest["rulebook"] if base is None else base.fingerprint):
        return compare(before, before)
    return compare(before, what_if(generation, rules, window=window, progress=progress))


def what_if(
    generation: Generation,
    rules: Rulebook,
    *,
    window: str | None = None,
    progress: Progress = quiet,
    rows_per_bucket: int = ROWS_PER_BUCKET,
) -> Outcome:
    """The tables of COMPARED as they would be under other rules; of boards the windows that `compared` speaks of."""
    source = Replay.open(generation, rows_per_bucket)
    season = Season(_of_windows(rules, window), source.as_of, source.facts)
    parts: dict[str, list[pl.DataFrame]] = {name: [TABLES[name].empty()] for name in COMPARED}

    def keep(name: str, part: pl.DataFrame) -> None:
        if name in parts:
            parts[name].append(part)

    with tempfile.TemporaryDirectory(prefix="podium-what-if-") as scratch:
        score(source, season, keep, Path(scratch), progress)
    return {name: pl.concat(held) for name, held in parts.items()}


def published(generation: Generation, window: str | None = None) -> Outcome:
    """The same tables as they were published."""
    is_asked = pl.col("window") == window if window else ~pl.col("window").is_in(RECURRING)
    tables = {name: scan(generation, TABLES[name]) for name in COMPARED}
    tables["leaderboards"] = tables["leaderboards"].filter(is_asked)
    return {name: collect(generation, table) for name, table in tables.items()}


def is_of_this_program(generation: Generation) -> bool:
    """Whether the same program published it: otherwise its numbers may differ for another reason than its rules."""
    made_from = generation.manifest.get("made_from") or {}
    return bool(made_from.get("program") == program())


def _of_windows(rules: Rulebook, window: str | None) -> Rulebook:
    """The rules with the boards and windows that are compared: the others would be made for nothing."""
    kept = []
    for board in rules.board:
        named = [held for held in windows_of(board, rules) if held != BEFORE]
        windows = tuple(held for held in named if (held == window if window else held not in RECURRING))
        if windows:
            kept.append(board.model_copy(update={"windows": windows}))
    return rules.model_copy(update={"board": tuple(kept)})
