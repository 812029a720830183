"""Faults as Dagster should see them: the sentence on top, and another try only where waiting helps.

Not here: the faults themselves; each stands where it is raised.
"""

from collections.abc import Iterator
from contextlib import contextmanager

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
    except Exception as fault:
        raise dg.Failure(_of_ours(fault), allow_retries=False) from fault


def _of_ours(fault: Exception) -> str:
    kind = type(fault).__name__  # its message may quote a line of somebody's log: it is not repeated here
    return f"A fault of Podium stopped the run ({kind}): please report it. What is published stays whole."
