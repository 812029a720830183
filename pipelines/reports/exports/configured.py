"""Which exports are made every night: `exports.toml` in the home, or without one a few boards as CSV.

Not here: making them (nightly.py), what a format holds (formats.py).
"""

from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError, model_validator

from pipelines.game.faults import PodiumError
from pipelines.game.own_files import Steps, read_toml, unusable
from pipelines.game.rule_shapes import OneOrMany, Rules, Slug, one_is_many, words_of
from pipelines.reports.exports.formats import FORMATS
from pipelines.reports.reading import Reading

FILE = "exports.toml"
_DEFAULT = (("points", "all"), ("points", "week"), ("xp-agent", "all"), ("xp-agent", "week"))


class ExportsFault(PodiumError):
    """An `exports.toml` that cannot be used; the message names the file, the entry and the key."""


def _shown(name: str) -> str:
    if not name[0].isalnum():
        raise ValueError("must begin with a letter or a digit")
    return name


class ConfiguredExport(Rules):
    """One `[[export]]`: a board in its latest window, in one format or several."""

    board: str
    window: str | None = None
    format: Annotated[OneOrMany, Field(min_length=1), AfterValidator(words_of(tuple(FORMATS)))] = ("csv",)
    scope_id: str | None = None
    top: Annotated[int, Field(ge=1)] | None = None
    name: Annotated[Slug, Field(max_length=100), AfterValidator(_shown)] | None = None

    @model_validator(mode="before")
    @classmethod
    def _one_is_many(cls, given: Any) -> Any:
        return one_is_many(given, ["format"])


class _File(Rules):
    export: Annotated[tuple[ConfiguredExport, ...], Field(strict=False)] = ()


def configured_exports(home: Path, reading: Reading) -> tuple[ConfiguredExport, ...]:
    """What `exports.toml` in the home asks for; without the file the default, as far as the rulebook has its boards.

    Raises ExportsFault with a sentence.
    """
    path = home / FILE
    if not path.is_file():
        return tuple(ConfiguredExport(board=board, window=window) for board, window in _DEFAULT if _has(reading, board))
    try:
        return _File.model_validate(read_toml(path, ExportsFault)).export
    except ValidationError as broken:
        raise ExportsFault(unusable(str(path), broken, _place)) from None


def _has(reading: Reading, board: str) -> bool:
    rule = reading.board_rule(board)
    return rule is not None and {"all", "week"} <= set(rule.windows)


def _place(steps: Steps) -> str:
    """The entry by its number from 1, and the key."""
    where = f"[[export]] {steps[1] + 1}" if len(steps) > 1 and isinstance(steps[1], int) else "as a whole"
    key = f", `{steps[2]}`" if len(steps) > 2 else f", `{steps[0]}`" if steps else ""
    return f"{where}{key}"
