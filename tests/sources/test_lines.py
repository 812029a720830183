"""SPEC section 2: files are read in bounded memory, whole or not at all, whatever their compression."""

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.sources import lines
from pipelines.sources.lines import HEAD_BYTES, SourceUnreadable, read_blocks
from tests.sources.packing import PACKINGS, with_checksum, zstd

MEBIBYTE = 1 << 20


def read(path: Path, block_bytes: int = 64) -> list[tuple[int, int, bytes | tuple[int, bytes]]]:
    """All lines of a file: number, byte offset, bytes; of an oversized one its length and beginning."""
    found: list[tuple[int, int, bytes | tuple[int, bytes]]] = []
    for block in read_blocks(path, block_bytes):
        found += block.lines()
        found += [(number, offset, (size, head)) for number, offset, size, head in block.oversized]
    return found


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("packing", PACKINGS)
def test_lines_are_the_same_plain_and_compressed(path, packing):
    content = b"".join(b'{"n":%d}\n' % n for n in range(300)) + b"no end"
    written(path, PACKINGS[packing](content))
    for block_bytes in (1, 7, 64, 1 << 25):
        found = read(path, block_bytes)
        assert b"".join(line for _, _, line in found) == content
        assert [number for number, _, _ in found] == list(range(1, 302))
        assert [content[offset : offset + len(line)] for _, offset, line in found] == [line for _, _, line in found]


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", []),
        (b"\n", [(1, 0, b"\n")]),
        (b"a", [(1, 0, b"a")]),
        (b"ab\n", [(1, 0, b"ab\n")]),
        (b"a\n\nb", [(1, 0, b"a\n"), (2, 2, b"\n"), (3, 3, b"b")]),
        (b"a\r\nb\r\n", [(1, 0, b"a\r\n"), (2, 3, b"b\r\n")]),
        (b"a\rb\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8c\n", [(1, 0, b"a\rb\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8c\n")]),
        (b"\xef\xbb\xbfa\nb\n", [(1, 3, b"a\n"), (2, 5, b"b\n")]),
        (b"\xef\xbb\xbf", []),
        (b"\xef\xbb", [(1, 0, b"\xef\xbb")]),
        (b"a\n\xef\xbb\xbfb\n", [(1, 0, b"a\n"), (2, 2, b"\xef\xbb\xbfb\n")]),
        (b"\xef\xbb\xbf\xef\xbb\xbfa", [(1, 3, b"\xef\xbb\xbfa")]),
        (b"\x00\xff\n\x1f", [(1, 0, b"\x00\xff\n"), (2, 3, b"\x1f")]),
    ],
)
@pytest.mark.parametrize("block_bytes", [1, 2, 1000])
def test_lines_end_at_newlines_only_and_a_first_byte_order_mark_is_dropped(path, content, found, block_bytes):
    assert read(written(path, content), block_bytes) == found


def test_blocks_are_of_bounded_size_and_say_where_their_lines_stand(path):
    written(path, b"".join(b"%03d\n" % n for n in range(100)))
    blocks = list(read_blocks(path, 40))
    assert [len(block.text) for block in blocks] == [40] * 10
    assert [(block.first_line, block.offset) for block in blocks] == [(1 + 10 * i, 40 * i) for i in range(10)]
    assert [block.starts.tolist() for block in blocks] == [list(range(0, 40, 4))] * 10
    assert {str(block.starts.dtype) for block in blocks} == {"int64"}


@pytest.mark.parametrize("block_bytes", [1 << 18, MEBIBYTE, 1 << 23])
@pytest.mark.parametrize("end", [b"", b"\n", b"\nlast"])
def test_a_line_over_a_mebibyte_is_told_with_its_beginning_and_the_numbers_go_on(path, block_bytes, end):
    just = b"x" * MEBIBYTE
    over = b"head" + b"y" * MEBIBYTE
    far = b"far" + b"z" * (3 * MEBIBYTE)
    written(path, b"a\n" + just + b"\nb\n" + over + b"\n" + far + b"\nc\n" + over + end)
    found = read(path, block_bytes)
    sizes = [2, MEBIBYTE + 1, 2, len(over) + 1, len(far) + 1, 2]
    assert (
        found[:-1]
        if end == b"\nlast"
        else found
        == [
            (1, 0, b"a\n"),
            (2, 2, just + b"\n"),
            (3, sum(sizes[:2]), b"b\n"),
            (4, sum(sizes[:3]), (len(over), over[:HEAD_BYTES])),
            (5, sum(sizes[:4]), (len(far), far[:HEAD_BYTES])),
            (6, sum(sizes[:5]), b"c\n"),
            (7, sum(sizes), (len(over), over[:HEAD_BYTES])),
        ]
    )
    if end == b"\nlast":
        assert found[-1] == (8, sum(sizes) + len(over) + 1, b"last")


def test_a_line_of_a_mebibyte_and_a_byte_is_oversized_its_newline_not_counted(path):
    assert read(written(path, b"x" * MEBIBYTE + b"\n"), 1 << 18) == [(1, 0, b"x" * MEBIBYTE + b"\n")]
    assert read(written(path, b"x" * (MEBIBYTE + 1) + b"\n"), 1 << 18) == [(1, 0, (MEBIBYTE + 1, b"x" * HEAD_BYTES))]


def test_a_block_holds_consecutive_lines_only(path):
    written(path, b"a\n" + b"x" * (MEBIBYTE + 1) + b"\nb\n")
    blocks = list(read_blocks(path))
    assert [(block.first_line, len(block.starts), len(block.oversized)) for block in blocks] == [
        (1, 1, 0),
        (2, 0, 1),
        (3, 1, 0),
    ]


def test_a_block_holds_a_bounded_number_of_lines(path, monkeypatch):
    monkeypatch.setattr(lines, "BLOCK_LINES", 10)
    content = b"\n" * 1000 + b"x" * 5000 + b"\n" + b"ab\n" * 50
    blocks = list(read_blocks(written(path, content)))
    assert max(len(block.starts) for block in blocks) <= 10
    found = [line for block in blocks for line in block.lines()]
    assert [number for number, _, _ in found] == list(range(1, 1052))
    assert b"".join(line for _, _, line in found) == content
    assert all(content[offset : offset + len(line)] == line for _, offset, line in found)


@given(
    st.lists(st.sampled_from([b"", b"a", b"bb\r", b"x" * 12, b"y" * 30]), max_size=8), st.booleans(), st.integers(1, 40)
)
def test_any_file_is_read_line_by_line_as_split_would(tmp_path_factory, parts, is_ended, block_bytes):
    path = tmp_path_factory.mktemp("any") / "log"
    content = b"\n".join(parts) + (b"\n" if is_ended else b"")
    wanted, offset = [], 0
    for number, line in enumerate(content.splitlines(keepends=True) if b"\r" not in content else _split(content), 1):
        size = len(line.removesuffix(b"\n"))
        wanted.append((number, offset, (size, line[:HEAD_BYTES]) if size > 20 else line))
        offset += len(line)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines, "MAX_LINE_BYTES", 20)
        found = read(written(path, content), block_bytes)
    assert [(n, o, line if isinstance(line, bytes) else line[0]) for n, o, line in found] == [
        (n, o, line if isinstance(line, bytes) else line[0]) for n, o, line in wanted
    ]


def _split(content: bytes) -> list[bytes]:
    *whole, last = content.split(b"\n")
    return [line + b"\n" for line in whole] + ([last] if last else [])


# --- what cannot be read --------------------------------------------------------------------------------------------

CONTENT = b"".join(b'{"n":%d}\n' % (n * 7919 % 10007) for n in range(3000))


@pytest.mark.parametrize("pack", [gzip.compress, with_checksum], ids=["gzip", "zstd"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.999])
def test_truncated_compression_is_refused_with_a_sentence(path, pack, kept):
    packed = pack(CONTENT)
    written(path, packed[: int(len(packed) * kept)])
    with pytest.raises(SourceUnreadable, match=r"log cannot be read to its end: .* Nothing of it was taken\."):
        read(path)


@pytest.mark.parametrize("pack", [gzip.compress, with_checksum], ids=["gzip", "zstd"])
@pytest.mark.parametrize("place", [0.3, 0.6, 0.9])
def test_a_flipped_byte_in_compressed_data_is_refused(path, pack, place):
    packed = bytearray(pack(CONTENT))
    packed[int(len(packed) * place)] ^= 0x55
    with pytest.raises(SourceUnreadable, match="truncated or corrupt"):
        read(written(path, bytes(packed)))


@pytest.mark.parametrize("at", [-8, -1], ids=["checksum", "length"])
def test_a_gzip_with_a_wrong_checksum_or_length_is_refused(path, at):
    packed = bytearray(gzip.compress(CONTENT))
    packed[at] ^= 1
    with pytest.raises(SourceUnreadable, match="truncated or corrupt"):
        read(written(path, bytes(packed)))


@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress], ids=["gzip", "zstd"])
def test_garbage_after_compressed_data_is_refused(path, pack):
    with pytest.raises(SourceUnreadable, match="truncated or corrupt"):
        read(written(path, pack(CONTENT) + b"garbage"))


@pytest.mark.parametrize("magic", [b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"\x1f\x8b\x08\x00"])
def test_a_magic_number_alone_is_refused(path, magic):
    with pytest.raises(SourceUnreadable, match="truncated or corrupt"):
        read(written(path, magic))


def test_archives_of_other_kinds_are_named(path):
    for head, name in ((b"PK\x03\x04rest", "zip"), (b"\xfd7zXZ\x00", "xz"), (b"BZh91AY", "bzip2")):
        with pytest.raises(SourceUnreadable, match=f"is a {name} archive: unpack it"):
            read(written(path, head))


def test_what_is_no_file_gets_a_sentence(tmp_path):
    with pytest.raises(SourceUnreadable, match="absent cannot be read: No such file or directory"):
        read(tmp_path / "absent")
    with pytest.raises(SourceUnreadable, match="is a folder: name the files in it"):
        read(tmp_path)


def test_a_pipe_is_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceUnreadable, match="not a regular file"):
        read(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_without_rights_gets_a_sentence(path):
    written(path, b"a\n").chmod(0)
    with pytest.raises(SourceUnreadable, match="Permission denied"):
        read(path)


# --- bombs ----------------------------------------------------------------------------------------------------------

READ_IN_LITTLE_MEMORY = """
import sys, resource
from pathlib import Path
from pipelines.sources.lines import read_blocks
limit = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize() + (176 << 20)
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
n_lines = n_bytes = 0
for block in read_blocks(Path(sys.argv[1])):
    n_lines += len(block.starts) + len(block.oversized)
    n_bytes += len(block.text) + sum(size for _, _, size, _ in block.oversized)
print(n_lines, n_bytes)
"""


def _bomb(path: Path, opener: str, octet: bytes, mebibytes: int) -> Path:
    one = (gzip.compress if opener == "gzip" else zstd.compress)(octet * MEBIBYTE)  # members and frames add up
    return written(path, one * mebibytes)


@pytest.mark.parametrize("opener", ["gzip", "zstd"])
@pytest.mark.parametrize(("octet", "n_lines"), [(b"x", 1), (b"\n", 1 << 28)], ids=["one line", "empty lines"])
def test_a_compression_bomb_is_read_in_bounded_memory(tmp_path, opener, octet, n_lines):
    path = _bomb(tmp_path / "bomb", opener, octet, 256)
    done = subprocess.run(
        [sys.executable, "-c", READ_IN_LITTLE_MEMORY, str(path)], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == [str(n_lines), str(1 << 28)], done.stderr


def test_a_zstd_window_too_large_for_us_gets_a_sentence(path):
    options = {zstd.CompressionParameter.window_log: 30, zstd.CompressionParameter.enable_long_distance_matching: 1}
    with zstd.open(path, "wb", options=options) as file:
        file.write(b"a\n" * MEBIBYTE)
    with pytest.raises(SourceUnreadable, match="window is over 128 MiB"):
        read(path, 1 << 25)
