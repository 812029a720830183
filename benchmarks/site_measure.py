"""The report site of a large season: `python benchmarks/site_measure.py [--browser] [--work DIR]`.

Here: 10,000 agents with a million submissions are generated (once), played, and their site is written by a fresh
process, whose seconds and peak memory are told; with `--browser` the board of points is opened in Chromium and sorted
and searched there. Ends with 1 if a stage fails. Not here: the season (generate.py), playing it (stages.py), how a
process is measured (processes.py). Imports nothing large, for a child's peak begins at its parent's.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from processes import Measured, run, say

# Done in the page: the handlers run at once, and the second frame after them comes when the first one was drawn.
TIMED = """async (act) => {
  const frame = () => new Promise(requestAnimationFrame), begin = performance.now();
  const search = document.querySelector(".tools input[type=search]");
  if (act === "sort") [...document.querySelectorAll("th button")].find((b) => b.textContent === "Tasks").click();
  else { search.value = "agent-0012"; search.dispatchEvent(new Event("input")); }
  await frame();
  await frame();
  return [performance.now() - begin, document.querySelectorAll("tbody tr").length];
}"""


def main() -> None:
    chosen = _arguments()
    if chosen.write:
        print(json.dumps(write(*chosen.write)))
        return
    chosen.work.mkdir(parents=True, exist_ok=True)
    season = chosen.work / f"season-{chosen.rows}-{chosen.agents}.jsonl"
    if not season.exists():
        say(f"generating {chosen.rows:,} submissions of {chosen.agents:,} agents")
        half = season.with_suffix(".half")
        run("generate.py", "--rows", str(chosen.rows), "--agents", str(chosen.agents), "--out", str(half))
        half.replace(season)
    place = Path(tempfile.mkdtemp(prefix="site-", dir=chosen.work))
    home, out = place / "home", place / "site"
    try:
        say("playing the season")
        played = run("stages.py", "both", str(season), str(home))
        say("writing the site")
        written = run("site_measure.py", "--write", str(home), str(out))
        print(report(played, written))
        if chosen.browser:
            print("\n" + looked_at(out))
    finally:
        if not chosen.keep:
            shutil.rmtree(place)


def write(home: Path, out: Path) -> dict[str, Any]:
    """Write the site of a home, and tell of it. The stages go to standard error as they begin."""
    from pipelines.reports.reading import Reading
    from pipelines.reports.site.publishing import publish_site
    from pipelines.settings import settings

    stages: dict[str, float] = {}

    def follow(stage: str, _done: int, total: int) -> None:
        if stage not in stages:
            say(f"{stage} ({total:,})")
            stages[stage] = time.perf_counter()

    begin = time.perf_counter()
    written = publish_site(Reading.open(settings(home)), out, progress=follow)
    seconds = time.perf_counter() - begin
    return {"seconds": seconds, "pages": written.n_pages, "bytes": written.n_bytes, "profiles": written.n_profiles,
            "subjects": written.n_subjects, "files": sum(path.is_file() for path in out.rglob("*"))}  # fmt: skip


def report(played: Measured, written: Measured) -> str:
    """The results in Markdown."""
    made = written.result
    cells = (
        *(f"{written.wall:.1f}", f"{written.cpu:.1f}", f"{written.peak_gib:.2f}", f"{made['pages']:,}"),
        *(f"{made['files']:,}", f"{made['bytes'] / 1e6:.1f}", f"{made['profiles']:,}", f"{made['subjects']:,}"),
    )
    return "\n".join(
        [
            f"{played.result['lines']:,} lines, played in {played.wall:.1f} s.",
            "",
            "| wall s | CPU s | peak GiB | pages | files | MB | profiles | of |",
            "|--:|--:|--:|--:|--:|--:|--:|--:|",
            f"| {' | '.join(cells)} |",
        ]
    )


def looked_at(site: Path) -> str:
    """The board of points in Chromium: milliseconds until its first row, until all can be sorted, of both actions."""
    from playwright.sync_api import sync_playwright

    from pipelines.reports.site.links import path_of
    from pipelines.settings import browser

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser(), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        begin = time.perf_counter()
        page.goto((site / path_of("board", "points")).as_uri(), wait_until="commit")
        page.locator("tbody tr").first.wait_for()
        first = (time.perf_counter() - begin) * 1000
        page.locator(".pages").get_by_text("Rows 1 to").wait_for()
        whole = (time.perf_counter() - begin) * 1000
        (sort_ms, _), (search_ms, n_found) = page.evaluate(TIMED, "sort"), page.evaluate(TIMED, "search")
        said = page.get_by_role("status").text_content()
        chromium.close()
    return (
        f"The board of points in Chromium, ms: first row {first:.0f}, whole board at hand {whole:.0f}, "
        f"sorted {sort_ms:.0f}, searched {search_ms:.0f} ({n_found} rows found: {said})."
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--agents", type=int, default=10_000)
    parser.add_argument("--browser", action="store_true", help="open it in Chromium, too")
    parser.add_argument("--keep", action="store_true", help="keep the home and the site")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "podium-benchmark")
    parser.add_argument("--write", nargs=2, type=Path, metavar=("HOME", "OUT"), help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
