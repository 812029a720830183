"""How agent calls look in a terminal: sums, pairs of user and agent, complexity, hours of the week, awards of XP.

Part of the profiles of agents and users. Not here: what there is to show (calls_part.py), one award's factors in words
(formula.py).
"""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.reports import quantities
from pipelines.reports.columns import column, fits, table_of
from pipelines.reports.formula import formula
from pipelines.reports.machine import to_second
from pipelines.reports.profile_view import bar_width
from pipelines.reports.terminal import GAP, Screen

_SCORES = {"response_quality": "response", "user_satisfaction": "satisfaction", "code_quality": "code"}
_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FEW_HOURS = 6  # between two hours that are named
_WIDE_MAP = 60  # cells from which on an hour takes two
_MAX_WHO = 24  # cells of a name within a sentence


def work_lines(work: dict[str, Any]) -> list[tuple[str, str]]:
    """What the calls of an agent or a user come to, each fact with its name; what no call tells is left out."""
    low, high = work["success_low"], work["success_high"]
    lines = [
        ("calls", f"{work['calls']:,}, of them {work['successes']:,} succeeded"),
        ("success", quantities.sure(work["success_share"], low, high, work["calls"])),
    ]
    if work["n_derived"]:
        of_it = "all" if work["n_derived"] == work["calls"] else quantities.share(work["n_derived"] / work["calls"])
        lines.append(("", f"{of_it} of it derived from how the runs ended, not judged"))
    if work["n_duration_s"]:
        median, p95 = (quantities.duration(work[f"{name}_duration_s"]) for name in ("median", "p95"))
        lines.append(("duration", f"median {median}, 95th percentile {p95} (n = {work['n_duration_s']:,})"))
    scores = [
        f"{name} {work[f'mean_{column}']:.2f} (n = {work[f'n_{column}']:,})"
        for column, name in _SCORES.items()
        if work[f"n_{column}"]
    ]
    if scores:
        lines.append(("mean scores", ", ".join(scores)))
    if work["calls_with_tokens"]:
        lines.append(("tokens", _tokens(work)))
    if work["n_cost_usd"]:
        lines.append(("cost", f"{quantities.money(work['cost_usd'])} (n = {work['n_cost_usd']:,})"))
    return lines


def _tokens(work: dict[str, Any]) -> str:
    total = quantities.large(sum(work[name] for name in _TOKENS))
    each = work["tokens_per_success"]
    success = f", {quantities.large(each)} per success" if each is not None else ""
    return f"{total}{success} (n = {work['calls_with_tokens']:,})"


def pairs(rows: Sequence[dict[str, Any]], who: str, most: int, screen: Screen) -> Table:
    """Pairs of user and agent: `who` is the one to name, user or agent; `most`: stars of the highest level."""
    stars = [screen.stars(row["stars"] or 0, most) for row in rows]
    levels = [Text.assemble(f"{row['level']} ", (star, "yellow")) for row, star in zip(rows, stars, strict=True)]
    return table_of(
        screen,
        column(who, [row[f"{who}_id"] for row in rows], least=10),
        column("level", levels),
        column("XP", [f"{row['xp']:,}" for row in rows], "right"),
        column("calls", [f"{row['calls']:,}" for row in rows], "right"),
        column("success", [quantities.share(row["success_share"]) for row in rows], "right"),
        column("median", [_took(row["median_duration_s"]) for row in rows], "right"),
        column("last call", [to_second(row["last_called_at"]) for row in rows]),
    )


def mix(rows: Sequence[dict[str, Any]], screen: Screen) -> Table:
    """Calls by complexity."""
    width = bar_width(screen)
    return table_of(
        screen,
        column("complexity", [row["complexity"] for row in rows]),
        column("calls", [f"{row['calls']:,}" for row in rows], "right"),
        column("", [Text(screen.bar(row["calls_share"], width), style="cyan") for row in rows]),
        column("", [quantities.share(row["calls_share"]) for row in rows], "right"),
        column("success", [quantities.share(row["success_share"]) for row in rows], "right"),
        column("XP", [f"{row['xp']:,}" for row in rows], "right"),
    )


def show_hours(rows: Sequence[dict[str, Any]], screen: Screen) -> None:
    """Calls by weekday and hour, as a map: the darker, the more."""
    calls = {(row["weekday"], row["hour"]): row["calls"] for row in rows}
    most = max(calls.values())
    size = 2 if screen.width >= _WIDE_MAP else 1
    hours = "".join(f"{hour:<{_FEW_HOURS * size}}" for hour in range(0, 24, _FEW_HOURS))
    screen.show(Text(f"     {hours}", style="dim"))
    for weekday, name in enumerate(_WEEKDAYS, 1):
        of_day = [calls.get((weekday, hour), 0) for hour in range(24)]
        shades = "".join(screen.shade(n, most) * size for n in of_day)
        screen.show(Text.assemble((f"{name}  ", "dim"), (shades, "cyan"), f" {sum(of_day):,}"))
    screen.say(f"{screen.signs.heat[0]} none, {screen.signs.heat[-1]} up to {quantities.counted(most, 'call')}", "dim")


def awards(rows: Sequence[dict[str, Any]], who: str, screen: Screen) -> Table:
    """Awards of XP with their factors; `who` is to be named: the user of an agent's calls, the agent of a user's.

    One line each where all of it fits, else what it was for beneath one another.
    """
    head = [
        column("earned at", [to_second(row["earned_at"]) for row in rows]),
        column("XP", [f"{row['xp']:,}" for row in rows], "right"),
    ]
    whole = [
        *head,
        column(who, [screen.cut(row[f"{who}_id"] or "", _MAX_WHO) for row in rows]),
        column("for", [screen.cut(_what(row), _MAX_WHO) for row in rows]),
        column("ended", [_ended(row) for row in rows]),
        column("took", [_took(row["duration_s"]) for row in rows], "right"),
        column("how", [formula(row) for row in rows], style="dim"),
    ]
    if fits(screen, whole):
        return table_of(screen, *whole)
    table = screen.table(*((held.heading, held.align) for held in head), ("for", "left"))
    table.columns[-1].no_wrap = False
    room = screen.width - sum(held.width + GAP for held in head)
    for n, row in enumerate(rows):
        table.add_row(*(held.texts[n] for held in head), _stacked(row, who, min(_MAX_WHO, room), screen))
    return table


def _stacked(row: dict[str, Any], who: str, width: int, screen: Screen) -> Text:
    told = [row[f"{who}_id"] or "", _what(row), _ended(row).plain, _took(row["duration_s"])]
    text = Text(", ".join(screen.cut(word, width) for word in told if word))
    how = formula(row)
    return text.append(f"\n{how}", style="dim") if how else text


def _what(row: dict[str, Any]) -> str:
    return f"achievement {row['name']}" if row["name"] else row["action_type"] or ""


def _ended(row: dict[str, Any]) -> Text:
    if row["success"] is None:
        return Text("")
    return Text("succeeded", style="green") if row["success"] else Text("failed", style="red")


def _took(seconds: float | None) -> str:
    return "" if seconds is None else quantities.duration(seconds)
