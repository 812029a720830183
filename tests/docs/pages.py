"""The project's pages, taken apart: sections by heading, rows of tables, fenced examples."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])


@dataclass(frozen=True)
class Example:
    """What stands between two fences; `info` is what stands behind the first, such as `json refused=not_json`."""

    page: str
    line: int
    info: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"

    def lines(self) -> list[str]:
        return self.text.splitlines()


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def examples(path: Path) -> list[Example]:
    """The fenced examples of a page, with the lines on which they begin."""
    text = path.read_text("utf-8")
    fences = re.finditer(r"^```([^\n`]*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [Example(path.name, text.count("\n", 0, m.start()) + 1, m[1].strip(), m[2]) for m in fences]


def all_examples(*infos: str) -> list[Example]:
    """The examples of all pages behind whose first fence one of `infos` stands."""
    return [example for path in PAGES for example in examples(path) if example.info in infos]


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next one of its level or above; a heading is `## Badges`."""
    level = len(heading.split(" ")[0])
    found = re.search(
        rf"^{re.escape(heading)}\n(.*?)(?=^#{{1,{level}}} |\Z)", without_fences(text), re.MULTILINE | re.DOTALL
    )
    assert found, f"there is no heading `{heading}`"
    return found[1]


def without_fences(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def table_rows(text: str) -> dict[str, list[str]]:
    """The rows of all tables whose first cell is a word in backticks, by that word; of two the first."""
    rows: dict[str, list[str]] = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if line.startswith("|") and (named := re.fullmatch(r"`([^`]+)`", cells[0])):
            rows.setdefault(named[1], cells[1:])
    return rows
