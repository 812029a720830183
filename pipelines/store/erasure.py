"""Erasure: the warehouse written anew, into a new file, without what is an owner's.

Deleted rows leave their bytes in a DuckDB file, whatever is done to it afterwards; a new file never has them. It takes
the old one's place in one rename: killed at any moment, there is the old warehouse or the new one. Here: what would go,
the new file, and the search for what is left. Not here: which rows go (erasure_tables.py), files of lines beside the
warehouse (erasure_lines.py), the order of all steps (engines/forgetting.py).
"""

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Final

import duckdb

from pipelines.game.faults import PodiumError
from pipelines.store import erasure_tables as tables
from pipelines.store import schema
from pipelines.store.consent_log import FOLDER
from pipelines.store.durable import disk_faults, sync
from pipelines.store.erasure_names import Name
from pipelines.store.erasure_transcripts import derive_anew
from pipelines.store.feeds import create_feed_tables
from pipelines.store.transcripts import create_tables
from pipelines.store.unreadable import create_unreadable_table
from pipelines.store.warehouse import FILE, MEMORY_LIMIT, SCRATCH, Warehouse, WarehouseDamaged

NEW = f"{FILE}.new"
RECORDS: Final = {  # what goes -> the view that holds it
    "agent calls": "gone_agent_call_records",
    "submissions": "gone_submission_records",
    "consents": "gone_consent_records",
    "transcripts": "gone_transcript_files",
}
_LAST_READ: Final = "SELECT coalesce(epoch_us(max(ingested_at)), 0) FROM ingested_files"
_OWNERS: Final = """
SELECT id FROM old.users UNION SELECT id FROM old.agents WHERE code IN (
    SELECT agent FROM old.submission_records WHERE "user" IS NULL)
UNION SELECT user_id FROM old.transcript_files ORDER BY ALL
"""
_TEXTS: Final = ("extra", "said", "description", "evidence", "title", "session_id")
_FILES: Final = """
SELECT path, sum(n)::BIGINT FROM (
    SELECT file, count(*) AS n FROM (
        SELECT file FROM gone_agent_call_records UNION ALL SELECT file FROM gone_submission_records
        UNION ALL SELECT file FROM gone_consent_records
    ) GROUP BY file
    UNION ALL SELECT file, count(*) FROM old.quarantine WHERE {raw} GROUP BY file
    UNION ALL SELECT file, 0 FROM old.ingested_files WHERE is_own_path(path)
) JOIN old.ingested_files USING (file) GROUP BY path ORDER BY path
"""
_NAMED_AS_OWNER: Final = """
SELECT count(*) FROM old.quarantine
WHERE regexp_matches(raw, $named) OR regexp_matches(coalesce(record, ''), $named)
"""
_AGENTS: Final = f"""
SELECT id FROM own_agents JOIN old.agents ON code = agent WHERE code NOT IN ({tables.naming("agents")}) ORDER BY id
"""  # noqa: S608 - our own names
_OF_FEEDS: Final = """
SELECT count(*) FROM gone_submission_records SEMI JOIN old.feed_records USING (event_id)
"""


class NotForgettable(PodiumError):
    """An owner whose records cannot be taken out; nothing was changed."""


@dataclass(frozen=True)
class Survey:
    """What forgetting an owner would take away, and what it would change.

    n_records: by kind, as RECORDS names them. agents: those that are the owner's alone. n_refused: lines in quarantine
    that name the owner. n_texts, n_paths: texts of others, and paths, that do. files: the logs that the records came
    from, with how many each holds. owners: everybody who may be forgotten. is_known: whether the owner is one of them.
    is_agent: whether an agent is called so.
    """

    owner_id: str
    n_records: Mapping[str, int]
    agents: tuple[str, ...]
    n_refused: int
    n_texts: int
    n_paths: int
    files: tuple[tuple[str, int], ...]
    owners: tuple[str, ...]
    is_known: bool
    is_agent: bool


def survey(home: Path, owner_id: str) -> Survey:
    """Look at what would go; nothing is changed. Needs the run lock.

    Raises:
        NotForgettable: the owner is a team of a contest feed, a file in the landing folder bears the owner's name, or
            the warehouse is a link to a file elsewhere.
        WarehouseBusy, WarehouseDamaged, DiskFault: as for `Warehouse.open`.
    """
    name = Name(owner_id)
    if (home / FILE).is_symlink():
        raise NotForgettable(
            f"{home / FILE} is a link: the file that it points to would stay as it is. Put the file itself there, and "
            "try again. Nothing was changed."
        )
    with _attached(home, name, ":memory:") as con:
        if _one(con, _OF_FEEDS):
            raise NotForgettable(
                "Submissions of this owner come from the feed of a contest. What a feed tells of one team hangs "
                "together with what it tells of others, and cannot be taken out by itself. Read the other logs into a "
                "new home, without that feed. Nothing was changed."
            )
        _refuse_landing(con, home, name)
        n_records = {what: _one(con, f"SELECT count(*) FROM {view}") for what, view in RECORDS.items()}  # noqa: S608
        blanked = tables.treated(con)
        n_as_owner = _one(con, _NAMED_AS_OWNER, {"named": name.as_id_in_sql})
        agents = con.execute(_AGENTS).fetchall()
        owners = [owner for (owner,) in con.execute(_OWNERS).fetchall()]
        return Survey(
            owner_id,
            n_records,
            tuple(agent for (agent,) in agents),
            _n_changed(con, blanked, "quarantine", ("raw",)),
            sum(_n_changed(con, blanked, table, _TEXTS) for table in blanked),
            _n_changed(con, blanked, "ingested_files", ("path",)),
            tuple(_logs(con, home)),
            tuple(owners),
            bool(owner_id in owners or sum(n_records.values()) or n_as_owner),
            bool(_one(con, "SELECT count(*) FROM old.agents WHERE id = getvariable('owner')")),
        )


def write_anew(home: Path, owner_id: str) -> dict[str, list[str]]:
    """Write the new file beside the old one, whole and on the disk; it is not the warehouse yet.

    Gives back the ids that it does not hold any more: by `user`, `agent` and `team`. Needs the run lock.
    """
    new = home / NEW
    _sweep(new)
    with disk_faults("Writing the new warehouse", home):
        with _attached(home, Name(owner_id), str(new)) as con:
            for statement in schema.statements():
                con.execute(statement)
            create_feed_tables(con)
            create_tables(con)
            create_unreadable_table(con)
            con.begin()
            tables.copy(con)
            con.commit()
            gone = tables.vanished(con)
            has_transcripts = bool(_one(con, "SELECT count(*) FROM own_paths"))
            if has_transcripts:
                derive_anew(con, _one(con, _LAST_READ))
        _refuse_wal(new)
        shutil.copymode(home / FILE, new)
        sync(new)
        sync(home)
    return gone


def put_in_place(home: Path) -> None:
    """Let the new file be the warehouse, in one rename."""
    _refuse_wal(home / FILE)
    with disk_faults("Replacing the warehouse", home):
        _wal_of(home / FILE).unlink(missing_ok=True)  # it is empty
        (home / NEW).replace(home / FILE)
        sync(home)


def left_of(home: Path, owner_id: str) -> list[tuple[str, int]]:
    """Where the warehouse still names an owner: each column, and "bytes of the file", with how often.

    Bytes are not searched for an id so short that they would hold it by accident, nor where the home's own path names
    the owner, which paths in it then do too.
    """
    name = Name(owner_id)
    found: list[tuple[str, int]] = []
    con = duckdb.connect(":memory:")
    try:
        _attach(con, home)
        con.execute("SET VARIABLE exactly_named = $named", {"named": name.exactly_in_sql})
        con.execute("SET VARIABLE home = $home", {"home": str(home.absolute())})
        con.execute(tables.MACROS)
        for table, columns in tables.texts(con).items():
            looked_at = [f"below_home({column})" if column == "path" else f'"{column}"' for column in columns]
            counts = ", ".join(f"count(*) FILTER (names_exactly({text}))" for text in looked_at)
            if columns:
                [row] = con.execute(f"SELECT {counts} FROM old.{table}").fetchall()  # noqa: S608 - our own names
                found += [(f"{table}.{column}", int(n)) for column, n in zip(columns, row, strict=True)]
    finally:
        con.close()
    size = (home / FILE).stat().st_size
    if not (name.is_in(str(home.absolute())) or name.may_be_chance(size)):
        with (home / FILE).open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
            found.append(("bytes of the file", int(name.is_in_bytes(data))))
    return [(place, n) for place, n in found if n]


@contextmanager
def _attached(home: Path, name: Name, path: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database at `path`, with the home's warehouse beside it as `old`, which it only reads, and the views of it."""
    _settle(home)
    con = duckdb.connect(path)
    try:
        _attach(con, home)
        tables.prepare(con, name, str(home.absolute()), str(Path.cwd()))
        yield con
    finally:
        con.close()


def _attach(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    for setting in (
        "TimeZone = 'UTC'",
        f"threads = {max(os.cpu_count() or 1, 2)}",
        f"memory_limit = '{MEMORY_LIMIT}'",
        f"temp_directory = {_quoted(home / SCRATCH)}",
        "preserve_insertion_order = false",
        "enable_progress_bar = false",
    ):
        con.execute(f"SET {setting}")
    con.execute(f"ATTACH {_quoted(home / FILE)} AS old (READ_ONLY)")
    con.execute("SET enable_external_access = false")


def _settle(home: Path) -> None:
    """Let all that was written to the warehouse stand in its one file, and all its tables be there."""
    with Warehouse.open(home) as warehouse:
        create_feed_tables(warehouse.con)
        create_tables(warehouse.con)
        create_unreadable_table(warehouse.con)
    _refuse_wal(home / FILE)


def _refuse_wal(path: Path) -> None:
    wal = _wal_of(path)
    if wal.exists() and wal.stat().st_size:
        raise WarehouseDamaged(
            f"{wal} still holds what {path.name} does not: nothing was changed. Run `podium doctor`, and try again."
        )


def _sweep(new: Path) -> None:
    for left in (new, _wal_of(new)):  # by a run that was killed
        left.unlink(missing_ok=True)


def _wal_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.wal")


def _refuse_landing(con: duckdb.DuckDBPyConnection, home: Path, name: Name) -> None:
    landing = home.absolute() / "landing"
    for (path,) in con.execute("SELECT DISTINCT path FROM old.ingested_files ORDER BY path").fetchall():
        place = Path(path).absolute()
        if place.is_relative_to(landing) and place.exists() and name.is_in(str(place.relative_to(landing))):
            raise NotForgettable(
                f"The file {path} lies in the landing folder, and its name is that of the owner. The name must go from "
                "the accounts, and the next run would then take the file for new and read it again. Take it away, or "
                "take the owner's lines out and rename it. Nothing was changed."
            )


def _logs(con: duckdb.DuckDBPyConnection, home: Path) -> Iterator[tuple[str, int]]:
    """The logs that the owner's records came from, but for the home's own files of consents: those are written anew."""
    consents = home.absolute() / FOLDER
    for path, n in con.execute(_FILES.format(raw=tables.LINE)).fetchall():
        if not Path(path).absolute().is_relative_to(consents):
            yield path, n


def _n_changed(
    con: duckdb.DuckDBPyConnection, blanked: Mapping[str, Mapping[str, str]], table: str, columns: Sequence[str]
) -> int:
    """In how many rows that stay any of the columns becomes another."""
    changed = [
        f'"{column}" IS DISTINCT FROM {text}' for column, text in blanked.get(table, {}).items() if column in columns
    ]
    return _one(con, f"SELECT count(*) FROM kept_{table} WHERE {' OR '.join(changed)}") if changed else 0  # noqa: S608


def _one(con: duckdb.DuckDBPyConnection, query: str, values: Mapping[str, object] | None = None) -> int:
    return int(con.execute(query, dict(values or {})).fetchall()[0][0])


def _quoted(path: Path) -> str:
    return "'" + str(path.absolute()).replace("'", "''") + "'"
