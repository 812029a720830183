"""`podium`: the list of its commands. Imports wait inside the commands, so that `--help` is quick.

Not here: the commands (commands/), one function each without logic, and how they end (reports/endings.py).
"""

import typer

from pipelines.commands import advice, arena, batch, consents, forgetting, outputs, reasons, views
from pipelines.reports.endings import ended, leave

COMMANDS = (
    batch.demo,
    batch.run,
    batch.ingest,
    batch.recompute,
    views.board,
    views.agent,
    views.user,
    advice.recommend,
    reasons.explain,
    reasons.compare,
    reasons.changes,
    outputs.report,
    outputs.export,
    outputs.notebook,
    views.quarantine,
    views.sql,
    views.doctor,
    forgetting.forget,
    batch.sample,
)
GROUPS = {"consent": consents.group, "arena": arena.group}  # commands of two words

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Raw logs of agents at work, turned into an auditable game: points, streaks, badges and leaderboards.",
    epilog="Every command ends with 0 (done), 1 (failed) or 2 (wrong usage). Begin with: podium demo",
)
for command in COMMANDS:
    app.command()(command)
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


def main() -> None:
    """The entry point `podium`."""
    leave(ended(lambda: app(standalone_mode=False)))


if __name__ == "__main__":
    main()
