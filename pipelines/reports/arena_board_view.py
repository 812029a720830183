"""How an arena looks in a terminal, and for machines: teams, boards, agents, achievements, and what was refused.

Why each refusal was made is said where the command ends, on standard error; here only what does not verify about a
bundle, which names its place. Not here: what is shown (arena_board.py), the folder (arena_board_page.py).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from pipelines.arena.merge import Merged
from pipelines.reports.arena_board import ONE_IN, ArenaPage, Board, Holding, Row, Usage, ends, interval, period, short
from pipelines.reports.arena_board_page import PAGE
from pipelines.reports.columns import column, table_of
from pipelines.reports.profile_view import head, part
from pipelines.reports.quantities import counted, number, percent
from pipelines.reports.terminal import Screen

TOP = 5  # entries of a board, and of agents, achievements and withheld things
_NOISE = "lost in noise"
_MORE_BOARDS = "These are by the rulebook {}. Boards by {} of rules or grains, which do not compare, are on the page."


def merged_for_machines(merged: Merged) -> dict[str, Any]:
    """All tables as rows, refusals with what only who merges should read, and notes."""
    tables = {name: frame.to_dicts() for name, frame in merged.tables.items()}
    refusals = [
        {
            "publisher": one.publisher,
            "sequence": one.sequence,
            "reason": one.reason,
            "sentence": one.sentence,
            "detail": one.detail or None,
        }
        for one in merged.refusals
    ]
    return {**tables, "refusals": refusals, "notes": list(merged.notes)}


def show_merged(merged: Merged, out: Path, screen: Screen) -> None:
    """Show the first of everything, and where all of it is."""
    page = ArenaPage(merged)
    screen.say()
    screen.say(f"Arena of {counted(len(page.publishers), 'team')}", "bold")
    if page.publishers:
        screen.show(_teams(page.publishers, screen))
    for board in page.rankings[0].first if page.rankings else ():
        part(screen, f"{board.title}, {period(board.period)}", _board(board, screen))
    if (more := len(page.rankings) - 1) > 0:
        screen.say(_MORE_BOARDS.format(short(page.rankings[0].rulebook), counted(more, "more set")), "dim")
    for usage in page.usage:
        _show_usage(usage, screen)
    if page.holdings:
        part(screen, "Badges and achievements", _holdings(page.holdings[:TOP], screen))
    _show_words(page, screen)
    screen.say()
    screen.say(
        f"Written into {out}/: a table a file, and a page to open in a browser: {(out / PAGE).absolute().as_uri()}"
    )


def _teams(rows: Sequence[Row], screen: Screen) -> Table:
    return table_of(
        screen,
        column("team", [short(row["publisher"]) for row in rows], style="bold"),
        column("bundle", [f"{row['sequence']:,}" for row in rows], "right"),
        column("up to", [row["week"] for row in rows]),
        column("profiles", [f"{row['n_profiles']:,}" for row in rows], "right"),
        column("withdrawn", [f"{row['n_tombstones']:,}" for row in rows], "right"),
        column("withheld", [f"{row['n_withheld']:,}" for row in rows], "right"),
        column("k", [f"{row['k']:,}" for row in rows], "right"),
        column("epsilon", [number(row["epsilon"]) for row in rows], "right"),
        column("rulebook", [row["rulebook"] for row in rows]),
    )


def _board(board: Board, screen: Screen) -> Table:
    rows = board.rows[:TOP]
    return table_of(
        screen,
        column("rank", [str(row["rank"]) for row in rows], "right"),
        column("who", [short(row["pseudonym"]) for row in rows], style="bold"),
        column("team", [short(row["publisher"]) for row in rows]),
        column("score", [board.score(row) for row in rows], "right"),
    )


def _show_usage(usage: Usage, screen: Screen) -> None:
    rows = usage.agents[:TOP]
    heading = f"{usage.title}: the most used agents"
    if not rows:
        return part(screen, heading, None, "No agent is used enough to be told from noise.")
    made = table_of(
        screen,
        column("agent", [row["agent"] for row in rows], least=10),
        column("attempts", [f"{row['attempts']:,} ({interval(row, 'attempts')})" for row in rows], "right"),
        column("share", [_share(row, "attempts_share") for row in rows], "right"),
        column("success", [_share(row, "success_share") for row in rows], "right"),
        column("teams", [f"{row['n_publishers']:,}" for row in rows], "right"),
    )
    part(screen, heading, made)
    lost = f" {counted(len(usage.lost), 'agent')} cannot be told from noise." if usage.lost else ""
    return screen.say(
        f"Sums with noise, each with its 90 % interval; of success it counts noise and chance.{lost} "
        f"Of {ONE_IN} agents that nobody uses, about one stands here by noise alone.",
        "dim",
    )


def _share(row: Row, name: str) -> Text:
    if row[name] is None:
        return Text(_NOISE, style="dim")
    low, high = (percent(end).removesuffix(" %") for end in ends(row, name))
    return Text(f"{percent(row[name])} ({low} to {high})")


def _holdings(held: Sequence[Holding], screen: Screen) -> Table:
    return table_of(
        screen,
        column("which", [" ".join(filter(None, (one.row["slug"], one.row["tier"]))) for one in held], least=12),
        column("people", [f"{one.row['n_owners']:,}" for one in held], "right"),
        column("teams", [f"{len(one.by_publisher):,}" for one in held], "right"),
        column("first in", [one.row["first_week"] for one in held]),
    )


def _show_words(page: ArenaPage, screen: Screen) -> None:
    """What is withheld, what was noticed, and what is wrong with bundles that do not verify."""
    withheld = [f"{counted(len(rows), 'time')}: {sentence}" for sentence, rows in page.withheld[:TOP]]
    wrong = [one.detail for one in page.merged.refusals if one.detail]
    told = {"What teams withhold": withheld, "Noted": page.merged.notes, "What does not verify": wrong}
    for heading, sentences in told.items():
        if sentences:
            head(screen, heading)
        for sentence in sentences:
            screen.say(sentence)
