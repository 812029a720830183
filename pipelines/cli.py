"""`podium`: one function a command, no logic. Imports wait inside the commands, so that `--help` is quick.

Not here: what commands do (engines, store, defs), what they show (reports), how they end (reports/endings.py).
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pipelines.reports import choices, options
from pipelines.reports.endings import FAILED, complain, ended, leave, stoppable
from pipelines.reports.machine import print_json, rfc3339
from pipelines.reports.terminal import progress, screen
from pipelines.settings import Settings, settings

N_AGENTS, N_DAYS, SEED = 24, 42, 7  # of the sample season that is tracked, and made anew where it is not at hand
ON_SCREEN = 25  # entries, lines or awards that are shown unless another number is asked for

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Raw logs of agents at work, turned into an auditable game: points, streaks, badges and leaderboards.",
    epilog="Every command ends with 0 (done), 1 (failed) or 2 (wrong usage). Begin with: podium demo",
)


@app.command()
def demo(home: options.Home = None, as_json: options.Json = False) -> None:
    """Play the sample season from end to end, in a home of its own, and show what came out of it."""
    from pipelines.reports.run_view import show_places

    where = settings(home or settings().home / "demo")
    season = choices.sample_season(where.home, N_AGENTS, N_DAYS, SEED)
    _launched(where, choices.holding_logs([season]), None, as_json=as_json)
    if not as_json:
        board("points", top=10, home=where.home)
        show_places(where.home, screen(), is_demo=True)


@app.command()
def run(
    paths: options.Paths = None,
    as_of: options.AsOf = None,
    rulebook: options.Rules = None,
    user_id: options.Owner = None,
    team_id: options.OwnersTeam = None,
    keep_descriptions: options.Descriptions = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Read logs, play the season and publish it. Without PATH: the logs that wait in the landing folder."""
    from pipelines.game.rulebook import load_rulebook

    where = settings(home, choices.existing_file(rulebook, "rulebook"))
    instant = choices.instant(as_of, load_rulebook(where.rulebook).timezone)
    told = choices.transcript_options(user_id, team_id, keep_descriptions=keep_descriptions)
    _launched(where, choices.holding_logs(paths or []), instant, transcripts=told, as_json=as_json)


@app.command()
def ingest(
    paths: options.Paths = None,
    retry: Annotated[
        bool, typer.Option("--retry", help="Offer refused lines again that came from the future.")
    ] = False,
    rename: Annotated[
        list[str] | None, typer.Option("--map", metavar="THEIRS=OURS", help="A column of a table, by our name.")
    ] = None,
    difficulty: Annotated[
        str | None, typer.Option(metavar="D", help="Difficulty of a contest's problems: easy, medium, hard, extreme.")
    ] = None,
    verdict: Annotated[
        list[str] | None, typer.Option(metavar="CE=rejected", help="What a judgement of a contest's own counts as.")
    ] = None,
    contest: Annotated[str | None, typer.Option(metavar="ID", help="The contest that a feed is of.")] = None,
    user_id: options.Owner = None,
    team_id: options.OwnersTeam = None,
    keep_descriptions: options.Descriptions = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Read logs into the warehouse, each file whole or not at all, without playing the season."""
    from pipelines.reports.run_view import files_for_machines, show_files
    from pipelines.store.landing import land
    from pipelines.store.runlock import run_lock
    from pipelines.store.warehouse import Warehouse

    where, files = settings(home), choices.files_to_read(paths or [], is_enough=retry)
    columns = choices.pairs(rename or [], "--map", "--map their_column=our_field")
    feed = choices.feed_options(contest, difficulty, verdict or [])
    told = choices.transcript_options(user_id, team_id, keep_descriptions=keep_descriptions)
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with progress() as follow, run_lock(where.home), Warehouse.open(where.home) as warehouse:
        n_taken = None
        if retry:
            from pipelines.store.retrying import retry as offer_again

            n_taken = offer_again(warehouse, now)
        reading = lambda path, n_lines: follow(f"reading {path.name}", n_lines, 0)  # noqa: E731
        reports = land(
            warehouse, files, now, rename=columns, feed_options=feed, transcript_options=told, progress=reading
        )
    if as_json:
        print_json({"files": files_for_machines(reports), "n_taken_on_retry": n_taken})
    else:
        show_files(reports, screen(), n_taken_on_retry=n_taken)
    complain(report.error for report in reports if report.error)


@app.command()
def recompute(
    as_of: options.AsOf = None,
    rulebook: options.Rules = None,
    anew: options.Anew = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Play the season anew from the warehouse and publish it: other rules, or another instant."""
    from pipelines.engines.recompute import recompute as compute
    from pipelines.game.rulebook import load_rulebook
    from pipelines.reports.run_view import published_for_machines, show_published
    from pipelines.store.runlock import run_lock

    where = settings(home, choices.existing_file(rulebook, "rulebook"))
    rules = load_rulebook(where.rulebook)
    instant = choices.instant(as_of, rules.timezone)
    with progress() as follow, run_lock(where.home):
        generation, is_new = compute(where.home, rules, instant, anew=anew, progress=follow)
    if as_json:
        return print_json({**published_for_machines(generation), "is_new": is_new})
    return show_published(generation, screen(), is_new=is_new)


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
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


@app.command()
def sample(
    out: Annotated[Path, typer.Option(metavar="DIR", help="A new or empty folder.")],
    agents: Annotated[int, typer.Option(metavar="N", help="How many agents.")] = N_AGENTS,
    days: Annotated[int, typer.Option(metavar="N", help="How many days.")] = N_DAYS,
    seed: Annotated[int, typer.Option(metavar="N", help="Another seed is another season.")] = SEED,
    as_json: options.Json = False,
) -> None:
    """Write the logs of an invented season. Same numbers, same bytes."""
    from pipelines.reports.run_view import sample_for_machines, show_sample
    from pipelines.sources.sample import write_season

    with progress() as follow:
        done = lambda day: follow("playing days", day, days)  # noqa: E731
        report = write_season(out, agents=agents, days=days, seed=seed, progress=done)
    return print_json(sample_for_machines(report)) if as_json else show_sample(report, screen())


def _launched(
    where: Settings,
    paths: list[Path],
    as_of: dt.datetime | None,
    *,
    transcripts: Mapping[str, object] | None = None,
    as_json: bool,
) -> None:
    """Run the whole job in this process through Dagster, which records it for its web UI, and show what came of it."""
    from pipelines.defs.launch import launch
    from pipelines.reports.run_view import run_for_machines, show_run
    from pipelines.store.generation import Generation

    with progress() as follow:
        instant = rfc3339(as_of) if as_of else None
        outcome = stoppable(lambda: launch(where, paths, instant, follow, transcript_options=transcripts))
    generation = Generation.open(where.home) if outcome.generation_id else None
    if as_json:
        print_json(run_for_machines(outcome.run_id, outcome.files, generation))
    else:
        show_run(outcome.files, generation, screen(), note=outcome.note)
    complain(sentence for sentence in (*(file.error for file in outcome.files), outcome.failure) if sentence)


def main() -> None:
    """The entry point `podium`."""
    leave(ended(lambda: app(standalone_mode=False)))


if __name__ == "__main__":
    main()
