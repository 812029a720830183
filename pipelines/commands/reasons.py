"""Commands that say why, and what would be otherwise: explain, compare, changes.

Not here: what a page holds and how it looks (reports), other rules played (engines/what_if.py).
"""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.reports import choices, options
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import progress, screen
from pipelines.settings import settings

AWARDS, SINGLES = 25, 8  # awards of one, and single differences of two, that are shown on a screen
MOVERS = 5  # lines of those that rise and of those that fall, unless another number is asked for


def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="An agent, or a user; with OTHER an entry of a board.")],
    other: Annotated[
        str | None, typer.Argument(metavar="[OTHER]", help="Another entry of that board.", show_default=False)
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="T", help="Awards from this date or instant on.", show_default="all")
    ] = None,
    until: Annotated[
        str | None, typer.Option(metavar="T", help="Awards up to this date or instant.", show_default="all")
    ] = None,
    rule: Annotated[
        str | None, typer.Option(metavar="R", help="Awards by this rule only: task, first_solver, agent_call, ...")
    ] = None,
    is_user: Annotated[bool, typer.Option("--user", help="NAME is a user, also if an agent is called so.")] = False,
    board: Annotated[
        str | None, typer.Option(metavar="B", help="The board that OTHER is held against on.", show_default="points")
    ] = None,
    window: options.Window = None,
    on: options.On = None,
    scope_id: options.ScopeId = None,
    top: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="The last N awards; of two the N largest single differences.",
            show_default=f"{AWARDS}, of two {SINGLES}; all in JSON",
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Say where every point and every XP comes from, down to the line of a log; or what separates two on a board."""
    from pipelines.reports.explain_page import Asked, explain_page
    from pipelines.reports.explain_view import show_explanation
    from pipelines.reports.reading import Reading
    from pipelines.reports.versus_page import versus_page
    from pipelines.reports.versus_view import show_versus

    reading, day = Reading.open(settings(home)), choices.date(on, "--on")
    if other is not None:
        choices.refuse(
            {"--since": since, "--until": until, "--rule": rule, "--user": is_user},
            "goes with one name: of two, --board, --window and --on say what is looked at.",
        )
        most = top or (None if as_json else SINGLES)
        two = versus_page(reading, name, other, board or "points", window, day, scope_id, most)
        return print_json(two.for_machines()) if as_json else show_versus(two, screen())
    choices.refuse(
        {"--board": board, "--window": window, "--on": on, "--scope-id": scope_id},
        "goes with two names: write the other entry of the board too.",
    )
    zone = reading.rules.timezone
    begin, end = choices.beginning(since, zone, "--since"), choices.instant(until, zone, "--until")
    wanted = Asked(begin, end, rule, top or (None if as_json else AWARDS))
    page = explain_page(reading, name, wanted, is_user=is_user)
    return print_json(page.for_machines()) if as_json else show_explanation(page, screen())


def compare(
    rulebook: Annotated[
        Path, typer.Option(metavar="FILE", help="Other rules (TOML); they lie over the default ones, as when played.")
    ],
    board: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of boards only this one.", show_default="all")
    ] = None,
    window: Annotated[
        str | None,
        typer.Option(metavar="W", help="Of boards only this window.", show_default="all time and named windows"),
    ] = None,
    on: options.On = None,
    top: Annotated[
        int | None,
        typer.Option(
            metavar="N", min=1, help="How many that rise and that fall to show.", show_default=f"{MOVERS}; all in JSON"
        ),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Say what other rules would make of the published season: who gains, who loses, who moves. Nothing is changed."""
    from pipelines.engines.what_if import compared, is_of_this_program
    from pipelines.game.rulebook import load_rulebook
    from pipelines.reports.compare_page import asked, compare_page
    from pipelines.reports.compare_view import show_comparison
    from pipelines.reports.reading import Reading, is_behind

    where, day = settings(home), choices.date(on, "--on")
    rules = load_rulebook(choices.existing_file(rulebook, "rulebook"))
    reading = Reading.open(where)
    wanted = asked(reading, rules, board, window, day)
    base = None if is_of_this_program(reading.generation) else reading.rules
    with progress() as follow:
        made = compared(reading.generation, rules, base=base, window=window, progress=follow)
    page = compare_page(
        wanted, made, str(rulebook), is_behind=is_behind(where, reading.generation), is_replayed=base is not None
    )
    return print_json(page.for_machines(top)) if as_json else show_comparison(page, screen(), top or MOVERS)


def changes(
    since: Annotated[
        str | None,
        typer.Option(
            metavar="T",
            help="A date, an instant or a generation: what the feed tells since then.",
            show_default="since the generation before",
        ),
    ] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="K", help="Of one kind: points_lost, badge_earned, level_up, rank, ...")
    ] = None,
    subject: Annotated[str | None, typer.Option(metavar="ID", help="Of one agent, user or team.")] = None,
    top: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="How many of each part.", show_default="25; all in JSON")
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Say what changed since the generation before: who gained and who lost what, and why."""
    from pipelines.reports.changes_page import changes_page
    from pipelines.reports.changes_view import show_changes
    from pipelines.reports.reading import Reading

    where = settings(home)
    page = changes_page(Reading.open(where), where.home, since=since, kind=kind, subject=subject)
    return print_json(page.for_machines(top)) if as_json else show_changes(page, screen(), top or AWARDS)
