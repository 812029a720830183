"""A crash at a step of the work: from then on nothing of ours runs any more. Not here: kills of whole processes."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest


class Crash(BaseException):
    """The process ends here."""


@contextmanager
def crash_before(step: int, calls: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Raise Crash before the step-th of some calls of the system, by their names in `os`."""
    n_steps = 0

    def counted(real: Callable[..., Any]) -> Callable[..., Any]:
        def instead(*args: Any, **kwargs: Any) -> Any:
            nonlocal n_steps
            n_steps += 1
            if n_steps == step:
                raise Crash
            return real(*args, **kwargs)

        return instead

    with monkeypatch.context() as patch:
        for name in calls:
            patch.setattr(os, name, counted(getattr(os, name)))
        yield
