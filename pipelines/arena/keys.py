"""The keyring of a publisher: the key that signs bundles, the key of the epoch, and the owners' salts.

They lie in a folder outside the home, `<keys>/<publisher>/`: `signing.key` (Ed25519, the private seed in hexadecimal),
`epochs.json` (the number and key of the one epoch that is) and `salts.json`. `<home>/arena/publisher.json` says whose
they are. Not here: how secret files are written (secret_files.py), salts (salts.py), and pseudonyms (pseudonyms.py).
"""

import hashlib
import os
import re
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from pipelines.arena import salts
from pipelines.arena.pseudonyms import Pseudonyms
from pipelines.arena.secret_files import (
    KeysFault,
    make_filled_folder,
    make_folder,
    parsed,
    read_private,
    real,
    refuse_open_folder,
    refuse_shared_place,
    sweep,
    to_json,
    write_private,
)
from pipelines.store.durable import disk_faults, sync

PUBLISHER = "publisher.json"
BEGUN = "publisher.begun"  # names the publisher whose keys are being made, until they are
SIGNING, EPOCHS, SALTS = "signing.key", "epochs.json", "salts.json"
_IGNORED = {".gitignore": b"*\n"}  # so that a repository of someone's configuration does not take the secrets in
N_KEY_BYTES = 32
_KEY = re.compile(f"[0-9a-f]{{{2 * N_KEY_BYTES}}}")
_NAME = re.compile(r"[0-9a-f]{32}")


def publisher_of(public_key: bytes) -> str:
    """The name of a publisher: the first 32 hexadecimal digits of the SHA-256 of its public key, 32 raw bytes."""
    return hashlib.sha256(public_key).hexdigest()[:32]


@dataclass(frozen=True)
class Keyring:
    """A publisher and where its secrets lie. It holds none itself: each is read when it is needed.

    Whoever uses it holds the run lock of the home.
    """

    publisher: str  # 32 hexadecimal digits
    public_key: bytes = field(repr=False)  # 32 raw bytes
    epoch: int = field(repr=False)  # from 1
    folder: Path = field(repr=False)

    @classmethod
    def open(cls, keys: Path, home: Path) -> "Keyring":
        """The keyring of a home's publisher; on first use a new publisher, with new keys in the folder `keys`.

        Whatever moment a process was killed at, the next one finds a publisher with all its keys, or none. Keys that
        are there are never written over.

        Raises:
            KeysFault: `keys` would be shared together with the home, others may read them, they are not there, or
                they are damaged.
            DiskFault: the disk would not do it.
        """
        refuse_shared_place(keys, home)
        keys, arena = real(keys), real(home) / "arena"
        with disk_faults("Opening the keys of the arena", keys):
            if not (arena / PUBLISHER).exists():
                _begin(keys, arena)
            if (arena / BEGUN).exists():
                (arena / BEGUN).unlink()
            return cls._of(keys, arena / PUBLISHER)

    @classmethod
    def _of(cls, keys: Path, named_in: Path) -> "Keyring":
        publisher = _named(named_in)
        if publisher is None:
            raise KeysFault(
                f'{named_in} is damaged: it should be {{"publisher": "..."}}, with 32 hexadecimal digits. Put it back '
                f"from a backup, or write it anew: the folders in {keys} bear the names of publishers."
            )
        folder = keys / publisher
        if not folder.is_dir():
            raise KeysFault(
                f"The keys of the publisher {publisher}, whom {named_in} names, are not in {keys}. On a new machine "
                f"copy the folder {publisher} there from the old one. If it is lost, remove {named_in} to begin as a "
                "new publisher: everyone is then told of under new pseudonyms, and what the old one has published can "
                "no longer be withdrawn."
            )
        refuse_open_folder(folder)
        sweep(folder / EPOCHS)
        sweep(folder / SALTS)
        public_key = _public_of(_seed(folder))
        if publisher_of(public_key) != publisher:
            raise _damaged(folder / SIGNING, "it is the key of another publisher", _ANOTHER_PUBLISHER)
        _salts(folder)
        return cls(publisher, public_key, _epoch(folder)[0], folder)

    def sign(self, message: bytes) -> bytes:
        """The Ed25519 signature (RFC 8032) of a message: 64 bytes, the same for the same message. Raises KeysFault."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(_seed(self.folder)).sign(message)

    def pseudonyms(self, consents: pl.DataFrame) -> Pseudonyms:
        """The pseudonyms of all who share something; `consents`: columns of IN_FORCE, all that is in force.

        The salt of whoever no longer shares a scope, or withdrew and granted it anew, is gone from the disk before this
        returns, and the salt of whoever is new is on it. The same consents again change nothing. Raises KeysFault,
        DiskFault.
        """
        key, held = self._epoch_key(), _salts(self.folder)
        wanted = salts.renewed(held, consents)
        if wanted != held:
            self._write_salts(wanted)
        return Pseudonyms(key, {of: salt.value for of, salt in wanted.items()})

    def rotate(self) -> "Keyring":
        """The keyring in a new epoch: a new random key, under which everyone has another pseudonym in every scope.

        The old key is gone from the disk before this returns: nobody can link the pseudonyms of the two epochs.
        Raises KeysFault, DiskFault.
        """
        self._epoch_key()
        with disk_faults("Rotating the keys", self.folder):
            write_private(self.folder / EPOCHS, _new_epoch(self.epoch + 1))
        return replace(self, epoch=self.epoch + 1)

    def forget(self, owner_id: str) -> int:
        """Drop an owner's salts, durably, and say how many there were. Raises KeysFault, DiskFault.

        An owner whose consents stay in force is given new ones by the next `pseudonyms`.
        """
        held = _salts(self.folder)
        kept = salts.without(held, owner_id)
        if kept != held:
            self._write_salts(kept)
        return len(held) - len(kept)

    def renew(self, consents: pl.DataFrame, those: Collection[tuple[str, str]]) -> Pseudonyms:
        """What `pseudonyms` gives, with new ones for some (owner, scope): a withdrawn one is never said again.

        Raises KeysFault, DiskFault.
        """
        self._write_salts(salts.without_those(_salts(self.folder), those))
        return self.pseudonyms(consents)

    def _write_salts(self, wanted: salts.Salts) -> None:
        with disk_faults("Writing salts", self.folder):
            write_private(self.folder / SALTS, to_json(salts.to_plain(wanted)))

    def _epoch_key(self) -> bytes:
        epoch, key = _epoch(self.folder)
        if epoch != self.epoch:
            raise KeysFault(f"The keys in {self.folder} were rotated while this ran. Run again.")
        return key


def _begin(keys: Path, arena: Path) -> None:
    """Make a new publisher, or end what a killed process began: its keys are whole before the home names it."""
    make_folder(keys, 0o700)
    make_folder(arena, 0o777)
    begun = _named(arena / BEGUN)
    if begun is None or not (keys / begun).is_dir():
        if begun is not None:
            sweep(keys / begun)
        _make_keys(keys, arena / BEGUN)
    with suppress(FileExistsError, FileNotFoundError):  # another process was first: its publisher it is
        os.link(arena / BEGUN, arena / PUBLISHER)
    sync(arena)


def _make_keys(keys: Path, begun: Path) -> None:
    seed = secrets.token_bytes(N_KEY_BYTES)
    publisher = publisher_of(_public_of(seed))
    begun.write_bytes(to_json({"publisher": publisher}))
    sync(begun)
    sync(begun.parent)
    contents = {SIGNING: seed.hex().encode(), EPOCHS: _new_epoch(1), SALTS: to_json({})}
    make_filled_folder(keys / publisher, contents | _IGNORED)


def _named(path: Path) -> str | None:
    """The publisher that a file names, None if it names none."""
    content = parsed(path.read_bytes()) if path.exists() else None
    name = content.get("publisher") if isinstance(content, dict) else None
    return name if isinstance(name, str) and _NAME.fullmatch(name) else None


def _public_of(seed: bytes) -> bytes:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _new_epoch(epoch: int) -> bytes:
    return to_json({"epoch": epoch, "key": secrets.token_hex(N_KEY_BYTES)})


_ANOTHER_PUBLISHER = (
    f"begin as a new publisher: remove {PUBLISHER} from the folder `arena` of the home. Everyone is then told of under "
    "new pseudonyms, and what the old publisher has published can no longer be withdrawn"
)
_OTHER_PSEUDONYMS = "Everyone is then told of under new pseudonyms, and the next bundle withdraws the old ones"
_NO_SALTS = f"write {{}} into it. {_OTHER_PSEUDONYMS}"
_ANOTHER_EPOCH = (
    'write {"epoch": N, "key": "K"} into it, where N is greater than the number of any epoch before and K are '
    f"{2 * N_KEY_BYTES} random hexadecimal digits (`openssl rand -hex {N_KEY_BYTES}`). {_OTHER_PSEUDONYMS}"
)


def _seed(folder: Path) -> bytes:
    text = read_private(folder / SIGNING).decode("ascii", "replace").strip()
    if not _KEY.fullmatch(text):
        raise _damaged(folder / SIGNING, f"it should be {2 * N_KEY_BYTES} hexadecimal digits", _ANOTHER_PUBLISHER)
    return bytes.fromhex(text)


def _epoch(folder: Path) -> tuple[int, bytes]:
    content = parsed(read_private(folder / EPOCHS))
    epoch, key = (content.get("epoch"), content.get("key")) if isinstance(content, dict) else (None, None)
    if type(epoch) is not int or epoch < 1 or not isinstance(key, str) or not _KEY.fullmatch(key):
        raise _damaged(folder / EPOCHS, "it should hold the number of an epoch and its key", _ANOTHER_EPOCH)
    return epoch, bytes.fromhex(key)


def _salts(folder: Path) -> salts.Salts:
    held = salts.of_plain(parsed(read_private(folder / SALTS)))
    if held is None:
        raise _damaged(folder / SALTS, "it should hold salts, and the grants with which they began", _NO_SALTS)
    return held


def _damaged(path: Path, why: str, otherwise: str) -> KeysFault:
    return KeysFault(
        f"{path} is missing or damaged: {why}. Put the folder {path.parent} back from a backup. Without one, "
        f"{otherwise}."
    )
