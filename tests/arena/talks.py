"""A conversation to share, as a file."""

import hashlib
from pathlib import Path

TALK = b'{"role":"user","text":"hello"}\r\n\xff no text'
DIGEST = hashlib.sha256(TALK).hexdigest()


def file_of(tmp_path: Path, data: bytes = TALK, name: str = "talk.jsonl") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path
