"""PNG and PDF through a real Chromium, launched once for each; and sentences where there is none."""

import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from pipelines.game.faults import PodiumError
from pipelines.reports.choices import Misuse
from pipelines.reports.exports import formats
from pipelines.reports.exports.browser import NoBrowser
from pipelines.reports.exports.formats import write_export
from pipelines.reports.reading import Reading
from pipelines.settings import browser
from tests.reports.exports.boards import HOSTILE, page

needs_browser = pytest.mark.skipif(browser() is None, reason="there is no Chromium on the path")


@needs_browser
def test_a_picture_is_twice_its_thousand_pixels_wide_and_whole(small: Reading, tmp_path: Path) -> None:
    write_export(page(small, form="png"), "png", tmp_path / "b.png")
    made = (tmp_path / "b.png").read_bytes()
    assert made[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", made[16:24])
    assert (width, height) == (2000, 2 * (206 + 3 * 42 + 2 * 26 + 18))
    assert len(made) > 30_000  # more than a blank page
    assert [path.name for path in tmp_path.iterdir()] == ["b.png"]


@needs_browser
def test_a_pdf_holds_the_whole_board_and_says_when_it_was_made_by_the_season(hostile: Reading, tmp_path: Path) -> None:
    write_export(page(hostile, form="pdf"), "pdf", tmp_path / "b.pdf")
    made = (tmp_path / "b.pdf").read_bytes()
    assert made.startswith(b"%PDF-")
    assert set(re.findall(rb"\((D:\d+)", made)) == {b"D:20260302102100"}
    assert not re.search(rb"/(JavaScript|JS|URI|Launch)\b", made)
    if shutil.which("pdftotext"):
        text = subprocess.run(["pdftotext", "-layout", tmp_path / "b.pdf", "-"], capture_output=True).stdout.decode()
        plain = [name for name in HOSTILE if name.isascii() and len(name) < 40]
        assert [name for name in plain if name not in text] == []
        assert "Points" in text


def test_without_a_browser_a_sentence_says_what_to_do(
    small: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODIUM_CHROMIUM", "/there/is/none")
    for form in ("png", "pdf"):
        with pytest.raises(NoBrowser, match="made by Chromium, which was not found"):
            write_export(page(small, form=form), form, tmp_path / "b")
    assert list(tmp_path.iterdir()) == []


def test_a_browser_that_makes_nothing_is_told(small: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_CHROMIUM", "/bin/false")
    with pytest.raises(PodiumError, match="/bin/false made no PNG"):
        write_export(page(small, form="png"), "png", tmp_path / "b.png")


def test_a_browser_that_never_ends_is_ended(small: Reading, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nsleep 60\n")
    slow.chmod(0o755)
    monkeypatch.setenv("PODIUM_CHROMIUM", str(slow))
    monkeypatch.setattr("pipelines.reports.exports.browser.TIMEOUT_S", 0.2)
    with pytest.raises(PodiumError, match="took longer than"):
        write_export(page(small, form="pdf"), "pdf", tmp_path / "b.pdf")


def test_a_picture_larger_than_browsers_draw_is_refused(hostile: Reading, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "MAX_IN_PNG", 3)
    with pytest.raises(Misuse, match="A PNG holds 3 entries at the most"):
        write_export(page(hostile, form="png"), "png", Path("never.png"))
