"""JSON documents of a bundle: the manifest, the package's descriptor and the schemas, written and strictly read.

Not here: what they say (manifest.py, datapackage.py, json_schemas.py), and tables (rows.py).
"""

import json
from typing import Any, NoReturn

_ANNOTATIONS = {"title", "description"}  # words for people, which bind nobody


class NotStrict(ValueError):
    """Bytes that are not JSON with one meaning only; the message goes on after the name of the file."""


def as_document(value: Any) -> bytes:
    """A document's only spelling: sorted keys, a line an entry, in ASCII.

    Schemas hold patterns with characters that cannot be seen: as escapes they can.
    """
    return (json.dumps(value, sort_keys=True, indent=1, allow_nan=False) + "\n").encode("ascii")


def read_document(data: bytes) -> Any:
    """What a document says. Raises NotStrict: no UTF-8, no JSON, a key twice, NaN or Infinity."""
    try:
        return json.loads(data.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except NotStrict:
        raise
    except RecursionError:
        raise NotStrict("is nested too deeply") from None
    except UnicodeDecodeError as fault:
        raise NotStrict(f"is not UTF-8 at byte {fault.start + 1}") from None
    except json.JSONDecodeError as fault:
        raise NotStrict(f"is not JSON at line {fault.lineno}, column {fault.colno}") from None
    except ValueError:  # a number of thousands of digits
        raise NotStrict("holds a number that is too long") from None


def meaning(document: Any) -> str:
    """What two documents share that bind alike: all but titles and descriptions, in one spelling. Raises NotStrict."""
    try:
        return json.dumps(_without_words(document), sort_keys=True)
    except RecursionError:
        raise NotStrict("is nested too deeply") from None


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: _without_words(held)
            for key, held in value.items()
            if not (key in _ANNOTATIONS and isinstance(held, str))
        }
    return [_without_words(held) for held in value] if isinstance(value, list) else value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotStrict("holds a key twice in one object")
    return found


def _no_number(word: str) -> NoReturn:
    raise NotStrict(f"holds {word}, which is no number in JSON")
