"""How the boards of a comparison look in a terminal: who climbs, falls, comes in and drops out.

Not here: what is on them (compare_page.py), the rest of a comparison (compare_view.py).
"""

import json
from typing import Any

from rich.text import Text

from pipelines.reports.choices import N_NAMED
from pipelines.reports.columns import column, table_of
from pipelines.reports.compare_page import BoardMoves, ComparePage
from pipelines.reports.profile_view import head
from pipelines.reports.quantities import counted, share
from pipelines.reports.terminal import Screen

ARROW = "->"
MAX_BOARDS = 12  # that are shown with who moves: of more only the names
_MEASURES = {"xp": "XP", "xp_per_member": "XP per member"}
_WINDOWS = {"all": "all time", "day": "day", "week": "week", "month": "month"}
_MOVES = (
    ("n_climb", "climbs", "climb"),
    ("n_fall", "falls", "fall"),
    ("n_enter", "comes in", "come in"),
    ("n_leave", "drops out", "drop out"),
)


def show_boards(page: ComparePage, screen: Screen, top: int) -> None:
    """Each board on which somebody moves, with who does most; then the names of the others."""
    moving = [board for board in page.boards if board.moved.height]
    for board in moving[:MAX_BOARDS]:
        if board.is_on_both:
            _show_moves(page, board, screen, top)
        else:
            _show_lonely(page, board, screen, top)
    if others := moving[MAX_BOARDS:]:
        head(screen, "Other boards on which somebody moves")
        screen.say(f"{_list(page, others)}. --board NAME shows one of them.")
    if still := [board for board in page.boards if board.moved.is_empty()]:
        head(screen, "Boards on which nobody moves")
        screen.say(f"{_list(page, still)}.")


def _list(page: ComparePage, boards: list[BoardMoves]) -> str:
    """The boards by name, the first of many, each with its window unless it is all time, and how much differs."""
    texts = []
    for board in boards[:N_NAMED]:
        notes = [] if board.window == "all" else [_window(page, board)]
        if n := board.moved.height:
            notes.append(f"{n:,} {'moves' if n == 1 else 'move'}")
        elif n := board.n_scores:
            notes.append(f"{counted(n, 'score')} {'differs' if n == 1 else 'differ'}")
        texts.append(f"{board.name} ({', '.join(notes)})" if notes else board.name)
    rest = len(boards) - len(texts)
    return "; ".join(texts) + (f"; and {rest:,} more" if rest else "")


def _show_moves(page: ComparePage, board: BoardMoves, screen: Screen, top: int) -> None:
    counts = board.counts()
    said = ", ".join(f"{counts[n]:,} {one if counts[n] == 1 else many}" for n, one, many in _MOVES if counts[n])
    rows = board.most_moved(top).to_dicts()
    head(screen, f"{_title(page, board)}: of {board.n_entries:,} entries {said}")
    screen.show(
        table_of(
            screen,
            column("", [_move(row, screen) for row in rows], "right"),
            column("who", [_who(row["subject_id"], board) for row in rows], least=12, most=52),
            column("of", [row["scope_id"] or "" for row in rows], least=6),
            column("place", [_places(row, screen) for row in rows], "right"),
            column(_score_heading(board), [_scores(row, board, screen) for row in rows], "right"),
        )
    )
    show_rest(len(rows), board.moved.height, screen)


def _show_lonely(page: ComparePage, board: BoardMoves, screen: Screen, top: int) -> None:
    """A board that only one of the rulebooks has in that window."""
    is_new = board.rules[0] is None
    which = "only under the new rules" if is_new else "no longer there under the new rules"
    head(screen, f"{_title(page, board)}: {which}, {counted(board.n_entries, 'entry', 'entries')}")
    if not is_new:
        return
    rows = board.most_moved(top).to_dicts()
    measure = board.rules[1].order[0].measure if board.rules[1] else ""
    screen.show(
        table_of(
            screen,
            column("place", [f"{row['rank_after']:,}" for row in rows], "right"),
            column("who", [_who(row["subject_id"], board) for row in rows], least=12, most=52),
            column("of", [row["scope_id"] or "" for row in rows], least=6),
            column(heading_of(measure), [_measured(row["score_after"], measure) for row in rows], "right"),
        )
    )


def _title(page: ComparePage, board: BoardMoves) -> str:
    return f"{board.name}, {_window(page, board)}"


def _window(page: ComparePage, board: BoardMoves) -> str:
    rules = page.asked.after.rules if board.rules[1] else page.asked.before.rules
    name = next((window.name for window in rules.window if window.slug == board.window), None)
    when = f" that begins on {board.start_on}" if board.start_on and board.window in _WINDOWS else ""
    return f"{name or _WINDOWS.get(board.window, board.window)}{when}"


def _move(row: dict[str, Any], screen: Screen) -> Text:
    if row["rank_change"] is not None:
        return screen.change(row["rank_change"])
    return Text("in", style="green") if row["rank_before"] is None else Text("out", style="red")


def _who(subject_id: str, board: BoardMoves) -> str:
    rule = board.rules[1] or board.rules[0]
    if rule is None or rule.subject != "user_agent":
        return subject_id
    return " with ".join(json.loads(subject_id))


def _places(row: dict[str, Any], screen: Screen) -> str:
    before, after = (screen.signs.dash if r is None else f"{r:,}" for r in (row["rank_before"], row["rank_after"]))
    return f"{before} {ARROW} {after}"


def _score_heading(board: BoardMoves) -> str:
    headings = list(dict.fromkeys(heading_of(rule.order[0].measure) for rule in board.rules if rule))
    return f" {ARROW} ".join(headings)


def heading_of(measure: str) -> str:
    """What a column of a measure is called."""
    return _MEASURES.get(measure, measure.replace("_", " "))


def _scores(row: dict[str, Any], board: BoardMoves, screen: Screen) -> str:
    texts = [
        screen.signs.dash if score is None or rule is None else _measured(score, rule.order[0].measure)
        for score, rule in zip((row["score_before"], row["score_after"]), board.rules, strict=True)
    ]
    return texts[0] if texts[0] == texts[1] else f" {ARROW} ".join(texts)


def _measured(score: float, measure: str) -> str:
    if measure in ("accuracy", "success_share"):
        return share(score)
    return f"{score:,.0f}" if score.is_integer() else f"{score:,.1f}"


def show_rest(n_shown: int, n: int, screen: Screen) -> None:
    """Say that a list is cut, if it is."""
    if n_shown < n:
        screen.say(f"The {n_shown:,} that move most of {n:,}: --top {n} shows all.", "dim")
