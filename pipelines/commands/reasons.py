"""Commands that say why, and what would be otherwise: compare.

Not here: what a page holds and how it looks (reports), other rules played (engines/what_if.py).
"""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.reports import choices, options
from pipelines.reports.machine import print_json
from pipelines.reports.terminal import progress, screen
from pipelines.settings import settings

MOVERS = 5  # lines of those that rise and of those that fall, unless another number is asked for


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
