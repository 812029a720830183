"""What the checkup says of each source of logs, and what that means for the numbers."""

import io
from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.checkup import checkup
from pipelines.reports.checkup_view import for_machines, show_checkup
from pipelines.reports.findings import Finding
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.game.league import instant
from tests.reports.shown_season import called, publish

SEASON = [called("c1", "ann", "python-pro", "2026-03-02T09:00:00Z")]
NATIVE: dict[str, Any] = {
    "source": "native", "n_files": 2, "n_unreadable_files": 0, "n_lines": 1200, "n_quarantined": 0, "n_calls": 10,
    "n_pending_calls": None, "n_runs": None, "attributed_share": None, "derived_success_share": 0.0, "n_messages": None,
    "input_tokens": None, "output_tokens": None, "cache_read_tokens": None, "cache_creation_tokens": None,
    "low_reliability_token_share": None, "first_at": None, "last_at": None,
}  # fmt: skip
TRANSCRIPTS = {
    **NATIVE, "source": "claude_code", "n_files": 1, "n_quarantined": 3, "n_unreadable_files": 1, "n_pending_calls": 2,
    "n_runs": 40, "attributed_share": 0.95, "derived_success_share": 0.97, "n_messages": 500,
    "low_reliability_token_share": 0.125, "first_at": instant("2026-03-01T09:00:00Z"),
    "last_at": instant("2026-03-02T09:00:00Z"),
}  # fmt: skip
CLEAN = {**TRANSCRIPTS, "n_unreadable_files": 0, "n_pending_calls": 0, "attributed_share": 1.0,
         "derived_success_share": 0.0, "low_reliability_token_share": 0.0}  # fmt: skip


def row(row_type: str, n_rows: int, *, is_known: bool) -> dict[str, Any]:
    return {"source": "claude_code", "row_type": row_type, "is_known": is_known, "n_rows": n_rows}


def findings(home: Path, *sources: dict[str, Any], rows: tuple[dict[str, Any], ...] = ()) -> list[Finding]:
    publish(home, SEASON, data_quality=list(sources), row_types=list(rows))
    return [finding for finding in checkup(settings(home)) if finding.source]


def sentences(home: Path, source: dict[str, Any], check: str) -> list[tuple[str, str]]:
    return [(found.mark, found.sentence) for found in findings(home, source) if found.check == check]


def test_each_source_says_what_was_read_of_it(tmp_path: Path) -> None:
    found = findings(tmp_path, TRANSCRIPTS, NATIVE)
    span = "from 2026-03-01T09:00:00Z to 2026-03-02T09:00:00Z"
    assert [(f.source, f.mark, f.sentence) for f in found if f.check == "read"] == [
        ("claude_code", "ok", f"Read: 1 file, 1,200 lines, 3 refused, 10 calls, 40 runs, 500 messages, {span}."),
        ("native", "ok", "Read: 2 files, 1,200 lines, 10 calls."),
    ]


WEAKER = {
    "unreadable files": "Files that could not be read when last tried: 1. What they hold is in no number.",
    "attributed runs": (
        "5.0 % of the runs of sub-agents belong to no known call: they earn nothing, and their agents look less busy "
        "than they are."
    ),
    "pending calls": "Calls of which no end is known yet: 2. They count nowhere until it is read.",
    "derived success": (
        "Success of 97.0 % of calls is derived from how the run ended, not judged: shares of success say how often "
        "runs end well, not how often the work was right."
    ),
    "token counts": (
        "12.5 % of the output tokens stand in messages whose end was never written down: output tokens, and tokens per "
        "success, are likely too low."
    ),
}


@pytest.mark.parametrize(("check", "sentence"), WEAKER.items())
def test_what_makes_numbers_weaker_wants_attention_and_says_how(tmp_path: Path, check: str, sentence: str) -> None:
    assert sentences(tmp_path, TRANSCRIPTS, check) == [("attention", sentence)]


def test_a_source_without_such_faults_has_nothing_to_look_at(tmp_path: Path) -> None:
    assert [(f.check, f.mark) for f in findings(tmp_path, CLEAN)] == [
        ("read", "ok"), ("attributed runs", "ok"), ("derived success", "ok"), ("token counts", "ok"),
    ]  # fmt: skip


def test_what_a_source_does_not_tell_is_not_spoken_of(tmp_path: Path) -> None:
    silent = {**NATIVE, "n_calls": None, "derived_success_share": None}
    assert [f.check for f in findings(tmp_path, silent)] == ["read"]


@pytest.mark.parametrize(
    ("share", "part"),
    [
        (1.0, "Success of all calls is"), (0.9999, "Success of over 99.9 % of calls is"),
        (0.0001, "Success of under 0.1 % of calls is"), (0.5, "Success of 50.0 % of calls is"),
    ],
)  # fmt: skip
def test_a_share_is_neither_nothing_nor_all_unless_it_is(tmp_path: Path, share: float, part: str) -> None:
    ((_, sentence),) = sentences(tmp_path, {**NATIVE, "derived_success_share": share}, "derived success")
    assert sentence.startswith(part)


def test_rows_of_unknown_types_are_counted_by_type_the_most_first(tmp_path: Path) -> None:
    rows = (row("user", 900, is_known=True), row("aside", 3, is_known=False), row("\x1b[31mhue", 40, is_known=False))
    found = findings(tmp_path, CLEAN, NATIVE, rows=tuple(sorted(rows, key=lambda r: r["row_type"])))
    (unknown,) = [f for f in found if f.check == "unknown rows"]
    assert (unknown.source, unknown.mark, unknown.details) == (
        "claude_code", "attention", ("\x1b[31mhue: 40", "aside: 3"),
    )  # fmt: skip
    assert unknown.sentence == (
        "Rows of types that Podium does not know: 43 (2 types). They are counted and passed over: whatever they tell "
        "is in no number."
    )


def test_each_source_has_a_section_and_what_is_broken_stands_last(tmp_path: Path) -> None:
    found = [
        Finding("lines", "broken", "Lines do not add up."),
        Finding("freshness", "ok", "All is fresh."),
        Finding("read", "ok", "Read: 1 file.", (), "claude_code"),
        Finding("unknown rows", "attention", "Rows of \x1b types.", ("\x1b[31mhue: 40",), "claude_code"),
        Finding("read", "ok", "Read: 2 files.", (), "native"),
    ]
    output = io.StringIO()
    show_checkup(found, screen(output, 60, fancy=False))
    assert [line.rstrip() for line in output.getvalue().splitlines()] == [
        "",
        "ok All is fresh.",
        "",
        "Source claude_code",
        "ok Read: 1 file.",
        r" ! Rows of \x1b types.",
        r"     \x1b[31mhue: 40",
        "",
        "Source native",
        "ok Read: 2 files.",
        " x Lines do not add up.",
        "",
        "1 broken, 1 to look at.",
    ]
    assert for_machines(found)[2]["source"] == "claude_code"


def test_a_season_published_without_these_tables_is_not_broken(tmp_path: Path) -> None:
    import json

    generation = publish(tmp_path, SEASON)
    manifest = generation.path / "manifest.json"
    told = json.loads(manifest.read_text())
    told["tables"].pop("row_types", None)
    manifest.write_text(json.dumps(told))
    assert [f for f in checkup(settings(tmp_path)) if f.source or f.check == "quality"] == []
