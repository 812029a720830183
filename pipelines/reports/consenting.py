"""A word of an owner on what they share: checked against what is known, then recorded in the log.

Here: which scopes are meant, and the sentences for those who mistype. Not here: recording (store/consent_log.py), what
is said of it afterwards (consent_view.py).
"""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.arena.consents import in_force
from pipelines.game.faults import PodiumError
from pipelines.game.records import CONSENT_SCOPES
from pipelines.reports.choices import Misuse, named, one_of, quoted
from pipelines.store.consent_log import consent_events, owners_named, say
from pipelines.store.warehouse import Warehouse


class NotRecorded(PodiumError):
    """A word of an owner that the log would not take."""


@dataclass(frozen=True)
class Said:
    """What was recorded: the scopes that were meant, and all that the owner shares from now on."""

    owner_id: str
    scopes: tuple[str, ...]
    granted: bool
    shares: tuple[str, ...]
    is_known: bool


@dataclass(frozen=True)
class Consenting:
    """An owner about to say something: what is known of them, and what they share so far."""

    warehouse: Warehouse
    owner_id: str
    policy_version: str
    is_known: bool
    shares: tuple[str, ...]

    @classmethod
    def of(cls, warehouse: Warehouse, owner_id: str, policy_version: str) -> "Consenting":
        """Whoever has a record, or once said something of consent, is known; others may say something all the same."""
        owner_id = unicodedata.normalize("NFC", owner_id.strip())
        events = consent_events(warehouse)
        known = pl.concat([owners_named(warehouse), events["owner_id"]])
        shares = _shares(events, owner_id, policy_version)
        return cls(warehouse, owner_id, policy_version, owner_id in known, shares)

    def say(self, scopes: Sequence[str], at: dt.datetime, *, granted: bool) -> Said:
        """Record it. A grant names its scopes; a withdrawal without any means all that is shared.

        Raises Misuse for a scope that there is not, or a withdrawal of what is not shared; NotRecorded for an owner
        whose name the log does not take; DiskFault.
        """
        meant = tuple(dict.fromkeys(one_of(scope, CONSENT_SCOPES, "scope") for scope in scopes))
        if granted and not meant:
            raise Misuse(f"Say what is granted: {named(CONSENT_SCOPES)}.")
        if not granted:
            meant = self._withdrawn(meant)
        report = say(self.warehouse, self.owner_id, meant, at, self.policy_version, granted=granted)
        if report.n_accepted != len(meant):
            raise NotRecorded(f"{quoted(self.owner_id)} is no id that the log takes: nothing was recorded.")
        shares = _shares(consent_events(self.warehouse), self.owner_id, self.policy_version)
        return Said(self.owner_id, meant, granted, shares, self.is_known)

    def _withdrawn(self, meant: tuple[str, ...]) -> tuple[str, ...]:
        withdrawn = meant or self.shares
        if not self.shares or not set(withdrawn) <= set(self.shares):
            held = f"shares {named(self.shares)}" if self.shares else "shares nothing"
            raise Misuse(f"{quoted(self.owner_id)} {held}: there is nothing to withdraw there.")
        return withdrawn


def _shares(events: pl.DataFrame, owner_id: str, policy_version: str) -> tuple[str, ...]:
    held = in_force(events.filter(pl.col("owner_id") == owner_id), policy_version)["scope"].to_list()
    return tuple(scope for scope in CONSENT_SCOPES if scope in held)
