"""What kind of log a file is, by its content; its name is asked last. Not here: reading it."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Literal

from pipelines.game.records import MAX_LINE_BYTES, RECORDS
from pipelines.sources.lines import reading

Kind = Literal["native", "clics", "csv", "parquet", "claude-code", "labels"]

_LOOK_BYTES: Final = 1 << 16
_LOOK_LINES: Final = 200
_SUFFIXES: Final[dict[str, Kind]] = {".csv": "csv", ".tsv": "csv", ".parquet": "parquet", ".pq": "parquet"}
_COMPRESSED: Final = (".gz", ".zst")
_LOGS: Final = tuple(suffix + packed for suffix in (".jsonl", ".ndjson", *_SUFFIXES) for packed in ("", *_COMPRESSED))
_RESULTS_OF_TOOLS: Final = "tool-results"  # the folder beside a session that holds them
_TRANSCRIPT_NAME: Final = re.compile(
    r"(?:agent-.+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.jsonl(?:\.gz|\.zst)?\Z"
)


def kind_of(path: Path) -> Kind:
    """Recognise a file by its first 64 KiB, decompressed: of all lines the first that is telling decides.

    A file that tells nothing is what its name says, else native; an empty one is native, or a transcript not begun.
    Raises SourceUnreadable.
    """
    with reading(path) as stream:
        head = stream.read(_LOOK_BYTES)
        if b"\n" not in head:  # a long first line is read whole
            head += stream.read(MAX_LINE_BYTES)
    if head.startswith(b"PAR1"):
        return "parquet"
    lines = [line for line in head.removeprefix(b"\xef\xbb\xbf").split(b"\n") if line.strip()]
    if not lines:
        return "claude-code" if is_transcript_name(path) else "native"
    told = next(_told(lines), None)
    if told == "clics" and is_transcript_name(path):  # a row of a kind that we do not know may look like one
        return "claude-code"
    if told is not None:
        return told
    if is_transcript_name(path):  # the first line is half written, or longer than what is looked at
        return "claude-code"
    return "csv" if _is_header(lines[0]) else kind_by_name(path)


def _told(lines: list[bytes]) -> Iterator[Kind]:
    """What the lines say that are JSON objects of a known kind."""
    for line in lines[:_LOOK_LINES]:
        try:
            fields: Any = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if not isinstance(fields, dict):
            continue
        if isinstance(fields.get("type"), str) and fields["type"] in RECORDS:
            yield "native"
        elif _is_transcript(fields):
            yield "claude-code"
        elif "type" in fields and "data" in fields and any(name in fields for name in ("token", "op", "id")):
            yield "clics"
        elif "call_id" in fields and "type" not in fields:
            yield "labels"


def _is_transcript(fields: dict[str, Any]) -> bool:
    """Whether it is a row as Claude Code writes them: of a session, a summary, a snapshot of files, a journal."""
    kind = fields.get("type")
    return (
        ("sessionId" in fields and ("message" in fields or isinstance(kind, str)))
        or ("isSidechain" in fields and "message" in fields)
        or (kind == "summary" and "leafUuid" in fields)
        or (kind == "file-history-snapshot" and "snapshot" in fields)
        or (kind in ("started", "result") and {"key", "agentId"} <= fields.keys())
    )


def _is_header(line: bytes) -> bool:
    """Names of columns, two of which every record has."""
    names = {name.strip(b' "\r') for name in line.replace(b";", b",").replace(b"\t", b",").split(b",")}
    return {b"event_id", b"type"} <= names


def is_transcript_name(path: Path) -> bool:
    """Whether a file is called as Claude Code calls the transcripts of sessions and sub-agents."""
    return _TRANSCRIPT_NAME.match(path.name) is not None


def without_companions(files: Iterable[Path]) -> list[Path]:
    """The files without what Claude Code keeps beside transcripts: indexes, long results of tools, `.meta.json`.

    They are parts of conversations, no logs. Known by where they lie: in or below a folder with transcripts.
    """
    held = list(files)
    folders = {file.parent for file in held if is_transcript_name(file)}
    return [file for file in held if _is_named_as_log(file) or folders.isdisjoint(file.parents)]


def _is_named_as_log(file: Path) -> bool:
    """A tool's long result may have the name of a log, such as a table that was fetched."""
    return file.name.endswith(_LOGS) and file.parent.name != _RESULTS_OF_TOOLS


def kind_by_name(path: Path) -> Kind:
    """What a file's name says of its kind; native if it says nothing."""
    if is_transcript_name(path):
        return "claude-code"
    name = path.name.lower()
    for suffix in _COMPRESSED:
        name = name.removesuffix(suffix)
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), "native")
