"""Canaries: words, instants and secrets that must not get out, and a search that finds them in whatever they hide in.

Here: the search, and a home of which every name, path and text is a canary. Not here: where it is looked for them
(test_canaries.py).
"""

import base64
import datetime as dt
import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from tests.arena.keyrings import secrets_of

WORD = "kanarie"  # in every name, path and text of the home, and nowhere in Podium
SPOKEN = "zeisig"  # in the conversation that is shared
CLOCK = "13:37:42"  # every instant of the log, in what the log calls it
AT = CLOCK + ".271828"
DAYS = ("2024-09-09", "2024-10-07", "2024-10-21", "2024-11-04", "2024-11-11")
_MICROS = 1_000_000
Needles = dict[str, Mapping[str, bytes]]  # what is looked for -> form -> bytes


def forms_of_text(text: str) -> dict[str, bytes]:
    """A word as it may be written: as it is, in two bytes a letter, in hexadecimal, in base64 wherever it begins."""
    data = text.encode()
    return {"utf-8": data, "utf-16": text.encode("utf-16-le"), **_in_letters(data)}


def forms_of_secret(secret: bytes) -> dict[str, bytes]:
    """A key as it may be written."""
    return {"bytes": secret, **_in_letters(secret)}


def forms_of_instant(micros: int) -> dict[str, bytes]:
    """An instant as it may be written beside its clock: as a number of microseconds, milliseconds or seconds."""
    digits = {name: str(micros // unit).encode() for name, unit in (("s", _MICROS), ("ms", 1000), ("us", 1))}
    return {**digits, "int64": micros.to_bytes(8, "little"), "big int64": micros.to_bytes(8, "big")}


def found_in(data: bytes, needles: Needles) -> set[str]:
    """Which needles some bytes hold in any form, letters large or small: `name as form`."""
    low = data.lower()
    return {
        f"{name} as {form}"
        for name, forms in needles.items()
        for form, needle in forms.items()
        if needle in data or needle.lower() in low
    }


def contents(path: Path) -> Iterator[bytes]:
    """What a file holds: its name and bytes, and of a database of SQLite every value, unpacked where it is packed."""
    data = path.read_bytes()
    yield path.name.encode()
    yield data
    if data.startswith(b"SQLite format 3\0"):
        with closing(sqlite3.connect(path)) as con:
            con.text_factory = bytes
            for (table,) in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                for row in con.execute(f'SELECT * FROM "{table.decode()}"'):
                    yield from (_unpacked(value) for value in row if isinstance(value, bytes))


def leaks(places: Iterable[Path], needles: Needles) -> dict[str, set[str]]:
    """The needles in all files under some folders, by file."""
    files = (file for place in places for file in sorted(place.rglob("*")) if file.is_file())
    found = {str(file): set().union(*(found_in(part, needles) for part in contents(file))) for file in files}
    assert found, "there is nothing to look into"
    return {file: names for file, names in found.items() if names}


def micros_of(day: str) -> int:
    """The instant of the log on a day, as microseconds since 1970."""
    return int(dt.datetime.fromisoformat(f"{day}T{AT}+00:00").timestamp() * _MICROS + 0.5)


def of_the_log() -> Needles:
    """What of the log must not get out."""
    days = {f"{day} {CLOCK}": forms_of_instant(micros_of(day)) for day in DAYS}
    return {WORD: forms_of_text(WORD), CLOCK: forms_of_text(CLOCK), **days}


def of_keys(keys: Path) -> Needles:
    """All secrets that lie in a folder of keys now."""
    [folder] = keys.iterdir()
    return {f"secret {n}": forms_of_secret(bytes.fromhex(text)) for n, text in enumerate(secrets_of(folder))}


def write_log(folder: Path) -> Path:
    """A log of people who share this and that: every word that a record can hold is a canary, and so is its path."""
    folder.mkdir(parents=True)
    records = [*_tasks(), *_work(), *_grants()]
    lines = [json.dumps(record, ensure_ascii=False) for record in records]
    lines += [
        f"{WORD}: no JSON at all",
        json.dumps({"type": WORD}),
        json.dumps({**records[-1], "event_id": WORD, "scope": WORD}),
    ]
    log = folder / f"{WORD}-log.jsonl"
    log.write_text("\n".join(lines), "utf-8")
    return log


ADA, BOB, EVE = (f"u-{WORD}-{name}" for name in ("ada", "bob", "eve"))
COUNTED = tuple(f"u-{WORD}-{n}" for n in range(3))  # they allow aggregates, and share nothing else


def _tasks() -> Iterator[dict[str, Any]]:
    for task, problem in ((f"t-{WORD}", f"p-{WORD}"), (f"t-{WORD}-c", "collatz")):
        told = {"task_id": task, "problem": problem, "task_type": "pattern", "difficulty": "hard", "title": WORD}
        yield {**_record("task", task, DAYS[0]), **told}


def _work() -> Iterator[dict[str, Any]]:
    for who in (ADA, BOB, EVE, *COUNTED):
        for n, day in enumerate(DAYS):
            for agent in ("python-pro", f"a-{WORD}"):
                yield {**_record("agent_call", f"c-{who}-{n}-{agent}", day), **_call(who, agent, n)}
            for task in (f"t-{WORD}", f"t-{WORD}-c"):
                yield {**_record("submission", f"s-{who}-{n}-{task}", day), **_try(who, task, day, n)}


def _call(who: str, agent: str, n: int) -> dict[str, Any]:
    texts = {
        name: f'{WORD} {name} "<{n}>" ü' for name in ("action_type", "evidence", "category", "model", "description")
    }
    ids = {name: f"{name}-{WORD}" for name in ("team_id", "project_id", "session_id")}
    more = {"success_source": WORD, "evidence_type": "innovation", f"more_{WORD}": {WORD: [WORD]}}
    return {"user_id": who, "agent_id": agent, "success": n < 4, "base_points": 77, **texts, **ids, **more}


def _try(who: str, task: str, day: str, n: int) -> dict[str, Any]:
    told = {"submission_id": f"s-{who}-{n}-{task}", "agent_id": f"solver-{who}", "task_id": task, "user_id": who}
    instants = dict.fromkeys(("submitted_at", "judged_at", "claimed_at"), f"{day}T{AT}Z")
    texts = {"team_id": WORD, "model": WORD, "source": WORD, "awarded_points": 30, WORD: WORD}
    return {**told, **instants, **texts, "verdict": "verified" if n > 1 else "rejected"}


def _grants() -> Iterator[dict[str, Any]]:
    scopes = {ADA: ("metrics", "achievements", "conversations"), BOB: ("metrics", "achievements")}
    for who in (ADA, BOB, *COUNTED):
        for scope in scopes.get(who, ("aggregates",)):
            yield {
                **_record("consent", f"grant-{who}-{scope}", DAYS[0]),
                "owner_id": who,
                "scope": scope,
                "granted": True,
            }


def _record(kind: str, event: str, day: str) -> dict[str, Any]:
    return {"type": kind, "event_id": f"e-{event}", "at": f"{day}T{AT}Z"}


def _in_letters(data: bytes) -> dict[str, bytes]:
    told = {"hexadecimal": data.hex().encode()}
    for before in range(3):  # how many bytes stand before it in its group of three
        letters = base64.b64encode(bytes(before) + data)
        told[f"base64 {before}"] = letters[(8 * before + 5) // 6 : 8 * (before + len(data)) // 6]
    return told


def _unpacked(value: bytes) -> bytes:
    with suppress(zlib.error):
        return zlib.decompress(value)
    return value
