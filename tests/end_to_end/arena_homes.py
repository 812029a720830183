"""Teams that share with an arena, by the command line: seasons of their own, words of consent, exports, bundles.

Here: homes to begin with, and how their bundles are read: as JSON Lines, by nothing of ours. Not here: what is expected
of them (test_arena_round.py, test_arena_export.py).
"""

import datetime as dt
import gzip
import hashlib
import json
import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.engines.recompute import recompute
from pipelines.game.rulebook import load_rulebook
from pipelines.settings import settings
from pipelines.sources.sample import write_season
from tests.end_to_end.seasons import ingest
from tests.end_to_end.test_cli import Ended, podium

START = dt.date(2020, 10, 19)  # a Monday; long ago, for a week is over only when the clock says so
QUICK = "[insight]\nenabled = false\n"  # statistics leave nothing for an arena, and take their time
TABLES = (
    "profiles", "agent_statistics", "leaderboard_entries", "achievements", "usage", "conversations", "withheld",
    "tombstones",
)  # fmt: skip
_NAMING = ("pseudonym", "owner_pseudonym")

Row = dict[str, Any]


@dataclass(frozen=True)
class Team:
    """A home, and its keys beside it."""

    place: Path

    @property
    def home(self) -> Path:
        return self.place / "home"

    @property
    def keys(self) -> Path:
        return self.place / "keys"

    @property
    def bundles(self) -> Path:
        return self.home / "arena" / "bundles"

    @property
    def ledger(self) -> Path:
        return self.home / "arena" / "budget.jsonl"

    def podium(self, *words: str | Path) -> Ended:
        """A command about this home."""
        return podium(*words, cwd=self.place, PODIUM_HOME=str(self.home), PODIUM_ARENA_KEYS=str(self.keys))

    def told(self, *words: str | Path) -> Any:
        """What a command that ends well tells machines."""
        ended = self.podium(*words, "--json")
        assert ended.returncode == 0, ended.stderr
        return json.loads(ended.stdout)

    def reads(self, name: str, *lines: str) -> None:
        """Take lines of a log in."""
        path = self.place / f"{name}.jsonl"
        path.write_text("".join(f"{line}\n" for line in lines))
        ingest(self.home, [path])

    def publishes(self, day: str) -> None:
        """Play the season as of the beginning of a day."""
        rules = load_rulebook(settings(self.home).rulebook)
        recompute(self.home, rules, dt.datetime.fromisoformat(day), compared=False)

    def copied(self, place: Path) -> "Team":
        """The same home and keys elsewhere, to tell another story."""
        shutil.copytree(self.place, place, symlinks=True)
        return Team(place)


def team(place: Path, *, agents: int, seed: int, consents: Mapping[str, Sequence[str]]) -> Team:
    """A sample season of four weeks, not yet published; `consents`: scopes by owner, "*" for every user."""
    made = Team(place)
    made.home.mkdir(parents=True)
    (made.home / "rulebook.toml").write_text(QUICK)
    lines = season(place / "season", agents=agents, seed=seed)
    everybody = consents.get("*", ())
    said = {owner: everybody for owner in users_of(lines) if everybody} | {
        owner: (*everybody, *scopes) for owner, scopes in consents.items() if owner != "*"
    }
    made.reads("log", *lines, *(granted(owner, scope) for owner, scopes in said.items() for scope in scopes))
    return made


def season(place: Path, *, agents: int, seed: int) -> list[str]:
    """All lines of a sample season: one file is read in a third of the time of six."""
    write_season(place, agents=agents, days=28, seed=seed, start=START)
    held = (gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes() for path in files(place))
    return [line for data in held for line in data.decode("utf-8", "surrogateescape").splitlines()]


def files(place: Path) -> list[Path]:
    """Every file of a folder, in order."""
    return sorted(path for path in place.rglob("*") if path.is_file() and not path.is_symlink())


def users_of(lines: Iterable[str]) -> list[str]:
    """The users whom a log names."""
    users = {record.get("user_id") for record in map(parsed, lines) if isinstance(record, dict)}
    return sorted(user for user in users if isinstance(user, str) and user.startswith("u-"))


def parsed(line: str) -> Any:
    """A line of a log, None if it is no JSON: a sample season holds some of those."""
    try:
        return json.loads(line)
    except ValueError:
        return None


def granted(owner: str, scope: str) -> str:
    """A line of a log by which an owner shares a scope."""
    told = {"at": "2020-10-19T00:00:00Z", "owner_id": owner, "scope": scope, "granted": True}
    return json.dumps({"type": "consent", "event_id": f"consent-{owner}-{scope}", **told})


def rows(bundle: Path, table: str) -> list[Row]:
    """A table of a bundle, or of an arena's folder."""
    return [json.loads(line) for line in (bundle / f"{table}.jsonl").read_bytes().splitlines()]


def named(bundle: Path, *tables: str) -> set[str]:
    """The pseudonyms under which a bundle tells of somebody, in some tables or in all."""
    told = [row for table in tables or TABLES if table != "tombstones" for row in rows(bundle, table)]
    return {row[column] for row in told for column in _NAMING if column in row}


def withdrawn(bundle: Path) -> set[str]:
    """The pseudonyms that it withdraws."""
    return {row["pseudonym"] for row in rows(bundle, "tombstones")}


def places_of(texts: Iterable[str], *folders: Path) -> set[str]:
    """The names of the files in these folders that hold one of the texts."""
    held = [(path.name, path.read_bytes()) for folder in folders for path in files(folder)]
    return {name for text in texts for name, data in held if text.encode() in data}


def bytes_under(place: Path) -> dict[str, str]:
    """Every file of a folder by its path in it, and the SHA-256 of its bytes."""
    return {str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files(place)}
