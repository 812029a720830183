"""How a comparison of two rulebooks looks in a terminal: rules, totals, trophies, levels, streaks.

Not here: what is on it (compare_page.py), its boards (compare_boards_view.py).
"""

from collections.abc import Sequence
from typing import Any

import polars as pl
from rich.text import Text

from pipelines.game.rule_differences import Difference
from pipelines.reports.columns import MAX_LIST, column, table_of
from pipelines.reports.compare_boards_view import ARROW, heading_of, show_boards, show_rest
from pipelines.reports.compare_page import ComparePage, most_changed
from pipelines.reports.machine import rfc3339, to_json
from pipelines.reports.profile_view import facts, head, part
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen, safe

_TOTALS = (  # whose, of what, and how it is called
    ("agent", "points", "Points of agents"),
    ("team", "points", "Points of teams"),
    ("agent", "xp", "XP of agents"),
    ("user", "xp", "XP of users"),
    ("team", "xp", "XP of teams"),
)
_STREAKS = (
    ("daily_current", "Daily streaks, current"),
    ("daily_best", "Daily streaks, best"),
    ("accuracy_best", "Accuracy streaks, best"),
)


def show_comparison(page: ComparePage, screen: Screen, top: int) -> None:
    """Show the page, `top` lines at most of those that rise and of those that fall."""
    screen.say()
    if not page.differences:
        screen.say(f"The rules of {page.origin} are those of the published season: nothing would change.", "bold")
        return _show_foot(page, screen)
    screen.say(f"What if: {page.origin}", "bold")
    _show_differences(page, screen)
    if page.is_without_effect:
        head(screen, "No total, place, badge, level or streak that is compared would change.")
    for whose, what, heading in _TOTALS:
        rows = page.comparison.totals.filter(pl.col("subject_type") == whose)
        in_all = _both(rows.select(pl.col(f"{what}_before", f"{what}_after").sum()).to_dicts()[0], what)
        _show_sums(rows, what, heading, f", in all {in_all}", whose, screen, top)
    show_boards(page, screen, top)
    _show_trophies(page, screen)
    _show_levels(page, screen, top)
    streaks = page.comparison.streaks.rename({"agent_id": "subject_id"})
    for what, heading in _STREAKS:
        _show_sums(streaks, what, heading, "", "agent", screen, top)
    return _show_foot(page, screen)


def _show_differences(page: ComparePage, screen: Screen) -> None:
    n = len(page.differences)
    head(screen, f"{counted(n, 'rule')} {'differs' if n == 1 else 'differ'} from those of the published season")
    screen.show(facts([(safe(d.key), _said(d)) for d in page.differences]))


def _said(difference: Difference) -> str:
    is_entry = isinstance(difference.before or difference.after, dict)
    if difference.kind == "added":
        return "new" if is_entry else f"new, {_spelt(difference.after)}"
    if difference.kind == "removed":
        return "left out"
    return f"{_spelt(difference.before)} {ARROW} {_spelt(difference.after)}"


def _spelt(value: object) -> str:
    if value is None or value == () or value == []:
        return "none"
    if isinstance(value, float) and value.is_integer():
        return f"{value:.0f}"
    if isinstance(value, list | tuple) and not any(isinstance(held, list | tuple | dict) for held in value):
        return ", ".join(str(held) for held in value)
    return value if isinstance(value, str) else " ".join(to_json(value).split())


def _show_sums(rows: pl.DataFrame, what: str, heading: str, in_all: str, whose: str, screen: Screen, top: int) -> None:
    """Who gains and who loses of one quantity; nothing where it stays the same for all."""
    change = f"{what}_change"
    moved = rows.filter(pl.col(change) != 0)
    if moved.is_empty():
        return
    gain = moved.filter(pl.col(change) > 0).height
    said = f"{heading}: {_gains(gain, moved.height - gain)}{in_all}"
    shown = most_changed(moved, change, top).to_dicts()
    part(
        screen,
        said,
        table_of(
            screen,
            column("", [_signed(row[change]) for row in shown], "right"),
            column(whose, [row["subject_id"] for row in shown], least=12),
            column(heading_of(what), [_both(row, what) for row in shown], "right"),
        ),
    )
    show_rest(len(shown), moved.height, screen)


def _gains(n_gain: int, n_lose: int) -> str:
    parts = [(n_gain, "gains", "gain"), (n_lose, "loses", "lose")]
    return ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in parts if n)


def _signed(change: int) -> Text:
    return Text(f"{change:+,}", style="green" if change > 0 else "red")


def _both(row: dict[str, Any], what: str) -> str:
    return f"{row[f'{what}_before']:,} {ARROW} {row[f'{what}_after']:,}"


def _show_trophies(page: ComparePage, screen: Screen) -> None:
    """Badges and achievements won and lost, each with the names of whom; those at another time by their number."""
    for subject_type, what in (("agent", "Badges"), ("user", "Achievements")):
        moves = page.trophies(subject_type)
        if not moves:
            continue
        n_won, n_lost = sum(len(held.won) for held in moves), sum(len(held.lost) for held in moves)
        counts = ((n_won, "won"), (n_lost, "lost"), (sum(held.n_moved for held in moves), "at another time"))
        said = ", ".join(f"{n:,} {how}" for n, how in counts if n)
        part(
            screen,
            f"{what}: {said}",
            table_of(
                screen,
                column(what.lower()[:-1], [held.name for held in moves], least=12),
                _wide("won by", [_names(held.won) for held in moves], "green"),
                _wide("lost by", [_names(held.lost) for held in moves], "red"),
                column("other time", [f"{held.n_moved:,}" if held.n_moved else "" for held in moves], "right"),
            ),
        )


def _names(names: Sequence[str]) -> str:
    return f"{len(names):,}: {', '.join(names)}" if names else ""


def _wide(heading: str, texts: Sequence[str], style: str = "") -> Any:
    return column(heading, texts, least=12, most=MAX_LIST, style=style)


def _show_levels(page: ComparePage, screen: Screen, top: int) -> None:
    rows = page.changed("levels")
    for scope, heading in (("user", "Levels of users"), ("user_agent", "Levels of users with an agent")):
        moved = rows.filter(pl.col("scope") == scope)
        if moved.is_empty():
            continue
        n_up = moved.filter(pl.col("level_change") > 0).height
        counts = ((n_up, "rises", "rise"), (moved.height - n_up, "falls", "fall"))
        said = ", ".join(f"{n:,} {one if n == 1 else many}" for n, one, many in counts if n)
        shown = most_changed(moved, "level_change", top).to_dicts()
        part(
            screen,
            f"{heading}: {said}",
            table_of(
                screen,
                column("", [_signed(row["level_change"]) for row in shown], "right"),
                column("user", [row["user_id"] for row in shown], least=12),
                column("agent", [row["agent_id"] or "" for row in shown], least=12),
                column("level", [_both(row, "level") for row in shown], "right"),
                column("title", [_titles(row) for row in shown], least=12),
            ),
        )
        show_rest(len(shown), moved.height, screen)


def _titles(row: dict[str, Any]) -> str:
    before, after = row["title_before"], row["title_after"]
    return str(after) if before == after else f"{before or 'none'} {ARROW} {after or 'none'}"


def _show_foot(page: ComparePage, screen: Screen) -> None:
    screen.say()
    if page.is_behind:
        screen.say("Logs were read since the season was published: this holds for what is published.", "dim")
    if page.is_replayed:
        screen.say("Another version of Podium published the season, so both sides were played anew.", "dim")
    rules = page.asked.before.fingerprint
    if page.differences:
        rules += f" {ARROW} {page.asked.after.rules.fingerprint}"
    screen.say(f"As of {rfc3339(page.asked.before.as_of)}, rulebook {rules}. Nothing was published.", "dim")
