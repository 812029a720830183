"""What the commands of the arena say they have done: a bundle written or checked, keys rotated, a conversation shared.

For people on a terminal, and as plain data. Not here: doing it (arena/, engines/sharing.py), asking before a
conversation is shared (arena_sharing.py), the budget (arena_budget_view.py), what an arena makes of bundles
(arena_board_view.py).
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pipelines.arena.budget import rho_text
from pipelines.arena.consents import ACHIEVEMENTS, AGGREGATES, CONVERSATIONS, METRICS
from pipelines.arena.tables import BUNDLE_TABLES, PRODUCTS, TOMBSTONES, WITHHELD
from pipelines.reports.arena_words import grant, preview
from pipelines.reports.columns import column, table_of
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen

if TYPE_CHECKING:
    from pipelines.arena.bundle import Written
    from pipelines.arena.conversations import Shared
    from pipelines.arena.keys import Keyring
    from pipelines.arena.leaving import Leaving
    from pipelines.arena.verify import Bundle
    from pipelines.reports.arena_sharing import SharedFile

OUT_IS_OUT = "Copies that are already out cannot be recalled."
_SAID = (  # of a manifest, in the order in which machines are told
    "format", "publisher", "sequence", "previous", "epoch", "week", "rulebook", "policy", "k", "count_grain",
    "score_grain", "micro_rho_spent", "micro_rho_budget", "epsilon", "delta", "tables",
)  # fmt: skip


class Exported(Protocol):
    """What came of an export: the bundle, what was about to leave, and how many older bundles lost their tables."""

    @property
    def written(self) -> "Written":
        """The bundle."""

    @property
    def leaving(self) -> "Leaving":
        """What it speaks of, and of whom."""

    @property
    def n_stripped(self) -> int:
        """Older bundles of which only manifest and signature are kept since."""


def exported_for_machines(exported: Exported) -> dict[str, Any]:
    """Where the bundle is, whether it is new, what it holds, how many people share what, and what is withheld."""
    written = exported.written
    return {
        "path": str(written.path),
        "is_new": written.is_new,
        **_said(written.manifest),
        "n_owners": _sharing(exported.leaving),
        "withheld": exported.leaving.tables[WITHHELD.name].to_dicts(),
        "n_stripped": exported.n_stripped,
    }


def show_exported(exported: Exported, screen: Screen) -> None:
    """Show where the bundle is, what leaves of how many people, what is withdrawn, and what is withheld."""
    written, manifest = exported.written, exported.written.manifest
    if written.is_new:
        screen.say(f"Wrote bundle {manifest['sequence']} of publisher {manifest['publisher']}: {written.path}", "bold")
    else:
        screen.say(f"Nothing has changed since bundle {manifest['sequence']}, which stands: {written.path}", "bold")
    screen.say(f"It speaks up to the end of week {manifest['week']}.")
    _show_sharing(_sharing(exported.leaving), screen)
    _show_tables(manifest["tables"], screen)
    if n := manifest["tables"][TOMBSTONES.name]:
        whoever = "whoever has taken bundles in is told to delete what they said"
        screen.say(f"{counted(n, 'pseudonym')} withdrawn so far: {whoever}. {OUT_IS_OUT}")
    _show_withheld(exported.leaving.tables[WITHHELD.name].to_dicts(), screen)
    _show_spent(manifest, screen)
    if written.is_new:
        screen.say("To publish it, copy the whole folder. What is copied cannot be recalled.", "dim")


def _sharing(leaving: "Leaving") -> dict[str, int]:
    """How many owners share each scope, and how many nothing."""
    by_scope = {scope: set(part["owner_id"]) for (scope,), part in leaving.identities.group_by("scope")}
    by_scope[AGGREGATES] = set(leaving.allowing_aggregates)
    counts = {scope: len(by_scope.get(scope, ())) for scope in (METRICS, ACHIEVEMENTS, CONVERSATIONS, AGGREGATES)}
    return counts | {"nothing": len(set(leaving.owners) - set().union(*by_scope.values()))}


def _show_sharing(n_owners: Mapping[str, int], screen: Screen) -> None:
    told = [f"{scope} {n:,}" for scope, n in n_owners.items() if scope != "nothing" and n]
    nothing = n_owners["nothing"]
    if told:
        screen.say(f"Owners who share: {', '.join(told)}.")
        if nothing:
            screen.say(f"Of {counted(nothing, 'owner')} nothing leaves.")
    else:
        screen.say("Nobody shares anything: it tells of nobody.")


def _show_tables(n_rows: Mapping[str, int], screen: Screen) -> None:
    """The tables that have rows, in the order of the format."""
    held = {name: n_rows[name] for name in BUNDLE_TABLES if n_rows[name]}
    product = {name: product for product, names in PRODUCTS.items() for name in names}
    if held:
        rows = column("rows", [f"{n:,}" for n in held.values()], "right")
        products = column("product", [product[name] for name in held])
        screen.show(table_of(screen, column("table", list(held)), rows, products))


def _show_withheld(withheld: Iterable[Mapping[str, Any]], screen: Screen) -> None:
    for row in withheld:
        what = " ".join(str(row[key]) for key in ("table", "kind", "period") if row[key] is not None)
        screen.say(f"Withheld: {what}. {row['sentence']}", "yellow")


def _show_spent(manifest: Mapping[str, Any], screen: Screen) -> None:
    spent, budget = (rho_text(manifest[key]) for key in ("micro_rho_spent", "micro_rho_budget"))
    epsilon = f"epsilon {manifest['epsilon']:g} at delta {manifest['delta']:g}"
    screen.say(f"Privacy spent on sums so far: {spent} of {budget} rho, {epsilon}.", "dim")


def _said(manifest: Mapping[str, Any]) -> dict[str, Any]:
    return {key: manifest[key] for key in _SAID}


def verified_for_machines(bundle: "Bundle") -> dict[str, Any]:
    """What a bundle in which nothing is wrong says of itself."""
    return {
        "path": str(bundle.path),
        "manifest_sha256": bundle.manifest_sha256,
        "is_stripped": bundle.is_stripped,
        **_said(bundle.manifest),
    }


def show_verified(bundle: "Bundle", screen: Screen) -> None:
    """Show that nothing is wrong with a bundle, whose it is, what it holds, and what no check of it can tell."""
    manifest = bundle.manifest
    named = f"bundle {manifest['sequence']} of publisher {manifest['publisher']}"
    screen.say(f"{screen.signs.ok} Nothing is wrong with {named}.", "bold")
    if bundle.note:
        screen.say(bundle.note, "yellow")
    else:
        files = counted(len(manifest["files"]), "file")
        screen.say(f"Signed by the publisher's key; {files} as listed; every row as {manifest['format']} says.")
    screen.say(
        f"It speaks up to the end of week {manifest['week']}, in epoch {manifest['epoch']}, with k {manifest['k']}."
    )
    if not bundle.is_stripped:
        _show_tables(manifest["tables"], screen)
        _show_withheld(bundle.table(WITHHELD.name).to_dicts(), screen)
    _show_spent(manifest, screen)
    before = f"It follows the manifest {manifest['previous']}." if manifest["previous"] else "It is the first."
    screen.say(
        f"{before} Whether it is the newest, and the only one of its number, `podium arena merge` finds out. Whether "
        "its figures are true, and who holds the key, no check can tell: compare the publisher with the one that you "
        "were told of.",
        "dim",
    )


def rotated_for_machines(keyring: "Keyring") -> dict[str, Any]:
    """Whose keys they are, and the epoch that has begun."""
    return {"publisher": keyring.publisher, "epoch": keyring.epoch}


def show_rotated(keyring: "Keyring", screen: Screen) -> None:
    """Show that a new epoch has begun, and what that does and does not do."""
    screen.say(f"Epoch {keyring.epoch} of publisher {keyring.publisher} has begun.", "bold")
    screen.say(
        "The key of the pseudonyms before is destroyed. The next export tells of everybody under new ones, and "
        "withdraws the old: `podium arena export`."
    )
    screen.say(
        f"{OUT_IS_OUT} Who has kept old rows may still recognise someone by figures that have hardly changed since.",
        "dim",
    )


def shared_for_machines(done: "SharedFile") -> dict[str, Any]:
    """What was shared, what was found in it, and whether its owner allows that it leaves."""
    return {**_conversation(done.shared), "is_allowed": done.is_allowed, "warnings": list(done.warnings)}


def show_shared(done: "SharedFile", screen: Screen) -> None:
    """Show what was shared, and what it still needs to leave; what was found in it was said before."""
    shared = done.shared
    verb = "shares" if shared.is_new else f"has shared since week {shared.week}"
    screen.say(f"{shared.owner_id} {verb} {counted(shared.n_bytes, 'byte')} with the SHA-256 {shared.sha256}.", "bold")
    if not done.is_allowed:
        screen.say("It does not leave yet, because this owner does not allow that conversations leave. To allow it:")
        screen.say(f"  {grant(shared.owner_id, CONVERSATIONS)}")
    else:
        screen.say(f"It leaves byte for byte with the next export. What else would: {preview(shared.owner_id)}")


def unshared_for_machines(taken: "Shared") -> dict[str, Any]:
    """What was taken back."""
    return _conversation(taken)


def show_unshared(taken: "Shared", screen: Screen) -> None:
    """Show what was taken back, and what that does not undo."""
    screen.say(f"{taken.owner_id} no longer shares the conversation with the SHA-256 {taken.sha256}.", "bold")
    screen.say(f"The next export no longer holds it, and the one before loses its copy. {OUT_IS_OUT}")


def _conversation(shared: "Shared") -> dict[str, Any]:
    return {
        "owner_id": shared.owner_id,
        "sha256": shared.sha256,
        "n_bytes": shared.n_bytes,
        "week": shared.week,
        "is_new": shared.is_new,
    }
