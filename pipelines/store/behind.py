"""Writing behind: one part of a table is written while the next one is made. Not here: how it is written."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import polars as pl

Write = Callable[[str, pl.DataFrame], None]


@contextmanager
def behind(write: Write) -> Iterator[Write]:
    """Give a `write` that does its work in a thread of its own, in the order in which it was asked to.

    It comes back at once, unless the part before is still waiting: memory holds two parts. What writing raises is
    raised by a later call, or at the end of the block, which ends when all is written.
    """
    waiting: deque[Future[None]] = deque()

    def put(table: str, frame: pl.DataFrame) -> None:
        while len(waiting) > 1:
            waiting.popleft().result()
        waiting.append(pool.submit(write, table, frame))

    with ThreadPoolExecutor(1, "writing") as pool:
        try:
            yield put
            while waiting:
                waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)  # after a fault, or Ctrl-C: what waits is not written
