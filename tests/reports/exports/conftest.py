"""The two seasons that exports are made of here, each published once."""

from pathlib import Path

import pytest

from pipelines.reports.reading import Reading
from pipelines.settings import settings
from tests.reports.exports import boards


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("small")
    boards.small(home)
    return home


@pytest.fixture(scope="session")
def small(small_home: Path) -> Reading:
    return Reading.open(settings(small_home))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return boards.hostile(tmp_path_factory.mktemp("hostile"))
