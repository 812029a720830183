"""Commands that look at what is published: board, agent, user, quarantine, sql, doctor.

Not here: what a page holds and how it looks (reports).
"""

from typing import Annotated

import typer

from pipelines.reports import choices, options
from pipelines.reports.endings import FAILED
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import screen
from pipelines.settings import settings

ON_SCREEN = 25  # entries, lines or awards that are shown unless another number is asked for


def board(
    name: Annotated[str, typer.Argument(metavar="NAME", help="points, accuracy, problem:PROBLEM, xp-agent, ...")],
    window: options.Window = None,
    on: options.On = None,
    scope_id: options.ScopeId = None,
    top: options.Top = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show a leaderboard."""
    from pipelines.reports.board_page import board_page
    from pipelines.reports.board_view import show_board
    from pipelines.reports.reading import Reading

    reading, day = Reading.open(settings(home)), choices.date(on, "--on")
    page = board_page(reading, name, window, day, scope_id, top or (None if as_json else ON_SCREEN))
    return print_json(page.for_machines()) if as_json else show_board(page, screen())


def agent(
    agent_id: Annotated[str, typer.Argument(metavar="ID", help="The agent: a solver, or a sub-agent that is called.")],
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many awards, calls and callers to show.")] = 10,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show the profile of an agent: what it solved, and how it is called."""
    from pipelines.reports.agent_page import agent_page
    from pipelines.reports.agent_view import show_agent
    from pipelines.reports.reading import Reading

    page = agent_page(Reading.open(settings(home)), agent_id, top)
    return print_json(page.for_machines()) if as_json else show_agent(page, screen())


def user(
    user_id: Annotated[str, typer.Argument(metavar="ID", help="The user.")],
    top: Annotated[int, typer.Option(metavar="N", min=1, help="How many agents, awards and levels to show.")] = 10,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show the profile of a user: level, agents called, achievements, hours, agents owned."""
    from pipelines.reports.reading import Reading
    from pipelines.reports.user_page import user_page
    from pipelines.reports.user_view import show_user

    page = user_page(Reading.open(settings(home)), user_id, top)
    return print_json(page.for_machines()) if as_json else show_user(page, screen())


def quarantine(
    reason: Annotated[str | None, typer.Option(metavar="R", help="Lines refused for this reason only.")] = None,
    top: options.Top = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Show the lines that were refused, and why."""
    from pipelines.reports.quarantine_view import quarantine_page, show_quarantine

    page = quarantine_page(settings(home), reason, top or (None if as_json else ON_SCREEN))
    return print_json(page.for_machines()) if as_json else show_quarantine(page, screen())


def sql(
    text: Annotated[str, typer.Argument(metavar="QUERY", help="One question, such as: FROM badges ORDER BY earned_at")],
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", min=0, help="How many rows at most; 0: all.", show_default="100; all in JSON"),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Ask the published tables a question in DuckDB's SQL. Nothing can be changed by it."""
    from pipelines.reports.rows_view import as_objects, show_rows
    from pipelines.store.generation import Generation
    from pipelines.store.query import query

    most = (100 if limit is None and not as_json else limit) or None
    columns, rows = query(Generation.open(settings(home).home), text, most and most + 1)
    if as_json:
        return print_json(as_objects(columns, rows[:most]))
    return show_rows(columns, rows[:most], screen(), is_cut=most is not None and len(rows) > most)


def doctor(home: options.Home = None, as_json: options.Json = False) -> None:
    """Look the home over: what is whole, what wants attention, what is broken."""
    from pipelines.reports.checkup import checkup
    from pipelines.reports.checkup_view import for_machines, show_checkup

    findings = checkup(settings(home))
    if as_json:
        print_json(for_machines(findings))
    else:
        show_checkup(findings, screen())
    if any(finding.mark == "broken" for finding in findings):
        raise typer.Exit(FAILED)
