"""Reading ahead: the next items are made while the present one is worked on. Not here: what the items are."""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Made = TypeVar("Made")


def ahead(items: Iterator[Item]) -> Iterator[Item]:
    """The same items in the same order, each made in a thread of its own while the one before it is in use.

    Holds one item more in memory. What making an item raises is raised where that item would have come.
    """
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(next, items, None)
        while (item := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield item
            del item  # or it would stay in memory while the one after the next is made


def made_ahead(items: Iterator[Item], make: Callable[[Item], Made], n_threads: int) -> Iterator[Made]:
    """What `make` gives for each item, in order, made in so many threads while the one before is in use.

    The items themselves are taken in the caller's thread; about twice as many as threads are in memory. What an item
    or its making raises is raised in its place at the latest. Without threads each is made when it is asked for.
    """
    if not n_threads:
        yield from map(make, items)
        return
    with ThreadPoolExecutor(n_threads) as pool:
        coming: deque[Future[Made]] = deque()
        try:
            for item in items:
                coming.append(pool.submit(make, item))
                if len(coming) > n_threads:
                    yield coming.popleft().result()
            while coming:
                yield coming.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)  # after a fault, or Ctrl-C: what waits is not made
