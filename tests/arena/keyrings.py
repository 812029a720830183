"""Keyrings to test with: consents as rows, and every secret that lies in a folder of keys."""

import json
from pathlib import Path

import polars as pl

from pipelines.arena.consents import IN_FORCE
from pipelines.arena.keys import Keyring


def consents(*rows: tuple[str, str, str]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=IN_FORCE, orient="row")


def opened(tmp_path: Path) -> Keyring:
    return Keyring.open(tmp_path / "keys", tmp_path / "home")


def told(keyring: Keyring, shared: pl.DataFrame) -> dict[tuple[str, str], str]:
    """The pseudonym of each owner and scope."""
    names = keyring.pseudonyms(shared)
    return {
        (owner, scope): names.owners(scope, pl.Series([owner])).item()
        for owner, scope in shared.select("owner_id", "scope").iter_rows()
    }


def salts_of(folder: Path) -> dict[tuple[str, str], str]:
    plain = json.loads((folder / "salts.json").read_bytes())
    return {(owner, scope): entry["salt"] for owner, scopes in plain.items() for scope, entry in scopes.items()}


def secrets_of(folder: Path) -> list[str]:
    """The signing key, the epoch's key and all salts of a publisher, in hexadecimal."""
    epoch_key = json.loads((folder / "epochs.json").read_bytes())["key"]
    return [(folder / "signing.key").read_text(), epoch_key, *salts_of(folder).values()]


def holds(folder: Path, secret: str) -> bool:
    """Whether any file below a folder has a secret in it, in hexadecimal or as it is."""
    forms = (secret.encode(), bytes.fromhex(secret))
    return any(form in path.read_bytes() for path in folder.rglob("*") if path.is_file() for form in forms)


def bytes_of(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Content and inode of every file below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_ino) for path in files}
