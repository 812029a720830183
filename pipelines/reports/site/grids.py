"""A table as pages and the site's script know it: columns of a few kinds, and their values, column by column.

The first rows stand in the page, for readers without a script; all of them in a file that the script loads. A kind
says how a value is drawn; templates/parts.html.j2 and static/cells.js draw the same kinds.
Not here: which columns a table has (`*_pages.py`).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal[
    "rank",  # a whole number; the first three wear a medal
    "move",  # places climbed (positive) or lost; null: none before
    "who",  # a name; its page stands in the column of the same key with `.page`
    "whole",
    "mean",  # one decimal
    "share",  # 0 to 1
    "days",  # a run of days
    "level",  # [level, title]
    "badges",  # slugs, the rarest first
    "spark",  # amounts of the last days
    "text",  # words, by which rows are found too
    "sure",  # [by what it is sorted, the value as text, its interval as text]
    "reason",  # a sentence, in which names stand between backticks
]
_UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@dataclass(frozen=True)
class Col:
    """A column: the key of its values, its heading, its kind, and a sentence for who wonders what it is."""

    key: str
    label: str
    kind: Kind
    help: str = ""


@dataclass(frozen=True)
class Grid:
    """A table: columns, their values by key (all of one length), and how many rows there are if not all are here."""

    cols: Sequence[Col]
    values: Mapping[str, Sequence[Any]]
    n_total: int

    @property
    def n(self) -> int:
        """Rows that are here."""
        return len(self.values[self.cols[0].key])

    def rows(self, most: int) -> Iterator[dict[str, Any]]:
        """The first rows, each with its values by key."""
        for n in range(min(most, self.n)):
            yield {key: held[n] for key, held in self.values.items()}

    def for_script(self) -> dict[str, Any]:
        """The same for the script."""
        cols = [{"key": c.key, "label": c.label, "kind": c.kind, "help": c.help} for c in self.cols]
        return {"cols": cols, "values": dict(self.values), "total": self.n_total}


def script_json(value: object) -> str:
    """JSON that stands safely inside a `<script>` of any type, and in a file of JavaScript."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for sign, escape in _UNSAFE.items():
        text = text.replace(sign, escape)
    return text


def data_file(key: str, value: object) -> str:
    """A file of JavaScript that hands `value` to the script under `key`: pages opened from files may load no other."""
    return f"podium.take({script_json(key)},{script_json(value)});\n"
