"""A small season with calls of two months and tasks, of which the tables of statistics are published, and its pages.

Not here: what is asked of them (test_agent_skills.py, test_advice.py, test_task_page.py).
"""

from pathlib import Path

from pipelines.reports.reading import Reading
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import Links
from pipelines.reports.site.rendering import Renderer
from pipelines.settings import settings
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task, tried
from tests.reports.shown_season import called, publish

MARKUP = '<img src=x onerror="boom()">'
RULES = rules(board=NO_BOARDS)
AGENTS, USERS, TEAMS = ("pro", "novice", MARKUP, "extra"), ("ann", MARKUP), ("red", MARKUP)
WEB, DATA = {"category": "web", "complexity": "simple"}, {"category": "data", "complexity": "expert"}


def _day(n: int) -> str:
    return f"2026-{4 + n // 28:02}-{1 + n % 28:02}T10:00:00Z"


SEASON = [
    *(task(f"t{n}", problem=MARKUP if n == 5 else "collatz", difficulty="hard" if n > 3 else "easy") for n in range(6)),
    task(MARKUP, difficulty="extreme"),
    *(tried(f"s{n}", "pro", f"t{n}", _day(n), "verified" if n < 4 else "rejected") for n in range(6)),
    *(tried(f"n{n}", "novice", f"t{n}", _day(n), "rejected") for n in range(4)),
    *(called(f"w{n}", "ann", "pro", _day(n), success=n % 9 > 0, team_id="red", **WEB) for n in range(40)),
    *(called(f"d{n}", "ann", "novice", _day(n), success=n % 3 > 1, team_id="red", **DATA) for n in range(8)),
    called("m1", MARKUP, MARKUP, _day(41), category=MARKUP, team_id=MARKUP),
    called("m2", MARKUP, "extra", _day(41)),
]


def play(home: Path, *, has_insight: bool = True) -> Held:
    """Publish the season in `home` and read it; without insight as one that was published before there was any."""
    publish(home, SEASON, rules=RULES, has_insight=has_insight)
    return Held.of(Reading.open(settings(home)))


def renderer(held: Held) -> Renderer:
    """What makes its pages: of everybody in it."""
    return Renderer(held, Links.to(agent=AGENTS, user=USERS, team=TEAMS, board=[]), lambda *_: None)
