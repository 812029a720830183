"""Files of the tests, plain and compressed in every way that is read."""

import gzip
import sys

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd


def in_two_members(content: bytes) -> bytes:
    half = len(content) // 2
    return gzip.compress(content[:half]) + gzip.compress(content[half:])


def in_two_frames(content: bytes) -> bytes:
    half = len(content) // 2
    return zstd.compress(content[:half]) + zstd.compress(content[half:])


def after_a_skippable_frame(content: bytes) -> bytes:
    return b"\x5a\x2a\x4d\x18\x04\x00\x00\x00abcd" + zstd.compress(content)


def with_checksum(content: bytes) -> bytes:
    return zstd.compress(content, options={zstd.CompressionParameter.checksum_flag: 1})


PACKINGS = {
    "plain": bytes,
    "gzip": gzip.compress,
    "gzip in two members": in_two_members,
    "gzip padded with zeros": lambda content: gzip.compress(content) + bytes(512),
    "zstd": zstd.compress,
    "zstd in two frames": in_two_frames,
    "zstd after a skippable frame": after_a_skippable_frame,
    "zstd with a checksum": with_checksum,
}
