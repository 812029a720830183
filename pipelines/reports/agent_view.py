"""How an agent's profile looks in a terminal. Not here: what is on it (agent_page.py)."""

from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports.agent_page import AgentPage
from pipelines.reports.machine import rfc3339, to_second
from pipelines.reports.terminal import Screen, cells, safe

_BAR = 20


def show_agent(page: AgentPage, screen: Screen) -> None:
    """Show the page."""
    screen.say()
    screen.say(page.agent_id, "bold")
    screen.show(_totals(page, screen))
    _part(screen, f"Badges ({len(page.badges)})", _badges(page, screen) if page.badges else None, "None yet.")
    if page.progress:
        _part(screen, "On the way", _progress(page, screen))
    _part(screen, "Places", _ranks(page, screen) if page.ranks else None, "On no board yet.")
    n_more = page.n_awards - len(page.awards)
    last = f"Last awards ({len(page.awards)} of {page.n_awards})" if n_more else f"Awards ({page.n_awards})"
    _part(screen, last, _awards(page, screen) if page.awards else None, "None yet.")
    screen.say()
    if page.totals["n_provisional_points"]:
        screen.say("* provisional: a pending verdict can still take it away.", "dim")
    zone = page.reading.rules.timezone
    screen.say(f"As of {rfc3339(page.reading.as_of)}, days in {zone}, rulebook {page.reading.fingerprint}.", "dim")


def _part(screen: Screen, heading: str, table: Table | None, otherwise: str = "") -> None:
    screen.say()
    screen.say(heading, "bold")
    if table is None:
        screen.say(otherwise)
    else:
        screen.show(table)


def _totals(page: AgentPage, screen: Screen) -> Table:
    totals, streaks = page.totals, page.streaks
    table = Table.grid(padding=(0, 2, 0, 0))
    provisional = totals["n_provisional_points"]
    lines = [("points", f"{totals['points']:,}" + (f", of them {provisional} provisional *" if provisional else ""))]
    lines.append(("tasks", _tasks(totals)))
    lines.append(("accuracy", _accuracy(totals, screen)))
    if streaks:
        lines.append(("daily streak", f"{streaks['daily_current']} days, best {streaks['daily_best']}"))
        lines.append(("in a row right", f"{streaks['accuracy_current']}, best {streaks['accuracy_best']}"))
        lines.append(("one problem", _problem(streaks)))
    if totals["last_active_at"]:
        lines.append(("last active", to_second(totals["last_active_at"])))
    for name, text in lines:
        table.add_row(Text(name, style="dim"), Text(safe(text)))
    return table


def _tasks(totals: dict[str, Any]) -> str:
    text = f"{totals['tasks_completed']:,} completed in {totals['attempts']:,} attempts"
    waiting = [f"{totals[f'n_{kind}']:,} {kind}" for kind in ("pending", "unresolved") if totals[f"n_{kind}"]]
    return f"{text}; {totals['n_submissions']:,} submissions" + (f", {', '.join(waiting)}" if waiting else "")


def _accuracy(totals: dict[str, Any], screen: Screen) -> str:
    if totals["accuracy"] is None:
        return screen.signs.dash
    low, high = totals["wilson_low"], totals["wilson_high"]
    return f"{_share(totals['accuracy'])} (95 % interval {_share(low)} to {_share(high)}, n = {totals['attempts']:,})"


def _problem(streaks: dict[str, Any]) -> str:
    if streaks["problem_current"] is None:
        return "none yet"
    now = f"{streaks['problem_current']} {streaks['problem_current_length']}"
    return f"{now}, best {streaks['problem_best']} {streaks['problem_best_length']}"


def _badges(page: AgentPage, screen: Screen) -> Table:
    table = screen.table(("badge", "left"), ("earned at", "left"), ("by event", "left"))
    for badge in page.badges:
        table.add_row(
            *cells([_name(badge), to_second(badge["earned_at"]), screen.cut(badge["event_id"], 40)], ["magenta"])
        )
    return table


def _progress(page: AgentPage, screen: Screen) -> Table:
    table = screen.table(("badge", "left"), ("", "left"), ("", "right"), ("", "left"))
    for badge in page.progress:
        share = badge["progress_share"]
        of = f"{_number(badge['value'])} of {_number(badge['threshold'])}"
        bar = Text(screen.bar(share, _BAR), style="green" if share >= 1 else "cyan")
        percent = int(share * 100)  # never shown as done before it is
        table.add_row(*cells([_name(badge), bar, f"{percent} %", of], ["", "", "", "dim"]))
    return table


def _ranks(page: AgentPage, screen: Screen) -> Table:
    table = screen.table(("board", "left"), ("window", "left"), ("place", "right"), ("", "left"), ("points", "right"))
    for row in page.ranks:
        board = row["board"] + (f" ({row['scope_id']})" if row["scope_id"] else "")
        window = row["window"] + (f" {row['window_start_on']}" if row["window_start_on"] else "")
        place = f"{row['rank']} of {row['n_entries']}"
        board_width = max(screen.width - 52, 16)
        shown = [
            screen.cut(board, board_width),
            screen.cut(window, 24),
            place,
            "" if row["rank_change"] is None else screen.change(row["rank_change"]),
            f"{row['points']:,}",
        ]
        table.add_row(*cells(shown))
    return table


def _awards(page: AgentPage, screen: Screen) -> Table:
    table = screen.table(
        ("earned at", "left"), ("points", "right"), ("rule", "left"), ("task", "left"), ("submission", "left"),
        ("event", "left"),
    )  # fmt: skip
    width = max((screen.width - 56) // 3, 8)
    for award in page.awards:
        points = f"{award['points']}{'*' if award['is_provisional'] else ' '}"
        ids = [screen.cut(award[c] or "", width) for c in ("task_id", "submission_id", "event_id")]
        table.add_row(*cells([to_second(award["earned_at"]), points, award["rule"], *ids]))
    return table


def _name(badge: dict[str, Any]) -> str:
    return f"{badge['name']} ({badge['tier']})" if badge["tier"] else str(badge["name"])


def _share(share: float) -> str:
    return f"{share * 100:.1f} %"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:.3g}"
