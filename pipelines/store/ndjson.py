"""The fast strict reader: plain NDJSON records accepted in bulk by DuckDB.

Here: SQL, derived from the input contract, that accepts a line only where `game.events.check_line` is known to accept
it with the same values. All other lines go to `check_line` one by one, which alone knows reasons. Soundness rests on
these facts about DuckDB's JSON, each with a test:
- it takes trailing commas, NaN and the first of two equal keys: hence no `,}` or `,]` anywhere, every key counted
  against the known fields that are there, and every token matched whole against a pattern;
- `json_extract` gives each value as its JSON token (`"10"`, `10.5`), strings re-escaped: a token with a backslash is
  left to the exact reader, and so are ids that are not plain ASCII.
Not here: which lines are blank, repeated or refused (landing.py).
"""

from collections.abc import Callable
from functools import cache

from pipelines.game.records import MAX_ID_CHARACTERS, MAX_MULTIPLIERS, RECORDS, Field, Kind
from pipelines.store.schema import sql_type

_PLAIN = r"[!#-\[\]-~]"  # printable ASCII but space, quote and backslash
_ID = rf'"{_PLAIN}([ !#-\[\]-~]*{_PLAIN})?"'  # its length is looked at apart: a counted repeat is slow in RE2
_INSTANT = (
    r'"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ]([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,6})?'
    r'([Zz]|[+-]([01][0-9]|2[0-3]):[0-5][0-9])"'
)
_WHOLE = r"0|[1-9][0-9]{0,14}"
_NUMBER = r"(0|[1-9][0-9]{0,8})(\.[0-9]{1,9})?"
_NUMBERS = rf"\[({_NUMBER}(,{_NUMBER}){{0,{MAX_MULTIPLIERS - 1}}})?\]"


@cache
def accept_sql(kind: str) -> str:
    """INSERT of the plainly right records of a type from the view `block` (n, byte_offset, line) into its stage.

    Parameter: $latest, the last `at` that is not from the future.
    """
    fields = RECORDS[kind]
    paths = ", ".join(f"'$.{name}'" for name in ("type", *(field.name for field in fields)))
    tokens = {field.name: f"tok[{place}]" for place, field in enumerate(fields, start=2)}
    values = ", ".join(f'{_value(field, tokens[field.name])} AS "{field.name}"' for field in fields)
    accepts = " AND ".join(_accepts(field, tokens[field.name]) for field in fields)
    # Materialised, or DuckDB would parse each line again for every use of a token.
    return f"""
INSERT INTO staged_{kind} BY NAME
WITH tokens AS MATERIALIZED (
    SELECT n, byte_offset,
           CASE WHEN json_valid(line) THEN json_extract(line, [{paths}])::VARCHAR[] END AS tok,
           CASE WHEN json_valid(line) THEN len(json_keys(line)) END AS n_keys
    FROM block WHERE contains(line, '"{kind}"') AND NOT regexp_matches(line, ',\\s*[}}\\]]')
), typed AS MATERIALIZED (
    SELECT n AS line, byte_offset, NULL::VARCHAR AS extra, {values}, {accepts} AS is_plain
    FROM tokens WHERE tok[1] = '"{kind}"' AND n_keys = list_count(tok)
)
SELECT * EXCLUDE (is_plain) FROM typed WHERE is_plain AND {_times(kind)}
"""  # noqa: S608 - made of the contract's own words


def _accepts(field: Field, token: str) -> str:
    matches = _MATCHES[field.kind](field, token)
    if field.required:
        return f"coalesce({matches}, false)"
    return f"({token} IS NULL OR {token} = 'null' OR coalesce({matches}, false))"


def _full(token: str, pattern: str) -> str:
    return "regexp_full_match(" + token + ", '" + pattern.replace("'", "''") + "')"


def _in_bounds(field: Field, token: str, pattern: str) -> str:
    cast = f"TRY_CAST({token} AS {sql_type(field)})"
    return f"{_full(token, pattern)} AND {cast} BETWEEN {field.low} AND {field.high}"


def _words(field: Field, token: str) -> str:
    return f"{token} IN (" + ", ".join(f"'\"{word}\"'" for word in field.words) + ")"


def _instant(field: Field, token: str) -> str:
    inside = "BETWEEN TIMESTAMP '0001-01-01' AND TIMESTAMP '9999-12-31 23:59:59.999999'"
    return f"{_full(token, _INSTANT)} AND {_value(field, token)} {inside}"


def _numbers(field: Field, token: str) -> str:
    values = f"TRY_CAST({token} AS DOUBLE[])"
    inside = f"coalesce(list_min({values}) >= {field.low} AND list_max({values}) <= {field.high}, len({values}) = 0)"
    return f"{_full(token, _NUMBERS)} AND {inside}"


_MATCHES: dict[Kind, Callable[[Field, str], str]] = {
    Kind.ID: lambda field, token: f"strlen({token}) <= {MAX_ID_CHARACTERS + 2} AND {_full(token, _ID)}",
    Kind.TEXT: lambda field, token: f"starts_with({token}, '\"') AND NOT contains({token}, '\\')",
    Kind.WORD: _words,
    Kind.INSTANT: _instant,
    Kind.WHOLE: lambda field, token: _in_bounds(field, token, _WHOLE),
    Kind.NUMBER: lambda field, token: _in_bounds(field, token, _NUMBER),
    Kind.NUMBERS: _numbers,
    Kind.FLAG: lambda field, token: f"{token} IN ('true', 'false')",
}


def _value(field: Field, token: str) -> str:
    """The typed value of a token that is accepted; null for an explicit null."""
    inner = f"{token}[2:-2]"
    if field.kind in (Kind.ID, Kind.TEXT, Kind.WORD):
        return f"CASE WHEN starts_with({token}, '\"') THEN {inner} END"
    if field.kind is Kind.INSTANT:
        return f"TRY_CAST({inner} AS TIMESTAMPTZ)::TIMESTAMP"
    return f"TRY_CAST(nullif({token}, 'null') AS {sql_type(field)})"


def _times(kind: str) -> str:
    """SPEC section 2: no time travel, and not from the future."""
    rules = ['"at" <= make_timestamp($latest::BIGINT)']
    if kind == "submission":
        rules += ['submitted_at <= "at"']
        rules += ['coalesce(judged_at >= submitted_at AND "at" >= judged_at, true)']
        rules += ["coalesce(submitted_at >= claimed_at, true)"]
    return " AND ".join(rules)
