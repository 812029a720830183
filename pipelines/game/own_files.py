"""TOML files that people write for Podium: read, and the sentences that a wrong one earns.

Not here: what stands in them (rulebook.py, arena/policy.py, reports/exports/configured.py).
"""

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pipelines.game.faults import PodiumError

N_TOLD = 3  # faults of a file that one sentence names
_PLAINLY = {"extra_forbidden": "this key is not known", "missing": "is missing"}
Steps = tuple[int | str, ...]


def read_toml(path: Path, fault: type[PodiumError], what: str = "") -> dict[str, Any]:
    """What a file says. Raises `fault` with a sentence that `what` begins: "The rulebook "."""
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except OSError as found:
        raise fault(f"{what}{path} cannot be read: {found.strerror}.") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as found:
        raise fault(f"{what}{path} is not valid TOML: {found}.") from None


def unusable(what: str, broken: ValidationError, place_of: Callable[[Steps], str]) -> str:
    """The sentence about content of another shape: its first faults, each with its place.

    `place_of`: how a reader is told a place, from the steps that lead to it.
    """
    faults = [
        f"{place_of(found['loc'])}: {_plainly(found['type'], found['msg'])}"
        for found in broken.errors(include_url=False)
    ]
    more = f" (and {len(faults) - N_TOLD} more)" if len(faults) > N_TOLD else ""
    return f"{what} is not usable. {'; '.join(faults[:N_TOLD])}{more}."


def _plainly(kind: str, message: str) -> str:
    said = _PLAINLY.get(kind) or message.removeprefix("Value error, ").replace("tuple", "list")
    return f"{said[:1].lower()}{said[1:]}"
