"""Which transcripts were read how far, for whom, and which of them have more to say.

Here: the table `transcript_files`, one row per path: size and time when it was last read, the mark where that reading
ended, whose calls they are, whether descriptions were kept. Not here: reading (`transcripts.py`), what was read
(`transcripts_tables.py`).
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

import duckdb
import pyarrow as pa

from pipelines.game.faults import PodiumError
from pipelines.game.records import Field, Kind
from pipelines.game.refusals import Fault
from pipelines.game.values import read_id
from pipelines.sources.claude_code_lines import Mark
from pipelines.sources.claude_code_rows import Meta, name, part
from pipelines.store.staging import insert_arrow

_TABLE: Final = """
CREATE TABLE IF NOT EXISTS transcript_files (
    path VARCHAR, size BIGINT, mtime_ns BIGINT, meta_ns BIGINT, byte_offset BIGINT, n_lines BIGINT, digest VARCHAR,
    is_open BOOLEAN, keeps_descriptions BOOLEAN, user_id VARCHAR, team_id VARCHAR, first_at VARCHAR, last_at VARCHAR
)
"""
_SCHEMA: Final = pa.schema(
    [
        ("path", pa.string()),
        *((column, pa.int64()) for column in ("size", "mtime_ns", "meta_ns", "byte_offset", "n_lines")),
    ]
    + [("digest", pa.string()), ("is_open", pa.bool_()), ("keeps_descriptions", pa.bool_())]
    + [(column, pa.string()) for column in ("user_id", "team_id", "first_at", "last_at")]
)
_META_BYTES: Final = 1 << 20
_SUFFIXES: Final = (".jsonl", ".jsonl.gz", ".jsonl.zst")
NOBODY: Final = "local-user"  # where no account is named
META_SUFFIX: Final = ".meta.json"


@dataclass(frozen=True, slots=True)
class TranscriptOptions:
    """What transcripts do not say: whose they are. `account`: the user where none is told.

    `keeps_descriptions`: what a sub-agent was asked, in a few words, is kept; else nothing of it is.
    Raises PodiumError for an id that no record may have.
    """

    account: str = NOBODY
    user_id: str | None = None
    team_id: str | None = None
    keeps_descriptions: bool = False

    def __post_init__(self) -> None:
        for field in ("account", "user_id", "team_id"):
            given = getattr(self, field)
            if given is not None:
                try:
                    object.__setattr__(self, field, read_id(Field(field, Kind.ID), given))
                except Fault as fault:
                    raise PodiumError(f"{fault.refusal.sentence} It says whose the transcripts are.") from None

    @classmethod
    def of(cls, told: Mapping[str, object] | None) -> "TranscriptOptions":
        """Options from plain data. Raises PodiumError."""
        told = told or {}
        account, user_id, team_id = (
            str(told[of]) if told.get(of) else None for of in ("account", "user_id", "team_id")
        )
        return cls(account or NOBODY, user_id, team_id, bool(told.get("keeps_descriptions")))


@dataclass(frozen=True, slots=True)
class Look:
    """A file as it lies on the disk. `meta_ns`: when what stands beside a sub-agent's file was written."""

    size: int
    mtime_ns: int
    meta_ns: int

    @classmethod
    def at(cls, path: Path) -> "Look":
        """Raises OSError if the file is gone."""
        state = path.stat()
        try:
            meta_ns = meta_path(path).stat().st_mtime_ns if path.name.startswith("agent-") else 0
        except OSError:
            meta_ns = 0
        return cls(state.st_size, state.st_mtime_ns, meta_ns)


@dataclass(frozen=True, slots=True)
class FileState:
    """What is remembered of a transcript: the columns of its row, but for the path."""

    size: int
    mtime_ns: int
    meta_ns: int
    byte_offset: int
    n_lines: int
    digest: str
    is_open: bool
    keeps_descriptions: bool
    user_id: str
    team_id: str | None
    first_at: str
    last_at: str

    @property
    def look(self) -> Look:
        """How the file lay there when it was read."""
        return Look(self.size, self.mtime_ns, self.meta_ns)

    @property
    def mark(self) -> Mark:
        """Where the reading ended."""
        return Mark(self.byte_offset, self.n_lines, self.digest, self.is_open)

    def owned(self, options: TranscriptOptions) -> "FileState":
        """The state, with the owner that is told."""
        user_id, team_id = options.user_id or self.user_id, options.team_id or self.team_id
        return replace(self, user_id=user_id, team_id=team_id)


def state_of(look: Look, mark: Mark, options: TranscriptOptions, before: FileState | None) -> FileState:
    """The state after a reading. What was known of the owner holds until another is told."""
    return FileState(
        *(look.size, look.mtime_ns, look.meta_ns, mark.offset, mark.n_lines, mark.digest, mark.is_open),
        options.keeps_descriptions or (before is not None and before.keeps_descriptions),
        options.user_id or (before.user_id if before else options.account),
        options.team_id or (before.team_id if before else None),
        *((before.first_at, before.last_at) if before else ("", "")),
    )


class FileStates:
    """The states of all transcripts, read once. `keep` writes some down, `kept` remembers that it was committed."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self._con = con
        rows = con.execute("SELECT * FROM transcript_files").fetchall()
        self._known = {path: FileState(*columns) for path, *columns in rows}

    def of(self, path: Path) -> FileState | None:
        """The state of a file that was read before."""
        return self._known.get(path_key(path))

    def keep(self, states: Mapping[Path, FileState]) -> None:
        """Write states down, in the caller's transaction."""
        rows = [{"path": path_key(path), **asdict(state)} for path, state in states.items()]
        table = pa.Table.from_pylist(rows, schema=_SCHEMA)
        insert_arrow(self._con, "DELETE FROM transcript_files WHERE path IN (SELECT path FROM staged_rows)", table)
        insert_arrow(self._con, "INSERT INTO transcript_files BY NAME FROM staged_rows", table)

    def kept(self, states: Mapping[Path, FileState]) -> None:
        """Remember states that were written and committed."""
        self._known.update((path_key(path), state) for path, state in states.items())


def create_file_table(con: duckdb.DuckDBPyConnection) -> None:
    """Make the table of states where it is missing."""
    con.execute(_TABLE)


def path_key(path: Path) -> str:
    """What a file is known by: its path from the root, links not followed."""
    return str(path.absolute())


def meta_path(path: Path) -> Path:
    """Where it stands of whom a sub-agent's file is: `agent-<id>.meta.json` beside it."""
    found = next((suffix for suffix in _SUFFIXES if path.name.endswith(suffix)), "")
    return path.with_name(path.name.removesuffix(found) + META_SUFFIX)


def meta_of(path: Path) -> tuple[str | None, str | None]:
    """The agent's type and the id of its call, as told beside a sub-agent's file."""
    try:
        with meta_path(path).open("rb") as file:
            meta = part(file.read(_META_BYTES), Meta)
    except OSError:
        return None, None
    return (name(meta.agentType), name(meta.toolUseId)) if meta is not None else (None, None)
