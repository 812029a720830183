"""Consent in the log: what the warehouse knows of it, and how a new word of an owner gets into it.

A consent given or withdrawn here is first a line of a file of its own under `<home>/consents/`, then a record that is
read from it like any other. So the warehouse can be made anew from files alone, and a word outlives a crash before it
was read: `catch_up` reads what was not. Not here: what is in force (arena/consents.py).
"""

import datetime as dt
import hashlib
import json
import secrets
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.game.faults import PodiumError
from pipelines.game.records import CONSENT_SCOPES
from pipelines.store.durable import disk_faults, replaced, sha256, sync
from pipelines.store.landing import land
from pipelines.store.warehouse import Warehouse

FOLDER = "consents"


class ConsentUnread(PodiumError):
    """A file of consents that cannot be read: it may hold a withdrawal."""


def consent_events(warehouse: Warehouse) -> pl.DataFrame:
    """All that was said of consent, in no order: owner_id, scope, granted, at (naive UTC), event_id, policy_version.

    A refused line that speaks of consent and grants nothing counts as a withdrawal from when it was first offered, of
    the scope it names, else of all: somebody tried to say so, and what they meant is safest taken for no.
    """
    events: pl.DataFrame = warehouse.con.sql(
        """SELECT users.id AS owner_id, scope, granted, "at", event_id, policy_version
        FROM consent_records JOIN users ON users.code = consent_records.owner"""
    ).pl()
    refused = pl.DataFrame(list(_refused(warehouse)), schema=events.schema, orient="row")
    return pl.concat([events, refused])


def write_word(
    home: Path, owner_id: str, scopes: Sequence[str], at: dt.datetime, policy_version: str, *, granted: bool
) -> None:
    """Write down that an owner grants or withdraws scopes from the instant `at` (naive UTC) on; `catch_up` reads it.

    The file is whole and on the disk when this returns. Raises DiskFault.
    """
    records = [
        {
            "type": "consent",
            "event_id": f"consent-{secrets.token_hex(16)}",
            "at": f"{at.isoformat(timespec='microseconds')}Z",
            "owner_id": owner_id,
            "scope": scope,
            "granted": granted,
            "policy_version": policy_version,
        }
        for scope in scopes
    ]
    folder = home / FOLDER
    with disk_faults("Recording consent", folder):
        folder.mkdir(parents=True, exist_ok=True)
        with replaced(folder / f"{at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.jsonl") as half:
            half.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
        sync(folder)


def catch_up(warehouse: Warehouse, now: dt.datetime) -> None:
    """Read every word that was written down here and is not in the warehouse. `now`: naive UTC.

    Raises ConsentUnread, DiskFault.
    """
    known = set(warehouse.ingested_files()["content_sha256"])
    with disk_faults("Reading consents", warehouse.home / FOLDER):
        files = [path for path in consent_files(warehouse.home) if sha256(path) not in known]
    for report in land(warehouse, files, now):
        if report.error:
            raise ConsentUnread(f"{report.error} It may hold a withdrawal: mend or remove it first.")


def consent_files(home: Path) -> list[Path]:
    """The files of what was said here, in order."""
    return sorted((home / FOLDER).glob("*.jsonl"))


def owners_named(warehouse: Warehouse) -> pl.Series:
    """Every user of a call or submission, in order: whoever may own a record."""
    named: pl.DataFrame = warehouse.con.sql(
        """SELECT id AS owner_id FROM users WHERE code IN (
            SELECT "user" FROM agent_call_records UNION SELECT "user" FROM submission_records) ORDER BY id"""
    ).pl()
    return named["owner_id"]


def _refused(warehouse: Warehouse) -> Iterator[tuple[Any, ...]]:
    lines = warehouse.con.execute(
        """SELECT coalesce(record, raw) AS text, min(ingested_at) FROM quarantine
        WHERE contains(text, 'consent') GROUP BY text ORDER BY text"""
    ).fetchall()
    for text, offered_at in lines:
        try:
            told = json.loads(text)
        except ValueError:
            continue
        if isinstance(told, dict) and told.get("type") == "consent" and told.get("granted") is not True:
            owner, scope = told.get("owner_id"), told.get("scope")
            if isinstance(owner, str):
                name = unicodedata.normalize("NFC", owner.strip())
                for each in [scope] if scope in CONSENT_SCOPES else CONSENT_SCOPES:
                    yield (
                        name,
                        each,
                        False,
                        offered_at,
                        f"refused-{hashlib.sha256(text.encode()).hexdigest()[:16]}",
                        None,
                    )
