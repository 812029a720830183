"""Commands of the arena: what leaves the house, and what an arena makes of it.

Not here: what they do (engines/sharing.py, arena/), what they show (reports/arena_*.py).
"""

import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.reports import options
from pipelines.reports.endings import complain
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import progress, screen
from pipelines.settings import arena_keys, settings, standing

group = typer.Typer(no_args_is_help=True, help="What leaves for a public arena, and what an arena makes of it.")


@group.command()
def preview(
    owner: Annotated[
        str | None, typer.Option(metavar="ID", help="Only the page of this owner.", show_default="all owners")
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show each owner exactly what would leave about them, as pages, before it leaves. Nothing leaves by this."""
    from pipelines.arena.budget import Ledger
    from pipelines.arena.keys import Keyring
    from pipelines.arena.leaving import PREVIEW
    from pipelines.defs.house import house_of
    from pipelines.engines.sharing import leaving
    from pipelines.reports.arena_preview_pages import write_preview
    from pipelines.reports.arena_preview_view import show_preview
    from pipelines.store.runlock import run_lock

    where = settings(home)
    house = house_of(where)
    with progress() as follow, run_lock(where.home):
        about = leaving(house, Keyring.open(house.keys, where.home), follow)
        ledger = Ledger.open(house.ledger) if about.is_ledger_whole else Ledger(house.ledger, b"")
        report = write_preview(about, ledger, where.arena / PREVIEW, owner)
    return print_json(report.for_machines()) if as_json else show_preview(report, screen())


@group.command()
def export(home: options.Home = None, as_json: options.Json = False) -> None:
    """Write the signed bundle of all that leaves now. If nothing has changed since the last, that one stands."""
    from pipelines.arena.keys import Keyring
    from pipelines.defs.house import house_of
    from pipelines.engines.sharing import export as leave_house
    from pipelines.reports.arena_view import exported_for_machines, show_exported
    from pipelines.store.runlock import run_lock

    where = settings(home)
    house = house_of(where)
    with progress() as follow, run_lock(where.home):
        exported = leave_house(house, Keyring.open(house.keys, where.home), follow)
    return print_json(exported_for_machines(exported)) if as_json else show_exported(exported, screen())


@group.command()
def verify(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="The folder of a bundle.")],
    as_json: options.Json = False,
) -> None:
    """Check a bundle, whoever made it: signature, hashes, paths, every row. Needs no network and no home."""
    from pipelines.arena.verify import verify as checked
    from pipelines.reports.arena_view import show_verified, verified_for_machines

    verified = checked(bundle)
    return print_json(verified_for_machines(verified)) if as_json else show_verified(verified, screen())


@group.command()
def merge(
    bundles: Annotated[list[Path], typer.Argument(metavar="BUNDLE...", help="Bundles, or folders of bundles.")],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder of the global tables, replaced whole.")],
    known: Annotated[
        Path | None, typer.Option(metavar="FILE", help="What the arena has accepted before; kept up to date.")
    ] = None,
    publishers: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Who may take part: a publisher's id in each line.")
    ] = None,
    as_json: options.Json = False,
) -> int | None:
    """Be the arena: verify the bundles of several teams and make global boards, popularity and success of agents."""
    from pipelines.reports.arena_board_page import merge_to
    from pipelines.reports.arena_board_view import merged_for_machines, show_merged

    merged = merge_to(bundles, out, known, publishers)
    if as_json:
        print_json(merged_for_machines(merged))
    else:
        show_merged(merged, out, screen())
    complain(refusal.sentence for refusal in merged.refusals)
    return None


@group.command()
def budget(home: options.Home = None, as_json: options.Json = False) -> None:
    """Say what the aggregates released so far cost of the budget of privacy, and what is left."""
    from pipelines.arena.budget import FILE, Ledger
    from pipelines.arena.bundles_folder import FOLDER
    from pipelines.arena.policy import load_policy
    from pipelines.arena.standing import refuse_lost
    from pipelines.reports.arena_budget_view import budget_page, show_budget

    where = standing(home)
    ledger = Ledger.open(where.arena / FILE)
    refuse_lost(ledger, where.arena / FOLDER)
    page = budget_page(ledger, load_policy(where.home).aggregates)
    return print_json(page.for_machines()) if as_json else show_budget(page, screen())


@group.command()
def rotate(home: options.Home = None, as_json: options.Json = False) -> None:
    """Begin a new epoch: everybody gets new pseudonyms, and the key of the old ones is destroyed."""
    from pipelines.arena.keys import Keyring
    from pipelines.reports.arena_view import rotated_for_machines, show_rotated
    from pipelines.store.runlock import run_lock

    where = standing(home)
    with run_lock(where.home):
        keyring = Keyring.open(arena_keys(), where.home).rotate()
    return print_json(rotated_for_machines(keyring)) if as_json else show_rotated(keyring, screen())


@group.command()
def share(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The conversation, which leaves byte for byte.")],
    owner: Annotated[str, typer.Option(metavar="ID", help="Whose conversation it is, who shares it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Share it whatever it is warned of.")] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Share a conversation with the next export, if its owner allows conversations. Warns of what it may give away."""
    from pipelines.reports.arena_sharing import share_file
    from pipelines.reports.arena_view import shared_for_machines, show_shared
    from pipelines.store.runlock import run_lock

    where = standing(home)
    with run_lock(where.home):
        shared = share_file(where, file, owner, is_sure=yes, screen=screen(sys.stderr))
    return print_json(shared_for_machines(shared)) if as_json else show_shared(shared, screen())


@group.command()
def unshare(
    sha256: Annotated[str, typer.Argument(metavar="SHA256", help="The conversation by its hash, or its beginning.")],
    owner: Annotated[str, typer.Option(metavar="ID", help="Who shared it.")],
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Take a shared conversation back: its bytes are deleted here, and no later bundle holds it."""
    from pipelines.arena.conversations import FOLDER
    from pipelines.arena.conversations import unshare as take_back
    from pipelines.reports.arena_view import show_unshared, unshared_for_machines
    from pipelines.store.runlock import run_lock

    where = standing(home)
    with run_lock(where.home):
        taken = take_back(where.arena / FOLDER, owner, sha256)
    return print_json(unshared_for_machines(taken)) if as_json else show_unshared(taken, screen())
