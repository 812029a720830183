"""Commands that make something to look at or to hand on: report, export, notebook.

Not here: what is in it, and how it looks (reports).
"""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.reports import choices, options
from pipelines.reports.choices import Misuse
from pipelines.reports.endings import complain
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import progress, screen
from pipelines.settings import settings


def report(
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", help="The folder, replaced whole.", show_default="HOME/report")
    ] = None,
    profiles: Annotated[
        int, typer.Option(metavar="N", min=0, help="How many agents, users and teams have a page, the first of each.")
    ] = 200,
    agent_ids: Annotated[
        list[str] | None, typer.Option("--agent", metavar="ID", help="An agent that has one, too.")
    ] = None,
    user_ids: Annotated[
        list[str] | None, typer.Option("--user", metavar="ID", help="A user that has one, too.")
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Write the season as a folder of pages that open in any browser, without a network."""
    from pipelines.reports.reading import Reading
    from pipelines.reports.report_view import report_for_machines, show_report
    from pipelines.reports.site.publishing import Profiles, publish_site

    where = settings(home)
    asked = Profiles(profiles, agent_ids or (), user_ids or ())
    with progress() as follow:
        written = publish_site(Reading.open(where), out or where.report, asked, follow)
    return print_json(report_for_machines(written)) if as_json else show_report(written, screen())


def export(
    board: Annotated[
        str | None, typer.Option("--board", metavar="NAME", help="points, accuracy, problem:PROBLEM, xp-agent, ...")
    ] = None,
    window: options.Window = None,
    on: options.On = None,
    scope_id: options.ScopeId = None,
    form: Annotated[
        str, typer.Option("--format", metavar="F", help="csv, xlsx, parquet, json, md, svg, png, pdf or ctftime.")
    ] = "csv",
    out: Annotated[
        str | None,
        typer.Option(metavar="PATH", help="A file or a folder; - is standard output.", show_default="a file here"),
    ] = None,
    top: Annotated[
        int | None, typer.Option(metavar="N", min=1, help="How many entries.", show_default="all; 25 in svg and png")
    ] = None,
    configured: Annotated[bool, typer.Option("--configured", help="Write all that exports.toml asks for.")] = False,
    home: options.Home = None,
    as_json: options.Json = False,
) -> None:
    """Write a leaderboard as a file: for a spreadsheet, a program, a page, a picture or a contest's feed."""
    from pipelines.reports.exports import said
    from pipelines.reports.exports.formats import destination, page_for, text_of, write_export
    from pipelines.reports.reading import Reading

    if configured:
        return _configured(board, out, home, as_json=as_json)
    if board is None:
        raise Misuse("Say which board to export, such as --board points; --configured writes all of exports.toml.")
    reading, day = Reading.open(settings(home)), choices.date(on, "--on")
    page = page_for(reading, form, board, window, day, scope_id, top)
    if out == "-" and as_json:
        raise Misuse("--json tells where a file went, and --out - writes none: leave one of them out.")
    if out == "-":
        return said.hand_over(text_of(page, form))
    path = destination(page, form, out)
    write_export(page, form, path)
    return print_json(said.for_machines(page, path, form)) if as_json else screen().say(said.written(page, path))


def notebook(
    listed: Annotated[bool, typer.Option("--list", help="Say which there are and what each asks, and end.")] = False,
    run: Annotated[
        str | None, typer.Option("--run", metavar="NAME", help="Run one without opening it: its name or number.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where that one goes.", show_default="NAME.ipynb, here")
    ] = None,
    home: options.Home = None,
    as_json: options.Json = False,
) -> int | None:
    """Open the notebooks in JupyterLab, on copies in the home; or run one and keep what it shows."""
    from pipelines.analysis import notebook_view, notebooks
    from pipelines.analysis.season import OpenSeason

    if (as_json and not listed) or (out is not None and run is None):
        raise Misuse("--json goes with --list, and --out with --run.")
    if listed:
        found = notebooks.scripts()
        if as_json:
            print_json(notebook_view.scripts_for_machines(found))
        else:
            notebook_view.show_scripts(found, screen())
        return None
    script = notebooks.script(run) if run is not None else None
    where = OpenSeason.of_home(home).home
    if script is None:
        notebook_view.show_copies(notebooks.copies(where), screen())
        return notebooks.open_lab(where)
    path = out or Path(f"{script.name}.ipynb")
    notebooks.write(notebooks.executed(script, where), path)
    screen().say(f"Written: {path}")
    return None


def _configured(board: str | None, out: str | None, home: Path | None, *, as_json: bool) -> None:
    """Write the exports that are made every night."""
    from pipelines.reports.exports import said
    from pipelines.reports.exports.configured import configured_exports
    from pipelines.reports.exports.nightly import write_exports
    from pipelines.reports.reading import Reading

    if board is not None or out == "-":
        raise Misuse("--configured writes what exports.toml asks for into a folder: leave --board and --out - out.")
    where = settings(home)
    reading, folder = Reading.open(where), Path(out) if out else where.exports
    with progress() as follow:
        reports = write_exports(reading, configured_exports(where.home, reading), folder, follow)
    if as_json:
        print_json([report.for_machines() for report in reports])
    else:
        for line in said.all_written(reports, folder):
            screen().say(line)
    complain(said.fault(report) for report in reports if report.fault)
