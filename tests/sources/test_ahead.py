"""Reading ahead: the same items in the same order, however many threads make them, and no fault is lost."""

import pytest

from pipelines.sources.ahead import ahead, made_ahead


@pytest.mark.parametrize("n_threads", [0, 1, 3])
def test_what_is_made_ahead_comes_in_order(n_threads):
    assert list(made_ahead(iter(range(20)), str, n_threads)) == [str(n) for n in range(20)]
    assert list(made_ahead(iter(()), str, n_threads)) == []


@pytest.mark.parametrize("n_threads", [0, 1, 3])
def test_a_fault_of_making_comes_in_its_place(n_threads):
    made = made_ahead(iter([1, 2, 0, 3]), lambda n: 6 // n, n_threads)
    assert [next(made), next(made)] == [6, 3]
    with pytest.raises(ZeroDivisionError):
        next(made)


def test_what_waits_behind_a_fault_is_not_made():
    begun = []
    made = made_ahead(iter(range(100)), lambda n: begun.append(n) or 1 // n, 2)
    with pytest.raises(ZeroDivisionError):
        next(made)
    assert len(begun) <= 3


def test_items_read_ahead_are_the_same_and_so_are_their_faults():
    assert list(ahead(iter("abc"))) == list("abc")
    with pytest.raises(ZeroDivisionError):
        list(ahead(1 // n for n in (1, 0)))
