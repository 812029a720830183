"""What `podium notebook` says. Not here: what it does (notebooks.py)."""

from collections.abc import Sequence

from pipelines.analysis.notebooks import EXTRA, Copy, Script
from pipelines.reports.terminal import Screen

_STATES = {
    "new": "is new",
    "same": "is as it was",
    "renewed": "follows its script, which has changed",
    "kept": "is kept as you changed it",
}


def show_scripts(scripts: Sequence[Script], screen: Screen) -> None:
    """Show the notebooks and their questions."""
    table = screen.table(("notebook", "left"), ("question", "left"))
    for script in scripts:
        table.add_row(script.name, script.question)
    screen.show(table)
    screen.say()
    screen.say(f"To open them: {EXTRA}")


def show_copies(copies: Sequence[Copy], screen: Screen) -> None:
    """Show what became of the copies before they are opened."""
    for copy in copies:
        screen.say(f"{copy.path} {_STATES[copy.state]}.")


def scripts_for_machines(scripts: Sequence[Script]) -> list[dict[str, str]]:
    """The notebooks as plain data."""
    return [{"name": script.name, "question": script.question, "path": str(script.path)} for script in scripts]
