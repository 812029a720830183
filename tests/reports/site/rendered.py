"""Pages of a literal season as text, for the tests of what they say: no browser, and no folder of a site."""

import html
import re
from collections.abc import Callable, Iterator

import polars as pl

from pipelines.game.rules import Rulebook
from pipelines.reports.reading import Reading
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import Links
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.store.generation import Generation


def held_of(generation: Generation, rules: Rulebook, **frames: pl.DataFrame) -> Held:
    """The season as pages read it, with other rows in some of its small tables."""
    held = Held.of(Reading(generation, rules))
    held._frames.update(frames)
    return held


def pages_of(section: Callable[[Renderer], Iterator[Page]], held: Held, **links: list[str]) -> dict[str, str]:
    """The pages of a section by their path. `links`: who has a page of their own."""
    made = Renderer(held, Links.to(**links), lambda stage, done, total: None)
    return {page.path: page.text for page in section(made)}


def words(page: str) -> str:
    """What a reader sees of a page: its text without scripts, in one line."""
    body = page.partition("<main")[2].partition(">")[2].partition("</main>")[0]
    shown = re.sub(r"<(script|svg|noscript)\b.*?</\1>", " ", body, flags=re.DOTALL)
    text = re.sub(r"</?(b|bdi|a|em)\b[^>]*>|</?code>", "", shown)  # these stand inside a line
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())
