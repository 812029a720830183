"""How the awards of an agent or a user look in a terminal, each with its reason and its source.

Not here: what is on the page (explain_page.py), the reasons (award_words.py).
"""

from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports.explain_page import Account, ExplainPage
from pipelines.reports.machine import rfc3339, to_second
from pipelines.reports.profile_view import head, show_foot
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen, safe

NAMES = {"points": "points", "xp": "XP"}


def show_explanation(page: ExplainPage, screen: Screen) -> None:
    """Show the page, the oldest award first."""
    screen.say()
    screen.say(page.name, "bold")
    for account in page.accounts:
        _show(page, account, screen)
    screen.say()
    if page.is_also_user:
        screen.say("A user has this name too: --user explains the XP that it earned.", "dim")
    show_foot(page.reading, screen)


def source(path: str | None, line: int | None) -> str:
    """Where a record stands: `log.jsonl:12`."""
    return "source not published" if path is None else f"{path}:{line}"


def _show(page: ExplainPage, account: Account, screen: Screen) -> None:
    head(screen, _heading(page, account))
    if account.awards:
        screen.show(_table(page, account, screen))
    else:
        screen.say("None.")
    for line in _sums(page, account):
        screen.say(line)
    if any(award.get("is_provisional") for award in account.awards):
        screen.say("* provisional: a pending verdict can still take it away.", "dim")


def _heading(page: ExplainPage, account: Account) -> str:
    rule = f" by the rule {page.asked.rule}" if page.asked.rule else ""
    since = f" since {rfc3339(page.asked.since)}" if page.asked.since else ""
    until = f" until {rfc3339(page.asked.until)}" if page.asked.until else ""
    asked = f"Awards of {NAMES[account.currency]}{rule}{since}{until}"
    n = len(account.awards)
    if n < account.n_asked:
        return f"{asked}: the last {n:,} of {account.n_asked:,}, oldest first"
    return f"{asked} ({n:,}), oldest first"


def _table(page: ExplainPage, account: Account, screen: Screen) -> Table:
    table = screen.table(
        ("earned at", "left"),
        (NAMES[account.currency], "right"),
        ("total", "right"),
        ("why, by which event", "left"),
    )
    table.columns[-1].no_wrap = False
    table.columns[-1].overflow = "fold"
    for award in account.awards:
        mark = "*" if award.get("is_provisional") else " "
        table.add_row(
            Text(to_second(award["earned_at"])),
            Text.assemble(f"+{award[account.currency]:,}", (mark, "yellow")),
            Text(f"{award['total']:,}"),
            _why(page, award),
        )
    return table


def _why(page: ExplainPage, award: dict[str, Any]) -> Text:
    """The rule and what it was for, the reason, and beneath them the event with its source."""
    place = f"event {award['event_id']}, {source(award['path'], award['line'])}"
    what = safe(_what(page, award))
    named = ((what, "cyan"), ": ") if what else ()
    return Text.assemble(*named, safe(award["because"]), ("\n" + safe(place), "dim"))


def _what(page: ExplainPage, award: dict[str, Any]) -> str:
    if "xp" not in award:
        return f"{award['rule']} {award['task_id']}" if award["task_id"] else str(award["rule"])
    if award["agent_id"] is None:
        return ""  # its reason begins with its name
    if page.subject == "agent":
        return f"{award['rule']} by {award['user_id']}"
    return f"{award['rule']} {award['agent_id']}"


def _sums(page: ExplainPage, account: Account) -> list[str]:
    """What the awards add up to: those asked for, and all of them, held against the board."""
    unit, lines = NAMES[account.currency], []
    if not page.asked.is_everything:
        lines = [f"{counted(account.n_asked, 'such award')}: {account.asked:,} of {account.total:,} {unit}."]
    everything = f"Sum of all {counted(account.n_awards, 'award')}: {account.total:,}"
    if account.place is None:
        return [*lines, f"{everything} {unit}."]
    score = account.place["score"]
    equal = "= the" if score == account.total else f"but there are {score:,}"
    place = f"{unit} on the board {account.place['board']} (place {account.place['rank']:,})"
    return [*lines, f"{everything} {equal} {place}."]
