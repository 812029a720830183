"""Writing the site: every page of a season into a folder. The same generation gives the same bytes.

Which agents, users and teams have a page of their own is decided here. Not here: what pages hold (`*_pages.py`), how
the folder takes the place of the old one (folder.py).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import polars as pl

from pipelines.reports.choices import one_of
from pipelines.reports.reading import Reading
from pipelines.reports.site import (
    advice_pages,
    agent_pages,
    board_pages,
    changes_pages,
    gallery_pages,
    home_page,
    insight_pages,
    listing_pages,
    quality_pages,
    race_pages,
    review_pages,
    task_pages,
    team_pages,
    trust_pages,
    user_pages,
)
from pipelines.reports.site.folder import replacing
from pipelines.reports.site.grids import data_file
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import Links
from pipelines.reports.site.rendering import Page, Renderer

Progress = Callable[[str, int, int], None]
SECTIONS = (
    home_page.pages,
    board_pages.pages,
    race_pages.pages,
    insight_pages.pages,
    task_pages.pages,
    advice_pages.pages,
    trust_pages.pages,
    gallery_pages.pages,
    listing_pages.pages,
    agent_pages.pages,
    user_pages.pages,
    team_pages.pages,
    changes_pages.pages,
    quality_pages.pages,
    review_pages.pages,
)
STATIC = ("podium.css", "podium.js", "podium.svg", "theme.js", "cells.js", "grids.js", "race.js")
FIRST = {  # whose profiles are written first: table, key, and what counts most
    "agent": ("agent_stats", "agent_id", ("points", "xp")),
    "user": ("user_stats", "user_id", ("xp", "points")),
    "team": ("team_stats", "team_id", ("points", "xp")),
}


@dataclass(frozen=True)
class Profiles:
    """Who has a page of their own: the first `most` agents, users and teams, and whoever is named."""

    most: int = 200
    agents: Sequence[str] = ()
    users: Sequence[str] = ()


@dataclass(frozen=True)
class SiteReport:
    """What was written: where, how many pages and bytes, and how many of all agents, users and teams have a profile."""

    out: Path
    n_pages: int
    n_bytes: int
    n_profiles: int
    n_subjects: int


def _no_progress(stage: str, done: int, total: int) -> None:
    """Report no progress."""


def publish_site(
    reading: Reading, out: Path, profiles: Profiles | None = None, progress: Progress = _no_progress
) -> SiteReport:
    """Write the site of a season into `out`, in place of what stood there.

    Raises Misuse for an agent or user that does not exist, and what `folder.replacing` raises.
    """
    held, asked = Held.of(reading), profiles or Profiles()
    links = Links.to(
        agent=_chosen(held, "agent", asked.most, asked.agents),
        user=_chosen(held, "user", asked.most, asked.users),
        team=_chosen(held, "team", asked.most, ()),
        board=held.boards(),
    )
    renderer = Renderer(held, links, progress)
    n_pages = n_bytes = 0
    with replacing(out, reading.generation.id) as folder:
        for section in SECTIONS:
            for page in section(renderer):
                n_pages += page.path.endswith(".html")
                n_bytes += _write(folder, page)
        for page in _assets(renderer):
            n_bytes += _write(folder, page)
    n_subjects = sum(held.frame(table).height for table, _, _ in FIRST.values())
    return SiteReport(out, n_pages, n_bytes, sum(len(links.paths[kind]) for kind in FIRST), n_subjects)


def _write(folder: Path, page: Page) -> int:
    path = folder / page.path
    path.parent.mkdir(parents=True, exist_ok=True)
    content = page.text.encode()
    path.write_bytes(content)
    return len(content)


def _chosen(held: Held, kind: str, most: int, asked: Sequence[str]) -> list[str]:
    """The ids of those with a page: the first by what they earned, and those that were asked for."""
    table, key, earned = FIRST[kind]
    stats = held.frame(table)
    first = stats.sort(*earned, key, descending=[True, True, False])[key].head(most).to_list()
    everybody = stats[key].to_list()
    if kind == "agent" and not set(asked) <= set(everybody):  # some have submitted only what counts nowhere
        everybody = held.collect(held.table("submissions").select(pl.col(key).unique()))[key].to_list() + everybody
    named = [one_of(name, everybody, kind) for name in asked]
    return list(dict.fromkeys([*first, *named]))


def _assets(renderer: Renderer) -> Iterator[Page]:
    from plotly.offline import get_plotlyjs

    static = files("pipelines.reports.site") / "static"
    for name in STATIC:
        yield Page(f"assets/{name}", (static / name).read_text("utf-8"))
    yield Page("assets/plotly.min.js", get_plotlyjs())
    yield Page("assets/names.js", data_file("names", _names(renderer)))


def _names(renderer: Renderer) -> list[dict[str, str]]:
    """What the search field finds: everything with a page of its own. The lists find everybody."""
    paths = renderer.links.paths
    found = [{"name": name, "kind": kind, "page": page} for kind in paths for name, page in paths[kind].items()]
    return sorted(found, key=lambda entry: (entry["name"], entry["kind"]))
