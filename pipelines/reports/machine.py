"""JSON for machines: instants as RFC 3339 in UTC, dates as ISO, nothing that JSON does not know.

Written in ASCII, so that no name of a stranger's reaches a terminal as control characters. Not here: what is written.
"""

import datetime as dt
import json
import math
import sys
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def to_json(value: object) -> str:
    """`value` as indented JSON text."""
    return json.dumps(_plain(value), indent=1, allow_nan=False)


def rfc3339(instant: dt.datetime) -> str:
    """An instant in UTC, naive ones taken as UTC: `2026-03-01T09:00:00Z`, with a fraction only if there is one."""
    aware = instant if instant.tzinfo else instant.replace(tzinfo=dt.UTC)
    return aware.astimezone(dt.UTC).isoformat().removesuffix("+00:00") + "Z"


def to_second(instant: dt.datetime) -> str:
    """An instant as people read it: without the fraction of its second."""
    return rfc3339(instant.replace(microsecond=0))


def _plain(value: object) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple | set):
        return [_plain(held) for held in value]
    return _scalar(value)


def _scalar(value: object) -> Any:
    if isinstance(value, dt.datetime):
        return rfc3339(value)
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def print_json(value: object) -> None:
    """Write `value` to standard output."""
    sys.stdout.write(to_json(value) + "\n")
