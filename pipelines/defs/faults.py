"""Faults as Dagster should see them: the sentence on top, and another try only where waiting helps.

Not here: the faults themselves; each stands where it is raised.
"""

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from pipelines.defs.run import Run
from pipelines.game.faults import PodiumError
from pipelines.store.runlock import RunBusy
from pipelines.store.warehouse import WarehouseBusy

# 15 s, 30 s, 1 min, 2 min, 4 min: as long as another run of the same home may take
PATIENCE = dg.RetryPolicy(max_retries=5, delay=15, backoff=dg.Backoff.EXPONENTIAL)


@contextmanager
def told_plainly(run: Run) -> Iterator[None]:
    """Raise what goes wrong as a `dg.Failure` that begins with a sentence. Only a busy home is tried again.

    A disk that is full, a wrong rulebook or a fault of ours stays what it is, however often it is tried.
    """
    try:
        yield
    except (RunBusy, WarehouseBusy) as fault:
        raise dg.Failure(str(fault), allow_retries=not run.is_attended) from fault
    except PodiumError as fault:
        raise dg.Failure(str(fault), allow_retries=False) from fault
    except Exception as fault:  # noqa: BLE001 - raised again, without its message: it may quote a line of somebody's log
        where = {"where": dg.MetadataValue.text(_where(fault))}
        raise dg.Failure(_of_ours(fault), metadata=where, allow_retries=False) from None


def _of_ours(fault: Exception) -> str:
    kind = type(fault).__name__
    return f"A fault of Podium stopped the run ({kind}): please report it. What is published stays whole."


def _where(fault: Exception) -> str:
    """The calls that led to a fault, innermost first: files, lines and functions, no values."""
    frames = reversed(traceback.extract_tb(fault.__traceback__))
    return " < ".join(f"{Path(of.filename).name}:{of.lineno} {of.name}" for of in frames)
