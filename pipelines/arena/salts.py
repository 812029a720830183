"""Salts: one random number per owner and scope, for as long as the owner shares it. Without it no one can tell any more
whom a pseudonym stood for.

Here: which are kept, dropped and drawn, and how they stand in a file. Not here: the file itself (keys.py).
"""

import re
import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from pipelines.arena.consents import ACHIEVEMENTS, CONVERSATIONS, METRICS

NAMED_SCOPES = (METRICS, ACHIEVEMENTS, CONVERSATIONS)  # aggregates name nobody, and need no salt
N_BYTES = 32
HEX = re.compile(f"[0-9a-f]{{{2 * N_BYTES}}}")


@dataclass(frozen=True)
class Salt:
    """A salt, and the event of the grant with which it began (`since` of consents.IN_FORCE)."""

    value: bytes = field(repr=False)
    since: str


Salts = Mapping[tuple[str, str], Salt]  # by owner and scope


def renewed(held: Salts, consents: pl.DataFrame) -> Salts:
    """The salts of what is shared, and no others: those held where the same grant still stands, else new ones.

    `consents`: columns of IN_FORCE. New salts are the system's randomness (`secrets`).
    """
    wanted = consents.filter(pl.col("scope").is_in(NAMED_SCOPES)).select("owner_id", "scope", "since")
    salts = {}
    for owner, scope, since in wanted.iter_rows():
        old = held.get((owner, scope))
        salts[owner, scope] = old if old and old.since == since else Salt(secrets.token_bytes(N_BYTES), since)
    return salts


def without(held: Salts, owner_id: str) -> Salts:
    """The salts of everyone else."""
    return {key: salt for key, salt in held.items() if key[0] != owner_id}


def without_those(held: Salts, gone: Collection[tuple[str, str]]) -> Salts:
    """The salts but for those of some owners in some scopes."""
    return {key: salt for key, salt in held.items() if key not in gone}


def to_plain(salts: Salts) -> dict[str, dict[str, dict[str, str]]]:
    """The salts as a value of JSON: owner -> scope -> `salt` in hexadecimal, and `since`."""
    plain: dict[str, dict[str, dict[str, str]]] = {}
    for (owner, scope), salt in salts.items():
        plain.setdefault(owner, {})[scope] = {"salt": salt.value.hex(), "since": salt.since}
    return plain


def of_plain(plain: Any) -> Salts | None:
    """The salts of a value of JSON, None if it is not made like one of `to_plain`."""
    if not isinstance(plain, dict) or not all(isinstance(scopes, dict) for scopes in plain.values()):
        return None
    entries = {(owner, scope): entry for owner, scopes in plain.items() for scope, entry in scopes.items()}
    if not all(_is_entry(entry) for entry in entries.values()):
        return None
    return {key: Salt(bytes.fromhex(entry["salt"]), entry["since"]) for key, entry in entries.items()}


def _is_entry(entry: Any) -> bool:
    return (
        isinstance(entry, dict)
        and entry.keys() == {"salt", "since"}
        and all(isinstance(value, str) for value in entry.values())
        and HEX.fullmatch(entry["salt"]) is not None
    )
