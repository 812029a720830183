"""Forgetting an owner: the steps in their order, each of which may be done again.

Until the new warehouse takes its name nothing is changed but for a file `.forgetting`, which says who is to be
forgotten; from then on the owner is gone from the facts, and whatever a kill left undone is done by the next
`podium forget`. Here too: publishing the season without them, which is not compared with the one before, for its
changes would name them. Not here: the new warehouse (store/erasure.py), report and exports
(reports/shown_anew.py), what is said (reports/forget_view.py).
"""

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pipelines.arena import bundles_folder, conversations
from pipelines.arena.keys import PUBLISHER, Keyring
from pipelines.arena.leaving import PREVIEW
from pipelines.engines.local import Progress, quiet
from pipelines.engines.recompute import NothingToScore, recompute
from pipelines.game.faults import PodiumError
from pipelines.store import erasure, erasure_lines
from pipelines.store.durable import disk_faults, replaced, sync
from pipelines.store.erasure import Survey
from pipelines.store.forgotten import MARK, Forgotten, Played
from pipelines.store.shelf import clear, prune
from pipelines.store.warehouse import SCRATCH

ARENA = "arena"
Shown = Callable[[], tuple[str, ...]]
Vanished = Mapping[str, Sequence[str]]


def pending(home: Path) -> str | None:
    """The owner whose forgetting was begun and did not end."""
    begun = _begun(home)
    return begun["survey"]["owner_id"] if begun else None


def look(home: Path, owner_id: str) -> Survey:
    """What forgetting an owner means; of one whose forgetting was begun, what it meant then. Needs the run lock.

    Raises NotForgettable, and as for `Warehouse.open`.
    """
    found, begun = erasure.survey(home, owner_id), _begun(home)
    if begun is None or begun["survey"]["owner_id"] != owner_id or _is_there(found):
        return found
    held = begun["survey"]
    files = tuple((str(path), int(n)) for path, n in held["files"])
    return Survey(**{**held, "agents": tuple(held["agents"]), "files": files, "owners": found.owners})


def forget(
    home: Path,
    survey: Survey,
    played: Played | None,
    keys: Callable[[], Path],
    show: Shown = tuple,
    progress: Progress = quiet,
) -> Forgotten:
    """Forget the owner of whom `look` told. Needs the run lock.

    `played`: None where nothing is published. `keys`: says, if it is asked, where the keys of the arena lie. `show`
    writes report and exports anew. Raises DiskFault, and as for `Warehouse.open` and `recompute`: if `pending` then
    names the owner, another call ends what this one began.
    """
    owner_id = survey.owner_id
    progress("writing the warehouse anew", 0, 1)
    vanished = _forget_facts(home, survey)
    n_salts, n_conversations, unfinished = _forget_in_arena(home, owner_id, keys)
    n_lines = erasure_lines.forget_consents(home, owner_id)
    generation_id, held = _publish(home, played, progress)
    n_lines += erasure_lines.forget_changes(home, owner_id, vanished)
    written = show()
    _clear(home / SCRATCH)
    unfinished += held
    progress("looking for what is left", 0, 1)
    named = tuple(erasure.left_of(home, owner_id))
    if not unfinished:
        with disk_faults("Ending the forgetting", home):
            (home / MARK).unlink(missing_ok=True)
            sync(home)
    return Forgotten(
        survey,
        generation_id,
        n_lines,
        n_salts,
        n_conversations,
        written,
        tuple(unfinished),
        named,
        tuple(path for path in erasure_lines.files_that_name(home, owner_id) if path.name != MARK),
        len([path for path in (home / ARENA / bundles_folder.FOLDER).glob("[0-9]*") if path.is_dir()]),
    )


def _is_there(survey: Survey) -> bool:
    return bool(sum(survey.n_records.values()) or survey.n_refused or survey.owner_id in survey.owners)


def _forget_facts(home: Path, survey: Survey) -> Vanished:
    """Put a warehouse without the owner in place, unless that was done before; the ids that went along."""
    begun = _begun(home)
    before: Vanished = begun["vanished"] if begun and begun["survey"]["owner_id"] == survey.owner_id else {}
    now = erasure.write_anew(home, survey.owner_id)
    vanished = {who: sorted({*ids, *before.get(who, ())}) for who, ids in now.items()}
    told = json.dumps({"survey": asdict(replace(survey, owners=())), "vanished": vanished})
    with disk_faults("Beginning the forgetting", home):
        with replaced(home / MARK) as half:
            half.write_text(told, "utf-8")
        sync(home)
    erasure.put_in_place(home)
    return vanished


def _begun(home: Path) -> dict[str, Any] | None:
    path = home / MARK
    if not path.exists():
        return None
    try:
        begun: dict[str, Any] = json.loads(path.read_text("utf-8"))
    except ValueError:
        raise PodiumError(f"{path} is damaged: remove it, and forget whoever was to be forgotten again.") from None
    return begun


def _forget_in_arena(home: Path, owner_id: str, keys: Callable[[], Path]) -> tuple[int, int, list[str]]:
    """Salts dropped, conversations deleted, and why not all of it; the preview goes, which shows each owner's part."""
    arena, n_salts, unfinished = home / ARENA, 0, []
    if (arena / PUBLISHER).exists():
        try:
            n_salts = Keyring.open(keys(), home).forget(owner_id)
        except PodiumError as fault:
            unfinished.append(f"The salts of the owner were not dropped: {fault}")
    n_conversations = conversations.forget(arena / conversations.FOLDER, owner_id)
    with disk_faults("Removing the preview", arena):
        for folder in (arena / PREVIEW, *arena.glob(f".{PREVIEW}.*")):
            if folder.is_dir():
                shutil.rmtree(folder)
    return n_salts, n_conversations, unfinished


def _publish(home: Path, played: Played | None, progress: Progress) -> tuple[str | None, list[str]]:
    """Publish the season anew and remove all older ones: its id, and sentences on those that somebody holds open."""
    generation_id = None
    if played is not None:
        try:
            generation, _ = recompute(home, played.rules, played.as_of, anew=True, compared=False, progress=progress)
        except NothingToScore:
            pass
        else:
            generation.close()
            generation_id = generation.id
    with disk_faults("Removing old generations", home):
        left = prune(home, 0) if generation_id else clear(home)
    return generation_id, [
        f"The generation {path.name} is open in another process and still tells of the owner: close whatever reads it."
        for path in left
        if path.name != generation_id
    ]


def _clear(folder: Path) -> None:
    """Empty a folder of things that no run needs after its end."""
    with disk_faults("Clearing the scratch folder", folder):
        for path in folder.iterdir() if folder.is_dir() else ():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
