"""The fast strict reader: plain NDJSON records accepted in bulk by DuckDB.

Here: SQL, derived from the input contract, that accepts a line only where `game.events.check_line` is known to accept
it with the same values. All other lines go to `check_line` one by one, which alone knows reasons. Soundness rests on
these facts about DuckDB's JSON, each with a test:
- it takes trailing commas, NaN and the first of two equal keys: hence no `,}` or `,]` anywhere, every key counted
  against the known fields that are there, and every token matched whole against a pattern;
- `json_extract` gives each value as its JSON token (`"10"`, `10.5`), strings re-escaped: a token with a backslash is
  left to the exact reader, and so are ids that are not plain ASCII.
Not here: which lines are blank or refused (reading.py), and which are repeated (duplicates.py).
"""

from collections.abc import Callable
from functools import cache

from pipelines.game.records import MAX_ID_CHARACTERS, MAX_MULTIPLIERS, RECORDS, Field, Kind
from pipelines.store.schema import sql_type

_PLAIN = r"[!#-\[\]-~]"  # printable ASCII but space, quote and backslash
_ID = rf'"{_PLAIN}([ !#-\[\]-~]*{_PLAIN})?"'  # its length is looked at apart: a counted repeat is slow in RE2
_ENDS_WELL = r"[^,\s]\}\s*$"  # in a flat object this is the only place for a comma too many
_OFFSET = (
    r'"[0-9]{4}-[0-9]{2}-[0-9]{2}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?'
    r'[+-]([01][0-9]|2[0-3]):[0-5][0-9]"'
)
_WHOLE = r"0|[1-9][0-9]{0,14}"
_NUMBER = r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?"
_NUMBERS = rf"\[({_NUMBER}(,{_NUMBER}){{0,{MAX_MULTIPLIERS - 1}}})?\]"


@cache
def accept_sql(kind: str, is_ascii: bool) -> str:
    """INSERT of the plainly right records of a type from the view `block` (n, byte_offset, line) onto its stage.

    `is_ascii`: the block holds no byte from 0x7f on, so that ids need not be looked at character by character.
    Parameter: $latest, the last `at` that is not from the future. Materialised, because DuckDB would else push the
    WHERE down to the lines and parse each once more for every token it names.
    """
    return f"""
INSERT INTO staged_{kind} BY NAME
WITH typed AS MATERIALIZED ({_type_sql(kind, is_ascii)}) SELECT * EXCLUDE (is_plain) FROM typed WHERE is_plain
"""  # noqa: S608 - made of the contract's own words


def _type_sql(kind: str, is_ascii: bool) -> str:
    """The lines of the block that may be of a type, typed, and whether each `is_plain`."""
    fields = RECORDS[kind]
    paths = ", ".join(f"'$.{name}'" for name in ("type", *(field.name for field in fields)))
    tokens = ", ".join(f"nullif(tok[{place}]::VARCHAR, 'null') AS t{place}" for place in range(1, len(fields) + 2))
    named = {field.name: f"t{place}" for place, field in enumerate(fields, start=2)}
    values = ", ".join(f'{_value(field, named[field.name])} AS "{field.name}"' for field in fields)
    checks = [f"""coalesce(t1 = '"{kind}"', false)""", "n_keys = n_there"]
    checks += [_accepts(field, named[field.name], is_ascii) for field in fields]
    optional = [f for f in fields if f.kind is Kind.INSTANT and not f.required]
    absent = "".join(f', {named[f.name]} IS NULL AS "no_{f.name}"' for f in optional)
    there = [f'"{f.name}" IS NOT NULL' for f in fields if f.kind is Kind.INSTANT and f.required]
    there += [f'("no_{f.name}" OR "{f.name}" IS NOT NULL)' for f in optional]
    passing = ", ".join(["is_ok", *(f'"no_{f.name}"' for f in optional)])
    return f"""
SELECT * EXCLUDE ({passing}), coalesce(is_ok AND {" AND ".join((*there, *_times(kind)))}, false) AS is_plain
FROM (
    SELECT n AS line, byte_offset, NULL::VARCHAR AS extra, {values}, {" AND ".join(checks)} AS is_ok{absent}
    FROM (
        SELECT n, byte_offset, line, n_keys, list_count(tok) AS n_there, {tokens}
        FROM (
            SELECT n, byte_offset, line, CASE WHEN json_valid(line) THEN json_extract(line, [{paths}]) END AS tok,
                   CASE WHEN json_valid(line) THEN len(json_keys(line)) END AS n_keys
            FROM block
            WHERE contains(line, '"{kind}"') AND NOT contains(line, '\\') AND regexp_matches(line, '{_ENDS_WELL}')
        )
    )
)
"""  # noqa: S608 - made of the contract's own words


def _accepts(field: Field, token: str, is_ascii: bool) -> str:
    if field.kind is Kind.INSTANT:
        return "true"  # looked at when it is typed
    matches = _id(token, is_ascii) if field.kind is Kind.ID else _MATCHES[field.kind](field, token)
    if field.required:
        return f"coalesce({matches}, false)"
    return f"CASE WHEN {token} IS NULL THEN true ELSE coalesce({matches}, false) END"


def _full(token: str, pattern: str) -> str:
    return "regexp_full_match(" + token + ", '" + pattern.replace("'", "''") + "')"


def _in_bounds(field: Field, token: str, pattern: str) -> str:
    cast = f"TRY_CAST({token} AS {sql_type(field)})"
    return f"{_full(token, pattern)} AND {cast} BETWEEN {field.low} AND {field.high}"


def _words(field: Field, token: str) -> str:
    return f"{token} IN (" + ", ".join(f"'\"{word}\"'" for word in field.words) + ")"


def _id(token: str, is_ascii: bool) -> str:
    """Text that begins and ends with something visible and is not too long; all of it visible ASCII or spaces."""
    held = f"strlen({token}) BETWEEN 3 AND {MAX_ID_CHARACTERS + 2}"
    if not is_ascii:
        return f"{held} AND {_full(token, _ID)}"
    return f"""{held} AND {token} BETWEEN '"!' AND '"~~~~~~~~' AND NOT suffix({token}, ' "')"""


def _instant(token: str) -> str:
    """The instant of a token in one of the usual spellings, else null.

    LIKE fixes where the signs stand, so that `try_strptime`, which takes one digit for two and skips leading spaces,
    can only find digits between them; the first character is one, or the text would sort before '0002'. Any other
    offset costs a regular expression, and must not lead out of the years 2 to 9998.
    """
    date, wanted = "____-__-__T__:__:__", "%Y-%m-%dT%H:%M:%S"
    other = f"TRY_CAST({token}[2:-2] AS TIMESTAMPTZ)::TIMESTAMP"
    return f"""CASE WHEN {token} BETWEEN '"0002' AND '"9999' THEN CASE
        WHEN {token} LIKE '"{date}.%Z"' THEN try_strptime({token}, '"{wanted}.%fZ"')
        WHEN {token} LIKE '"{date}Z"' THEN try_strptime({token}, '"{wanted}Z"')
        WHEN {token} BETWEEN '"0003' AND '"9998' AND {_full(token, _OFFSET)} THEN {other} END END"""


def _numbers(field: Field, token: str) -> str:
    values = f"TRY_CAST({token} AS DOUBLE[])"
    inside = f"coalesce(list_min({values}) >= {field.low} AND list_max({values}) <= {field.high}, len({values}) = 0)"
    return f"{_full(token, _NUMBERS)} AND {inside} AND NOT regexp_matches(line, ',\\s*\\]')"


_MATCHES: dict[Kind, Callable[[Field, str], str]] = {
    Kind.TEXT: lambda field, token: f"starts_with({token}, '\"') AND NOT contains({token}, '\\')",
    Kind.WORD: _words,
    Kind.WHOLE: lambda field, token: _in_bounds(field, token, _WHOLE),
    Kind.NUMBER: lambda field, token: _in_bounds(field, token, _NUMBER),
    Kind.NUMBERS: _numbers,
    Kind.FLAG: lambda field, token: f"{token} IN ('true', 'false')",
}


def _value(field: Field, token: str) -> str:
    """The typed value of a token that is accepted; null for an explicit null."""
    inner = f"substring({token}, 2, length({token}) - 2)"
    if field.kind in (Kind.ID, Kind.TEXT, Kind.WORD):
        return inner
    if field.kind is Kind.INSTANT:
        return _instant(token)
    return f"TRY_CAST({token} AS {sql_type(field)})"


def _times(kind: str) -> list[str]:
    """SPEC section 2: no time travel, and not from the future."""
    rules = ['"at" <= make_timestamp($latest::BIGINT)']
    if kind == "submission":
        rules += ['submitted_at <= "at"']
        rules += ['coalesce(judged_at >= submitted_at AND "at" >= judged_at, true)']
        rules += ["coalesce(submitted_at >= claimed_at, true)"]
    return rules
