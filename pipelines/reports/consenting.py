"""A word of an owner on what they share: checked against what is known, then recorded in the log.

Here: which scopes are meant, and the sentences for those who mistype. Not here: recording (store/consent_log.py), what
is said of it afterwards (consent_view.py).
"""

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pipelines.arena.consents import in_force
from pipelines.game.faults import PodiumError
from pipelines.game.records import CONSENT_SCOPES
from pipelines.reports.choices import Misuse, named, one_of, quoted
from pipelines.store.consent_log import catch_up, consent_events, owners_named, write_word
from pipelines.store.warehouse import Warehouse


class NotRecorded(PodiumError):
    """A word of an owner that the log would not take."""


@dataclass(frozen=True)
class Said:
    """What was recorded: the scopes that were meant, and all that the owner shares from now on.

    `is_read`: False where another run holds the home: then it is written down, read by the next export, and what the
    owner shares is not known here.
    """

    owner_id: str
    scopes: tuple[str, ...]
    granted: bool
    shares: tuple[str, ...]
    is_known: bool
    is_read: bool = True


def say(
    warehouse: Warehouse, owner_id: str, scopes: Sequence[str], policy_version: str, now: dt.datetime, *, granted: bool
) -> Said:
    """Record a word of an owner. A grant names its scopes; a withdrawal without any means all there are.

    It is dated `now` (naive UTC), or right after what was said last of the same, so that the newest word decides
    whatever clocks said before.

    Raises:
        Misuse: a scope that there is not, or a withdrawal of somebody who is not known.
        NotRecorded: the log does not take the owner's name, or what is shared afterwards is not what was asked.
        DiskFault, ConsentUnread.
    """
    owner_id, meant = _owner(owner_id), _meant(scopes, granted=granted)
    catch_up(warehouse, now)
    before = consent_events(warehouse)
    known = pl.concat([owners_named(warehouse), before["owner_id"]]).unique().sort()
    if not granted:
        one_of(owner_id, known.to_list(), "owner")
    last = before.filter(pl.col("owner_id") == owner_id)["at"].max()
    at = max(now, last + dt.timedelta(microseconds=1)) if isinstance(last, dt.datetime) else now
    write_word(warehouse.home, owner_id, meant, at, policy_version, granted=granted)
    catch_up(warehouse, now)
    held = in_force(consent_events(warehouse), policy_version, max(now, at)).filter(pl.col("owner_id") == owner_id)
    shares = tuple(scope for scope in CONSENT_SCOPES if scope in held["scope"])
    is_so = set(meant) <= set(shares) if granted else not set(meant) & set(shares)
    if not is_so:
        raise NotRecorded(
            f"The log did not take this word of {quoted(owner_id)}, and what is shared is as it was: "
            "`podium quarantine` says why."
        )
    return Said(owner_id, meant, granted, shares, owner_id in known)


def say_later(
    home: Path, owner_id: str, scopes: Sequence[str], policy_version: str, now: dt.datetime, *, granted: bool
) -> Said:
    """Write a word of an owner down where another run holds the home: the next export reads it. Raises as `say`."""
    owner_id, meant = _owner(owner_id), _meant(scopes, granted=granted)
    write_word(home, owner_id, meant, now, policy_version, granted=granted)
    return Said(owner_id, meant, granted, shares=(), is_known=True, is_read=False)


def _owner(owner_id: str) -> str:
    """The id as the log spells it. Raises Misuse if there is none."""
    if not owner_id.strip():
        raise Misuse("Name an owner: an id is not empty.")
    return unicodedata.normalize("NFC", owner_id.strip())


def _meant(scopes: Sequence[str], *, granted: bool) -> tuple[str, ...]:
    meant = tuple(dict.fromkeys(one_of(scope, CONSENT_SCOPES, "scope") for scope in scopes))
    if granted and not meant:
        raise Misuse(f"Say what is granted: {named(CONSENT_SCOPES)}.")
    return meant or CONSENT_SCOPES
