"""A published season as it is read: its generation, and the rules and instant that it holds for.

Here: what all pages start from. Not here: what a page shows.
"""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from pipelines.game.board_rules import BoardRule
from pipelines.game.faults import PodiumError
from pipelines.game.people import owners
from pipelines.game.rule_differences import content_of
from pipelines.game.rulebook import load_rulebook, parse_rulebook
from pipelines.game.rules import Rulebook
from pipelines.game.windows import local_day
from pipelines.settings import Settings
from pipelines.store.generation import Generation
from pipelines.store.shelf import MANIFEST
from pipelines.store.warehouse import FILE as WAREHOUSE


class Unreadable(PodiumError):
    """A published file that cannot be read."""


@dataclass(frozen=True)
class Reading:
    """A generation held open, and the rules in force when it was made."""

    generation: Generation
    rules: Rulebook

    @classmethod
    def open(cls, settings: Settings) -> "Reading":
        """The current generation of a home. Raises PodiumError if there is none, or none that can be read."""
        generation = Generation.open(settings.home)
        if not generation.manifest.keys() >= {"as_of", "rulebook"}:
            raise Unreadable(
                f"The manifest of {generation.path} is not whole: `podium recompute` publishes a whole one."
            )
        return cls(generation, _rules_of(generation.manifest, settings))

    @property
    def as_of(self) -> dt.datetime:
        """The instant for which all of it holds."""
        return dt.datetime.fromisoformat(self.generation.manifest["as_of"])

    @property
    def fingerprint(self) -> str:
        """The rules that were applied."""
        return str(self.generation.manifest["rulebook"])

    @cached_property
    def today(self) -> dt.date:
        """The local date of `as_of`."""
        return local_day(self.as_of.replace(tzinfo=None), self.rules.timezone)

    def table(self, name: str) -> pl.LazyFrame:
        """A published table. Raises Unreadable if it was published before there was such a table."""
        if not self.has(name):
            raise Unreadable(
                f"The published season has no table {name}: it was published by an older version. "
                "`podium recompute` publishes it anew."
            )
        return self.generation.table(name)

    def has(self, name: str) -> bool:
        """Whether such a table was published."""
        return name in self.generation.tables()

    def collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        """Read what `frame` asks for. Raises Unreadable if the files do not let themselves be read."""
        try:
            return frame.collect()
        except (OSError, pl.exceptions.PolarsError) as fault:
            raise Unreadable(
                f"The published tables under {self.generation.path} cannot be read: {str(fault).splitlines()[0]}. "
                "`podium doctor` says what is damaged, `podium recompute --anew` publishes a whole one."
            ) from fault

    def trophy_names(self, subject_type: str) -> dict[str, str]:
        """The names of the badges of agents, or of the achievements of users, by slug."""
        trophies = self.rules.achievement if subject_type == "user" else self.rules.badge
        return {trophy.slug: trophy.name for trophy in trophies}

    def boards(self) -> list[str]:
        """The names of all boards: those of the rulebook, one for every problem where it says so."""
        held = self.collect(self.table("leaderboards").select(pl.col("board").unique()))["board"].to_list()
        names = [name for board in self.rules.board for name in self._names(board.slug, board.each)]
        return names + sorted(set(held) - set(names))

    def current_entries(self) -> pl.LazyFrame:
        """The entries of all boards for all time and in the windows with `as_of` in them."""
        on, start = pl.lit(self.today), pl.col("window_start_on")
        return self.table("leaderboards").filter(start.is_null() | ((start <= on) & (pl.col("window_end_on") >= on)))

    def board_sizes(self) -> pl.LazyFrame:
        """How many `current_entries` there are: columns board, window, scope_id, n_entries."""
        return self.current_entries().group_by("board", "window", "scope_id").agg(n_entries=pl.len())

    def holders(self) -> pl.LazyFrame:
        """How many hold each badge or achievement, of whatever tier: columns subject_type, badge, n_holders."""
        held = self.table("badges").select("subject_type", "subject_id", "badge").unique()
        return held.group_by("subject_type", "badge").agg(n_holders=pl.len())

    def agents_of(self, user_id: str) -> pl.DataFrame:
        """The agents that a user owns: one column agent_id."""
        submissions = self.table("submissions")
        named = submissions.filter(pl.col("user_id") == user_id).select(pl.col("agent_id").unique())
        theirs = submissions.join(named, on="agent_id", how="semi").select(
            "verdict", "submitted_at", "submission_id", agent="agent_id", user="user_id"
        )
        return owners(self.collect(theirs)).filter(pl.col("owner") == user_id).select(agent_id="agent")

    def board_rule(self, board: str) -> BoardRule | None:
        """The rule of a board by its name; None if the rulebook has none."""
        slug, colon, _ = board.partition(":")
        return next((rule for rule in self.rules.board if rule.slug == slug and bool(rule.each) == bool(colon)), None)

    def _names(self, slug: str, each: str | None) -> list[str]:
        """The name of a board, or with `each`, a column of `tasks`, one for every value of it."""
        if each is None:
            return [slug]
        values = self.collect(self.table("tasks").select(pl.col(each).unique())).to_series()
        return [f"{slug}:{value}" for value in sorted(values)]


def is_behind(settings: Settings, generation: Generation) -> bool:
    """Whether the warehouse was written to after the generation was sealed."""
    warehouse, manifest = settings.home / WAREHOUSE, generation.path / MANIFEST
    return warehouse.exists() and warehouse.stat().st_mtime_ns > manifest.stat().st_mtime_ns


def _rules_of(manifest: dict[str, Any], settings: Settings) -> Rulebook:
    """The rules that the manifest holds; of an older one without them, those of the home."""
    held = manifest.get("rules")
    if held is None:
        return load_rulebook(settings.rulebook)
    boards = [{**board, "order": [_spelt(by) for by in board["order"]]} for board in held["board"]]
    windows = [{**window, **{end: _moment(window[end]) for end in ("start", "end")}} for window in held["window"]]
    told = {**held, "board": boards, "window": windows}
    return parse_rulebook(_filled(told, content_of(load_rulebook())), "of the published season")


def _filled(told: dict[str, Any], default: dict[str, Any]) -> dict[str, Any]:
    """Rules as they were told, and the default ones where the program knew no such rule yet when it published."""
    both = {key: _filled(value, default[key]) for key, value in told.items() if _are_dicts(value, default.get(key))}
    return {**default, **told, **both}


def _are_dicts(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, dict)


def _spelt(by: dict[str, Any]) -> str:
    return f"{by['measure']} {'desc' if by['descending'] else 'asc'}"


def _moment(text: str) -> dt.datetime | dt.date:
    return dt.date.fromisoformat(text) if len(text) == len("2026-03-01") else dt.datetime.fromisoformat(text)
