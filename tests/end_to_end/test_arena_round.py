"""The whole round: three teams share for three weeks, one withdraws, one is corrected, and an arena makes one board.

Not here: the three weeks themselves (arena_round.py).
"""

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from pipelines.arena.keys import Keyring
from tests.arena.bundles import signed_anew
from tests.end_to_end.arena_homes import TABLES, Row, bytes_under, named, places_of, rows, withdrawn
from tests.end_to_end.arena_round import MONDAYS, PRICE, PROFILE, WITHDRAWN, Round, play
from tests.end_to_end.test_cli import failed, podium


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Round:
    return play(tmp_path_factory.mktemp("round"))


def test_every_week_each_team_exports_a_bundle_that_verifies(played: Round) -> None:
    for (name, week), told in played.exported.items():
        assert (told["sequence"], told["is_new"]) == (week, True), name
        assert told["week"] == f"2020-W{43 + week}"
        ended = played.verified[name, week]
        assert (ended.returncode, ended.stderr) == (0, "")
        assert f"Nothing is wrong with bundle {week} of publisher {told['publisher']}." in ended.stdout
    for week, ended in played.merged.items():
        assert (ended.returncode, ended.stderr) == (0, ""), week


def test_of_a_team_in_which_nobody_shares_nothing_leaves(played: Round) -> None:
    told = played.exported["late", 1]
    assert named(played.bundle("late", 1)) == set()
    assert {table: n for table, n in told["tables"].items() if n} == {"withheld": 4}
    assert told["n_owners"] == {**dict.fromkeys((*PROFILE, "conversations", "aggregates"), 0), "nothing": 7}
    assert named(played.bundle("late", 2)) != set()


def test_the_global_boards_are_those_of_all_teams_ranked_anew(played: Round) -> None:
    entries = []
    for name, one in played.teams.items():
        manifest = json.loads((played.bundle(name, 3) / "manifest.json").read_bytes())
        same = {key: manifest[key] for key in ("publisher", "rulebook", "count_grain", "score_grain")}
        entries += [{**row, **same} for row in rows(played.bundle(name, 3), "leaderboard_entries")]
        assert manifest["publisher"] == json.loads((one.home / "arena" / "publisher.json").read_bytes())["publisher"]
    assert {entry["publisher"] for entry in entries} == {played.publisher(name) for name in played.teams}
    assert len({entry["rulebook"] for entry in entries}) == 1
    assert rows(played.board(), "global_leaderboards") == list(_ranked(entries))


def _ranked(entries: list[Row]) -> Iterator[Row]:
    """Within a board and period by score, best first; equals share a rank."""

    def board(entry: Row) -> tuple[str, ...]:
        return entry["board"], entry["period"], entry["subject_type"]

    for _, group in groupby(sorted(entries, key=board), key=board):
        on_it = list(group)
        ranks = [1 + sum(other["score"] > entry["score"] for other in on_it) for entry in on_it]
        ranked = [{**entry, "rank": rank} for entry, rank in zip(on_it, ranks, strict=True)]
        yield from sorted(ranked, key=lambda entry: (entry["rank"], entry["publisher"], entry["pseudonym"]))


def test_popularity_and_success_come_from_the_team_that_is_of_enough_people(played: Round) -> None:
    usage = rows(played.bundle("many", 3), "usage")
    board = rows(played.board(), "agent_usage")
    assert {row["n_publishers"] for row in board} == {1}
    sums = {(row["kind"], row["period"], row["agent"], row["category"]): row for row in board}
    for period in ("2020-08", "2020-09", "2020-10", "all"):
        told: dict[tuple[Any, ...], list[int]] = {}
        for row in usage:
            if period in (row["month"], "all"):
                figures = told.setdefault((row["kind"], period, row["agent"], row["category"]), [0, 0])
                figures[0] += row["successes"]
                figures[1] += row["failures"]
        assert told == {key: [sums[key]["successes"], sums[key]["failures"]] for key in sums if key[1] == period}
        whole = sum(
            sum(figures) for (kind, *_, category), figures in told.items() if (kind, category) == ("calls", None)
        )
        if period == "2020-10":
            ours = sums["calls", period, "general-purpose", None]
            good, bad = told["calls", period, "general-purpose", None]
            assert ours["attempts_share"] == pytest.approx((good + bad) / whole, abs=1e-6)
            assert ours["success_share"] == pytest.approx(max(good, 0) / (max(good, 0) + max(bad, 0)), abs=1e-6)
            assert ours["success_share_lo90"] < ours["success_share"] <= ours["success_share_hi90"]


def test_what_is_withheld_of_the_others_is_said(played: Round) -> None:
    held_back = rows(played.board(), "not_told")
    told = {(row["publisher"], row["kind"], row["period"], row["reason"]) for row in held_back}
    assert {row for row in told if row[1] is not None} == {
        (played.publisher(name), kind, month, "few_people")
        for name in ("few", "late")
        for kind in ("calls", "submissions")
        for month in ("2020-09", "2020-10")
    }
    [said] = {row["sentence"] for row in held_back if row["reason"] == "few_people"}
    assert said in " ".join(played.merged[3].stdout.split())
    assert said in (played.board() / "arena.html").read_text("utf-8")
    assert [rows(played.bundle(name, 3), "usage") for name in ("few", "late")] == [[], []]


def test_who_withdrew_is_a_tombstone_and_nowhere_else(played: Round) -> None:
    assert len(played.gone) >= 3  # the owner in two scopes, and agents on boards
    assert played.gone <= named(played.bundle("many", 1))
    assert places_of(played.gone, played.board(1)) >= {"global_leaderboards.jsonl", "arena.html"}
    for week in (2, 3):
        assert withdrawn(played.bundle("many", week)) == played.gone
        assert places_of(played.gone, played.bundle("many", week)) == {"tombstones.jsonl"}
        assert places_of(played.gone, played.board(week)) == set()
    assert {row["week"] for row in rows(played.bundle("many", 3), "tombstones")} == {"2020-W45"}
    assert places_of(played.gone, played.teams["many"].home / "arena" / "bundles") == {"tombstones.jsonl"}
    assert places_of([WITHDRAWN], played.teams["many"].keys) == set()
    assert played.exported["many", 2]["n_owners"]["metrics"] == played.exported["many", 1]["n_owners"]["metrics"] - 1


def test_a_late_correction_shows_in_the_next_bundle(played: Round) -> None:
    def points(bundle: Path) -> dict[str, float]:
        entries = rows(bundle, "leaderboard_entries")
        return {
            entry["period"]: entry["score"]
            for entry in entries
            if (entry["board"], entry["pseudonym"]) == ("points", played.corrected)
        }

    before, after = points(played.bundle("many", 2)), points(played.bundle("many", 3))
    assert before == {"2020-W43": 20, "2020-10": 20, "all": 20}
    assert after == {"2020-W46": 10, "all": 10}
    on_board = [
        entry for entry in rows(played.board(), "global_leaderboards") if entry["pseudonym"] == played.corrected
    ]
    assert {entry["period"] for entry in on_board} == {"2020-W46", "all"}


def test_what_was_released_stays_byte_for_byte_and_costs_nothing_again(played: Round) -> None:
    lines = {week: _usage_lines(played.bundle("many", week)) for week in MONDAYS}
    assert [sorted(lines[week]) for week in MONDAYS] == [
        ["2020-08", "2020-09"], ["2020-08", "2020-09", "2020-10"], ["2020-08", "2020-09", "2020-10"],
    ]  # fmt: skip
    for month in ("2020-08", "2020-09"):
        assert lines[1][month] == lines[2][month] == lines[3][month]
    assert lines[2]["2020-10"] == lines[3]["2020-10"]
    assert [played.exported["many", week]["micro_rho_spent"] for week in MONDAYS] == [4 * PRICE, 6 * PRICE, 6 * PRICE]
    assert [played.exported[name, 3]["micro_rho_spent"] for name in ("few", "late")] == [0, 0]
    budget = played.teams["many"].told("arena", "budget")
    assert (budget["spent_micro_rho"], len(budget["releases"])) == (6 * PRICE, 6)


def _usage_lines(bundle: Path) -> dict[str, list[bytes]]:
    """The lines of `usage` by month, as they lie in the file."""
    by_month: dict[str, list[bytes]] = {}
    for line in (bundle / "usage.jsonl").read_bytes().splitlines():
        by_month.setdefault(json.loads(line)["month"], []).append(line)
    return by_month


def test_a_new_epoch_takes_every_old_pseudonym_back(played: Round) -> None:
    old, new = named(played.bundle("few", 2)), named(played.bundle("few", 3))
    assert len(old) == len(new)
    assert not old & new
    assert withdrawn(played.bundle("few", 3)) == old
    assert places_of(old, played.board(3)) == set()
    assert [played.exported["few", week]["epoch"] for week in MONDAYS] == [1, 1, 2]


def test_who_merges_everything_at_once_sees_the_board_of_who_merged_week_by_week(played: Round) -> None:
    places = [played.place / "inbox" / str(week) for week in (3, 1, 2)]
    ended = podium("arena", "merge", *places, "--out", "at-once", cwd=played.place)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert bytes_under(played.place / "at-once") == bytes_under(played.board())


# What must not be taken


def flip(bundle: Path, played: Round) -> None:
    data = bytearray((bundle / "profiles.jsonl").read_bytes())
    data[data.index(b'"xp":') + 5] ^= 1
    (bundle / "profiles.jsonl").write_bytes(data)


def edit(bundle: Path, played: Round) -> None:
    manifest = bundle / "manifest.json"
    manifest.write_bytes(manifest.read_bytes().replace(b'"k": 10', b'"k": 20'))


def forge(bundle: Path, played: Round) -> None:
    """Somebody who would have everybody withdrawn, in the name of the publisher and under the publisher's key."""
    _withdraw_all(bundle)
    signed_anew(bundle, _stranger(bundle))


def pose(bundle: Path, played: Round) -> None:
    """The same, under the forger's own key."""
    _withdraw_all(bundle)
    stranger = _stranger(bundle)
    signed_anew(bundle, stranger, public_key=stranger.public_key.hex())


def replay(bundle: Path, played: Round) -> None:
    shutil.rmtree(bundle)
    shutil.copytree(played.bundle("many", 2), bundle)


def leave(bundle: Path, played: Round) -> None:
    """Nothing is done to it: the one before it is not given."""


def _withdraw_all(bundle: Path) -> None:
    gone = [{"pseudonym": pseudonym, "week": "2020-W46"} for pseudonym in sorted(named(bundle) | withdrawn(bundle))]
    for table in TABLES:
        (bundle / f"{table}.jsonl").write_bytes(b"")
    (bundle / "tombstones.jsonl").write_text("".join(json.dumps(row) + "\n" for row in gone))


def _stranger(bundle: Path) -> Keyring:
    return Keyring.open(bundle.parents[1] / "strangers-keys", bundle.parents[1] / "stranger")


UNSIGNED = "it is not as its publisher signed it"


@pytest.mark.parametrize(
    ("treat", "known", "verifies", "refused"),
    [
        (flip, 2, '"profiles.jsonl" is not as it was signed', UNSIGNED),
        (edit, 2, "signature", UNSIGNED),
        (forge, 2, "signature", UNSIGNED),
        (pose, 2, "publisher", UNSIGNED),
        (replay, 3, None, "the arena has accepted 3 already"),
        (leave, 1, None, "2 is missing"),
    ],
    ids=[
        "a flipped byte",
        "an edited manifest",
        "a forged one",
        "one of another key",
        "a replayed one",
        "a missing one",
    ],
)
def test_it_is_refused_and_the_other_teams_are_merged(
    played: Round,
    tmp_path: Path,
    treat: Callable[[Path, Round], None],
    known: int,
    verifies: str | None,
    refused: str,
) -> None:
    bundle = shutil.copytree(played.bundle("many", 3), tmp_path / "given" / "many")
    treat(bundle, played)
    checked = podium("arena", "verify", bundle, cwd=tmp_path)
    if verifies is None:
        assert checked.returncode == 0  # nothing is wrong with it: only who remembers can tell
    else:
        assert verifies in failed(checked, 1)
    memory = shutil.copy(played.known(known), tmp_path / "known.json")
    others = [played.bundle(name, week) for name in ("few", "late") for week in range(known, 4)]
    merged = podium("arena", "merge", bundle, *others, "--out", "board", "--known", memory, cwd=tmp_path)
    sentence = failed(merged, 1)
    assert refused in sentence
    assert played.publisher("many") in sentence
    assert {row["publisher"] for row in rows(tmp_path / "board", "publishers")} == {
        played.publisher("few"),
        played.publisher("late"),
    }
    assert places_of(named(played.bundle("many", 3)), tmp_path / "board") == set()
    assert [row["sentence"] for row in rows(tmp_path / "board", "refusals")] == [sentence.removeprefix("podium: ")]
    ours = played.publisher("many")
    before, after = (json.loads(path.read_bytes())["publishers"][ours] for path in (played.known(known), memory))
    learnt = sorted({*before["tombstones"], *(withdrawn(bundle) if verifies is None else ())})
    assert after == {**before, "tombstones": learnt}  # of a stranger nothing is taken, and the true one still may come
