"""What tests of transcripts share: a home, and where a session would stand."""

from pathlib import Path

import pytest

from tests.store.transcript_homes import Home
from tests.transcript_rows import SESSION


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@pytest.fixture
def session(tmp_path: Path) -> Path:
    return tmp_path / "projects" / "-home-ada-podium" / f"{SESSION}.jsonl"
