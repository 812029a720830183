"""Boards for the tests of exports: a small season of literal records, and one of agents with hostile names."""

from pathlib import Path

from pipelines.reports.board_page import BoardPage
from pipelines.reports.exports.formats import page_for
from pipelines.reports.reading import Reading
from pipelines.settings import settings
from tests.game.league import rules, task, tried
from tests.reports.shown_season import called, publish

W1, W2 = "2026-03-02", "2026-03-09"
SEASON = [
    task("t1"),
    task("t2", problem="erdos-straus"),
    task("t3", task_type="pattern"),
    tried("s1", "ada", "t1", f"{W1}T10:00:00Z", team_id="red"),
    tried("s2", "bob", "t1", f"{W1}T11:00:00Z", team_id="blue"),
    tried("s3", "bob", "t2", f"{W2}T10:00:00Z", "pending", team_id="blue"),
    tried("s4", "bob", "t3", f"{W2}T10:30:00Z", team_id="blue"),
    tried("s5", "eve", "t2", f"{W2}T11:00:00Z", "rejected"),
    tried("s6", "eve", "t2", f"{W2}T12:00:00.25Z"),
    called("c1", "ann", "python-pro", f"{W2}T09:00:00Z", team_id="red", project_id="web"),
    called("c2", "ben", "python-pro", f"{W2}T09:30:00Z", success=False, team_id="red", project_id="web"),
]
HOSTILE = (
    "<script>alert(1)</script>",
    "=cmd|'/c calc'!A1",
    "＝HYPERLINK(\"http://x\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "' =1+1",
    "{{7*7}}",
    '"><img src=x onerror=alert(1)>',
    "]]></text></svg>",
    "https://example.org/x",
    "&amp;",
    "a|b `c` \\",
    "_x000D_",
    "12345",
    "مرحبا بالعالم",
    "שלום עולם",
    "😀🏆 winner",
    "漢字" * 60,
    "W" * 200,
    "[x](javascript:alert(1))",
    "odd\uffff",
)  # fmt: skip
HOSTILE_PROBLEM = "../../x<b>"


def small(home: Path, timezone: str = "UTC") -> Reading:
    """The small season, published in `home`."""
    (home / "rulebook.toml").write_text(f'timezone = "{timezone}"\n')
    publish(home, SEASON, rules=rules(timezone=timezone))
    return Reading.open(settings(home))


def hostile(home: Path) -> Reading:
    """A season in which agents of hostile names solved one task, one a minute, in teams of the same names."""
    tries = [
        tried(f"s{n:02}", name, "=t1", f"2026-03-02T10:{n:02}:00Z", team_id=name) for n, name in enumerate(HOSTILE)
    ]
    publish(home, [task("=t1", problem=HOSTILE_PROBLEM), *tries])
    return Reading.open(settings(home))


def page(reading: Reading, board: str = "points", window: str | None = None, form: str = "csv") -> BoardPage:
    """A page of a board, as an export of `form` is made of it."""
    return page_for(reading, form, board, window)
