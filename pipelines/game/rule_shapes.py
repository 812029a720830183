"""What rules are made of: frozen, strict shapes, and the words that many of them share.

Not here: the rules themselves (rules.py, board_rules.py).
"""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from pipelines.game.records import DIFFICULTIES, TASK_TYPES


def _slug(text: str) -> str:
    if not text or any(not (c.isascii() and (c.islower() or c.isdigit() or c in "-_.")) for c in text):
        raise ValueError("must be lower-case letters, digits, `-`, `_` and `.`")
    return text


def _words_of(allowed: tuple[str, ...]) -> Callable[[tuple[str, ...]], tuple[str, ...]]:
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


class Filters(Rules):
    """Which submissions a badge, board or window looks at; an empty tuple lets all through."""

    problem: OneOrMany = ()
    task: OneOrMany = ()
    task_type: Annotated[OneOrMany, AfterValidator(_words_of(TASK_TYPES))] = ()
    difficulty: Annotated[OneOrMany, AfterValidator(_words_of(DIFFICULTIES))] = ()
    team: OneOrMany = ()

    @model_validator(mode="before")
    @classmethod
    def _one_is_many(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        return {k: (v,) if k in Filters.model_fields and isinstance(v, str) else v for k, v in given.items()}
