"""What changed, as read from a published season or from the feed: plain data for terminals, pages and machines.

Without `since` it is the table `changes` of the current generation; with it all that the feed has of later ones. Not
here: how it looks (changes_view.py), what changed and why (game/changes/), writing the feed (store/changes_feed.py).
"""

import datetime as dt
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.game.changes.table import KINDS
from pipelines.reports import choices
from pipelines.reports.quantities import counted
from pipelines.reports.reading import Reading
from pipelines.store import changes_feed

PARTS = {  # of the page, in order, with the kinds in each; what is a correction stands in the first
    "corrections": (),
    "badges": ("badge_earned", "badge_lost"),
    "levels": ("level_up", "level_down"),
    "places": ("rank",),
    "streaks": ("streak_best", "streak_lost"),
    "points": ("points_gained", "points_lost"),
    "xp": ("xp_gained", "xp_lost"),
    "newcomers": ("subject_new",),
}
_LOST_FIRST = ("points_lost", "points_gained", "xp_lost", "xp_gained", "badge_lost", "badge_earned", "level_down")
_GENERATION = re.compile(r"\d{8}T\d{6}\.\d{6}Z(-[0-9a-f]+)?")
Row = dict[str, Any]


@dataclass(frozen=True)
class ChangesPage:
    """Changes by part of the page; each row has the columns of the table, `generation`, `as_of` and `headline`.

    `since`: as it was asked for; None: the table of the current generation. `is_cut`: whether one kind or subject was
    asked for. `counts`: of all, by kind.
    """

    reading: Reading
    since: str | None
    is_cut: bool
    previous_generation: str | None
    parts: dict[str, list[Row]]
    counts: dict[str, int]

    @property
    def n_changes(self) -> int:
        """How many there are."""
        return sum(self.counts.values())

    def for_machines(self, top: int | None = None) -> dict[str, object]:
        """The page as plain data: the first `top` changes, in the order of the page."""
        rows = [row for part in self.parts.values() for row in part]
        return {
            "as_of": self.reading.as_of,
            "generation": self.reading.generation.id,
            "previous_generation": self.previous_generation,
            "since": self.since,
            "n_changes": self.n_changes,
            "counts": self.counts,
            "changes": rows[:top],
        }


def changes_page(
    reading: Reading, home: Path, *, since: str | None = None, kind: str | None = None, subject: str | None = None
) -> ChangesPage:
    """The changes of the current generation, or since an instant, a date or a generation; of one kind or subject.

    A subject's changes are also those of the pairs that it is one of. Raises Misuse for a `since` that is none of
    those, for an unknown kind, and for a subject that is not there and of which nothing is told; Unreadable if the
    season was published before there was such a table.
    """
    kind = kind and choices.one_of(kind, KINDS, "kind")
    subject = subject and unicodedata.normalize("NFC", subject.strip())
    told = _of_table(reading) if since is None else _since(reading, home, since)
    rows = [
        row | {"headline": headline(row, reading)}
        for row in told
        if kind in (None, row["kind"]) and (subject is None or _is_of(row, subject))
    ]
    if subject is not None and not rows:
        choices.one_of(subject, _subjects(reading, like=subject), "agent, user or team")
    return ChangesPage(
        reading,
        since,
        kind is not None or subject is not None,
        reading.generation.manifest.get(changes_feed.COMPARED_WITH),
        _in_parts(rows),
        dict(sorted(Counter(row["kind"] for row in rows).items())),
    )


def _of_table(reading: Reading) -> Iterator[Row]:
    marks = {"generation": reading.generation.id, "as_of": reading.as_of}
    return (marks | row for row in reading.collect(reading.table("changes")).iter_rows(named=True))


def _since(reading: Reading, home: Path, since: str) -> Iterator[Row]:
    """What the feed has, and what it does not have yet of the current generation."""
    is_later = _later_than(since, reading)
    seen = set()
    for line in changes_feed.lines(home, lambda made, as_of: is_later(made, dt.datetime.fromisoformat(as_of))):
        row = {name: value for name, value in line.items() if name != "previous_generation"}
        row |= {name: dt.datetime.fromisoformat(row[name]) for name in ("as_of", "changed_at")}
        if row["generation"] == reading.generation.id:
            seen.add(row["change_id"])
        yield row
    if is_later(reading.generation.id, reading.as_of):
        yield from (row for row in _of_table(reading) if row["change_id"] not in seen)


def _later_than(since: str, reading: Reading) -> Callable[[str, dt.datetime], bool]:
    """Whether a generation, known by its id and its as_of, is later than what was asked for."""
    asked = since.strip()
    if _GENERATION.fullmatch(asked):
        return lambda generation, _: generation > asked
    try:
        begin = choices.beginning(asked, reading.rules.timezone, "--since")
    except choices.Misuse as fault:
        raise choices.Misuse(f"{fault} A generation, such as {reading.generation.id}, will do too.") from None
    return lambda _, as_of: begin is None or as_of >= begin.replace(tzinfo=dt.UTC)


def _is_of(row: Row, subject: str) -> bool:
    return subject == row["subject_id"] or (
        row["subject_type"] == "user_agent" and subject in json.loads(row["subject_id"])
    )


def _subjects(reading: Reading, like: str) -> list[str]:
    """Everybody of whom there are sums; a pair, which is JSON, goes for known."""
    if like.startswith("["):
        return [like]
    ids = [
        reading.table(f"{who}_stats").select(pl.col(f"{who}_id").alias("subject_id"))
        for who in ("agent", "user", "team")
    ]
    return reading.collect(pl.concat(ids).unique().sort("subject_id")).to_series().to_list()


def _in_parts(rows: list[Row]) -> dict[str, list[Row]]:
    """Rows by part, within each as they came; corrections begin with what was lost."""
    part_of = {kind: part for part, kinds in PARTS.items() for kind in kinds}
    parts: dict[str, list[Row]] = {part: [] for part in PARTS}
    for row in rows:
        parts["corrections" if row["is_correction"] else part_of[row["kind"]]].append(row)
    order = {kind: n for n, kind in enumerate((*_LOST_FIRST, *KINDS)[::-1])}
    parts["corrections"].sort(key=lambda row: -order[row["kind"]])
    return parts


def headline(row: Row, reading: Reading) -> str:
    """What changed, in a few words and without the reason: `lost 5 points: first_solver:s1`."""
    kind, about, before, after = row["kind"], row["about"], row["before"], row["after"]
    if kind.startswith(("points_", "xp_")):
        return _of_awards(kind, about, before, after)
    if kind.startswith("badge_"):
        slug, _, tier = about.partition(":")
        name = reading.trophy_names(row["subject_type"]).get(slug, slug)
        return f"{'earned' if kind == 'badge_earned' else 'lost'} {name}" + (f" ({tier})" if tier else "")
    if kind.startswith("level_"):
        return f"level {before} to {after}"
    if kind == "rank":
        places = [f"place {place}" if place else "no place" for place in (before, after)]
        return f"{about}: {places[0]} to {places[1].removeprefix('place ')}"
    if kind == "streak_lost":
        return f"daily streak {before} to {after}"
    return "is new" if kind == "subject_new" else f"best daily streak {before} to {after}"


def _of_awards(kind: str, about: str | None, before: int, after: int) -> str:
    currency, verb = kind.split("_")
    n = abs(after - before)
    worth = counted(n, "point") if currency == "points" else f"{n:,} XP"
    if about is None or ":" not in about:
        return f"{verb} {worth}: {before:,} to {after:,}"
    return f"{verb} {worth}: {about}"
