"""The keyring: made once, for its owner alone; salts begin and end with consent; old keys and salts are gone."""

import hashlib
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from pipelines.arena.keys import Keyring, publisher_of
from pipelines.arena.secret_files import KeysFault
from tests.arena.keyrings import bytes_of, consents, holds, opened, salts_of, secrets_of, told

BOTH = consents(("ada", "achievements", "e1"), ("ada", "metrics", "e2"), ("bob", "metrics", "e3"))
BOB = consents(("bob", "metrics", "e3"))


def test_first_use_makes_a_publisher_that_the_home_names_and_only_its_owner_can_read(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    folder = tmp_path / "keys" / keyring.publisher
    made = {path: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").rglob("*")}
    files = {folder / name: 0o600 for name in (".gitignore", "signing.key", "epochs.json", "salts.json")}
    assert made == {folder: 0o700, **files}
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert json.loads((tmp_path / "home/arena/publisher.json").read_bytes()) == {"publisher": keyring.publisher}
    assert [path.name for path in (tmp_path / "home/arena").iterdir()] == ["publisher.json"]
    assert keyring.publisher == hashlib.sha256(keyring.public_key).hexdigest()[:32] == publisher_of(keyring.public_key)
    assert keyring.epoch == 1
    assert [len(secret) for secret in secrets_of(folder)] == [64, 64]


def test_a_repository_of_someones_configuration_does_not_take_the_secrets_in(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not on this machine")
    git = ["git", "-C", str(tmp_path / "keys")]
    opened(tmp_path)
    subprocess.run([*git, "init", "--quiet"], check=True)
    subprocess.run([*git, "add", "--all"], check=True)
    assert subprocess.run([*git, "ls-files"], check=True, capture_output=True).stdout == b""


def test_it_is_the_same_publisher_ever_after_and_signs_as_such(tmp_path: Path) -> None:
    first = opened(tmp_path)
    before = bytes_of(tmp_path)
    again = opened(tmp_path)
    assert again == first
    assert bytes_of(tmp_path) == before
    signature = again.sign(b"manifest")
    assert signature == first.sign(b"manifest")
    public_key = Ed25519PublicKey.from_public_bytes(first.public_key)
    public_key.verify(signature, b"manifest")
    with pytest.raises(InvalidSignature):
        public_key.verify(signature, b"Manifest")


def test_two_homes_with_one_folder_of_keys_are_two_publishers(tmp_path: Path) -> None:
    keyrings = [Keyring.open(tmp_path / "keys", tmp_path / home) for home in ("home", "other")]
    assert len({keyring.publisher for keyring in keyrings}) == 2
    assert opened(tmp_path) == keyrings[0]


def test_everything_is_on_the_disk_before_the_home_names_the_publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: set[int] = set()
    missing: list[Path] = []
    real_sync, real_link = os.fsync, os.link

    def noted(handle: int) -> None:
        real_sync(handle)
        synced.add(os.fstat(handle).st_ino)

    def linked(source: Path, target: Path) -> None:
        needed = [source, *(path for path in tmp_path.rglob("*")), tmp_path]
        missing.extend(path for path in needed if path.stat().st_ino not in synced)
        real_link(source, target)
        synced.clear()

    monkeypatch.setattr(os, "fsync", noted)
    monkeypatch.setattr(os, "link", linked)
    opened(tmp_path)
    assert missing == []
    assert (tmp_path / "home/arena").stat().st_ino in synced


def test_of_two_processes_that_begin_at_once_both_are_the_same_publisher(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Keyring] = []
    real_link = os.link

    def overtaken(source: Path, target: Path) -> None:
        if not others:
            others.append(None)  # type: ignore[arg-type]  # the other one goes on undisturbed
            others[0] = opened(tmp_path)
        real_link(source, target)

    monkeypatch.setattr(os, "link", overtaken)
    assert [opened(tmp_path)] == others
    assert len(list((tmp_path / "keys").iterdir())) == 1


def test_the_same_consents_again_change_no_byte(tmp_path: Path) -> None:
    names = told(opened(tmp_path), BOTH)
    before = bytes_of(tmp_path)
    assert told(opened(tmp_path), BOTH.reverse()) == names
    assert bytes_of(tmp_path) == before
    assert len(set(names.values())) == 3


def test_who_withdraws_loses_the_salt_of_that_scope_alone_and_it_is_nowhere(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    before = told(keyring, BOTH)
    old = salts_of(keyring.folder)
    kept = told(keyring, BOTH.filter(BOTH["scope"] == "metrics"))
    assert kept == {of: name for of, name in before.items() if of != ("ada", "achievements")}
    gone = old.pop(("ada", "achievements"))
    assert salts_of(keyring.folder) == old
    assert not holds(tmp_path, gone)
    assert all(holds(tmp_path, salt) for salt in old.values())


def test_a_consent_that_began_anew_is_another_pseudonym(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    first = told(keyring, BOB)
    old = salts_of(keyring.folder)["bob", "metrics"]
    second = told(keyring, consents(("bob", "metrics", "e9")))
    assert first.keys() == second.keys()
    assert first != second
    assert not holds(tmp_path, old)


def test_who_allows_only_aggregates_needs_no_salt(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    before = bytes_of(tmp_path)
    keyring.pseudonyms(consents(("ada", "aggregates", "e1")))
    assert bytes_of(tmp_path) == before


def test_the_forgotten_lose_every_salt_and_others_none(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    before = told(keyring, BOTH)
    old = salts_of(keyring.folder)
    assert [keyring.forget(owner) for owner in ("ada", "ada", "nobody")] == [2, 0, 0]
    assert [holds(tmp_path, old["ada", scope]) for scope in ("achievements", "metrics")] == [False, False]
    assert told(keyring, BOB).items() <= before.items()
    assert set(told(keyring, BOTH).values()) & set(before.values()) == {before["bob", "metrics"]}


def test_a_new_epoch_is_another_pseudonym_for_everyone_and_the_old_key_is_nowhere(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    before = told(keyring, BOTH)
    old = secrets_of(keyring.folder)
    rotated = keyring.rotate()
    assert [rotated.epoch, opened(tmp_path)] == [2, rotated]
    after = told(rotated, BOTH)
    assert after.keys() == before.keys()
    assert not set(after.values()) & set(before.values())
    assert [holds(tmp_path, secret) for secret in old] == [True, False, True, True, True]
    for late in (lambda: keyring.pseudonyms(BOTH), keyring.rotate):
        with pytest.raises(KeysFault, match=r"were rotated while this ran. Run again\.$"):
            late()


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("salts.json", lambda keyring: keyring.forget("ada")),
        ("salts.json", lambda keyring: keyring.pseudonyms(BOB)),
        ("epochs.json", lambda keyring: keyring.rotate()),
    ],
)
def test_the_bytes_of_a_replaced_file_are_overwritten_where_they_lay(
    tmp_path: Path, name: str, change: Callable[[Keyring], object]
) -> None:
    keyring = opened(tmp_path)
    keyring.pseudonyms(BOTH)
    same_bytes = tmp_path / "another name of the old file"
    os.link(keyring.folder / name, same_bytes)
    n_bytes = same_bytes.stat().st_size
    change(keyring)
    assert same_bytes.read_bytes() == bytes(n_bytes)
    assert opened(tmp_path).publisher == keyring.publisher


def test_owners_of_any_name_have_salts_of_their_own(tmp_path: Path) -> None:
    odd = ["", "\0", 'q"uote', "né", "ne\u0301", "🂡", "a/b", "../x"]
    shared = consents(*((name, "metrics", "e") for name in odd))
    assert len(set(told(opened(tmp_path), shared).values())) == len(odd)
    assert told(opened(tmp_path), shared) == told(opened(tmp_path), shared)
