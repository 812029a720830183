"""Killed before any step on the disk, a keyring is whole for the next process, and nothing is left over."""

import json
import re
import shutil
from pathlib import Path

import pytest

from pipelines.arena.keys import Keyring
from tests.arena.keyrings import holds, opened, secrets_of, told
from tests.arena.killed_at_every_step import homes_of
from tests.arena.test_keys import BOB, BOTH

SECRET = re.compile(rb"[0-9a-f]{64}")
FILES = [".gitignore", "epochs.json", "salts.json", "signing.key"]


def written(folder: Path) -> set[str]:
    """Everything below a folder that looks like a secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {secret.decode() for path in files for secret in SECRET.findall(path.read_bytes())}


def named(home: Path) -> str | None:
    path = home / "home/arena/publisher.json"
    return json.loads(path.read_bytes())["publisher"] if path.exists() else None


def work(home: Path) -> None:
    """What is killed."""
    keyring = Keyring.open(home / "keys", home / "home")
    (home / "opened").touch()
    keyring.pseudonyms(BOTH)
    keyring.pseudonyms(BOB)
    keyring.rotate().forget("bob")


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return homes_of(__name__, tmp_path_factory.mktemp("killed"))


def test_at_no_step_could_others_read_a_secret(killed: list[Path]) -> None:
    secret = [path for home in killed for path in (home / "keys").rglob("*")]
    assert len(secret) > 3 * len(killed)
    assert [path for path in secret if path.stat().st_mode & 0o077] == []


def test_the_next_process_finds_a_whole_keyring_and_leaves_nothing_of_the_killed_one(
    killed: list[Path], tmp_path: Path
) -> None:
    assert len(killed) > 25
    epochs, n_named = [], 0
    for left in killed:
        home = tmp_path / left.name
        shutil.copytree(left, home)
        had, publisher = written(home / "keys"), named(home)
        was_used = (home / "opened").exists()
        keyring = opened(home)
        epochs.append(keyring.epoch)
        n_named += publisher is not None
        assert publisher in {keyring.publisher, None}
        assert publisher is not None or not was_used
        assert [path.name for path in (home / "keys").iterdir()] == [keyring.publisher]
        assert sorted(path.name for path in keyring.folder.iterdir()) == FILES
        assert [path.name for path in (home / "home/arena").iterdir()] == ["publisher.json"]
        assert written(home / "keys") == set(secrets_of(keyring.folder))

        told(keyring, BOTH)
        keyring = keyring.rotate()
        assert list(told(keyring, BOB)) == [("bob", "metrics")]
        assert keyring.forget("bob") == 1
        signing_key = secrets_of(keyring.folder)[0]
        assert not any(holds(home / "keys", secret) for secret in had - {signing_key})
        keyring.sign(b"")
    assert epochs == sorted(epochs)
    assert set(epochs) == {1, 2}
    assert 0 < n_named < len(killed)
