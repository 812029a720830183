"""Consent in the log: what the warehouse knows of it, and how a new word of an owner gets into it.

A consent given or withdrawn here is first a line of a file of its own under `<home>/consents/`, then a record that is
read from it like any other: so the warehouse can be made anew from files alone. Not here: what is in force
(arena/consents.py).
"""

import datetime as dt
import json
import secrets
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from pipelines.store.durable import disk_faults, replaced, sync
from pipelines.store.landing import FileReport, land
from pipelines.store.warehouse import Warehouse

FOLDER = "consents"


def consent_events(warehouse: Warehouse) -> pl.DataFrame:
    """All consent records, in no order: owner_id, scope, granted, at (naive UTC), event_id, policy_version."""
    events: pl.DataFrame = warehouse.con.sql(
        """SELECT users.id AS owner_id, scope, granted, "at", event_id, policy_version
        FROM consent_records JOIN users ON users.code = consent_records.owner"""
    ).pl()
    return events


def say(
    warehouse: Warehouse, owner_id: str, scopes: Sequence[str], at: dt.datetime, policy_version: str, *, granted: bool
) -> FileReport:
    """Record that an owner grants or withdraws scopes from the instant `at` (naive UTC) on, and read it in.

    The file is whole and on the disk before it is read. Raises DiskFault; the report says what became of its lines.
    """
    told = f"{at.isoformat(timespec='microseconds')}Z"
    records = [
        {
            "type": "consent",
            "event_id": f"consent-{secrets.token_hex(16)}",
            "at": told,
            "owner_id": owner_id,
            "scope": scope,
            "granted": granted,
            "policy_version": policy_version,
        }
        for scope in scopes
    ]
    folder = warehouse.home / FOLDER
    path = folder / f"{at:%Y%m%dT%H%M%S%f}-{secrets.token_hex(4)}.jsonl"
    with disk_faults("Recording consent", folder):
        folder.mkdir(parents=True, exist_ok=True)
        with replaced(path) as half:
            half.write_text("".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records), "utf-8")
        sync(folder)
    [report] = land(warehouse, [path], at)
    return report


def owners_named(warehouse: Warehouse) -> pl.Series:
    """Everybody who may be an owner of a record: every user, and every agent that handed in something; in order."""
    named: pl.DataFrame = warehouse.con.sql(
        """SELECT DISTINCT id AS owner_id FROM users WHERE code IN (
            SELECT "user" FROM agent_call_records UNION SELECT "user" FROM submission_records)
        UNION SELECT id FROM agents WHERE code IN (SELECT agent FROM submission_records WHERE "user" IS NULL)
        ORDER BY owner_id"""
    ).pl()
    return named["owner_id"]


def consent_files(home: Path) -> list[Path]:
    """The files of consents that were said here, in order."""
    return sorted((home / FOLDER).glob("*.jsonl"))
