"""The warehouse's tables: facts as they were accepted, and the accounts of what was read.

Record tables are derived from the input contract (game/records.py): instants are naive UTC, the ids in DICTIONARIES
are coded to integers, all else is typed as it is. Facts are only ever added. Not here: how they come in (landing.py).
"""

from pipelines.game.records import RECORDS, VERDICTS, Field, Kind

# field -> (column, dictionary): few and often repeated ids, coded once at ingest; codes are never reused
DICTIONARIES = {
    "agent_id": ("agent", "agents"),
    "user_id": ("user", "users"),
    "owner_id": ("owner", "users"),
    "team_id": ("team", "teams"),
    "task_id": ("task", "tasks"),
    "problem": ("problem", "problems"),
    "project_id": ("project", "projects"),
}
# Names of single records: no two are alike, so compressing gains little, and would be a third of storing facts.
_AS_THEY_ARE = ("event_id", "submission_id", "call_id")
_SQL_TYPES = {
    Kind.ID: "VARCHAR",
    Kind.TEXT: "VARCHAR",
    Kind.WORD: "VARCHAR",
    Kind.INSTANT: "TIMESTAMP",
    Kind.WHOLE: "BIGINT",
    Kind.NUMBER: "DOUBLE",
    Kind.NUMBERS: "DOUBLE[]",
    Kind.FLAG: "BOOLEAN",
}


def sql_type(field: Field) -> str:
    """The type of a field before its id is coded."""
    return _SQL_TYPES[field.kind]


def column_of(field: Field) -> tuple[str, str]:
    """Name and type of the column that holds a field in its record table."""
    if field.name in DICTIONARIES:
        return DICTIONARIES[field.name][0], "INTEGER"
    if field.words == VERDICTS:
        return field.name, "verdict"
    return field.name, sql_type(field)


def record_table(kind: str) -> str:
    """The table that holds the records of a type."""
    return f"{kind}_records"


def _stored(column: str) -> str:
    return " USING COMPRESSION uncompressed" if column in _AS_THEY_ARE else ""


def statements() -> list[str]:
    """What makes an empty warehouse."""
    verdicts = ", ".join(f"'{word}'" for word in VERDICTS)
    made = [f"CREATE TYPE verdict AS ENUM ({verdicts})"]
    made += [
        f"CREATE TABLE {name} (code INTEGER NOT NULL, id VARCHAR NOT NULL)"
        for name in dict.fromkeys(name for _, name in DICTIONARIES.values())
    ]
    for kind, fields in RECORDS.items():
        columns = ", ".join(f'"{name}" {type_}{_stored(name)}' for name, type_ in map(column_of, fields))
        made.append(f"CREATE TABLE {record_table(kind)} ({columns}, extra VARCHAR, file INTEGER, line BIGINT)")
    return [
        *made,
        # submissions with two records or more; of all others it is known that they have one
        "CREATE TABLE revised_submissions (submission_id VARCHAR NOT NULL)",
        """CREATE TABLE ingested_files (file INTEGER NOT NULL, path VARCHAR, source VARCHAR, content_sha256 VARCHAR,
            n_bytes BIGINT, n_lines BIGINT, n_accepted BIGINT, n_duplicates BIGINT, n_quarantined BIGINT,
            n_blank BIGINT, ingested_at TIMESTAMP)""",
        """CREATE TABLE quarantine (file INTEGER NOT NULL, path VARCHAR, line BIGINT, byte_offset BIGINT, raw VARCHAR,
            reason VARCHAR, sentence VARCHAR, ingested_at TIMESTAMP,
            record VARCHAR)""",  # what was read as a record, where that is not `raw`: a table's row as JSON
    ]
