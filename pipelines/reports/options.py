"""Arguments and options that several commands share: one meaning and one wording everywhere.

Here too: the longer ones of one command. Not here: what is made of them (choices.py).
"""

from pathlib import Path
from typing import Annotated

import typer

Home = Annotated[
    Path | None,
    typer.Option("--home", metavar="DIR", help="Where everything is kept.", show_default="PODIUM_HOME, else ./data"),
]
Json = Annotated[bool, typer.Option("--json", help="Write JSON, for machines.")]
Paths = Annotated[list[Path] | None, typer.Argument(metavar="[PATH]...", help="Files, or folders of logs.")]
Rules = Annotated[Path | None, typer.Option(metavar="FILE", help="Rules (TOML) that lie over the default ones.")]
AsOf = Annotated[
    str | None,
    typer.Option(
        metavar="T",
        help="The instant to look at: RFC 3339 with an offset, or a date (the end of it in the rulebook's time zone).",
        show_default="the last in the log",
    ),
]
Anew = Annotated[bool, typer.Option("--anew", help="Publish even if nothing has changed since the last time.")]
Window = Annotated[
    str | None, typer.Option(metavar="W", help="all, day, week, month or a named window.", show_default="all")
]
On = Annotated[
    str | None, typer.Option(metavar="DATE", help="A date in the day, week or month to show.", show_default="last")
]
ScopeId = Annotated[str | None, typer.Option(metavar="ID", help="Of which team or project, if each has one.")]
Owner = Annotated[
    str | None,
    typer.Option("--user", metavar="ID", help="Whose the transcripts are.", show_default="the account here"),
]
OwnersTeam = Annotated[str | None, typer.Option("--team", metavar="ID", help="The team of that user.")]
Descriptions = Annotated[
    bool,
    typer.Option("--keep-descriptions", help="Keep what sub-agents were asked, in the few words of the transcripts."),
]
Top = Annotated[int | None, typer.Option(metavar="N", min=1, help="How many to show.", show_default="25; all in JSON")]
