"""The two seasons that exports are made of here, each published once."""

import pytest

from pipelines.reports.reading import Reading
from tests.reports.exports import boards


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return boards.small(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    return boards.hostile(tmp_path_factory.mktemp("hostile"))
