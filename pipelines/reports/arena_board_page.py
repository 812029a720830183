"""Merging bundles into a folder: a table of the arena a file, as JSON Lines, and one page that shows them.

The folder is replaced whole, then the memory of the arena is written: killed in between, the next merge takes the same
bundles in again. Not here: merging (arena/merge.py), what the page shows (arena_board.py), its looks
(site/templates/arena_board.html.j2).
"""

import re
from collections.abc import Sequence
from pathlib import Path

from pipelines.arena.arena_tables import ARENA_TABLES
from pipelines.arena.known import held, read_known, write_known
from pipelines.arena.merge import Merged, merge
from pipelines.arena.rows import as_lines
from pipelines.arena.tables import PSEUDONYM
from pipelines.reports import arena_board, standalone
from pipelines.reports.choices import N_NAMED, Misuse, quoted
from pipelines.reports.site.folder import Kind, replacing

ARENA = Kind("board", "podium arena merge", of="tables")
PAGE, TEMPLATE = "arena.html", "arena_board.html.j2"


def merge_to(bundles: Sequence[Path], out: Path, known: Path | None = None, publishers: Path | None = None) -> Merged:
    """Merge bundles into the folder `out`, in place of what stood there, and remember in `known` what was learnt.

    `publishers`: a file that lists who is taken, an id in each line. What is refused is said in what is returned, and
    the rest is written all the same.

    Raises Misuse: a list that holds something else, or a memory that would lie in `out`; NoBundle, KnownBusy,
    KnownDamaged, DiskFault and what `folder.replacing` raises.
    """
    if known is not None and out.resolve() in known.resolve().parents:
        raise Misuse(f"{quoted(str(out))} is replaced whole, so --known must lie elsewhere.")
    listed = None if publishers is None else _listed(publishers)
    if known is None:
        return _written(merge(bundles, None, listed), out)
    with held(known):
        merged = _written(merge(bundles, read_known(known), listed), out)
        write_known(known, merged.known)
    return merged


def _written(merged: Merged, out: Path) -> Merged:
    with replacing(out, merged.fingerprint, ARENA) as folder:
        for table in ARENA_TABLES:
            (folder / f"{table}.jsonl").write_bytes(as_lines(merged.tables[table]))
        (folder / PAGE).write_text(page_text(merged), "utf-8")
    return merged


def page_text(merged: Merged) -> str:
    """The page, as one file that needs no other."""
    return standalone.page(
        TEMPLATE,
        page=arena_board.ArenaPage(merged),
        arena=arena_board,
        most_agents=arena_board.MOST_AGENTS,
        most_holdings=arena_board.MOST_HOLDINGS,
        most_named=N_NAMED,
    )


def _listed(path: Path) -> list[str]:
    """The publishers that a file lists; empty lines and those that begin with # say nothing."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        why = fault.strerror if isinstance(fault, OSError) else "it is not UTF-8"
        raise Misuse(f"{path} cannot be read: {why}.") from None
    listed = []
    for n, line in enumerate(lines, 1):
        said = line.partition("#")[0].strip()
        if said and not re.fullmatch(PSEUDONYM, said):
            raise Misuse(f"{path}, line {n}: {quoted(said)} is no publisher's id, which has 32 hexadecimal digits.")
        listed += [said] if said else []
    return listed
