"""What a command has done, in a terminal and for machines: files taken in, a generation published, a sample written.

Not here: doing it.
"""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.reports.quantities import counted
from pipelines.reports.report_view import HOME_PAGE
from pipelines.reports.terminal import Screen, cells, safe
from pipelines.settings import Settings

if TYPE_CHECKING:
    from pipelines.sources.sample import SampleReport
    from pipelines.store.generation import Generation
    from pipelines.store.landing import FileReport

MAX_FILES = 25  # that are shown one by one
_COUNTS = ("n_lines", "n_accepted", "n_duplicates", "n_quarantined", "n_blank")


def files_for_machines(files: "Sequence[FileReport]") -> list[dict[str, Any]]:
    """One object a file."""
    return [
        {"path": str(file.path), "source": str(file.source), **{name: getattr(file, name) for name in _COUNTS},
         "error": file.error, "notes": list(file.notes)}
        for file in files
    ]  # fmt: skip


def show_files(files: "Sequence[FileReport]", screen: Screen, *, n_taken_on_retry: int | None = None) -> None:
    """Show what became of each file, of many the sums of each kind; what could not be read is said by the caller."""
    taken = [file for file in files if not file.error]
    if n_taken_on_retry is not None:
        screen.say(f"Of the lines from the future {n_taken_on_retry:,} are taken now.")
    elif not files:
        screen.say("Nothing new was read.")
    if not taken:
        return
    headings = [name.removeprefix("n_") for name in _COUNTS]
    is_long = len(taken) > MAX_FILES
    table = screen.table(("files" if is_long else "file", "left"), ("kind", "left"), *((h, "right") for h in headings))
    width = max(screen.width - 64, 16)
    for what, kind, held in _by_kind(taken) if is_long else [(str(file.path), file.source, [file]) for file in taken]:
        counts = [f"{sum(getattr(file, name) for file in held):,}" for name in _COUNTS]
        table.add_row(*cells([_end_of(what, width, screen), kind, *counts]))
    screen.show(table)
    notes = [f"{Path(file.path).name}: {note}" for file in taken for note in file.notes]
    for note in notes[:MAX_FILES]:
        screen.say(note)
    if len(notes) > MAX_FILES:
        screen.say(f"and {len(notes) - MAX_FILES:,} notes more: --json holds all.", "dim")
    if n := sum(file.n_quarantined for file in taken):
        screen.say(f"{_lines(n)} refused: `podium quarantine` says why.", "dim")


def _by_kind(files: "Sequence[FileReport]") -> "list[tuple[str, str, list[FileReport]]]":
    """The files of each kind together: how many they are, and the kind."""
    kinds = sorted({str(file.source) for file in files})
    together = [(kind, [file for file in files if file.source == kind]) for kind in kinds]
    return [(f"{len(held):,}", kind, held) for kind, held in together]


def run_for_machines(run_id: str, files: "Sequence[FileReport]", generation: "Generation | None") -> dict[str, Any]:
    """What a run has done; without a generation it has published nothing."""
    published = None if generation is None else published_for_machines(generation)
    return {"run_id": run_id, "files": files_for_machines(files), "published": published}


def show_run(
    files: "Sequence[FileReport]", generation: "Generation | None", screen: Screen, *, note: str | None = None
) -> None:
    """Show what a run has done; why it failed is said by the caller."""
    from pipelines.reports.gate_checks import failed_gates

    show_files(files, screen)
    if note:
        screen.say(note, "dim")
    if generation is not None:
        show_published(generation, screen)
        for gate in failed_gates(generation):
            screen.say(f"Not to be trusted on this log ({gate.name}): {gate.sentence}")


def published_for_machines(generation: "Generation") -> dict[str, Any]:
    """What was published, where."""
    manifest = generation.manifest
    return {
        "generation": generation.id,
        "path": str(generation.path),
        "as_of": manifest["as_of"],
        "rulebook": manifest["rulebook"],
        "n_rows": {name: held["n_rows"] for name, held in manifest["tables"].items()},
    }


def show_published(generation: "Generation", screen: Screen, *, is_new: bool = True) -> None:
    """Show what was published: what came of submissions, and of agent calls where there are any."""
    if not is_new:
        screen.say("Nothing has changed since it was published: logs, rules and instant are the same (see --anew).")
    n_rows = {name: held["n_rows"] for name, held in generation.manifest["tables"].items()}
    calls, trophies = n_rows.get("agent_calls", 0), n_rows["badges"]
    achievements = generation.table("badges").filter(subject_type="user").collect().height if calls else 0
    of_submissions = [
        f"{counted(n_rows['submissions'], 'submission')} of {counted(n_rows['streaks'], 'agent')}",
        counted(n_rows["points_ledger"], "award"),
        counted(trophies - achievements, "badge"),
    ]
    of_calls = [
        counted(calls, "agent call"),
        counted(n_rows.get("xp_ledger", 0), "award of XP", "awards of XP"),
        counted(achievements, "achievement"),
    ]
    told = [*(of_submissions if n_rows["submissions"] or not calls else []), *(of_calls if calls else [])]
    screen.say(f"Published generation {generation.id}: {', '.join(told)}, as of {generation.manifest['as_of']}.")


def show_places(home: Path, screen: Screen) -> None:
    """Show where everything of the demo is, and what to try next."""
    from pipelines.store.shelf import DATABASE, MANIFEST, pointer_of
    from pipelines.store.warehouse import FILE

    published, shown = pointer_of(home), Settings(home)
    option = f" --home {shlex.quote(str(home))}"
    screen.say()
    grid = screen.table(("where", "left"), ("what", "left"))
    for folder, what in (
        (shown.report / HOME_PAGE, "the report: open it in a browser"),
        (shown.exports, "boards as files"),
    ):
        if folder.exists():
            grid.add_row(*cells([folder, what]))
    grid.add_row(*cells([f"{published}/", f"every table as Parquet, and {MANIFEST}"]))
    grid.add_row(*cells([published / DATABASE, "all of them for any DuckDB client"]))
    grid.add_row(*cells([home / FILE, "the facts; only runs open it"]))
    screen.show(grid)
    screen.say()
    screen.say("Next:", "bold")
    for command in (*_worth_a_look(home), "podium quarantine", 'podium sql "FROM badges ORDER BY earned_at"'):
        screen.say(f"  {command}{option}")
    screen.say("  podium run YOUR-LOGS.jsonl")


def _worth_a_look(home: Path) -> list[str]:
    """Boards and whoever leads them: of submissions, and of agent calls where there are any."""
    from pipelines.store.generation import Generation

    generation = Generation.open(home)
    solver, called, caller = (_leader(generation, board) for board in ("points", "xp-agent", "xp-user"))
    commands = []
    if solver or not called:
        commands += ["podium board points --window week", f"podium agent {solver or 'AGENT'}"]
    if called:
        commands += ["podium board xp-agent", f"podium agent {called}"]
    if caller:
        commands += ["podium board xp-user", f"podium user {caller}", f"podium recommend --user {caller}"]
    return commands


def _leader(generation: "Generation", board: str) -> str | None:
    """The first on a board, as a shell takes the name; None where it has no entry."""
    names = generation.table("leaderboards").filter(board=board, window="all").head(1).collect()["subject_id"]
    return shlex.quote(names[0]) if len(names) else None


def sample_for_machines(report: "SampleReport") -> dict[str, Any]:
    """What is in a sample season."""
    return {
        "out": str(report.out),
        "files": [{"name": f.name, "n_lines": f.n_lines, "n_bytes": f.n_bytes} for f in report.files],
        "n_records": report.n_records,
        "n_duplicates": report.n_duplicates,
        "n_blank": report.n_blank,
        "refused": [{"file": r.file, "line": r.line, "reason": str(r.reason)} for r in report.refused],
        "last_at": report.last_at,
    }


def show_sample(report: "SampleReport", screen: Screen) -> None:
    """Show what is in a sample season."""
    table = screen.table(("file", "left"), ("lines", "right"), ("bytes", "right"))
    for file in report.files:
        table.add_row(*cells([file.name, f"{file.n_lines:,}", f"{file.n_bytes:,}"]))
    screen.show(table)
    screen.say(
        f"{report.n_records:,} records, {report.n_duplicates:,} duplicates, {len(report.refused):,} lines broken on "
        f"purpose and {report.n_blank:,} blank in {report.out}. Play it: podium run {report.out}"
    )


def _lines(n: int) -> str:
    return "1 line was" if n == 1 else f"{n:,} lines were"


def _end_of(path: str, width: int, screen: Screen) -> str:
    """A path that is too long keeps its end, where files differ."""
    shown = safe(path)
    return shown if len(shown) <= width else screen.signs.more + shown[-(width - len(screen.signs.more)) :]
