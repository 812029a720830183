"""What a board is called and how it ranks, in words for readers. Not here: its entries (board_page.py)."""

from pipelines.game.board_rules import BoardRule
from pipelines.reports.reading import Reading

_MEASURES = {
    "points": "points",
    "points_per_member": "points per member",
    "tasks_completed": "tasks completed",
    "attempts": "attempts",
    "accuracy": "accuracy",
    "penalty_minutes": "penalty minutes",
    "last_solve_minute": "the minute of the last solve",
    "xp": "XP",
    "xp_per_member": "XP per member",
    "calls": "calls",
    "successes": "successful calls",
    "success_share": "the share of calls that succeeded",
    "reached_at": "who reached it first",
}
_SUBJECTS = {"agent": "agents", "user": "users", "user_agent": "users with an agent", "team": "teams"}


def name_of(reading: Reading, board: str) -> str:
    """The name of a board: that of its rule, and of one of many which one it is."""
    rule = reading.board_rule(board)
    value = board.partition(":")[2]
    if rule is None:
        return board
    return f"{rule.name} {value}" if value else rule.name


def how_ranked(rule: BoardRule) -> str:
    """A sentence: whom the board ranks, by what, and who is left out."""
    first, *others = [_by(by.measure, descending=by.descending) for by in rule.order]
    sentence = f"Ranks {_SUBJECTS[rule.subject]} by {first}"
    if others:
        sentence += f"; of equals by {', then '.join(others)}"
    if rule.scope != "all":
        sentence += f"; one board for each {rule.scope}"
    if rule.min_attempts:
        sentence += f"; from {rule.min_attempts} attempts on"
    if rule.min_calls:
        sentence += f"; from {rule.min_calls} calls on"
    return f"{sentence}."


def _by(measure: str, *, descending: bool) -> str:
    if measure == "reached_at":
        return "who reached it first" if not descending else "who reached it last"
    most, least = ("latest", "earliest") if measure == "last_solve_minute" else ("most", "fewest")
    return f"{_MEASURES[measure]}, {most if descending else least} first"
