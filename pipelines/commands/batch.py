"""Commands that play a season: demo, run, ingest, recompute, sample.

Not here: what they do (engines, store, defs), what they show (reports).
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.views import board
from pipelines.reports import choices, options
from pipelines.reports.endings import complain, stoppable
from pipelines.reports.machine import print_json, rfc3339
from pipelines.reports.terminal import progress, screen
from pipelines.settings import Settings, settings

N_AGENTS, N_DAYS, SEED = 24, 42, 7  # of the sample season that is tracked, and made anew where it is not at hand


def demo(home: options.Home = None, as_json: options.Json = False) -> None:
    """Play the sample season from end to end, in a home of its own, and show what came out of it."""
    from pipelines.reports.run_view import show_places

    where = settings(home or settings().home / "demo")
    season = choices.sample_season(where.home, N_AGENTS, N_DAYS, SEED)
    _launched(where, choices.holding_logs([season]), None, as_json=as_json)
    if not as_json:
        board("points", top=10, home=where.home)
        show_places(where.home, screen())


def run(
    paths: options.Paths = None,
    as_of: options.AsOf = None,
    rulebook: options.Rules = None,
    user_id: options.Owner = None,
    team_id: options.OwnersTeam = None,
    keep_descriptions: options.Descriptions = False,
    no_report: Annotated[
        bool, typer.Option("--no-report", help="Publish, and write neither report nor exports.")
    ] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Read logs, play the season, publish it, and write its report. Without PATH: what waits in the landing folder."""
    from pipelines.game.rulebook import load_rulebook
    from pipelines.reports.report_view import show_where

    where = settings(home, choices.existing_file(rulebook, "rulebook"))
    instant = choices.instant(as_of, load_rulebook(where.rulebook).timezone)
    told = choices.transcript_options(user_id, team_id, keep_descriptions=keep_descriptions)
    logs = choices.holding_logs(paths or [])
    _launched(where, logs, instant, transcripts=told, is_shown=not no_report, as_json=as_json)
    if not (no_report or as_json):
        show_where(where.report, screen())


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

        def reading(path: Path, n_lines: int) -> None:
            follow(f"reading {path.name}", n_lines, 0)

        reports = land(
            warehouse, files, now, rename=columns, feed_options=feed, transcript_options=told, progress=reading
        )
    if as_json:
        print_json({"files": files_for_machines(reports), "n_taken_on_retry": n_taken})
    else:
        show_files(reports, screen(), n_taken_on_retry=n_taken)
    complain(report.error for report in reports if report.error)


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

        def done(day: int) -> None:
            follow("playing days", day, days)

        report = write_season(out, agents=agents, days=days, seed=seed, progress=done)
    return print_json(sample_for_machines(report)) if as_json else show_sample(report, screen())


def _launched(
    where: Settings,
    paths: list[Path],
    as_of: dt.datetime | None,
    *,
    transcripts: Mapping[str, object] | None = None,
    is_shown: bool = True,
    as_json: bool,
) -> None:
    """Run the whole job in this process through Dagster, which records it for its web UI, and show what came of it."""
    from pipelines.defs.launch import UNSHOWN, launch
    from pipelines.reports.run_view import run_for_machines, show_run
    from pipelines.store.generation import Generation

    with progress() as follow:
        instant = rfc3339(as_of) if as_of else None
        steps = () if is_shown else UNSHOWN
        outcome = stoppable(lambda: launch(where, paths, instant, follow, transcript_options=transcripts, only=steps))
    generation = Generation.open(where.home) if outcome.generation_id else None
    if as_json:
        print_json(run_for_machines(outcome.run_id, outcome.files, generation))
    else:
        show_run(outcome.files, generation, screen(), note=outcome.note)
    complain(sentence for sentence in (*(file.error for file in outcome.files), outcome.failure) if sentence)
