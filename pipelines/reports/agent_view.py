"""How an agent's profile looks in a terminal. Not here: what is on it (agent_page.py), what users' profiles share with
it (profile_view.py, calls_view.py)."""

from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports import calls_view, profile_view, quantities
from pipelines.reports.agent_page import AgentPage, Called
from pipelines.reports.columns import column, table_of
from pipelines.reports.machine import to_second
from pipelines.reports.profile_view import last_of, part
from pipelines.reports.terminal import Screen


def show_agent(page: AgentPage, screen: Screen) -> None:
    """Show the page; what does not apply to this agent is left out."""
    screen.say()
    screen.say(page.agent_id, "bold")
    screen.show(profile_view.facts(_facts(page, screen)))
    if page.is_solver or page.badges:
        held = profile_view.earned(page.badges, "badge", screen) if page.badges else None
        part(screen, f"Badges ({len(page.badges)})", held, "None yet.")
    if page.progress:
        part(screen, "On the way", profile_view.on_the_way(page.progress, "badge", screen))
    if page.called:
        _show_called(page, page.called, screen)
    profile_view.show_places(page.ranks, screen)
    if page.is_solver:
        last = last_of("awards", len(page.awards), page.n_awards)
        part(screen, last, _awards(page, screen) if page.awards else None, "None yet.")
    if page.called:
        calls = page.called.last_calls
        heading = last_of("calls", len(calls), page.called.work["calls"])
        part(screen, heading, calls_view.awards(calls, "user", screen))
    screen.say()
    if page.totals["n_provisional_points"]:
        screen.say("* provisional: a pending verdict can still take it away.", "dim")
    profile_view.show_foot(page.reading, screen)


def _show_called(page: AgentPage, called: Called, screen: Screen) -> None:
    n = len(called.callers)
    heading = f"Called most by ({n} of {called.n_callers:,})" if n < called.n_callers else f"Called by ({n:,})"
    most = page.reading.rules.levels.max_stars
    part(screen, heading, calls_view.pairs(called.callers, "user", most, screen))
    part(screen, "Complexity of the calls", calls_view.mix(called.mix, screen))


def _facts(page: AgentPage, screen: Screen) -> list[tuple[str, str]]:
    totals, streaks = page.totals, page.streaks
    lines = []
    if page.is_solver:
        provisional = totals["n_provisional_points"]
        points = f"{totals['points']:,}" + (f", of them {provisional} provisional *" if provisional else "")
        lines += [("points", points), ("tasks", _tasks(totals)), ("accuracy", _accuracy(totals, screen))]
    if streaks:
        lines.append(("daily streak", f"{streaks['daily_current']} days, best {streaks['daily_best']}"))
        lines.append(("in a row right", f"{streaks['accuracy_current']}, best {streaks['accuracy_best']}"))
        lines.append(("one problem", _problem(streaks)))
    if page.called:
        lines += [("XP", f"{totals['xp']:,}"), *calls_view.work_lines(page.called.work)]
    if totals["last_active_at"]:
        lines.append(("last active", to_second(totals["last_active_at"])))
    return lines


def _tasks(totals: dict[str, Any]) -> str:
    text = f"{totals['tasks_completed']:,} completed in {quantities.counted(totals['attempts'], 'attempt')}"
    waiting = [f"{totals[f'n_{kind}']:,} {kind}" for kind in ("pending", "unresolved") if totals[f"n_{kind}"]]
    return f"{text}; {quantities.counted(totals['n_submissions'], 'submission')}" + (
        f", {', '.join(waiting)}" if waiting else ""
    )


def _accuracy(totals: dict[str, Any], screen: Screen) -> str:
    if totals["accuracy"] is None:
        return screen.signs.dash
    return quantities.sure(totals["accuracy"], totals["wilson_low"], totals["wilson_high"], totals["attempts"])


def _problem(streaks: dict[str, Any]) -> str:
    if streaks["problem_current"] is None:
        return "none yet"
    now = f"{streaks['problem_current']} {streaks['problem_current_length']}"
    return f"{now}, best {streaks['problem_best']} {streaks['problem_best_length']}"


def _awards(page: AgentPage, screen: Screen) -> Table:
    rows = page.awards
    points = [Text.assemble(f"{row['points']}", ("*" if row["is_provisional"] else " ", "yellow")) for row in rows]
    ids = ("task", "submission", "event")
    return table_of(
        screen,
        column("earned at", [to_second(row["earned_at"]) for row in rows]),
        column("points", points, "right"),
        column("rule", [row["rule"] for row in rows]),
        *(column(name, [row[f"{name}_id"] or "" for row in rows], least=8) for name in ids),
    )
