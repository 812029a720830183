"""The rulebook: the default rules, and a user's own file that lies over them.

Here: laying one content over another, and what the places in a rulebook are called. Not here: reading a file
(own_files.py), the shape of the rules (rules.py), what they do.
"""

import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipelines.game.faults import PodiumError
from pipelines.game.own_files import read_toml, unusable
from pipelines.game.rules import KEYED_LISTS, Rulebook


class RulebookError(PodiumError):
    """A rulebook that cannot be used; the message names the file, the key and what is allowed."""


def load_rulebook(path: Path | None = None) -> Rulebook:
    """The default rules, with the file at `path` laid over them. Raises RulebookError with a sentence."""
    merged = tomllib.loads(files("pipelines.game").joinpath("rulebook.toml").read_text("utf-8"))
    if path is not None:
        merged = lay_over(merged, read_toml(path, RulebookError, "The rulebook "))
    return parse_rulebook(merged, str(path) if path else "the default rulebook")


def parse_rulebook(content: dict[str, Any], origin: str) -> Rulebook:
    """Validate a rulebook's content; `origin` names it in the sentence of a RulebookError."""
    try:
        book = Rulebook.model_validate(_without_disabled(content))
    except ValidationError as broken:
        what = f"The rulebook ({origin})"
        raise RulebookError(unusable(what, broken, lambda steps: f"`{_key(steps, content) or 'as a whole'}`")) from None
    return book


def _without_disabled(content: dict[str, Any]) -> dict[str, Any]:
    def kept(entries: Any) -> Any:
        if not isinstance(entries, list):
            return entries
        return [e for e in entries if not (isinstance(e, dict) and e.get("enabled") is False)]

    return {key: kept(value) if key in KEYED_LISTS else value for key, value in content.items()}


def lay_over(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """`base` with the keys of `over` replacing its own; keyed lists entry by entry, by slug (and tier)."""
    result = dict(base)
    for key, value in over.items():
        held = result.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            result[key] = lay_over(held, value)
        elif key in KEYED_LISTS and isinstance(value, list) and all(isinstance(e, dict) for e in value):
            entries = {_entry_name(entry): entry for entry in held or []}
            names = [_entry_name(entry) for entry in value]
            if twice := [entry.get("slug") for entry, name in zip(value, names, strict=True) if names.count(name) > 1]:
                raise RulebookError(f"The rulebook has two [[{key}]] entries `{twice[0]}`: make them one.")
            for entry in value:
                name = _entry_name(entry)
                entries[name] = {**entries.get(name, {}), **entry}
            result[key] = list(entries.values())
        else:
            result[key] = value
    return result


def _entry_name(entry: dict[str, Any]) -> str:
    """What tells entries of a keyed list apart; of whatever type the slug is: that is looked at later."""
    return repr((entry.get("slug"), entry.get("tier")))


def _key(steps: tuple[int | str, ...], content: dict[str, Any]) -> str:
    """The dotted key of a fault, with entries of keyed lists by their slug: `badge[on-fire].threshold`."""
    held: Any = _without_disabled(content)
    key = ""
    for step in steps:
        try:
            held = held[step]
        except (KeyError, IndexError, TypeError):
            held = None
        slug = held.get("slug") if isinstance(step, int) and isinstance(held, dict) else None
        key += f"[{step if slug is None else slug}]" if isinstance(step, int) else f".{step}"
    return key.removeprefix(".")
