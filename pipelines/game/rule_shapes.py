"""What rules are made of: frozen, strict shapes, and the words that many of them share.

Not here: the rules themselves (rules.py, board_rules.py).
"""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipelines.game.records import DIFFICULTIES, TASK_TYPES


def _slug(text: str) -> str:
    if not text or any(not (c.isascii() and (c.islower() or c.isdigit() or c in "-_.")) for c in text):
        raise ValueError("must be lower-case letters, digits, `-`, `_` and `.`")
    return text


def words_of(allowed: tuple[str, ...]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
    """A check that all words of a list are among the `allowed` ones."""

    def check(words: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(words) - set(allowed)):
            raise ValueError(f"`{unknown[0]}` is none of {', '.join(allowed)}")
        return words

    return check


Slug = Annotated[str, AfterValidator(_slug)]
Seconds = Annotated[int, Field(ge=0, le=10**9)]
OneOrMany = Annotated[tuple[str, ...], Field(strict=False)]


class Rules(BaseModel):
    """Frozen, strict (no number in quotes), and closed: an unknown key is a mistake worth a sentence."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def one_is_many(given: Any, lists: Iterable[str]) -> Any:
    """What was given, with a single text where a list may stand made a list of one."""
    if not isinstance(given, dict):
        return given
    many = set(lists)
    return {key: (value,) if key in many and isinstance(value, str) else value for key, value in given.items()}


class Filters(Rules):
    """Which submissions a badge, board or window looks at; an empty tuple lets all through."""

    problem: OneOrMany = ()
    task: OneOrMany = ()
    task_type: Annotated[OneOrMany, AfterValidator(words_of(TASK_TYPES))] = ()
    difficulty: Annotated[OneOrMany, AfterValidator(words_of(DIFFICULTIES))] = ()
    team: OneOrMany = ()

    @model_validator(mode="before")
    @classmethod
    def _one_is_many(cls, given: Any) -> Any:
        return one_is_many(given, Filters.model_fields)


class Requiring(Protocol):
    """An entry that may require others of its kind."""

    @property
    def slug(self) -> str:
        """Its name; entries of one slug are its tiers."""

    @property
    def requires(self) -> tuple[str, ...]:
        """The slugs that it requires."""


def check_requires(entries: Iterable[Requiring], kind: str) -> None:
    """Raise ValueError if an entry requires one that does not exist, or itself, however far around."""
    needs: dict[str, set[str]] = {}
    for entry in entries:
        needs.setdefault(entry.slug, set()).update(entry.requires)
    for slug, required in needs.items():
        for other in sorted(required - needs.keys()):
            raise ValueError(f"{kind} `{slug}` requires `{other}`, which is not {_an(kind)}")
    done: set[str] = set()
    while ready := {slug for slug, required in needs.items() if required <= done} - done:
        done |= ready
    if circle := sorted(needs.keys() - done):
        raise ValueError(f"{kind}s {', '.join(circle)} require each other in a circle")


def _an(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"
