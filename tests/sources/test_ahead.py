"""Reading ahead gives the same items in the same order, and the same faults."""

import threading

import pytest

from pipelines.sources.ahead import ahead


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
