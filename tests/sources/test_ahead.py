"""Reading ahead gives the same items in the same order, and the same faults, in one thread or in several."""

import threading

import pytest

from pipelines.sources.ahead import ahead, made_ahead


def test_the_items_are_the_same_in_the_same_order():
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead(iter(()))) == []


def test_a_fault_comes_where_its_item_would_have_come():
    def items():
        yield 1
        yield 2
        raise ValueError("torn")

    coming = ahead(items())
    assert [next(coming), next(coming)] == [1, 2]
    with pytest.raises(ValueError, match="torn"):
        next(coming)


def test_the_next_item_is_made_while_the_present_one_is_in_use():
    made = threading.Event()

    def items():
        yield 1
        made.set()
        yield 2

    coming = ahead(items())
    assert next(coming) == 1
    assert made.wait(5)
    assert list(coming) == [2]


def test_one_who_stops_in_the_middle_leaves_no_thread_behind():
    before = threading.active_count()
    coming = ahead(iter(range(10)))
    next(coming)
    coming.close()
    assert threading.active_count() == before


def test_what_several_threads_make_comes_in_order():
    slow_first = threading.Event()

    def make(n: int) -> int:
        if n == 1:
            slow_first.set()
        return n * n if n or slow_first.wait(5) else -1

    assert list(made_ahead(iter(range(50)), make, 2)) == [n * n for n in range(50)]
    assert list(made_ahead(iter(()), make, 2)) == []


def test_no_more_is_made_ahead_than_there_are_threads():
    made: list[int] = []
    coming = made_ahead(iter(range(100)), made.append, 2)
    next(coming)
    coming.close()
    assert len(made) <= 4


def test_a_fault_of_an_item_or_of_its_making_is_raised_and_leaves_no_thread_behind():
    def items():
        yield from (1, 2, 0)
        raise ValueError("torn")

    before = threading.active_count()
    with pytest.raises(ZeroDivisionError):
        list(made_ahead(iter((1, 2, 0, 4, 5, 6)), lambda n: 1 / n, 2))
    with pytest.raises(ValueError, match="torn"):
        list(made_ahead(items(), str, 2))
    assert threading.active_count() == before
