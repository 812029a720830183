"""From templates to pages of a season: what every page of the site is given.

Not here: what pages hold (`*_pages.py`), what any template may use (templating.py).
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from jinja2 import Environment
from markupsafe import Markup

from pipelines.reports.site.held import Held
from pipelines.reports.site.icons import hue_of, icon_of
from pipelines.reports.site.links import Links, root_from
from pipelines.reports.site.templating import environment

NAVIGATION = (
    ("index.html", "Season"),
    ("boards.html", "Boards"),
    ("agents.html", "Agents"),
    ("users.html", "Users"),
    ("teams.html", "Teams"),
    ("race.html", "Race"),
    ("insight.html", "Insight"),
    ("badges.html", "Badges"),
    ("changes.html", "Changes"),
    ("quality.html", "Data"),
)
INSIGHT = (  # the pages of statistics: each shows the way to the others, and stands under the first on top
    ("insight.html", "Who is good"),
    ("tasks.html", "Tasks"),
    ("advice.html", "What to use"),
    ("trust.html", "Does it work?"),
    ("review.html", "Review"),
)


@dataclass(frozen=True)
class Page:
    """A file of the site: its path from the root, with `/`, and its text."""

    path: str
    text: str


@dataclass(frozen=True)
class Renderer:
    """What makes pages of one season: templates, links, and the names and icons of its badges."""

    held: Held
    links: Links
    progress: Callable[[str, int, int], None]

    def page(self, template: str, path: str, **shown: Any) -> Page:
        """The page of a template for its place in the site. `shown`: what the template names."""
        root = root_from(path)
        text = self._environment.get_template(template).render(
            root=root,
            path=path,
            navigation=self._navigation,
            section=INSIGHT if path in dict(INSIGHT) else (),
            season=self.season,
            link=lambda kind, name: _from(root, self.links.path(kind, name)),
            **shown,
        )
        return Page(path, text)

    @cached_property
    def _navigation(self) -> list[tuple[str, str]]:
        """The pages on top; of users and teams only where there are any."""
        empty = {f"{kind}s.html" for kind in ("agent", "user", "team") if self.held.frame(f"{kind}_stats").is_empty()}
        return [(to, label) for to, label in NAVIGATION if to not in empty]

    @cached_property
    def season(self) -> dict[str, Any]:
        """What stands on every page: for which instant and rules it holds."""
        held = self.held
        return {
            "as_of": held.as_of,
            "timezone": held.rules.timezone,
            "rulebook": held.fingerprint,
            "generation": held.generation.id,
            "badges": self.badges,
            "max_stars": held.rules.levels.max_stars,
        }

    @cached_property
    def badges(self) -> dict[str, dict[str, Any]]:
        """Name, icon and colour of each badge and achievement, by slug."""
        return {
            slug: {"name": rule.name, "icon": icon_of(rule), "hue": hue_of(slug)}
            for slug, rule in self.held.badge_rules.items()
        }

    @cached_property
    def _environment(self) -> Environment:
        made = environment()
        made.filters |= {"day": day, "at": self._at}
        made.globals["known"] = self._known
        return made

    def _known(self, slug: str) -> Mapping[str, Any]:
        """Name, icon and colour of a badge, also of one that the rules no longer have."""
        return self.badges.get(slug) or {"name": slug, "icon": "medal", "hue": hue_of(slug)}

    def _at(self, instant: dt.datetime) -> Markup:
        """An instant on the clock of the rulebook's zone."""
        there = instant.astimezone(ZoneInfo(self.held.rules.timezone))
        shown = f"{day(there.date())}, {there:%H:%M}"
        return Markup('<time datetime="{}">{}</time>').format(instant.isoformat(timespec="seconds"), shown)


def day(date: dt.date) -> str:
    """A date for readers: `16 Nov 2026`."""
    return f"{date.day} {date:%b %Y}"


def _from(root: str, path: str | None) -> str | None:
    return None if path is None else root + path
