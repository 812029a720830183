"""Commands of consent: who shares what with an arena. By default nobody shares anything.

Not here: what is in force (arena/consents.py), what is said of it (reports/consent_view.py).
"""

import datetime as dt
from typing import Annotated

import typer

from pipelines.reports import options
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import screen
from pipelines.settings import standing

group = typer.Typer(no_args_is_help=True, help="Who shares what with an arena: by default nobody anything.")
Scopes = Annotated[
    list[str] | None, typer.Argument(metavar="[SCOPE]...", help="metrics, achievements, conversations, aggregates.")
]
Who = Annotated[str, typer.Argument(metavar="OWNER", help="A user.")]


@group.command()
def grant(owner: Who, scopes: Scopes = None, home: options.Home = None, as_json: options.Json = False) -> None:
    """Let something leave about an owner, from the next export on: the scopes that are named."""
    _say(owner, scopes, home, granted=True, as_json=as_json)


@group.command()
def revoke(owner: Who, scopes: Scopes = None, home: options.Home = None, as_json: options.Json = False) -> None:
    """Withdraw it: the next export takes it back, and says so to whoever has it. Without SCOPE: everything."""
    _say(owner, scopes, home, granted=False, as_json=as_json)


@group.command()
def show(
    owner: Annotated[str | None, typer.Argument(metavar="[OWNER]", help="Of whom.", show_default="all")] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Say who shares what, and since when."""
    from pipelines.arena.policy import load_policy
    from pipelines.reports.consent_view import consent_page, show_consents
    from pipelines.store.consent_log import catch_up, consent_events, owners_named
    from pipelines.store.runlock import run_lock
    from pipelines.store.warehouse import Warehouse

    where = standing(home)
    version = load_policy(where.home).consent.policy_version
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with run_lock(where.home), Warehouse.open(where.home) as warehouse:
        catch_up(warehouse, now)
        page = consent_page(consent_events(warehouse), owners_named(warehouse).to_list(), version, now, owner)
    return print_json(page.for_machines()) if as_json else show_consents(page, screen())


def _say(owner: str, scopes: list[str] | None, home: options.Home, *, granted: bool, as_json: bool) -> None:
    from pipelines.arena.policy import PolicyFault, load_policy
    from pipelines.game.faults import PodiumError
    from pipelines.reports.consent_view import said_for_machines, show_said
    from pipelines.reports.consenting import say, say_later
    from pipelines.store.runlock import RunBusy, run_lock
    from pipelines.store.warehouse import Warehouse

    where = standing(home)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    try:
        version = load_policy(where.home).consent.policy_version
    except PolicyFault as fault:
        if granted:
            raise
        # whoever withdraws does not wait until somebody has mended the policy
        say_later(where.home, owner, scopes or (), load_policy().consent.policy_version, now, granted=False)
        raise PodiumError(f"The withdrawal is written down, and read before the next export. {fault}") from None
    try:
        with run_lock(where.home), Warehouse.open(where.home) as warehouse:
            said = say(warehouse, owner, scopes or (), version, now, granted=granted)
    except RunBusy:  # a word of consent waits for nobody
        said = say_later(where.home, owner, scopes or (), version, now, granted=granted)
    return print_json(said_for_machines(said)) if as_json else show_said(said, screen())
