"""What one team's exports keep to: nothing leaves unasked, nothing twice, nothing half, and what was withdrawn is gone.

The module's fixture takes one home through all of it, by the command line; tests read what it saw. Not here: several
teams (test_arena_round.py).
"""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.arena_homes import Row, Team, bytes_under, files, granted, named, places_of, rows, team, withdrawn
from tests.end_to_end.export_killed import FEW_WORDS
from tests.end_to_end.test_cli import ROOT, failed, podium

OWNER = "u-dune"
EVERYBODY = ("u-dune", "u-fennel", "u-hazel", "u-pumice", "u-quartz", "u-sorrel", "u-yarrow")
PRICE = 50_000
LIMITS = f"[aggregates]\nk = 2\nbudget_micro_rho = {2 * PRICE}\n{FEW_WORDS}"  # of four releases that are due two
TALK = b'{"role":"user","content":"Who found it?"}\n'
KEPT_BACK = b'{"role":"user","content":"Of this I said nothing."}\n'  # shared by one who allows no conversations
N_KILLS = 8


@dataclass
class Seen:
    """What the commands said, in the order in which they ran; `bundle/<name>` holds a copy of each bundle."""

    team: Team
    said: dict[str, Any] = field(default_factory=dict)
    held: dict[str, dict[str, str]] = field(default_factory=dict)  # the bytes of arena and keys after it

    def bundle(self, name: str) -> Path:
        return self.team.place / "bundle" / name

    def does(self, name: str, *words: str | Path) -> None:
        self.said[name] = self.team.told(*words)

    def exports(self, name: str) -> None:
        self.does(name, "arena", "export")
        shutil.copytree(self.said[name]["path"], self.bundle(name))
        self.held[name] = {**bytes_under(self.team.home / "arena"), **bytes_under(self.team.keys)}

    def exports_with(self, name: str, ledger: bytes) -> None:
        """Export with another ledger, which that must not change, and put the true one back."""
        true = self.team.ledger.read_bytes()
        self.team.ledger.write_bytes(ledger)
        self.exports(name)
        assert self.team.ledger.read_bytes() == ledger
        self.team.ledger.write_bytes(true)


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    place = tmp_path_factory.mktemp("export")
    one = team(place / "team", agents=12, seed=2, consents={})
    seen = Seen(one)
    one.publishes("2020-11-16")
    seen.exports("nobody")
    seen.exports("again")
    one.reads("words", *(granted(owner, "aggregates") for owner in EVERYBODY))
    (one.home / "arena.toml").write_text(LIMITS)
    (one.place / "talk.jsonl").write_bytes(TALK)
    (one.place / "kept-back.jsonl").write_bytes(KEPT_BACK)
    share = ("arena", "share", "talk.jsonl", "--owner", OWNER)
    seen.does("grant", "consent", "grant", OWNER, "metrics", "conversations")
    seen.does("share", *share)
    seen.does("share all the same", "arena", "share", "kept-back.jsonl", "--owner", "u-fennel")
    seen.exports("shared")
    ledger = one.ledger.read_bytes()
    seen.exports_with("set back", ledger.splitlines(keepends=True)[0])
    seen.does("revoke", "consent", "revoke", OWNER, "metrics")
    seen.does("regrant", "consent", "grant", OWNER, "metrics")
    seen.does("unshare", "arena", "unshare", seen.said["share"]["sha256"][:8], "--owner", OWNER)
    seen.exports("taken back")
    seen.does("share again", *share)
    seen.exports("shared again")
    one.publishes("2020-11-23")
    seen.exports("a week later")
    one.copied(place / "copy")
    seen.does("forget", "forget", OWNER, "--yes")
    seen.exports("forgotten")
    return seen


def test_of_whom_nobody_shares_nothing_leaves(seen: Seen) -> None:
    told = seen.said["nobody"]
    assert (told["sequence"], told["is_new"], told["micro_rho_spent"]) == (1, True, 0)
    assert {table for table, n in told["tables"].items() if n} == {"withheld"}
    assert {row["reason"] for row in told["withheld"]} == {"few_people"}
    assert named(seen.bundle("nobody")) == set()
    assert {scope for scope, n in told["n_owners"].items() if n} == {"nothing"}


def test_exporting_again_changes_no_byte_and_costs_nothing(seen: Seen) -> None:
    assert seen.said["again"]["is_new"] is False
    assert seen.held["again"] == seen.held["nobody"]
    assert seen.said["again"]["micro_rho_spent"] == 0


def test_when_only_the_clock_moved_on_a_new_bundle_says_the_same_of_a_later_week(seen: Seen) -> None:
    before, after = seen.said["shared again"], seen.said["a week later"]
    assert [told["week"] for told in (before, after)] == ["2020-W46", "2020-W47"]
    assert (after["is_new"], after["sequence"]) == (True, before["sequence"] + 1)
    for table in ("profiles", "agent_statistics", "usage", "conversations", "withheld", "tombstones"):
        assert rows(seen.bundle("a week later"), table) == rows(seen.bundle("shared again"), table), table
    assert after["micro_rho_spent"] == before["micro_rho_spent"] == 2 * PRICE


def test_when_the_budget_is_spent_months_are_withheld_and_the_bundle_still_goes_out(seen: Seen) -> None:
    told = seen.said["shared"]
    assert told["is_new"] is True
    assert {row["month"] for row in rows(seen.bundle("shared"), "usage")} == {"2020-09"}
    withheld = {(row["kind"], row["period"], row["reason"]) for row in told["withheld"] if row["table"] == "usage"}
    assert withheld == {("calls", "2020-10", "budget"), ("submissions", "2020-10", "budget")}
    assert told["micro_rho_spent"] == told["micro_rho_budget"] == 2 * PRICE


def test_beside_a_ledger_that_was_set_back_nothing_is_drawn_anew(seen: Seen) -> None:
    assert rows(seen.bundle("set back"), "usage") == rows(seen.bundle("shared"), "usage")
    withheld = {(row["kind"], row["period"], row["reason"]) for row in rows(seen.bundle("set back"), "withheld")}
    assert {row for row in withheld if row[0] is not None} == {
        ("calls", "2020-10", "ledger"),
        ("submissions", "2020-10", "ledger"),
    }


def test_who_withdraws_and_shares_again_has_another_pseudonym(seen: Seen) -> None:
    old, new = named(seen.bundle("shared"), "profiles"), named(seen.bundle("taken back"), "profiles")
    assert len(old) == len(new) == 1
    assert not old & new
    assert old < withdrawn(seen.bundle("taken back"))  # and the agents
    assert not named(seen.bundle("taken back")) & named(seen.bundle("shared"))
    for name in ("shared again", "a week later"):
        assert named(seen.bundle(name), "profiles") == new


def test_a_conversation_that_was_taken_back_comes_back_under_another_pseudonym(seen: Seen) -> None:
    told = {name: named(seen.bundle(name), "conversations") for name in seen.held}
    assert [len(told[name]) for name in ("shared", "taken back", "shared again", "a week later")] == [1, 0, 1, 1]
    assert told["shared"] != told["shared again"] == told["a week later"]
    assert told["shared"] <= withdrawn(seen.bundle("shared again"))
    [row] = rows(seen.bundle("shared again"), "conversations")
    assert (seen.bundle("shared again") / row["file"]).read_bytes() == TALK
    assert seen.said["share again"]["sha256"] == row["sha256"]
    assert not (seen.bundle("taken back") / "conversations").exists()


def test_a_conversation_stays_here_while_its_owner_allows_none_to_leave(seen: Seen) -> None:
    assert (seen.said["share"]["is_allowed"], seen.said["share all the same"]["is_allowed"]) == (True, False)
    assert places_of([KEPT_BACK.decode()], seen.team.home / "arena") != set()
    assert places_of([KEPT_BACK.decode()], *map(seen.bundle, seen.held)) == set()


def test_the_arena_takes_what_came_back_and_nothing_that_was_withdrawn(seen: Seen, tmp_path: Path) -> None:
    names = ("nobody", "shared", "set back", "taken back", "shared again", "a week later")
    every = [seen.bundle(name) for name in names]
    for given in (every[:4], every[4:], every[5:]):
        ended = podium("arena", "merge", *given, "--out", "board", "--known", "known.json", cwd=tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")
        [told] = rows(tmp_path / "board", "publishers")
        assert (told["n_profiles"], told["n_left_out"]) == (1, 0)
        assert told["n_conversations"] == (0 if given == every[:4] else 1)
        assert places_of(withdrawn(every[5]), tmp_path / "board") == set()


def test_who_is_forgotten_is_withdrawn_everywhere(seen: Seen) -> None:
    assert seen.said["forget"][0]["n_salts_dropped"] == 2
    assert withdrawn(seen.bundle("forgotten")) >= named(seen.bundle("a week later"))
    assert named(seen.bundle("forgotten")) == set()
    assert places_of([OWNER], seen.team.keys, seen.team.home / "arena") == set()
    assert places_of([TALK.decode()], seen.team.home) == set()
    assert rows(seen.bundle("forgotten"), "usage") == rows(seen.bundle("a week later"), "usage")
    assert seen.said["forgotten"]["n_owners"]["aggregates"] == len(EVERYBODY) - 1


def test_every_bundle_verifies_and_follows_the_one_before(seen: Seen) -> None:
    standing = sorted(seen.team.bundles.iterdir())
    assert [path.name for path in standing] == [f"{n:06}" for n in range(1, 8)]
    for path in standing:
        assert podium("arena", "verify", path, cwd=seen.team.place).returncode == 0


# Killed, stopped


@pytest.fixture(scope="module")
def killed(seen: Seen) -> tuple[Team, list[Row]]:
    """The home as it was before the forgetting, and what became of exports that were killed in it."""
    one = Team(seen.team.place.parent / "copy")
    command = [sys.executable, str(ROOT / "tests/end_to_end/export_killed.py"), str(one.home), str(one.keys)]
    told = subprocess.run(
        [*command, str(N_KILLS)], cwd=ROOT, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    return one, json.loads(told.stdout)


def test_whenever_it_is_killed_what_stands_is_whole_and_the_next_export_goes_on(killed: Any, seen: Seen) -> None:
    one, runs = killed
    codes = [run["code"] for run in runs]
    assert (codes.count(-9), codes[0], codes[-2:], {*codes}) == (N_KILLS, 0, [130, 0], {0, -9, 130}), runs
    assert [run["faults"] for run in runs] == [0] * len(runs), runs
    assert runs[-1]["stderr"] == ""
    lines = [json.loads(line) for line in one.ledger.read_bytes().splitlines()]
    assert sum(line["micro_rho"] for line in lines) == PRICE * len({line["name"] for line in lines})
    assert len({line["name"] for line in lines}) == len(lines)
    last = sorted(one.bundles.iterdir())[-1]
    told = {(row["kind"], row["month"]) for row in rows(last, "usage")}
    assert {"/".join(name) for name in told} == {line["name"] for line in lines}
    assert {month for kind, month in told if kind == "submissions"} == {"2020-09"}  # of before
    assert len(told) - 1 == 2 + len(runs)  # each run asked for one month more of calls
    assert json.loads((last / "manifest.json").read_bytes())["micro_rho_spent"] == PRICE * len(lines)
    assert named(last) == named(seen.bundle("a week later"))  # the salts are those of before
    assert withdrawn(last) == withdrawn(seen.bundle("a week later"))
    assert [path.name for path in files(one.home / "arena") + files(one.keys) if ".half" in str(path)] == []


def test_what_was_drawn_is_told_as_it_was_drawn_whoever_was_killed(killed: Any, seen: Seen) -> None:
    one, _ = killed
    told: dict[str, list[Row]] = {}
    for row in rows(sorted(one.bundles.iterdir())[-1], "usage"):
        told.setdefault(f"{row['kind']}/{row['month']}", []).append(row)
    for line in map(json.loads, one.ledger.read_bytes().splitlines()):
        assert [row["successes"] for row in told.pop(line["name"])] == line["drawn"]["successes"]
    assert told == {}


def test_ctrl_c_ends_an_export_with_a_sentence(killed: Any) -> None:
    *_, stopped, _ = killed[1]
    assert stopped["stderr"] == "podium: Stopped. What is published stays whole; the next run begins anew.\n"


# Wrong use


@pytest.fixture(scope="module")
def wrong(seen: Seen) -> Path:
    """A folder with what a hurried person may name: the home among it."""
    place = seen.team.place
    (place / "empty").mkdir()
    (place / "file").write_text("x\n")
    (place / "strange").mkdir()
    (place / "strange" / "photo.png").write_bytes(b"x")
    (place / "damaged.json").write_text('{"format":"podium-arena-known/1"}')
    shutil.copytree(seen.bundle("shared"), place / "one" / "000002")
    return place


@pytest.mark.parametrize(
    ("words", "code", "part"),
    [
        ("consent grant u-yarrow", 2, "Say what is granted"),
        ("consent grant u-yarrow metric", 2, "Did you mean `metrics`"),
        ("consent grant u-yarrow metrics --home nowhere", 1, "There is no home nowhere"),
        ("consent grant u-yarrow metrics --home file", 1, "There is no home file"),
        ("consent show u-yarow", 2, "Did you mean `u-yarrow`"),
        ("consent show --home nowhere", 1, "There is no home nowhere"),
        ("arena preview --owner nobody", 2, "There is no owner `nobody`"),
        ("arena preview --home nowhere", 1, "Nothing is published in nowhere"),
        ("arena export --home nowhere", 1, "Nothing is published in nowhere"),
        ("arena export --home file", 1, "Nothing is published in file"),
        ("arena export 000001", 2, "unexpected extra argument"),
        ("arena verify 000009", 1, "there is none"),
        ("arena verify file", 1, "A bundle is a folder"),
        ("arena verify empty", 1, "cannot be read: No such file"),
        ("arena merge one", 2, "--out"),
        ("arena merge empty --out board", 1, "empty holds no bundle"),
        ("arena merge file --out board", 1, "file holds no bundle"),
        ("arena merge nowhere --out board", 1, "nowhere holds no bundle"),
        ("arena merge one --out board --known damaged.json", 1, "damaged.json is not what an arena remembers"),
        ("arena merge one --out board --known empty", 1, "empty cannot be read: Is a directory"),
        ("arena merge one --out board --known board/known.json", 2, "--known must lie elsewhere"),
        ("arena merge one --out board --publishers nowhere", 2, "nowhere cannot be read"),
        ("arena merge one --out board --publishers damaged.json", 2, "is no publisher's id"),
        ("arena merge one --out strange", 1, "holds something else than a board"),
        ("arena budget --home nowhere", 1, "There is no home nowhere"),
        ("arena rotate --home nowhere", 1, "There is no home nowhere"),
        ("arena share nowhere --owner u-yarrow", 1, "nowhere cannot be read: No such file"),
        ("arena share file --owner nobody", 2, "There is no owner `nobody`"),
        ("arena share file --owner u-yarrow --home nowhere", 1, "There is no home nowhere"),
        ("arena unshare 12 --owner u-yarrow", 1, "the first 6 or more digits"),
        ("arena unshare 123456 --owner u-yarrow", 1, "No conversation of this owner begins with 123456"),
        ("arena unshare 123456 --owner u-yarrow --home nowhere", 1, "There is no home nowhere"),
        ("arena frob", 2, "No such command"),
    ],
)
def test_wrong_use_is_one_sentence_and_leaves_everything_as_it_was(
    seen: Seen, wrong: Path, words: str, code: int, part: str
) -> None:
    before = set(wrong.glob("[!.]*")), bytes_under(seen.team.home / "arena")
    sentence = failed(seen.team.podium(*words.split()), code)
    assert part in sentence
    assert (set(wrong.glob("[!.]*")), bytes_under(seen.team.home / "arena")) == before
