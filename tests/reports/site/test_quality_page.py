"""The page on the data: what was read and refused, what is not sure yet, and what made the season."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.game.records import Reason
from pipelines.game.tables import TABLES
from pipelines.reports.site import quality_pages
from pipelines.reports.site.quality_pages import MAX_RAW, N_REFUSED, REASONS
from tests.game.calls import NO_BOARDS
from tests.game.league import instant, rules, task, tried
from tests.reports.shown_season import publish
from tests.reports.site.rendered import held_of, pages_of, words

RULES = rules(board=NO_BOARDS)
HOSTILE = "<img src=x onerror=alert(1)>"
AT = instant("2026-03-03T10:00:00Z")
SEASON = [
    task("a", points=60),
    tried("s0", "early", "a", "2026-03-01T09:00:00Z", "pending"),
    tried("s1", "x", "a", "2026-03-01T10:00:00Z"),
    tried("s2", "x", "unknown", "2026-03-01T11:00:00Z"),
]


def reading_of(path: str, **counts: int) -> dict[str, Any]:
    """A row of `ingested_files`."""
    held = {"n_accepted": 0, "n_duplicates": 0, "n_quarantined": 0, "n_blank": 0, **counts}
    plain = {"source": "native", "content_sha256": "0", "n_bytes": 1, "ingested_at": AT}
    return {"path": path, **plain, "n_lines": sum(held.values()), **held}


def refused(path: str, line: int, reason: str, raw: str) -> dict[str, Any]:
    """A row of `quarantine`."""
    told = {"byte_offset": 0, "sentence": "`at` is wrong.", "ingested_at": AT}
    return {"path": path, "line": line, "reason": reason, "raw": raw, **told}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    figures = {"n_files": 2, "n_unreadable_files": 1, "n_lines": 7, "n_quarantined": 2}
    shares = {"derived_success_share": 0.25, "low_reliability_token_share": 0.5}
    source = {**dict.fromkeys(TABLES["data_quality"].schema), "source": "native", **figures, **shares}
    season = publish(
        tmp_path_factory.mktemp("quality"),
        SEASON,
        rules=RULES,
        files=[
            reading_of("/home/somebody/logs/one.jsonl", n_accepted=4, n_quarantined=2, n_blank=1),
            reading_of(f"logs/{HOSTILE}.jsonl", n_accepted=1, n_duplicates=3),
        ],
        quarantine=[
            refused("/home/somebody/logs/one.jsonl", 2, "not_json", f"{HOSTILE}\u202e\x1b" + "y" * 500),
            refused("/home/somebody/logs/one.jsonl", 3, "bad_timestamp", "{}"),
        ],
        data_quality=[source],
        row_types=[{"source": "native", "row_type": "diary", "is_known": False, "n_rows": 3}],
    )
    once, twice = (pages_of(quality_pages.pages, held_of(season, RULES))["quality.html"] for _ in range(2))
    assert once == twice
    return once


def test_lines_are_accounted_for_and_what_is_not_sure_is_counted(page: str) -> None:
    told = words(page)
    assert "files 2 lines read 11 lines refused 18.2 % 2" in told
    assert "unresolved submissions of tasks not known yet 1" in told
    assert "provisional points hang on pending verdicts 5" in told
    assert "one.jsonl native 3 Mar 2026, 10:00 7 4 0 2 1" in told
    assert f"{HOSTILE}.jsonl native 3 Mar 2026, 10:00 4 1 3 0 0" in told


def test_findings_tell_what_to_know_of_the_season_and_of_each_source(page: str) -> None:
    told = words(page)
    assert "look Tasks with points outside the range of their difficulty, which earn its nearest end: 1. a: 60" in told
    assert "look Awards that a pending verdict can still take away: 1." in told
    assert "fine Lines read: 11, files: 2; each line is accounted for." in told
    source = told.partition("native Files ")[2]
    assert source.startswith(
        "2 Files that could not be read 1 Distinct lines 7 Refused among them 2 Calls whose success"
    )
    assert "Success of 25.0 % of calls is derived" in source
    assert "50.0 % of the output tokens" in source
    assert "Rows of types that Podium does not know: 3 (1 type)." in source
    assert "diary: 3" in source


def test_a_refused_line_is_shown_inert_and_cut_with_its_reason(page: str) -> None:
    told = words(page)
    raw = f"{HOSTILE}\\u202e\\x1b"
    assert f"one.jsonl not_json 2 at is wrong. {raw}{'y' * (MAX_RAW - len(raw))}…" in told
    assert f"bad_timestamp {REASONS['bad_timestamp']} 1" in told
    assert "<img" not in page
    assert "\u202e" not in page


def test_files_are_named_without_the_folders_that_they_lie_in(page: str) -> None:
    assert "one.jsonl" in words(page)
    assert "/home" not in page


def test_the_season_says_what_it_is_made_of(page: str) -> None:
    told = words(page)
    assert f"Rulebook {RULES.fingerprint} Time zone UTC Clock of submissions submitted_at Generation" in told
    assert "tasks 1 submissions 3 agent_calls 0" in told


def test_every_reason_of_the_input_contract_has_its_sentence() -> None:
    assert set(REASONS) == {reason.value for reason in Reason}


def test_of_many_refused_lines_some_of_every_reason_are_shown() -> None:
    many = [refused("f", n, "not_json", f"raw-{n}") for n in range(1, N_REFUSED + 10)]
    last = refused("z", 1, "oversized", "the last")
    schema = {**TABLES["quarantine"].schema, "ingested_at": pl.Int64()}
    shown = quality_pages.refused(pl.DataFrame([*many, last], schema=schema))
    assert [row["raw"] for row in shown] == [*(f"raw-{n}" for n in range(1, N_REFUSED)), "the last"]


def test_a_season_of_which_no_file_is_told_has_a_page_too(tmp_path: Path) -> None:
    season = publish(tmp_path, SEASON, rules=RULES)
    told = words(pages_of(quality_pages.pages, held_of(season, RULES))["quality.html"])
    assert "lines read 0 lines refused 0" in told
    assert "Lines that were refused" not in told
