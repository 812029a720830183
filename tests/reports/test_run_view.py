"""What a run says it has published, and what it says is worth a look."""

import io
from pathlib import Path

from pipelines.reports.run_view import show_files, show_places, show_published
from pipelines.reports.terminal import screen
from pipelines.store.landing import FileReport
from pipelines.store.published import Generation
from tests.game.league import task, tried
from tests.reports.call_season import publish_calls
from tests.reports.shown_season import called, publish

SOLVED = [task("t1"), tried("s1", "ada", "t1", "2026-03-01T10:00:00Z")]
CALLED = [called("c1", "ann o'hara", "python-pro", "2026-03-02T09:00:00Z")]


def published(generation: Generation) -> str:
    output = io.StringIO()
    show_published(generation, screen(output, 400, fancy=False))
    return output.getvalue().partition(": ")[2].strip()


def suggested(home: Path) -> list[str]:
    output = io.StringIO()
    show_places(home, screen(output, 400, fancy=False))
    return [line.strip() for line in output.getvalue().partition("Next:\n")[2].splitlines()]


def test_a_season_of_submissions_tells_nothing_of_calls(tmp_path: Path) -> None:
    told = "1 submission of 1 agent, 2 awards, 2 badges, as of 2026-03-01T10:00:00Z."
    assert published(publish(tmp_path, SOLVED)) == told


def test_a_season_of_calls_tells_nothing_of_submissions(tmp_path: Path) -> None:
    told = "1 agent call, 2 awards of XP, 1 achievement, as of 2026-03-02T09:00:00Z."
    assert published(publish(tmp_path, CALLED)) == told


def test_a_season_of_both_tells_both_and_badges_are_not_achievements(tmp_path: Path) -> None:
    assert published(publish_calls(tmp_path)) == (
        "2 submissions of 2 agents, 3 awards, 2 badges, 6 agent calls, 8 awards of XP, 2 achievements, "
        "as of 2026-03-04T20:00:00Z."
    )


def test_boards_and_their_leaders_are_worth_a_look(tmp_path: Path) -> None:
    publish(tmp_path, SOLVED)
    at = f"--home {tmp_path}"
    assert suggested(tmp_path)[:2] == [f"podium board points --window week {at}", f"podium agent ada {at}"]
    assert not [line for line in suggested(tmp_path) if "xp-" in line or "podium user" in line]


def test_where_there_are_calls_so_are_those_of_xp_and_names_are_quoted_for_a_shell(tmp_path: Path) -> None:
    publish(tmp_path, CALLED)
    assert suggested(tmp_path)[:5] == [
        f"podium board xp-agent --home {tmp_path}",
        f"podium agent python-pro --home {tmp_path}",
        f"podium board xp-user --home {tmp_path}",
        f"podium user 'ann o'\"'\"'hara' --home {tmp_path}",
        f"podium recommend --user 'ann o'\"'\"'hara' --home {tmp_path}",
    ]


def told_of(files: list[FileReport], width: int = 100) -> list[str]:
    output = io.StringIO()
    show_files(files, screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines()]


def test_a_few_files_are_told_one_by_one() -> None:
    files = [FileReport(Path("a.jsonl"), "native", 3, 2, 0, 1, 0), FileReport(Path("b.jsonl"), "native", 1, 1)]
    assert [line for line in told_of(files) if not line.startswith("--")] == [
        "file kind lines accepted duplicates quarantined blank",
        "a.jsonl native 3 2 0 1 0",
        "b.jsonl native 1 1 0 0 0",
        "1 line was refused: `podium quarantine` says why.",
    ]


def test_many_files_are_told_by_their_kind_and_some_of_their_notes() -> None:
    noted = [FileReport(Path(f"{n}.jsonl"), "claude-code", 2, 2, notes=("Half a line waits.",)) for n in range(1000)]
    lines = told_of([FileReport(Path("a.jsonl"), "native", 3, 3), *noted])
    assert lines[2:5] == ["1,000 claude-code 2,000 2,000 0 0 0", "1 native 3 3 0 0 0", "0.jsonl: Half a line waits."]
    assert lines[-1] == "and 975 notes more: --json holds all."


def test_reading_nothing_new_is_said() -> None:
    assert told_of([]) == ["Nothing new was read."]
