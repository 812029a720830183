"""What a reader chooses: files, an instant, a board, a window, a name; found among what exists, or refused.

A wrong choice is a `Misuse`: a sentence that names what exists. Polars stays out of here, for `--help` to be quick.
Not here: reading what was chosen (reading.py, `*_page.py`).
"""

import datetime as dt
import difflib
import os
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.reports.terminal import safe
from pipelines.settings import account

SAMPLE = Path("data/sample")
N_NAMED = 12  # how many of what exists a sentence names
MAX_COMPARED = 20_000  # names that are looked through for a close match
LOGS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet", ".pq")
JUDGED = ("verified", "rejected", "void")  # what a judgement of a contest may count as
PACKED = (".gz", ".zst")
_PASSED_OVER = (".", "~")  # how the names of hidden files and of backups begin
CLAUDE_SETTINGS = ("history.jsonl", "settings.json", ".credentials.json", "todos", "shell-snapshots", "statsig")


class Misuse(PodiumError):
    """Something was asked for that does not exist, or in a way that cannot be understood: exit code 2."""


def one_of(asked: str, existing: Sequence[str], what: str) -> str:
    """`asked`, if it is among `existing`. Raises Misuse, which names close matches first, else what exists."""
    name = unicodedata.normalize("NFC", asked.strip())
    if name in existing:
        return name
    raise Misuse(f"There is no {what} {quoted(asked)}. {_offer(name, existing)}")


def _offer(name: str, existing: Sequence[str]) -> str:
    if not existing:
        return "There is none yet."
    folded = {held.casefold(): held for held in reversed(existing[:MAX_COMPARED])}
    close = [folded[match] for match in difflib.get_close_matches(name.casefold(), list(folded), n=3, cutoff=0.6)]
    if close:
        return f"Did you mean {' or '.join(quoted(held) for held in close)}?"
    return f"There are {named(existing)}."


def named(existing: Sequence[str]) -> str:
    """The names for a sentence: all, or the first of many."""
    shown = ", ".join(safe(held) for held in existing[:N_NAMED])
    return f"{shown} and {len(existing) - N_NAMED} more" if len(existing) > N_NAMED else shown


def quoted(text: str) -> str:
    """A stranger's text in a sentence: safe, and no longer than a line."""
    shown = safe(text)
    return f"`{shown[:80]}...`" if len(shown) > 80 else f"`{shown}`"


def instant(text: str | None, timezone: str, option: str = "--as-of") -> dt.datetime | None:
    """An instant of an option as naive UTC: RFC 3339 with its offset, or a date, which means its last microsecond."""
    return _moment(text, timezone, option, "the end")


def beginning(text: str | None, timezone: str, option: str = "--since") -> dt.datetime | None:
    """The same, but that a date means its first microsecond."""
    return _moment(text, timezone, option, "the beginning")


def _moment(text: str | None, timezone: str, option: str, end: str) -> dt.datetime | None:
    if text is None:
        return None
    from pipelines.game.events import parse_instant

    microseconds = parse_instant(text.strip())
    if microseconds is not None:
        return dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=microseconds)  # noqa: DTZ001 - naive UTC inside
    try:
        day = dt.date.fromisoformat(text.strip())
    except ValueError:
        raise Misuse(
            f"{option} {quoted(text)} is no instant: write one with its offset, such as 2026-03-01T12:00:00Z, "
            f"or a date such as 2026-03-01, which means {end} of that day in {timezone}."
        ) from None
    from pipelines.game.windows import end_of

    if not 2 <= day.year <= 9998:
        raise Misuse(f"{option} {quoted(text)} lies outside the years 2 to 9998.")
    if end == "the end":
        return end_of(day, timezone)
    return end_of(day - dt.timedelta(days=1), timezone) + dt.timedelta(microseconds=1)


def date(text: str | None, option: str) -> dt.date | None:
    """A date as it is written in an option."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError:
        raise Misuse(f"{option} {quoted(text)} is no date: write one such as 2026-03-01.") from None


def files(paths: Iterable[Path]) -> list[Path]:
    """The files that were named; of a folder the logs in it and below, sorted, by their suffixes.

    Raises Misuse for what does not exist and for a folder without logs.
    """
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = logs_in(path)
            if not inside:
                kinds = ", ".join(LOGS)
                raise Misuse(
                    f"The folder {quoted(str(path))} holds no logs ({kinds}, also with {' or '.join(PACKED)})."
                )
            found += inside
        elif path.exists():
            found.append(path)
        else:
            raise Misuse(f"There is no file or folder {quoted(str(path))}.")
    return list({path.absolute(): path for path in found}.values())


def holding_logs(paths: Iterable[Path]) -> list[Path]:
    """The paths as they were named, once it is sure that each is a log or holds some; raises Misuse otherwise."""
    named_paths = list(paths)
    files(named_paths)
    return named_paths


def logs_in(folder: Path) -> list[Path]:
    """The logs in a folder and below, sorted, by their suffixes.

    Of a folder of Claude Code's settings only the transcripts in `projects`; of what stands beside transcripts only
    they: indexes, long results of tools and the like are parts of a conversation, no logs.
    """
    from pipelines.sources.recognise import without_companions

    if (folder / "projects").is_dir() and any((folder / name).exists() for name in CLAUDE_SETTINGS):
        folder = folder / "projects"
    return without_companions(sorted(_logs_below(folder)))


def files_to_read(paths: Iterable[Path], *, is_enough: bool) -> list[Path]:
    """The same; raises Misuse if none is named, unless something else is asked for that is enough."""
    named_paths = list(paths)
    if not named_paths and not is_enough:
        raise Misuse("Nothing to read: name files or folders of logs, such as `podium ingest season.jsonl`.")
    return files(named_paths)


def refuse(given: Mapping[str, object], because: str) -> None:
    """Raise Misuse for the first option that is given and does not fit; `because` says with what it goes."""
    for option, value in given.items():
        if value:
            raise Misuse(f"{option} {because}")


def existing_file(path: Path | None, what: str) -> Path | None:
    """A file that an option names. Raises Misuse if there is none."""
    if path is not None and not path.is_file():
        raise Misuse(f"There is no {what} {quoted(str(path))}.")
    return path


def pairs(given: Iterable[str], option: str, example: str) -> Mapping[str, str]:
    """Options such as `--map theirs=ours`, as a mapping."""
    found: dict[str, str] = {}
    for pair in given:
        name, equals, value = pair.partition("=")
        if not (name.strip() and equals and value.strip()):
            raise Misuse(f"{option} {quoted(pair)} is not understood: write it as {example}.")
        found[name.strip()] = value.strip()
    return found


def feed_options(contest: str | None, difficulty: str | None, verdicts: Iterable[str]) -> Mapping[str, object]:
    """What was told about contest feeds, as the reader of feeds takes it."""
    from pipelines.game.records import DIFFICULTIES

    if difficulty is not None:
        difficulty = one_of(difficulty, DIFFICULTIES, "difficulty")
    counted = pairs(verdicts, "--verdict", "--verdict CE=rejected")
    for word in counted.values():
        one_of(word, JUDGED, "verdict")
    told = {"contest_id": contest, "difficulty": difficulty, "verdicts": counted}
    return {name: value for name, value in told.items() if value}


def transcript_options(user_id: str | None, team_id: str | None, *, keep_descriptions: bool) -> Mapping[str, object]:
    """What was told about transcripts, as their reader takes it; whose they are if nobody says so is the account."""
    told = {"account": account(), "user_id": user_id, "team_id": team_id, "keeps_descriptions": keep_descriptions}
    return {name: value for name, value in told.items() if value}


def _logs_below(folder: Path) -> Iterator[Path]:
    """Files whose names look like logs; hidden ones and backups are passed over, and folders of that kind."""
    for base, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(_PASSED_OVER)]
        for name in names:
            if _is_log(name) and (path := Path(base, name)).is_file():
                yield path


def _is_log(name: str) -> bool:
    plain = name.lower()
    for packing in PACKED:
        plain = plain.removesuffix(packing)
    return plain.endswith(LOGS) and not name.startswith(_PASSED_OVER)


def sample_season(home: Path, agents: int, days: int, seed: int) -> Path:
    """The tracked sample season; where the project's folder is not at hand, the same one made anew in the home."""
    if (SAMPLE / "tasks.jsonl").is_file():
        return SAMPLE
    from pipelines.sources.sample import write_season

    return write_season(home / "sample", agents=agents, days=days, seed=seed).out
