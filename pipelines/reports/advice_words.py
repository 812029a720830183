"""Words of advice that a terminal and a page share: the kind of work, and what to mind where calls are few.

Not here: the reasons of what is advised (insight/advice/because.py).
"""

from collections.abc import Mapping
from typing import Any

from pipelines.reports.quantities import counted

FEW = 20  # calls of a subject: with fewer what is advised is what others' calls say
FEW_OF_ALL = 100  # calls of everybody: with fewer agents can hardly be told apart
_UNTOLD = "work of which neither category nor difficulty is told"


def work_of(row: Mapping[str, Any]) -> str:
    """The kind of work of a row with `category` and `difficulty`, either of which may be None."""
    category, difficulty = row["category"], row["difficulty"]
    if category is None:
        return (
            f"{difficulty} work without a category"
            if difficulty
            else "work of which neither category nor difficulty is told"
        )
    return f"{difficulty} {category}" if difficulty else f"{category}, difficulty not told"


def few_in_all(n_all: int) -> str:
    """What to mind where everybody made `n_all` calls; empty of many."""
    if n_all >= FEW_OF_ALL:
        return ""
    return f"{counted(n_all, 'call')} in all can hardly tell agents apart: mind the intervals."
