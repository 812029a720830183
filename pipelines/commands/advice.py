"""The command that advises: recommend. Not here: what a page holds and how it looks (reports)."""

from typing import Annotated

import typer

from pipelines.reports import choices, options
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import screen
from pipelines.settings import settings

KINDS = 3  # kinds of work that are shown unless another number is asked for


def recommend(
    user_id: Annotated[str | None, typer.Option("--user", metavar="ID", help="Which agents this user may use.")] = None,
    team_id: Annotated[str | None, typer.Option("--team", metavar="ID", help="Which agents this team may use.")] = None,
    agent_id: Annotated[
        str | None, typer.Option("--agent", metavar="ID", help="Which task this agent may try next.")
    ] = None,
    category: Annotated[
        str | None, typer.Option(metavar="C", help="For work of this category.", show_default="the most frequent")
    ] = None,
    difficulty: Annotated[
        str | None,
        typer.Option(metavar="D", help="simple, medium, complex or expert.", show_default="the most frequent"),
    ] = None,
    top: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, help="How many kinds of work.", show_default=f"{KINDS}; 12 in JSON"),
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Say which agent to use for a kind of work, or which task an agent may try next, and how sure that is."""
    from pipelines.reports.next_task_page import next_task_page
    from pipelines.reports.reading import Reading
    from pipelines.reports.recommend_page import recommend_page
    from pipelines.reports.recommend_view import show_next_tasks, show_recommendations

    if agent_id is not None:
        given = {"--user": user_id, "--team": team_id, "--category": category, "--difficulty": difficulty, "--top": top}
        choices.refuse(given, "does not go with --agent, which asks for tasks.")
        tasks = next_task_page(Reading.open(settings(home)), agent_id)
        return print_json(tasks.for_machines()) if as_json else show_next_tasks(tasks, screen())
    most = top or (None if as_json else KINDS)
    page = recommend_page(
        Reading.open(settings(home)), user=user_id, team=team_id, category=category, difficulty=difficulty, top=most
    )
    return print_json(page.for_machines()) if as_json else show_recommendations(page, screen())
