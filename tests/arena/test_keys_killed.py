"""Killed before any step on the disk, a keyring is whole for the next process, and nothing is left over."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.arena.keyrings import holds, opened, secrets_of, told
from tests.arena.test_keys import BOB, BOTH

# A process of its own for every step: killed before the step-th change of a file or folder, or before a file that was
# just made is written. No rights are taken away by the umask, so that the modes are those that were asked for.
KILLED_AT_EVERY_STEP = """
import os, signal, sys
from pathlib import Path
from pipelines.arena.keys import Keyring
from tests.arena.test_keys import BOB, BOTH

root = Path(sys.argv[1])
CHANGES = {"os.mkdir", "os.rename", "os.link", "os.remove", "os.chmod"}

def work(home):
    keyring = Keyring.open(home / "keys", home / "home")
    (home / "opened").touch()
    keyring.pseudonyms(BOTH)
    keyring.pseudonyms(BOB)
    keyring.rotate().forget("bob")

def killed_at(step, home):
    n_steps = 0
    def watch(event, args):
        nonlocal n_steps
        is_change = event in CHANGES or event == "open" and (isinstance(args[0], int) or args[2] & os.O_ACCMODE > 0)
        n_steps += is_change
        if is_change and n_steps == step:
            os.kill(os.getpid(), signal.SIGKILL)
    sys.addaudithook(watch)
    work(home)
    os._exit(0)

os.umask(0)
for step in range(1, 200):
    home = root / f"{step:03}"
    home.mkdir()
    child = os.fork()
    if child == 0:
        killed_at(step, home)
    ended = os.waitpid(child, 0)[1]
    if ended == 0:
        break
    assert os.WIFSIGNALED(ended) and os.WTERMSIG(ended) == signal.SIGKILL, (step, ended)
"""
SECRET = re.compile(rb"[0-9a-f]{64}")
FILES = [".gitignore", "epochs.json", "salts.json", "signing.key"]


def written(folder: Path) -> set[str]:
    """Everything below a folder that looks like a secret."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {secret.decode() for path in files for secret in SECRET.findall(path.read_bytes())}


def named(home: Path) -> str | None:
    path = home / "home/arena/publisher.json"
    return json.loads(path.read_bytes())["publisher"] if path.exists() else None


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Homes and keys as killed processes left them, in the order of the steps; the last one was not killed."""
    root = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "-c", KILLED_AT_EVERY_STEP, str(root)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd=Path(__file__).parents[2])
    assert ended.returncode == 0, ended.stderr
    return sorted(root.iterdir())


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
