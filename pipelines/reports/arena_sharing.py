"""Sharing a conversation as its owner: what it may give away is said first, and where there is something, asked about.

Not here: what is looked for (arena/redaction.py), keeping the bytes (arena/conversations.py), what is said afterwards
(arena_view.py).
"""

import datetime as dt
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl
import typer

from pipelines.arena.consents import CONVERSATIONS, in_force, sharing
from pipelines.arena.conversations import FOLDER, Shared, bytes_of, share
from pipelines.arena.periods import week_of
from pipelines.arena.policy import load_policy
from pipelines.arena.redaction import NO_PROOF, warnings_of
from pipelines.game.faults import PodiumError
from pipelines.game.rulebook import load_rulebook
from pipelines.game.windows import local_day
from pipelines.reports.choices import one_of
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen
from pipelines.settings import Settings
from pipelines.store.consent_log import consent_events, owners_named
from pipelines.store.warehouse import Warehouse

MAX_WARNINGS = 20  # that are shown one by one


class NotSharedYet(PodiumError):
    """A conversation that something was found in, and nobody has said that it is to be shared all the same."""


@dataclass(frozen=True)
class SharedFile:
    """A conversation that was shared, what was found in it, and whether its owner allows that conversations leave."""

    shared: Shared
    warnings: Sequence[str]
    is_allowed: bool


def share_file(
    where: Settings, file: Path, owner: str, *, is_sure: bool, screen: Screen, now: dt.datetime | None = None
) -> SharedFile:
    """Share a file as an owner, after saying on `screen` what it may give away; unless `is_sure`, that is asked about.

    The caller holds the run lock. `now`: naive UTC, else the clock's. Raises Misuse for an unknown owner,
    ConversationRefused, NotSharedYet if the answer is no or nobody can be asked, ConversationsDamaged, DiskFault.
    """
    with Warehouse.open(where.home) as warehouse:
        events, owners = consent_events(warehouse), owners_named(warehouse)
    known = pl.concat([owners, events["owner_id"]]).unique().sort().to_list()
    owner_id = one_of(owner, known, "owner")
    data = bytes_of(file)
    warnings = warnings_of(data, known)
    show_warnings(warnings, screen)
    if warnings and not is_sure:
        _ask(len(warnings))
    now = now or dt.datetime.now(dt.UTC).replace(tzinfo=None)
    week = week_of(local_day(now, load_rulebook(where.rulebook).timezone))
    shared = share(where.arena / FOLDER, file, owner_id, week, looked_at=data)
    allowing = sharing(in_force(events, load_policy(where.home).consent.policy_version, now), CONVERSATIONS)
    return SharedFile(shared, warnings, owner_id in allowing)


def show_warnings(warnings: Sequence[str], screen: Screen) -> None:
    """Show what was found, and that this is not all that there may be."""
    for warning in warnings[:MAX_WARNINGS]:
        screen.say(warning, "yellow")
    if len(warnings) > MAX_WARNINGS:
        screen.say(f"and {counted(len(warnings) - MAX_WARNINGS, 'warning')} more: --json holds all.", "dim")
    screen.say(NO_PROOF if warnings else f"Nothing was found. {NO_PROOF}", "dim")


def _ask(n_warnings: int) -> None:
    if not sys.stdin.isatty():
        found = counted(n_warnings, "warning")
        raise NotSharedYet(f"Nothing is shared: {found}, and nobody to ask. --yes shares it all the same.")
    if not typer.confirm("Share exactly these bytes?", err=True):
        raise NotSharedYet("Nothing is shared.")
