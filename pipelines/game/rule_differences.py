"""What differs between two rulebooks, key by key, and a rulebook laid over by a few keys.

Keys are spelt as the sentences about faulty rulebooks spell them: `points.first_solver`, `badge[on-fire].threshold`.
Not here: reading rulebooks (rulebook.py), what the difference makes of a season (comparison.py).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pipelines.game.rulebook import lay_over, parse_rulebook
from pipelines.game.rules import KEYED_LISTS, Rulebook


@dataclass(frozen=True)
class Difference:
    """One key whose value differs. Of an entry that only one rulebook has, the key is the entry: `badge[on-fire]`.

    `before`, `after`: the values as JSON knows them; None where the rulebook has no such key.
    """

    key: str
    before: Any
    after: Any
    kind: Literal["changed", "added", "removed"]


def differences(before: Rulebook, after: Rulebook) -> list[Difference]:
    """Every key in which two rulebooks differ, in the order of the keys of a rulebook. None if fingerprints agree."""
    return list(_between(_entries_by_name(content_of(before)), _entries_by_name(content_of(after)), ""))


def content_of(rules: Rulebook) -> dict[str, Any]:
    """The content of a file that says all of these rules: `parse_rulebook` makes the same rulebook of it."""
    content = rules.model_dump()
    boards = [{**board, "order": [_spelt(by) for by in board["order"]]} for board in content["board"]]
    return {**content, "board": boards}


def overlaid(rules: Rulebook, over: Mapping[str, Any], origin: str = "what is laid over it") -> Rulebook:
    """`rules` with a few keys laid over them, as a file lies over the default ones: `{"points": {"first_solver": 20}}`.

    Entries of badges, boards, achievements and windows are found by their slug (and tier); `"enabled": False` switches
    one off. Raises RulebookError with a sentence; `origin` names the new keys in it.
    """
    return parse_rulebook(lay_over(content_of(rules), dict(over)), origin)


def _spelt(by: Mapping[str, Any]) -> str:
    return f"{by['measure']} {'desc' if by['descending'] else 'asc'}"


def _entries_by_name(content: dict[str, Any]) -> dict[str, Any]:
    """The keyed lists as mappings, so that an entry is itself wherever it stands."""
    return {
        key: {_name(entry): entry for entry in value} if key in KEYED_LISTS else value for key, value in content.items()
    }


def _name(entry: Mapping[str, Any]) -> str:
    tier = entry.get("tier")
    return f"[{entry['slug']}:{tier}]" if tier else f"[{entry['slug']}]"


def _between(before: Mapping[str, Any], after: Mapping[str, Any], within: str) -> Iterator[Difference]:
    for key in dict.fromkeys([*before, *after]):
        path = f"{within}{key}" if key.startswith("[") or not within else f"{within}.{key}"
        held, new = before.get(key), after.get(key)
        if isinstance(held, Mapping) and isinstance(new, Mapping):
            yield from _between(held, new, path)
        elif key not in before or key not in after:
            yield Difference(path, held, new, "removed" if key in before else "added")
        elif held != new:
            yield Difference(path, held, new, "changed")
