"""Where pages are: names of files that no stranger's id can reach out of, and links from page to page.

An id becomes the letters and digits in it and a piece of its hash: `lemma-lark-5f2a81c0.html`. Not here: which
subjects have a page (publishing.py).
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Self

MAX_SLUG = 40  # characters of an id that a file's name repeats
FOLDERS = {"agent": "agents", "user": "users", "team": "teams", "board": "boards"}


def file_stem(name: str) -> str:
    """A file's name without suffix for any text: ASCII letters, digits and `-`, and eight hexadecimal digits."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_SLUG].strip("-")
    digest = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return f"{slug}-{digest}" if slug else digest


@dataclass(frozen=True)
class Links:
    """Which agents, users, teams and boards have a page: by kind, id to path from the root of the site."""

    paths: Mapping[str, Mapping[str, str]]

    @classmethod
    def to(cls, **ids: Iterable[str]) -> Self:
        """Links to a page for each of the ids, by kind: `agent`, `user`, `team`, `board`."""
        return cls({kind: {name: path_of(kind, name) for name in names} for kind, names in ids.items()})

    def path(self, kind: str, name: str | None) -> str | None:
        """The page of a subject from the root of the site; None if it has none."""
        return None if name is None else self.paths.get(kind, {}).get(name)


def path_of(kind: str, name: str) -> str:
    """Where the page of a subject would be, from the root of the site."""
    return f"{FOLDERS[kind]}/{file_stem(name)}.html"


def root_from(path: str) -> str:
    """The way from a page back to the root of the site: `../` for each folder it stands in."""
    return "../" * path.count("/")
