"""The warehouse's file: what a damaged or busy one says."""

import random

import pytest

from pipelines.game.faults import PodiumError
from pipelines.store.warehouse import FILE, Warehouse, WarehouseDamaged


def look(home):
    with Warehouse.open(home) as warehouse:
        warehouse.n_records()
        warehouse.ingested_files()
        list(warehouse.quarantine())


def test_a_file_that_is_no_database_is_said_to_be_damaged_and_stays_as_it_is(tmp_path):
    (tmp_path / FILE).write_bytes(b"these are not the bytes of a database" * 1000)
    with pytest.raises(WarehouseDamaged, match=r"warehouse\.duckdb cannot be read"):
        look(tmp_path)
    assert (tmp_path / FILE).read_bytes().startswith(b"these are not")


def test_whatever_bytes_are_damaged_the_fault_is_a_sentence_and_never_that_another_run_is_at_work(tmp_path):
    look(tmp_path)
    whole = (tmp_path / FILE).read_bytes()
    dice = random.Random(3)
    said = []
    for _ in range(40):
        data = bytearray(whole)
        at = dice.randrange(len(data))
        data[at : at + 64] = dice.randbytes(64)
        (tmp_path / FILE).write_bytes(data)
        try:
            look(tmp_path)
        except PodiumError as fault:
            said.append(str(fault))
    assert said
    assert not [sentence for sentence in said if "open in another process" in sentence]


def test_a_home_that_is_a_file_earns_a_sentence(tmp_path):
    (tmp_path / "home").write_text("")
    with pytest.raises(PodiumError, match="home"):
        look(tmp_path / "home")
