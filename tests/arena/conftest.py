"""What tests of bundles share: a whole bundle to change."""

import shutil
from pathlib import Path

import pytest

from pipelines.arena.bundle import write_bundle
from pipelines.arena.keys import Keyring
from tests.arena.bundles import keyring, small_contents


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Keyring]:
    """A whole bundle, and the keys it is signed with."""
    home = tmp_path_factory.mktemp("origin")
    keys = keyring(home)
    return write_bundle(home / "bundles", small_contents(home), keys).path, keys


@pytest.fixture
def bundle(origin, tmp_path) -> Path:
    return Path(shutil.copytree(origin[0], tmp_path / "bundle"))
