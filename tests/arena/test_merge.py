"""Bundles of several publishers, merged: global tables, and each refusal with its sentence while the rest stands."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest

from pipelines.arena.arena_tables import ARENA_TABLES
from pipelines.arena.bundle import strip_older
from pipelines.arena.chain import Refusal
from pipelines.arena.documents import as_document
from pipelines.arena.known import Known
from pipelines.arena.merge import Merged, NoBundle, merge
from tests.arena.arena_teams import Team, name

OCTOBER = [("2026-10", "debugger", 900, 100), ("2026-10", "other", 300, 200)]


@pytest.fixture(scope="module")
def teams(tmp_path_factory: pytest.TempPathFactory) -> tuple[Team, Team]:
    """Three weeks of a team, in which somebody joins and somebody withdraws, and one week of another."""
    folder = tmp_path_factory.mktemp("teams")
    red, blue = Team(folder / "red"), Team(folder / "blue")
    for xp in ({"a": 300, "b": 100}, {"a": 310, "b": 120, "c": 50}, {"a": 340, "c": 70}):
        red.publish(xp, OCTOBER)
    blue.publish({"a": 330, "d": 70}, [("2026-10", "debugger", 400, 350)])
    return red, blue


@pytest.fixture
def red(teams: tuple[Team, Team], tmp_path: Path) -> Team:
    return teams[0].copied(tmp_path / "red")


@pytest.fixture
def blue(teams: tuple[Team, Team], tmp_path: Path) -> Team:
    return teams[1].copied(tmp_path / "blue")


def bundle(team: Team, sequence: int) -> Path:
    return team.bundles / f"{sequence:06}"


def board(merged: Merged, *teams: Team) -> list[tuple[object, ...]]:
    """The board xp-user of all time: rank, number of the team among `teams`, letter of the pseudonym, score."""
    numbers = {team.publisher: number for number, team in enumerate(teams)}
    told = merged.tables["global_leaderboards"].select("rank", "publisher", "pseudonym", "score").rows()
    return sorted((rank, numbers[publisher], who[0], score) for rank, publisher, who, score in told)


def refusal(merged: Merged) -> Refusal:
    (one,) = merged.refusals
    assert merged.tables["refusals"].rows() == [(one.publisher, one.sequence, one.reason, one.sentence)]
    return one


def test_two_teams_are_ranked_together_and_their_usage_is_added(red, blue):
    merged = merge([red.bundles, blue.bundles])
    assert board(merged, red, blue) == [(1, 0, "a", 340), (2, 1, "a", 330), (3, 0, "c", 70), (3, 1, "d", 70)]
    usage = merged.tables["agent_usage"].filter(pl.col("period") == "all")
    assert usage.select("agent", "n_publishers", "successes", "failures").rows() == [
        ("debugger", 2, 1300, 450),
        ("other", 1, 300, 200),
    ]
    shown = {row["publisher"]: row for row in merged.tables["publishers"].to_dicts()}
    assert {key: shown[red.publisher][key] for key in ("sequence", "week", "n_profiles", "n_tombstones", "k")} == {
        "sequence": 3,
        "week": "2026-W47",
        "n_profiles": 2,
        "n_tombstones": 1,
        "k": 10,
    }
    assert merged.refusals == ()
    assert all(contract.is_kept_by(merged.tables[table]) for table, contract in ARENA_TABLES.items())


def test_bundles_by_other_rules_are_not_compared(red, tmp_path):
    other = Team(tmp_path / "other")
    other.publish({"a": 1000}, rulebook="1" * 16)
    assert board(merge([red.bundles, other.bundles]), red, other) == [
        (1, 0, "a", 340),
        (1, 1, "a", 1000),
        (2, 0, "c", 70),
    ]


def test_a_flipped_byte_is_refused_and_everybody_else_is_merged(red, blue):
    path = bundle(red, 3) / "profiles.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"xp":340', b'"xp":940'))
    merged = merge([red.bundles, blue.bundles])
    one = refusal(merged)
    assert (one.reason, one.publisher, one.sequence) == ("unverified", red.publisher, 3)
    assert one.sentence == (
        f"A bundle that calls itself 3 of publisher {red.publisher} is refused: it is not as its publisher signed it. "
        "Get it from the publisher anew."
    )
    assert "profiles.jsonl" in one.detail
    assert board(merged, red, blue) == [
        (1, 1, "a", 330),
        (2, 0, "a", 310),
        (3, 0, "b", 120),
        (4, 1, "d", 70),
        (5, 0, "c", 50),
    ]


def test_a_bundle_that_somebody_else_signed_is_refused(red, blue):
    forged = json.loads((bundle(red, 3) / "manifest.json").read_bytes()) | {"sequence": 4}
    shutil.copytree(bundle(red, 3), bundle(red, 4))
    (bundle(red, 4) / "manifest.json").write_bytes(as_document(forged))
    (bundle(red, 4) / "manifest.sig").write_text(blue.keyring.sign(as_document(forged)).hex() + "\n")
    merged = merge([red.bundles, blue.bundles])
    assert (refusal(merged).reason, refusal(merged).sequence) == ("unverified", 4)
    assert "The signature is not one of the publisher's key" in refusal(merged).detail
    assert board(merged, red, blue)[0] == (1, 0, "a", 340)


def test_a_missing_bundle_is_refused_until_it_is_given(red, blue):
    merged = merge([bundle(red, 1), bundle(red, 3), blue.bundles])
    assert (refusal(merged).reason, refusal(merged).sequence) == ("gap", 3)
    assert board(merged, red, blue) == [(1, 1, "a", 330), (2, 0, "a", 300), (3, 1, "d", 70)]
    whole = merge([bundle(red, 2), bundle(red, 3), blue.bundles], merged.known)
    assert (whole.refusals, board(whole, red, blue)[0]) == ((), (1, 0, "a", 340))


def test_a_replayed_bundle_is_refused_and_what_was_withdrawn_does_not_come_back(red, blue):
    known = merge([red.bundles]).known
    merged = merge([bundle(red, 1), blue.bundles], known)
    assert (refusal(merged).reason, refusal(merged).sequence) == ("replay", 1)
    assert board(merged, red, blue) == [(1, 1, "a", 330), (2, 1, "d", 70)]
    assert merged.known.publishers[red.publisher] == known.publishers[red.publisher]


def test_two_stories_of_one_publisher_are_a_fork(red, blue, tmp_path):
    other = red.copied(tmp_path / "other").publish({"a": 9000})
    red.publish({"a": 350})
    merged = merge([red.bundles, other, blue.bundles])
    assert (refusal(merged).reason, refusal(merged).sequence) == ("fork", 4)
    assert board(merged, red, blue)[0] == (1, 0, "a", 340)
    later = merge([red.bundles, other], merge([red.bundles]).known)  # one of them was accepted before
    assert (refusal(later).reason, refusal(later).sequence) == ("fork", 4)
    assert board(later, red) == [(1, 0, "a", 350)]


def test_only_listed_publishers_are_taken(red, blue):
    merged = merge([red.bundles, blue.bundles], publishers=[blue.publisher])
    assert (refusal(merged).reason, refusal(merged).publisher, refusal(merged).sequence) == (
        "unknown_publisher",
        red.publisher,
        1,
    )
    assert board(merged, red, blue) == [(1, 1, "a", 330), (2, 1, "d", 70)]
    assert set(merged.known.publishers) == {blue.publisher}


@pytest.mark.parametrize("is_remembered", [False, True])
def test_a_release_that_is_told_otherwise_is_refused(red, blue, is_remembered):
    known = merge([red.bundles]).known if is_remembered else None
    red.publish({"a": 340}, [("2026-10", "debugger", 901, 100), ("2026-11", "debugger", 700, 100)])
    given = [bundle(red, 4)] if is_remembered else [red.bundles]
    merged = merge([*given, blue.bundles], known)
    assert (refusal(merged).reason, refusal(merged).sequence) == ("figures", 4)
    assert board(merged, red, blue)[0] == ((1, 1, "a", 330) if is_remembered else (1, 0, "a", 340))


def test_a_release_is_remembered_when_later_bundles_leave_it_out(red):
    known = merge([red.bundles]).known
    known = merge([red.publish({"a": 340}, [("2026-11", "debugger", 700, 100)])], known).known
    told_otherwise = merge([red.publish({"a": 340}, [("2026-10", "debugger", 901, 100)])], known)
    assert (refusal(told_otherwise).reason, refusal(told_otherwise).sequence) == ("figures", 5)


def test_releases_of_all_bundles_are_told_each_once(red):
    red.publish({"a": 340}, [("2026-11", "debugger", 700, 100)])
    months = merge([red.bundles]).tables["agent_usage"].filter(pl.col("agent") == "debugger")
    assert months.select("period", "successes").rows() == [("2026-10", 900), ("2026-11", 700), ("all", 1600)]


def test_stripped_bundles_are_links_of_the_chain_and_tell_nothing(red, blue):
    strip_older(red.bundles)
    assert sorted(path.name for path in bundle(red, 2).iterdir()) == ["manifest.json", "manifest.sig"]
    assert board(merge([red.bundles, blue.bundles]), red, blue)[0] == (1, 0, "a", 340)
    shutil.rmtree(bundle(red, 3))
    merged = merge([red.bundles, blue.bundles])
    assert (refusal(merged).reason, refusal(merged).sequence) == ("stripped", 2)
    assert board(merged, red, blue) == [(1, 1, "a", 330), (2, 1, "d", 70)]


def test_a_withdrawn_pseudonym_never_comes_back_and_withdraws_nobody_elses(red, blue):
    known = merge([red.bundles]).known
    assert known.publishers[red.publisher].tombstones == {name("b")}
    blue.publish({"b": 20, "d": 70})
    red.publish({"a": 340, "b": 500})
    merged = merge([bundle(red, 4), blue.bundles], known)
    assert board(merged, red, blue) == [(1, 0, "a", 340), (2, 1, "d", 70), (3, 1, "b", 20)]
    note = f"Publisher {red.publisher}: 2 rows name a pseudonym that it withdrew before, and are left out."
    assert note in merged.notes


def test_what_a_refused_bundle_withdraws_is_withdrawn(red):
    merged = merge([bundle(red, 1), bundle(red, 3)])
    assert refusal(merged).reason == "gap"
    assert board(merged, red) == [(1, 0, "a", 300)]
    assert merged.known.publishers[red.publisher].tombstones == {name("b")}


def test_the_same_bundles_again_give_the_same_tables_and_order_changes_nothing(red, blue):
    paths = [bundle(red, 1), bundle(red, 2), bundle(red, 3), bundle(blue, 1)]
    first = merge(paths)
    for given in (paths[::-1], [paths[2], *paths, paths[0]], [red.bundles, blue.bundles]):
        assert merge(given).fingerprint == first.fingerprint
    again = merge(paths[2:], first.known)  # the newest of each
    assert (again.fingerprint, again.refusals, again.known) == (first.fingerprint, (), first.known)
    assert again.notes == ("Of the bundles 2 had been accepted before, which is harmless.",)


def test_a_publisher_who_gives_nothing_is_told(red, blue):
    merged = merge([blue.bundles], merge([red.bundles]).known)
    assert merged.notes == (
        f"Publisher {red.publisher}: no bundle was given, so nothing of it is shown. Give its newest one again.",
    )
    assert set(merged.known.publishers) == {red.publisher, blue.publisher}


def test_one_unsigned_file_stops_nobody(red, tmp_path):
    """Whatever a folder calls itself: nobody's word, told only where a bundle could be called so."""
    claims = {
        "a": {"publisher": "f" * 32, "sequence": 2**63},
        "b": {"publisher": "f" * 32, "sequence": 10**400},
        "c": {"publisher": "f" * 32, "sequence": True},
        "d": {"publisher": "f" * 33, "sequence": 1},
        "e": {"publisher": "f" * 32, "sequence": 4},
    }
    for place, claim in claims.items():
        (tmp_path / "in" / place).mkdir(parents=True)
        (tmp_path / "in" / place / "manifest.json").write_text(json.dumps(claim))
    merged = merge([tmp_path / "in", red.bundles, tmp_path / ("x" * 300)])
    assert board(merged, red)[0] == (1, 0, "a", 340)
    told = merged.tables["refusals"].select("publisher", "sequence", "reason").rows()
    assert told == [*[(None, None, "unverified")] * 5, ("f" * 32, 4, "unverified")]


def test_releases_with_very_much_noise_are_left_out_of_the_sums_and_said_to_be(red, blue, tmp_path):
    months = ("2026-07", "2026-08", "2026-09", "2026-10")
    loud = Team(tmp_path / "loud")
    loud.publish({"e": 10}, [(month, "debugger", 10**11, 0) for month in months], sigma=1e9)
    merged, without = merge([red.bundles, blue.bundles, loud.bundles]), merge([red.bundles, blue.bundles])
    assert merged.tables["agent_usage"].equals(without.tables["agent_usage"])
    (note,) = merged.notes
    assert note == (
        f"Publisher {loud.publisher}: calls of 2026-07, calls of 2026-08, calls of 2026-09 and 1 more are left out of "
        "the sums over publishers, for they have more than 5 times the usual noise."
    )
    told = merged.tables["publishers"].select("publisher", "n_too_noisy").rows()
    assert sorted(told) == sorted([(red.publisher, 0), (blue.publisher, 0), (loud.publisher, 4)])
    assert (merged.refusals, board(merged, red, blue, loud)[-1]) == ((), (5, 2, "e", 10))


def test_a_place_without_a_bundle_is_said_and_nothing_is_merged(tmp_path):
    for place in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NoBundle, match="holds no bundle"):
            merge([place])


def test_no_bundles_make_empty_tables():
    merged = merge([], Known())
    assert all(merged.tables[table].equals(contract.empty()) for table, contract in ARENA_TABLES.items())
