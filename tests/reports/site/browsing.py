"""The site in a real browser, and everything that it must not do there: complain, ask for an address, ask a person.

Here: tabs that write down what happens in them, and which pages a site has. Not here: what a page should show.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
SWITCHES = ("--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND", "--force-color-profile=srgb")
LEFT = "net::ERR_ABORTED"  # the page was left before it had asked for all


@dataclass
class Tab:
    """A tab on the pages of one site. `complaints`: all that no page may do, with the page that did it."""

    page: Any
    site: Path
    at: str = ""
    complaints: list[str] = field(default_factory=list)

    def open(self, path: str, *, charts: bool = False) -> Any:
        """Go to a page by its path in the site; with `charts` scroll until every chart of it is drawn."""
        file, hash_, rest = path.partition("#")
        self.at = path
        self.page.goto((self.site / file).as_uri() + hash_ + rest)
        if charts:
            self.draw()
        return self.page

    def draw(self) -> None:
        """Scroll to every chart, for they are drawn when they come into sight; then back to the top."""
        for plot in self.page.locator(".plot:visible").all():
            plot.scroll_into_view_if_needed()
            plot.locator(".main-svg").first.wait_for(state="attached")
        self.page.evaluate("scrollTo(0, 0)")

    def comes_true(self, expression: str, seconds: float = 8) -> bool:
        """Whether an expression of JavaScript becomes true; Playwright's own waiting is forbidden by the pages."""
        end = time.monotonic() + seconds
        while not (held := self.page.evaluate(expression)) and time.monotonic() < end:
            self.page.wait_for_timeout(30)
        return bool(held)

    def texts(self, selector: str) -> list[str]:
        """The text of every such element."""
        return self.page.locator(selector).all_text_contents()

    def complain(self, what: str) -> None:
        self.complaints.append(f"{self.at}: {what}")


@contextmanager
def tab(chromium: Any, site: Path, **how: Any) -> Iterator[Tab]:
    """A tab with a profile of its own. `how`: of the context, as `color_scheme` or `java_script_enabled`."""
    context = chromium.new_context(**{"viewport": WIDE, **how})
    made = Tab(context.new_page(), site)
    page = made.page
    page.on("console", lambda said: said.type in ("error", "warning") and made.complain(f"said {said.text}"))
    page.on("pageerror", lambda fault: made.complain(f"failed with {fault}"))
    page.on("request", lambda asked: asked.url.startswith("file://") or made.complain(f"asked for {asked.url}"))
    page.on("requestfailed", lambda asked: asked.failure == LEFT or made.complain(f"has no {asked.url}"))
    page.on("dialog", lambda asked: (made.complain(f"asked {asked.message}"), asked.dismiss()))
    page.on("popup", lambda other: made.complain(f"opened {other.url}"))
    yield made
    context.close()


def pages(site: Path) -> list[str]:
    """Every page of a site, by its path from the root."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def kinds(site: Path) -> dict[str, str]:
    """The kinds of pages: each page at the root (of races the first), and of each folder the largest."""
    found = {path: path for path in pages(site) if "/" not in path and not path.startswith("race-")}
    for path in sorted(pages(site), key=lambda path: (site / path).stat().st_size):
        if "/" in path:
            found[path.partition("/")[0] + "/"] = path
    return found
