"""What of the warehouse's tables stays when an owner is forgotten: which rows, and what of the texts of others.

Here: the rules, as views over the old warehouse, attached as `old`: `kept_<table>` holds what stays, `gone_<table>`
what goes. Each table of the warehouse has a rule; one without is refused. More goes than an owner might share
(arena/owners.py): also what names no user, of agents and submissions that nobody else ever named.
Not here: writing the new file (erasure.py), which transcripts are whose (erasure_transcripts.py).
"""

import json
from collections.abc import Mapping
from typing import Any, Final

import duckdb
import pyarrow as pa

from pipelines.game.faults import PodiumError
from pipelines.game.records import RECORDS
from pipelines.game.strict_json import canonical
from pipelines.sources.claude_code_labels import LABELLED
from pipelines.store.erasure_names import REMOVED, Name
from pipelines.store.erasure_transcripts import KEPT_TRANSCRIPTS, OWN_TRANSCRIPTS
from pipelines.store.schema import DICTIONARIES, column_of, record_table
from pipelines.store.staging import lent

# What is made of a text of somebody else that names the owner; `{0}` is its column. Ids of things stay as they are.
BLANKED: Final = {
    "extra": "CASE WHEN names_owner({0}) THEN NULL ELSE {0} END",
    "said": "coalesce((SELECT fixed FROM relabelled WHERE whole = {0}), {0})",
    **dict.fromkeys(("description", "evidence", "title"), "blanked({0})"),
    **dict.fromkeys(("session_id", "sentence"), "masked({0})"),
    "path": "masked_path({0})",
}
_PATH_OF_FILE: Final = "CASE WHEN is_own_path({0}) THEN getvariable('removed') ELSE masked_path({0}) END"
LINE: Final = """(coalesce(names_owner(raw), false) OR coalesce(names_owner(record), false)
    OR coalesce(names_owner(sentence), false) OR coalesce(names_owner(below_home(path)), false))"""
OVERRIDDEN: Final = {  # of tables of which more than the texts is known
    "ingested_files": {"path": _PATH_OF_FILE},
    "quarantine": {
        "path": _PATH_OF_FILE,
        "raw": f"CASE WHEN {LINE} THEN getvariable('removed') ELSE raw END",
        "record": f"CASE WHEN {LINE} THEN NULL ELSE record END",
    },
}
_THINGS: Final = dict.fromkeys(dict.fromkeys(name for _, name in DICTIONARIES.values()), "true")
KEPT: Final = {  # table -> which of its rows stay; never null
    **_THINGS,  # of these what is still named: see `kept_ids`
    "task_records": "true",
    "submission_records": """CASE WHEN "user" IS NOT NULL THEN "user" NOT IN (FROM owner_codes)
        ELSE agent NOT IN (FROM own_agents) AND submission_id NOT IN (FROM own_submissions) END""",
    "agent_call_records": '"user" NOT IN (FROM owner_codes)',
    "consent_records": "owner NOT IN (FROM owner_codes)",
    "revised_submissions": "true",  # they are counted anew
    **dict.fromkeys(("ingested_files", "quarantine", "unreadable_files"), "true"),
    **dict.fromkeys(("feed_objects", "feed_files", "feed_records", "feed_refusals"), "true"),
    **KEPT_TRANSCRIPTS,
}
_ALWAYS_VIEWED: Final = (*map(record_table, RECORDS), "transcript_files", "transcript_labels")
MACROS: Final = """
CREATE TEMP MACRO names_owner(said) AS regexp_matches(said, getvariable('named'), 'i');
CREATE TEMP MACRO names_exactly(said) AS regexp_matches(said, getvariable('exactly_named'));
CREATE TEMP MACRO blanked(said) AS CASE WHEN names_owner(said) THEN getvariable('removed') ELSE said END;
CREATE TEMP MACRO masked_once(said) AS
    regexp_replace(said, getvariable('named'), '\\1' || getvariable('removed') || '\\2', 'gi');
CREATE TEMP MACRO masked(said) AS  -- twice: two words may share what stands between them
    CASE WHEN names_owner(said) THEN masked_once(masked_once(said)) ELSE said END;
CREATE TEMP MACRO below_home(path) AS  -- where the home stands is no secret of an account in it
    CASE WHEN starts_with(path, getvariable('home') || '/') THEN substr(path, length(getvariable('home')) + 1)
         ELSE path END;
CREATE TEMP MACRO masked_path(path) AS
    CASE WHEN starts_with(path, getvariable('home') || '/') THEN getvariable('home') || masked(below_home(path))
         ELSE masked(path) END;
"""
# Whose agents nobody else ever named are the owner's; and so is what names no user of a submission that elsewhere does.
_OWN: Final = """
CREATE TEMP TABLE owner_codes AS SELECT code FROM old.users WHERE id = getvariable('owner');
CREATE TEMP TABLE own_agents AS
    SELECT code AS agent FROM old.agents WHERE id = getvariable('owner')
    UNION SELECT agent FROM old.submission_records WHERE "user" IS NOT NULL
    GROUP BY agent HAVING min("user") = max("user") AND min("user") IN (FROM owner_codes);
CREATE TEMP TABLE own_submissions AS
    SELECT submission_id FROM old.submission_records SEMI JOIN old.revised_submissions USING (submission_id)
    WHERE "user" IS NOT NULL GROUP BY submission_id
    HAVING min("user") = max("user") AND min("user") IN (FROM owner_codes);
"""
# Transcripts are known by their paths from the root, and were named by whatever path they were read by.
_OWN_PATHS: Final = """
CREATE TEMP MACRO is_own_path(path) AS
    (CASE WHEN starts_with(path, '/') THEN path ELSE getvariable('here') || '/' || path END) IN (FROM own_paths)
"""


class UnknownTable(PodiumError):
    """A table of the warehouse of which it is not known whether it speaks of the owner."""


def prepare(con: duckdb.DuckDBPyConnection, name: Name, home: str, here: str) -> None:
    """Make the views over `old`. `home`, `here`: absolute paths, of the home and of the working directory."""
    told = {"owner": name.owner_id, "named": name.in_sql, "exactly_named": name.exactly_in_sql, "removed": REMOVED}
    for variable, value in {**told, "home": home, "here": here}.items():
        con.execute(f"SET VARIABLE {variable} = $value", {"value": value})
    con.execute(MACROS)
    for statements in (_OWN, OWN_TRANSCRIPTS, _OWN_PATHS):
        con.execute(statements)
    unknown = [table for table in _tables(con) if table not in KEPT]
    if unknown:
        raise UnknownTable(
            f"The warehouse holds a table `{unknown[0]}` of which this version of Podium does not know whether it "
            "speaks of the owner: forget with the version that wrote it. Nothing was changed."
        )
    for table in {**dict.fromkeys(_ALWAYS_VIEWED), **dict.fromkeys(_filled(con))}:
        con.execute(f"CREATE TEMP VIEW kept_{table} AS SELECT * FROM old.{table} WHERE {KEPT[table]}")  # noqa: S608
        con.execute(f"CREATE TEMP VIEW gone_{table} AS SELECT * FROM old.{table} WHERE NOT ({KEPT[table]})")  # noqa: S608
    _relabel(con, name)


def copy(con: duckdb.DuckDBPyConnection) -> None:
    """Fill the new warehouse's empty tables, in which the codes of ids are given anew, without gaps."""
    for dictionary in _THINGS:
        con.execute(f"""CREATE TEMP TABLE kept_ids_{dictionary} AS
            SELECT code AS old_code, row_number() OVER (ORDER BY code) - 1 AS code, id
            FROM old.{dictionary} WHERE code IN ({naming(dictionary)})""")  # noqa: S608 - our own names
        con.execute(f"INSERT INTO {dictionary} SELECT code, id FROM kept_ids_{dictionary}")  # noqa: S608
    blanked = treated(con)
    for kind in RECORDS:
        if record_table(kind) in blanked:
            _copy_records(con, kind, blanked[record_table(kind)])
    con.execute("""INSERT INTO revised_submissions SELECT submission_id FROM kept_submission_records
        SEMI JOIN old.revised_submissions USING (submission_id) GROUP BY submission_id HAVING count(*) > 1""")
    copied = {*_THINGS, *map(record_table, RECORDS), "revised_submissions"}
    for table in blanked.keys() - copied:
        columns = ", ".join(f'{text} AS "{column}"' for column, text in blanked[table].items())
        replaced = f" REPLACE ({columns})" if columns else ""
        con.execute(f"INSERT INTO {table} BY NAME SELECT *{replaced} FROM kept_{table}")  # noqa: S608


def texts(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The columns of the old warehouse that hold text, by table; only of tables that hold any row."""
    columns = con.execute("""SELECT table_name, column_name FROM duckdb_columns() WHERE database_name = 'old'
        AND data_type = 'VARCHAR' ORDER BY table_name, column_index""").fetchall()
    held: dict[str, list[str]] = {table: [] for table in _filled(con)}
    for table, column in columns:
        if table in held:
            held[table].append(column)
    return held


def treated(con: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """By table the columns that may name the owner in a row of another, each with what is made of it as SQL.

    Only of tables that hold any row.
    """
    rules = {table: {**BLANKED, **OVERRIDDEN.get(table, {})} for table in KEPT}
    return {
        table: {column: rules[table][column].format(f'"{column}"') for column in columns if column in rules[table]}
        for table, columns in texts(con).items()
    }


def vanished(con: duckdb.DuckDBPyConnection) -> dict[str, list[str]]:
    """The ids of users, agents and teams that stood in the old warehouse and nowhere in the new one."""
    query = "SELECT id FROM old.{0} WHERE id NOT IN (SELECT id FROM {0}) ORDER BY id"
    return {
        who: [found for (found,) in con.execute(query.format(f"{who}s")).fetchall()]
        for who in ("user", "agent", "team")
    }


def _copy_records(con: duckdb.DuckDBPyConnection, kind: str, blanked: Mapping[str, str]) -> None:
    table = record_table(kind)
    columns, joins = [], []
    for field in RECORDS[kind]:
        column, type_ = column_of(field)
        if field.name in DICTIONARIES:
            columns.append(f'd_{column}.code AS "{column}"')
            dictionary = f"kept_ids_{DICTIONARIES[field.name][1]}"
            joins.append(f'LEFT JOIN {dictionary} d_{column} ON d_{column}.old_code = r."{column}"')
        elif column in blanked:
            columns.append(f'{blanked[column]} AS "{column}"')
        else:
            columns.append(f'r."{column}"::VARCHAR::{type_} AS "{column}"' if type_ == "verdict" else f'r."{column}"')
    con.execute(
        f"""INSERT INTO {table} BY NAME SELECT {", ".join(columns)}, {blanked["extra"]} AS extra, file, line
        FROM kept_{table} r {" ".join(joins)}"""  # noqa: S608 - our own names
    )


def naming(dictionary: str) -> str:
    """SQL of the codes of a dictionary that records which stay name."""
    of_fields = {field: column for field, (column, name) in DICTIONARIES.items() if name == dictionary}
    named = (
        f'SELECT "{of_fields[field.name]}" AS code FROM kept_{record_table(kind)}'  # noqa: S608 - our own names
        for kind, fields in RECORDS.items()
        for field in fields
        if field.name in of_fields
    )
    return f"SELECT code FROM ({' UNION '.join(named)}) WHERE code IS NOT NULL"  # noqa: S608 - our own names


def _tables(con: duckdb.DuckDBPyConnection) -> list[str]:
    query = "SELECT table_name FROM duckdb_tables() WHERE database_name = 'old' ORDER BY table_name"
    return [table for (table,) in con.execute(query).fetchall()]


def _filled(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables of the old warehouse that hold any row."""
    looks = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (FROM old.{table})" for table in _tables(con))
    return [table for (table,) in con.execute(looks).fetchall()]


def _relabel(con: duckdb.DuckDBPyConnection, name: Name) -> None:
    """Make `relabelled` (whole, fixed): labels that name the owner, and what is left of them."""
    query = "SELECT DISTINCT said FROM kept_transcript_labels WHERE names_owner(said)"
    whole = [said for (said,) in con.execute(query).fetchall()]
    held = pa.table(
        {"whole": pa.array(whole, pa.string()), "fixed": pa.array([_fixed(s, name) for s in whole], pa.string())}
    )
    with lent(con, "labels_held", held):
        con.execute("CREATE TEMP TABLE relabelled AS FROM labels_held")


def _fixed(said: str, name: Name) -> str:
    """A label whose evidence is blanked, and without the fields unknown to us that name the owner."""
    left = {}
    for key, value in json.loads(said).items():
        if not _is_named(name, {key: value}):
            left[key] = value
        elif key in LABELLED:
            left[key] = REMOVED if key == "evidence" else value
    return canonical(left)


def _is_named(name: Name, value: Any) -> bool:
    if isinstance(value, dict):
        return any(name.is_in(key) or _is_named(name, held) for key, held in value.items())
    return any(_is_named(name, held) for held in value) if isinstance(value, list) else name.is_in(str(value))
