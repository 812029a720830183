"""Writing the preview: a page for each owner, and one of everybody, into a folder that never leaves the house.

It maps names to pseudonyms, so only who runs Podium may look into it. Each page stands alone and may be handed to its
owner. Not here: what pages show (arena_preview.py, arena_preview_all.py), what is said of it (arena_preview_view.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.arena.budget import Ledger, rho_text
from pipelines.arena.leaving import Leaving
from pipelines.reports import arena_words, standalone
from pipelines.reports.arena_preview import Preview
from pipelines.reports.arena_preview_all import OwnersLine, everybody
from pipelines.reports.choices import one_of
from pipelines.reports.site.folder import MARK, Kind, replacing
from pipelines.reports.site.links import file_stem

PREVIEW = Kind("preview", "podium arena preview", 0o700, "move it away", of="week")
INDEX, OWNERS = "index.html", "owners"
N_SILENT = 200  # owners who share nothing and have a page all the same; of more, `--owner` makes it
_FILE_MODE, _FOLDER_MODE = 0o600, 0o700


@dataclass(frozen=True)
class PreviewReport:
    """What was written: where, the page to open first, and how much would leave about how many.

    `owner`: of whom alone it is, null of all; `scopes`: what that one shares. `n_due`: the releases of sums that the
    next export would draw, for `cost_micro_rho`.
    """

    out: Path
    first: Path
    week: str
    owner: str | None
    scopes: Sequence[str]
    n_pages: int
    n_owners: int
    n_sharing: int
    n_rows: int
    n_withheld: int
    n_due: int
    cost_micro_rho: int

    def for_machines(self) -> dict[str, Any]:
        """The same as plain data; of one owner without what only all have."""
        told: dict[str, Any] = {"out": str(self.out), "index": str(self.first), "week": self.week}
        told |= {"n_pages": self.n_pages, "n_rows": self.n_rows}
        if self.owner is not None:
            return {**told, "owner": self.owner, "scopes": list(self.scopes)}
        of_all = ("n_owners", "n_sharing", "n_withheld", "n_due", "cost_micro_rho")
        return told | {name: getattr(self, name) for name in of_all}


def write_preview(leaving: Leaving, ledger: Ledger, out: Path, owner: str | None = None) -> PreviewReport:
    """Write what would leave into `out`, in place of what stood there: about one owner alone, or about everybody.

    Only the account that writes it may read it. Nothing is drawn and nothing charged.

    Raises Misuse for an owner of whom nothing is known, and what `folder.replacing` raises.
    """
    preview = Preview(leaving, ledger)
    owners = preview.owners if owner is None else [one_of(owner, preview.owners, "owner")]
    with replacing(out, leaving.week, PREVIEW) as folder:
        (folder / MARK).chmod(_FILE_MODE)
        (folder / OWNERS).mkdir(_FOLDER_MODE)
        lines = [
            _owners_line(folder, preview, name, is_one_of_all=owner is None) for name in _with_a_page(preview, owners)
        ]
        if owner is None:
            shown = everybody(preview, lines)
            _write(
                folder / INDEX,
                standalone.page("arena_all.html.j2", page=shown, leaving=leaving, words=arena_words, rho=rho_text),
            )
    return PreviewReport(
        out=out,
        first=out / (INDEX if owner is None else lines[0].path),
        week=leaving.week,
        owner=None if owner is None else owners[0],
        scopes=[] if owner is None else lines[0].shared,
        n_pages=len(lines) + (owner is None),
        n_owners=len(owners),
        n_sharing=sum(name in preview.sharing for name in owners),
        n_rows=sum(line.n_rows for line in lines),
        n_withheld=preview.n_withheld,
        n_due=preview.n_due,
        cost_micro_rho=preview.cost,
    )


def _with_a_page(preview: Preview, owners: Sequence[str]) -> list[str]:
    """Whoever shares something, and the first of the others."""
    silent = [owner for owner in owners if owner not in preview.sharing]
    return sorted({*owners} - {*silent[N_SILENT:]})


def _owners_line(folder: Path, preview: Preview, owner: str, *, is_one_of_all: bool) -> OwnersLine:
    """Write the page of an owner; the line that leads to it."""
    page, path = preview.page_of(owner), f"{OWNERS}/{file_stem(owner)}.html"
    shown = {"page": page, "leaving": preview.leaving, "noise": preview.noise if page.sums else None}
    text = standalone.page(
        "arena_owner.html.j2", **shown, words=arena_words, to_all=f"../{INDEX}" if is_one_of_all else None
    )
    _write(folder / path, text)
    return OwnersLine.of(page, path)


def _write(path: Path, text: str) -> None:
    """Write a page that nobody else may read, from its first byte on."""
    path.touch(_FILE_MODE, exist_ok=False)
    path.write_bytes(text.encode())
