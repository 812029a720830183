"""What an arena remembers: written whole, read strictly."""

import pytest

from pipelines.arena.known import Known, KnownDamaged, Remembered, read_known, write_known

KNOWN = Known(
    {
        "a" * 32: Remembered(
            "5" * 64, ("1" * 64, "2" * 64), frozenset({"e" * 32, "d" * 32}), {"calls 2026-10": "9" * 64}
        ),
        "b" * 32: Remembered("6" * 64, ("3" * 64,)),
    }
)


def test_what_is_written_is_read_again_and_the_same_memory_is_the_same_bytes(tmp_path):
    path = tmp_path / "arena" / "known.json"
    write_known(path, KNOWN)
    first = path.read_bytes()
    assert read_known(path) == KNOWN
    write_known(path, Known(dict(reversed(KNOWN.publishers.items()))))
    assert path.read_bytes() == first
    assert [file.name for file in path.parent.iterdir()] == ["known.json"]


def test_an_arena_without_a_memory_knows_nobody(tmp_path):
    assert read_known(tmp_path / "known.json") == Known()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        '{"format": "podium-arena-known/2", "publishers": {}}',
        '{"format": "podium-arena-known/1", "publishers": {"ann": {}}}',
        '{"format": "podium-arena-known/1", "publishers": {}, "more": 1}',
    ],
)
def test_a_damaged_memory_is_never_taken_for_an_empty_one(tmp_path, text):
    path = tmp_path / "known.json"
    path.write_text(text, "utf-8")
    with pytest.raises(KnownDamaged, match=r"known\.json is not what an arena remembers: restore it from a copy\."):
        read_known(path)
