"""What is said of forgetting an owner: what it would take away, what it did, and what it cannot reach.

Not here: doing it (engines/forgetting.py).
"""

import shlex
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from pipelines.game.faults import PodiumError
from pipelines.reports.choices import Misuse, named, one_of, quoted
from pipelines.reports.machine import print_json
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen, cells
from pipelines.settings import Settings
from pipelines.store.erasure import Survey
from pipelines.store.forgotten import Forgotten
from pipelines.store.warehouse import FILE

MAX_FILES = 25  # that are shown one by one
_RUNS = Path("data/.dagster")  # where dagster.yaml keeps its records of runs
_AGAIN = (
    "Reading such a log again brings the records back: take the lines out of it first. (A file of lines that was read "
    "before and has not changed by a byte counts as known. Whatever has changed, tables and transcripts are read as "
    "new; and lines of others of which a text was blanked are then refused, with that text in quarantine.)"
)
_REFUSED = "Refused lines that do not name the owner stay: nobody can tell whose they are."
_COPIES = "Backups, snapshots, freed blocks of the disk and copies that were handed out cannot be reached."


def owner_asked(owner: str, where: Settings) -> str:
    """The id that was asked for, as the log spells ids. Raises Misuse for none, PodiumError where nothing is kept."""
    if not owner.strip():
        raise Misuse("Name an owner: an id is not empty.")
    if not (where.home / FILE).is_file():
        raise PodiumError(f"There is no warehouse in {where.home}: nothing is known of anybody there.")
    return unicodedata.normalize("NFC", owner.strip())


def known(survey: Survey) -> Survey:
    """The survey of an owner who is known. Raises Misuse, which names close matches."""
    if survey.is_known:
        return survey
    if survey.is_agent:
        raise Misuse(
            f"{quoted(survey.owner_id)} is an agent that others use, and no owner: its records are theirs. "
            f"Owners are {named(survey.owners)}."
        )
    one_of(survey.owner_id, survey.owners, "owner")
    return survey


def is_confirmed(survey: Survey, screen: Screen, *, as_json: bool) -> bool:
    """Show what would go, and ask. Raises Misuse where nobody can be asked."""
    if as_json:
        print_json(survey_for_machines(survey))
    else:
        show_survey(survey, screen)
    if as_json or not sys.stdin.isatty():
        raise Misuse("Nothing was changed: this is for good, so say --yes, or run it on a terminal and answer.")
    if typer.confirm(f"Forget {quoted(survey.owner_id)} for good?"):
        return True
    screen.say("Nothing was changed.")
    return False


def survey_for_machines(survey: Survey) -> dict[str, Any]:
    """What would go."""
    return {
        "owner_id": survey.owner_id,
        "n_records": dict(survey.n_records),
        "agents": list(survey.agents),
        "n_refused_lines": survey.n_refused,
        "n_texts_of_others": survey.n_texts,
        "n_paths": survey.n_paths,
        "logs": [{"path": path, "n_records": n} for path, n in survey.files],
    }


def show_survey(survey: Survey, screen: Screen) -> None:
    """Show what would go."""
    table = screen.table(("what", "left"), ("how many", "right"), ("what becomes of it", "left"))
    for what, n, fate in _fates(survey):
        if n:
            table.add_row(*cells([what, f"{n:,}", fate]))
    screen.say(f"Of {quoted(survey.owner_id)} is kept here:", "bold")
    screen.show(table)
    _show_logs(survey, screen)


def forgotten_for_machines(done: Forgotten) -> dict[str, Any]:
    """What was done, and what is left."""
    return {
        **survey_for_machines(done.survey),
        "generation": done.generation_id,
        "n_lines_removed": done.n_lines,
        "n_salts_dropped": done.n_salts,
        "n_conversations_deleted": done.n_conversations,
        "shown": list(done.written),
        "unfinished": list(done.unfinished),
        "still_named_in_the_warehouse": [{"place": place, "n": n} for place, n in done.named],
        "files_that_name_the_owner": [str(path) for path in done.still_naming],
        "n_bundles": done.n_bundles,
    }


def show_forgotten(done: Forgotten, where: Settings, screen: Screen) -> None:
    """Show what was done, and what cannot be reached."""
    survey = done.survey
    said = ", ".join(f"{n:,} {what}" for what, n in survey.n_records.items() if n) or "no record that counted"
    how = "in part" if done.unfinished else "for good"
    screen.say(f"{quoted(survey.owner_id)} is forgotten {how}: {said}. The warehouse is a new file.", "bold")
    if survey.agents:
        screen.say(f"Gone with them, as nobody else used them: {named(survey.agents)}.")
    if done.generation_id:
        screen.say(f"Published generation {done.generation_id}, compared with none; older ones are removed.")
    else:
        screen.say("Nothing is published: nothing is left to score, or nothing was published before.")
    for line in (*done.written, *_of_arena(done)):
        screen.say(line)
    screen.say()
    screen.say("What this cannot reach:", "bold")
    _show_logs(survey, screen)
    for line in _beyond(done, where):
        screen.say(line)


def faults(done: Forgotten, asked: str) -> Iterator[str]:
    """Why an owner is not forgotten altogether, if so; `asked`: who was to be, which may wait for an earlier one."""
    owner = quoted(done.survey.owner_id)
    yield from done.unfinished
    if done.unfinished:
        command = f"podium forget {shlex.quote(done.survey.owner_id)}"
        yield f"The forgetting of {owner} has not ended: mend that, and run `{command}` again."
        if asked != done.survey.owner_id:
            yield f"It was begun before, and {quoted(asked)} waits for it: nothing of theirs was changed."
    if done.named:
        places = ", ".join(f"{place} ({n:,})" for place, n in done.named)
        yield f"The warehouse still names {owner}, in what is not the owner's: {places}."


def _fates(survey: Survey) -> Iterator[tuple[str, int, str]]:
    for what, n in survey.n_records.items():
        yield what, n, "deleted"
    yield "agents that nobody else uses", len(survey.agents), "gone with them"
    yield "refused lines that name them", survey.n_refused, "blanked; they still count"
    yield "records of others that name them in a text", survey.n_texts, "the text is blanked"
    yield "paths of logs that name them", survey.n_paths, "the name is masked"


def _of_arena(done: Forgotten) -> Iterator[str]:
    if done.n_salts:
        yield f"{counted(done.n_salts, 'salt')} dropped: nobody can link their pseudonyms to them any more."
    if done.n_conversations:
        yield f"{counted(done.n_conversations, 'shared conversation')} deleted."
    if done.n_lines:
        yield f"{counted(done.n_lines, 'line')} of the feed of changes and of recorded consents removed."


def _beyond(done: Forgotten, where: Settings) -> Iterator[str]:
    if done.survey.files:
        yield _AGAIN
    if done.still_naming:
        files = [str(path.relative_to(where.home)) for path in done.still_naming]
        yield f"Files in {where.home} that name the owner all the same: {named(files)}."
    if _RUNS.is_dir():
        yield (
            f"Dagster's records of runs show tables with names: stop `dagster dev` and remove {_RUNS}. Podium needs "
            "none of it."
        )
    if done.n_bundles:
        yield (
            f"{counted(done.n_bundles, 'bundle')} in {where.arena / 'bundles'} may have been handed out: copies cannot "
            "be recalled. The next export asks everyone to delete what they tell of the owner, and strips the last one "
            "here of the conversations in it."
        )
    if done.survey.n_refused:
        yield _REFUSED
    yield _COPIES


def _show_logs(survey: Survey, screen: Screen) -> None:
    if not survey.files:
        return
    table = screen.table(("logs with records of the owner: they stay as they are", "left"), ("records", "right"))
    for path, n in survey.files[:MAX_FILES]:
        table.add_row(*cells([screen.cut(path, max(screen.width - 12, 20)), f"{n:,}"]))
    screen.show(table)
    if len(survey.files) > MAX_FILES:
        screen.say(f"and {len(survey.files) - MAX_FILES:,} more: --json holds all.", "dim")
