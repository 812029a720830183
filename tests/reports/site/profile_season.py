"""A small season with everybody that a profile must suit, and its profiles as they are read: headings and their text.

Not here: what is asked of them (test_profiles.py, test_lists.py), strangers who mean harm in a real browser
(strangers.py).
"""

from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from pathlib import Path

from pipelines.reports.reading import Reading
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import Links
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.settings import settings
from tests.game.league import instant, task, tried
from tests.reports.shown_season import called, publish

MARKUP, OPTION = '<img src=x onerror="boom()">', "-rf; echo 'boo'"
SEASON = [
    task("t1"),
    task("t2", difficulty="medium", points=12),
    task("t3", problem="erdos-straus", task_type="pattern"),
    tried("s1", "solver", "t1", "2026-03-02T10:00:00Z", team_id="red", user_id="ann"),
    tried("s2", "solver", "t2", "2026-03-03T11:00:00Z", "rejected", team_id="red", user_id="ann"),
    tried("s3", "solver", "t3", "2026-03-03T12:30:00Z", team_id="red", user_id="ann", awarded_points=30),
    tried("s4", "solver", "t2", "2026-03-04T12:00:00Z", "pending", team_id="blue", user_id="ann"),
    tried("b1", "both", "t1", "2026-03-03T10:00:00Z", team_id="red"),
    tried("v1", "voided", "t1", "2026-03-02T09:00:00Z", "void"),
    tried("o1", "owned", "t2", "2026-03-02T12:00:00Z", user_id="idle", team_id=MARKUP),
    tried("h1", MARKUP, "t1", "2026-03-03T13:00:00Z", user_id=MARKUP),
    tried("h2", OPTION, "t2", "2026-03-03T13:00:00Z", "rejected"),
    called("c1", "ann", "python-pro", "2026-03-02T09:00:00Z", complexity="medium", duration_s=60.0, category="web",
           input_tokens=1500, output_tokens=500, team_id="red"),
    called("c2", "ann", "python-pro", "2026-03-02T09:30:00Z", success=False, category="web", team_id="red"),
    called("c3", "ann", "both", "2026-03-03T09:30:00Z", action_type="error_resolution", complexity="expert"),
    called("c4", MARKUP, "python-pro", "2026-03-04T20:00:00Z", action_type=MARKUP, category=MARKUP),
]  # fmt: skip
SOURCES = [
    {"event_id": event, "record_type": kind, "at": instant("2026-03-02T10:00:00Z"), "path": path, "line": line}
    for event, kind, path, line in (
        ("event-s1", "submission", "logs/march/tries.jsonl", 7),
        ("event-s3", "submission", "logs/march/tries.jsonl", 9),
        ("c1", "agent_call", "logs/calls.jsonl", 3),
        ("event-h1", "submission", f"{MARKUP}.jsonl", 1),
    )
]
AGENTS = ("solver", "both", "owned", "python-pro", "voided", MARKUP, OPTION)
USERS, TEAMS = ("ann", "idle", MARKUP), ("red", MARKUP)


def play(home: Path) -> Held:
    """Publish the season in `home` and read it."""
    publish(home, SEASON, event_sources=SOURCES)
    return Held.of(Reading.open(settings(home)))


def renderer(held: Held, **ids: Iterable[str]) -> Renderer:
    """What makes pages of the season for all in it, or for some."""
    everybody = {"agent": AGENTS, "user": USERS, "team": TEAMS, "board": held.boards()}
    return Renderer(held, Links.to(**{**everybody, **ids}), lambda *_: None)


def written(made: Renderer, *sections: Callable[[Renderer], Iterator[Page]]) -> dict[str, str]:
    """The pages of sections, by path."""
    return {page.path: page.text for section in sections for page in section(made)}


class Read(HTMLParser):
    """A page as it is read: `parts` (the text beneath each heading, "" for what is above the first), `tags`, `cells`.

    `figures`: number and note of each key figure, by what it counts.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: dict[str, str] = {"": ""}
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.headings: list[str] = []
        self._open: list[str] = []
        self._now, self._heading = "", ""
        self._figures: list[list[str]] = []
        self.feed(page)
        self.figures = {f[0].strip(): (f[2].strip(), " ".join(f[1].split())) for f in self._figures}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._open.append(tag)
        if tag in ("h1", "h2", "h3"):
            self._heading = ""
            self.headings.append(tag)
        if tag == "dt":
            self._figures.append(["", "", ""])
        if tag in ("td", "th", "li", "p", "dd", "dt", "small", "span", "b"):
            self._say(" ")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:  # what is never closed: meta, link, path, ...
            pass
        if tag == "h2":
            self._now = " ".join(self._heading.split())
            self.parts.setdefault(self._now, "")

    def handle_data(self, data: str) -> None:
        if any(tag in self._open for tag in ("script", "style", "title")) and "svg" not in self._open:
            return
        if "h2" in self._open:
            self._heading += data
        else:
            self._say(data)

    def _say(self, text: str) -> None:
        self.parts[self._now] += text
        if self._figures:
            at = 1 if "small" in self._open and "dt" in self._open else 0 if "dt" in self._open else 2
            if "dt" in self._open or "dd" in self._open:
                self._figures[-1][at] += text

    def said(self, heading: str) -> str:
        """What stands beneath a heading, white space made even."""
        return " ".join(self.parts[heading].split())

    def attributes(self, name: str) -> list[str]:
        """All values of an attribute on the page."""
        return [value for _, attrs in self.tags if (value := attrs.get(name))]
