"""What a check finds. Not here: the checks (checkup.py, quality_checks.py), how findings look (checkup_view.py)."""

from dataclasses import dataclass
from typing import Literal

Mark = Literal["ok", "attention", "broken"]


@dataclass(frozen=True)
class Finding:
    """What a check found, in a sentence, with the things that it speaks of; `source`: if it is of one kind of log."""

    check: str
    mark: Mark
    sentence: str
    details: tuple[str, ...] = ()
    source: str | None = None
