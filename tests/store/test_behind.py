"""Writing behind: all is written, in order, and nothing that goes wrong is lost."""

import threading
from collections.abc import Iterable

import polars as pl
import pytest

from pipelines.store.behind import Write, behind

PART = pl.DataFrame({"n": [1]})


def test_parts_are_written_in_the_order_in_which_they_came_and_all_of_them_by_the_end():
    written = []
    with behind(lambda table, _: written.append(table)) as write:
        for table in "abcdefg":
            write(table, PART)
    assert written == list("abcdefg")


def test_the_maker_is_not_kept_waiting_by_the_first_part():
    may_write = threading.Event()
    with behind(lambda *_: None if may_write.wait(30) else pytest.fail("never allowed")) as write:
        write("a", PART)  # would wait for ever if it were written here
        may_write.set()


def test_what_goes_wrong_is_raised_at_the_end_or_before():
    def refuse(table: str, _: pl.DataFrame) -> None:
        if table == "bad":
            raise OSError("the disk is full")

    with pytest.raises(OSError, match="disk is full"):
        write_all(refuse, ["bad"])
    with pytest.raises(OSError, match="disk is full"):
        write_all(refuse, ["bad", "good", "good", "good"])


def test_after_a_fault_what_waits_is_not_written():
    begun, written = threading.Event(), []

    def write(table: str, _: pl.DataFrame) -> None:
        begun.wait(30)
        written.append(table)

    with pytest.raises(KeyboardInterrupt):
        interrupted(write, begun)
    assert written == ["first"]


def interrupted(write: Write, begun: threading.Event) -> None:
    with behind(write) as put:
        put("first", PART)
        put("waits", PART)
        threading.Timer(0.2, begun.set).start()
        raise KeyboardInterrupt


def test_a_fault_of_the_maker_is_its_own():
    with pytest.raises(ZeroDivisionError):
        write_all(lambda *_: None, (str(1 // n) for n in (1, 0)))


def write_all(write: Write, tables: Iterable[str]) -> None:
    with behind(write) as put:
        for table in tables:
            put(table, PART)
