"""Nothing gets out: canaries in every name, path, text, instant and secret, looked for in all that sharing leaves.

Sharing goes well and goes wrong, by command and in Dagster. Not here: the search, and the log that it is about
(canaries.py).
"""

import base64
import datetime as dt
import hashlib
import io
import json
import logging
import re
import shutil
import sqlite3
import traceback
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest

from pipelines.defs.location import definitions
from pipelines.defs.run import Run
from pipelines.engines import sharing
from pipelines.engines.recompute import recompute
from pipelines.game.faults import PodiumError
from pipelines.game.rulebook import load_rulebook
from pipelines.settings import ARENA_KEYS_VARIABLE, Settings
from tests.end_to_end import canaries
from tests.end_to_end.arena_faults import changed, faults, sung, unforeseen
from tests.end_to_end.canaries import ADA, BOB, SPOKEN, WORD, Needles, found_in, leaks, of_keys, of_the_log
from tests.end_to_end.seasons import ingest
from tests.end_to_end.test_cli import podium

POLICY = '[words]\nagents = ["python-pro"]\ncategories = ["testing"]\n[aggregates]\nk = 3\n'  # few words, few sums
QUICK = "[insight]\nenabled = false\n"
UNWATCHED = {"telemetry": {"enabled": False}}
INSTANT = re.compile(r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d")  # no day either
AS_OF = dt.datetime(2024, 11, 14)  # noqa: DTZ001 - naive UTC; after all that is in the log
TALK = f"{SPOKEN}: I am {ADA}, and this is what I share."
TALK_SHA256 = hashlib.sha256(TALK.encode()).hexdigest()


@dataclass
class Story:
    """A team that shares with an arena, all that is said meanwhile, and the secrets that it has had."""

    place: Path
    said: dict[str, str] = field(default_factory=dict)
    secrets: Needles = field(default_factory=dict)

    @property
    def home(self) -> Settings:
        return Settings(self.place / "home", self.place / "home" / "rulebook.toml")

    @property
    def keys(self) -> Path:
        return self.place / "keys"

    @property
    def records(self) -> Path:
        """Of Dagster."""
        return self.place / "dagster"

    @cached_property
    def job(self) -> dg.JobDefinition:
        """What the schedule runs."""
        return definitions(self.home).resolve_job_def("arena")

    @property
    def needles(self) -> Needles:
        return of_the_log() | self.secrets

    def podium(self, *words: str | Path, ends_with: int = 0) -> str:
        """What a command says, tracebacks and log records with it."""
        told = {"PODIUM_HOME": str(self.home.home), ARENA_KEYS_VARIABLE: str(self.keys), "PODIUM_TRACEBACK": "1"}
        with heard() as said:
            ended = podium(*words, cwd=self.place, **told)
        assert ended.returncode == ends_with, ended.stderr
        return said.getvalue() + ended.stdout + ended.stderr

    def tell(self, *words: str | Path) -> None:
        """Run a command that has no reason to name anybody."""
        self.said[" ".join(map(str, words))] = self.podium(*words)

    def leave(self, instance: dg.DagsterInstance, as_whom: str) -> bool:
        """Run the asset as the schedule does; whether it succeeded."""
        config = {"home": str(self.home.home), "rulebook": str(self.home.rulebook), "is_attended": True}
        with heard() as said:
            result = self.job.execute_in_process(
                {"resources": {"podium": {"config": config}}}, instance=instance, raise_on_error=False
            )
        events = "\n".join(map(repr, instance.all_logs(result.run_id)))
        self.said[as_whom] = said.getvalue() + events
        return result.success

    def keep(self, bundle: str) -> None:
        """Copy a bundle as somebody would who takes it in, and remember the secrets behind it."""
        shutil.copytree(self.home.arena / "bundles" / bundle, self.place / "out" / bundle)
        self.secrets |= {f"{name} behind {bundle}": forms for name, forms in of_keys(self.keys).items()}


@contextmanager
def heard() -> Iterator[io.StringIO]:
    """Standard output, standard error, and every log record with its exception."""
    said = io.StringIO()
    ear = logging.StreamHandler(said)
    logging.getLogger().addHandler(ear)
    try:
        with redirect_stdout(said), redirect_stderr(said):
            yield said
    finally:
        logging.getLogger().removeHandler(ear)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """Two exports, the second in Dagster after a rotation and a withdrawal, checked and merged; then all goes wrong."""
    told = Story(tmp_path_factory.mktemp("story"))
    for folder in (told.records, told.home.home):
        folder.mkdir()
    (told.home.home / "arena.toml").write_text(POLICY)
    (told.home.home / "rulebook.toml").write_text(QUICK)
    log = canaries.write_log(told.place / WORD)
    ingest(told.home.home, [log])
    recompute(told.home.home, load_rulebook(told.home.rulebook), AS_OF)
    with pytest.MonkeyPatch.context() as patch, dg.DagsterInstance.local_temp(str(told.records), UNWATCHED) as instance:
        patch.setenv(ARENA_KEYS_VARIABLE, str(told.keys))
        patch.setattr(sharing, "product_a", remembering(sharing.product_a))
        log.with_suffix("").write_text(TALK)
        told.podium("arena", "share", log.with_suffix(""), "--owner", ADA, "--yes")
        told.tell("arena", "export")
        told.keep("000001")
        told.tell("arena", "rotate")
        told.podium("consent", "revoke", BOB)
        assert told.leave(instance, "Dagster")
        told.keep("000002")
        told.tell("arena", "preview")
        told.tell("arena", "budget")
        told.tell("arena", "verify", told.place / "out" / "000001")
        told.tell("arena", "merge", told.place / "out", "--out", told.place / "board", "--known", told.place / "known")
        go_wrong(told, instance)
        yield told


def go_wrong(story: Story, instance: dg.DagsterInstance) -> None:
    """Every way in which an export may fail, and what is said of it: the exception with all that led to it."""
    for name, fault in faults(story.home.home, story.keys).items():
        story.said[name] = refused(story, fault)
        assert story.said[name], f"{name} was no fault"
    [keys] = story.keys.iterdir()
    with changed(keys / "epochs.json", lambda data: data[:-6]):
        assert not story.leave(instance, "Dagster, half a key")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sharing, "product_a", unforeseen)
        assert not story.leave(instance, "Dagster, a fault of Podium")
    [talk] = (story.home.arena / "conversations").glob("[0-9a-f]*")
    with changed(story.home.arena / "budget.jsonl", sung), changed(talk, sung):  # what is whole leaves all the same
        story.tell("arena", "export", "--json")
        story.said["the budget of a damaged ledger"] = story.podium("arena", "budget", ends_with=1)
    story.keep("000003")


def refused(story: Story, fault: Callable[[], Any]) -> str:
    """What is raised, with all that led to it; empty if nothing is."""
    with fault(), Run(story.home, is_attended=True) as run:
        try:
            run.leave()
        except PodiumError as refusal:
            return "".join(traceback.format_exception(refusal))
    return ""


def remembering(product_a: Callable[..., dict[str, pl.DataFrame]]) -> Callable[..., dict[str, pl.DataFrame]]:
    """The same, but the season is played once among the same people: what goes wrong has nothing to do with it."""
    played: dict[str, dict[str, pl.DataFrame]] = {}

    def product(*args: Any) -> dict[str, pl.DataFrame]:
        consents = args[3].write_json()
        if consents not in played:
            played[consents] = product_a(*args)
        return played[consents]

    return product


def test_the_story_is_one_in_which_something_leaves_and_much_goes_wrong(story: Story):
    first, second = (_rows(story.place / "out" / name) for name in ("000001", "000002"))
    assert {name: len(first[name]) for name in ("profiles", "conversations", "tombstones")} == {
        "profiles": 2, "conversations": 1, "tombstones": 0,
    }  # fmt: skip
    assert (len(second["profiles"]), len(second["conversations"]), len(second["tombstones"])) == (1, 1, 7)
    assert all(second[name] for name in ("agent_statistics", "leaderboard_entries", "achievements", "usage"))
    assert {row["agent"] for row in second["agent_statistics"]} == {"other", "python-pro"}
    assert len(story.secrets) == 2 + 5 + 2 * (2 + 3)  # two keys, and a salt for each of what is shared
    assert sorted(path.name for path in (story.home.arena / "bundles").iterdir()) == ["000001", "000002", "000003"]


def test_the_search_finds_what_is_planted_in_whatever_form(tmp_path: Path):
    secret, day = bytes(range(7, 39)), canaries.DAYS[0]
    needles = of_the_log() | {"secret": canaries.forms_of_secret(secret)}
    micros = canaries.micros_of(day)
    planted = {
        WORD: [
            f"u-{WORD}", f"U-{WORD.upper()}", WORD.encode("utf-16-le"), WORD.encode().hex(), *_in_base64(WORD.encode()),
        ],
        canaries.CLOCK: [f"{day}T{canaries.AT}Z", f"{day} {canaries.CLOCK}"],
        f"{day} {canaries.CLOCK}": [str(micros), str(micros // 10**6), micros.to_bytes(8, "little")],
        "secret": [secret, secret.hex(), secret.hex().upper(), *_in_base64(secret)],
    }  # fmt: skip
    for name, texts in planted.items():
        for text in texts:
            data = text.encode() if isinstance(text, str) else text
            file = tmp_path / "found" / "some.bin"
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(b"before " + data + b" after")
            assert {found.partition(" as ")[0] for found in leaks([tmp_path], needles)[str(file)]} == {name}, text
    file.rename(file.with_name(f"{WORD}.bin")).write_bytes(b"")
    with closing(sqlite3.connect(tmp_path / "of-dagster.db")) as con:
        con.execute("CREATE TABLE snapshots (body BLOB)")
        con.execute("INSERT INTO snapshots VALUES (?)", [zlib.compress(b"packed " * 99 + WORD.encode())])
        con.commit()
    assert {Path(path).name for path in leaks([tmp_path], needles)} == {f"{WORD}.bin", "of-dagster.db"}
    assert found_in(f"canaries of 13:37:43 and {micros // 10**6 + 1}".encode(), needles) == set()


def test_no_canary_and_no_secret_is_in_a_bundle_but_what_an_owner_shares(story: Story):
    places = [story.place / "out", story.home.arena / "bundles", story.place / "board"]
    found = leaks(places, story.needles | {SPOKEN: canaries.forms_of_text(SPOKEN)})
    assert {Path(file).parent.name for file in found} == {"conversations"}
    assert {file.read_text() for file in map(Path, found)} == {TALK}
    files = (file for place in places[:2] for file in place.rglob("*") if file.is_file() and str(file) not in found)
    assert [file for file in files if INSTANT.search(file.read_text())] == []


def test_no_canary_and_no_secret_is_in_the_records_of_dagster(story: Story):
    assert leaks([story.records], story.needles) == {}
    told = (part for file in story.records.rglob("*") if file.is_file() for part in canaries.contents(file))
    assert any(b"it should hold the number of an epoch" in part for part in told)  # of what went wrong it does tell


def test_no_canary_and_no_secret_is_in_what_is_said_printed_or_raised(story: Story):
    assert {name: found for name, text in story.said.items() if (found := found_in(text.encode(), story.needles))} == {}
    assert len(story.said) == 8 + len(faults(story.home.home, story.keys)) + 3


def test_no_secret_is_in_the_home_and_no_canary_in_its_ledger_or_beside_it(story: Story):
    assert leaks([story.home.home], story.secrets) == {}
    found = leaks([story.home.arena], of_the_log())
    named = {Path(file).relative_to(story.home.arena).parts[0] for file in found if Path(file).name != TALK_SHA256}
    assert named == {"preview", "conversations"}  # of names for the team, and of who shares which conversation
    assert {(story.home.arena / "preview").stat().st_mode & 0o777} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in (story.home.arena / "conversations").iterdir()} == {0o600}


def _rows(bundle: Path) -> dict[str, list[Any]]:
    return {file.stem: [json.loads(line) for line in file.read_text().splitlines()] for file in bundle.glob("*.jsonl")}


def _in_base64(data: bytes) -> list[bytes]:
    return [base64.b64encode(b"xyz"[:n] + data + b"!") for n in range(3)]
