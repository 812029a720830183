"""Attacks on product a, with figures: who is recognised in profiles by choice, by whom, and what a join gives away.

Pseudonymous rows are not anonymous, and these tests say how little. What must hold is below: pseudonyms by themselves
tell nothing, and nobody is told of who did not choose to be.
"""

import datetime as dt
import hashlib
import json
import shutil
import tempfile
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks.arena_profile_attacks import (
    FIGURES,
    by_content,
    by_dictionary,
    by_digits,
    by_levels,
    by_order,
    by_rough_calls,
    by_totals,
    by_two_agents,
    by_weeks,
    together,
    unique_rows,
)
from pipelines.arena.consents import ACHIEVEMENTS, AGGREGATES, METRICS
from pipelines.arena.keys import Keyring
from pipelines.arena.policy import Policy, load_policy
from pipelines.arena.tables import BUNDLE_TABLES
from pipelines.engines.chosen import product_a
from pipelines.engines.local import quiet
from pipelines.engines.sharing import House, export
from pipelines.game.rulebook import load_rulebook
from pipelines.store.landing import land
from pipelines.store.warehouse import Warehouse
from tests.arena.keyrings import consents
from tests.arena.simulated_team import LAST_DAY, Team

PRODUCT_A = ("profiles", "agent_statistics", "leaderboard_entries", "achievements")
WEEK = dt.timedelta(weeks=1)
SURE = 4.0  # standard deviations of chance that no attack is helped or hurt by
N_EPOCHS = 12
NOW = dt.datetime(2024, 12, 1)  # noqa: DTZ001 - naive UTC, as the store takes it
RULES, POLICY = load_rulebook(), load_policy()
EXACT = POLICY.model_copy(
    update={"profiles": POLICY.profiles.model_copy(update={"count_grain": 1, "score_grain": 1, "min_share_of": 1})}
)
Told = dict[str, pl.DataFrame]


def told_of(team: Team, who: Iterable[str], day: dt.date = LAST_DAY, policy: Policy = POLICY) -> Told:
    """Product a of some of a team up to the end of a day, by the code that fills bundles; with ids for pseudonyms."""
    with tempfile.TemporaryDirectory() as scratch:
        return product_a(team, RULES, policy, everything(who), day, Path(scratch), quiet)


def everything(who: Iterable[str]) -> pl.DataFrame:
    """Consents of people who share metrics and achievements."""
    return consents(*((owner, scope, "g") for owner in who for scope in (ACHIEVEMENTS, METRICS)))


def among(frame: pl.DataFrame, owners: pl.Series) -> pl.DataFrame:
    return frame.filter(pl.col("owner_id").is_in(owners.implode()))


@pytest.fixture(scope="module")
def team() -> Team:
    return Team(200, seed=1)


@pytest.fixture(scope="module")
def everybody(team: Team) -> Told:
    """What is told if all 200 share."""
    return told_of(team, team.owners)


@pytest.fixture(scope="module")
def house(team: Team) -> pl.DataFrame:
    """Everybody's exact totals."""
    return told_of(team, team.owners, policy=EXACT)["profiles"]


def test_every_row_is_unique_although_rounding_makes_single_figures_common(everybody: Told, house: pl.DataFrame):
    rows = everybody["profiles"]
    assert unique_rows(house, FIGURES).interval()[0] > 0.98
    assert unique_rows(rows, FIGURES).interval()[0] > 0.98
    exact, coarse = unique_rows(house, ["calls"]), unique_rows(rows, ["calls"])
    assert coarse.interval()[1] < exact.interval()[0]


def test_an_insider_who_knows_all_totals_names_nearly_everyone(everybody: Told, house: pl.DataFrame):
    dice = np.random.default_rng(2)
    by_all, by_xp = (by_totals(everybody["profiles"], house, known, dice) for known in (FIGURES, ["xp"]))
    assert (by_all.n, by_all.chance) == (200, 1 / 200)
    assert by_all.interval()[0] > 0.9
    assert by_all.interval()[0] > by_xp.interval()[1] > by_xp.interval()[0] > 10 * by_xp.chance


def test_an_outsider_who_has_heard_something_does_better_than_chance_and_far_from_well(
    team: Team, everybody: Told, house: pl.DataFrame
):
    dice = np.random.default_rng(3)
    calls = among(house, everybody["profiles"]["owner_id"]).select("owner_id", "calls")
    heard = by_rough_calls(everybody["profiles"], calls, 0.2, dice)
    assert heard.chance < heard.interval(SURE)[0] < heard.interval(SURE)[1] < 0.25
    used = team.table("agent_calls").select("agent_id", owner_id="user_id").unique().collect()
    public = used.filter(pl.col("agent_id").is_in(POLICY.words.agents)).rename({"agent_id": "agent"})
    two = by_two_agents(everybody["agent_statistics"], public, dice)
    assert two.n > 150
    assert two.chance < two.interval()[0] < two.interval(SURE)[1] < 0.25


@pytest.mark.parametrize(("n", "by_level", "by_all"), [(5, 0.6, 0.9), (40, 0.1, 0.85), (200, 0.03, 0.75)])
def test_profile_and_achievements_of_one_person_are_linked_by_what_they_say(
    team: Team, everybody: Told, n: int, by_level: float, by_all: float
):
    dice, groups = np.random.default_rng(4), [team.owners.slice(at, n) for at in range(0, 200, n)]
    parts = [[among(everybody[name], group) for name in PRODUCT_A] for group in groups]
    levels = together(by_levels(profiles, achieved, dice) for profiles, _, _, achieved in parts)
    everything_said = together(by_weeks(profiles, entries, achieved, dice) for profiles, _, entries, achieved in parts)
    assert levels.chance < by_level < levels.interval()[0]
    assert by_all < everything_said.interval()[0]


def test_a_rotation_does_not_hide_who_is_who_a_week_later(team: Team, everybody: Told):
    dice, before = np.random.default_rng(5), told_of(team, team.owners, LAST_DAY - WEEK)["profiles"]
    later = among(everybody["profiles"], before["owner_id"])
    assert by_content(before, before, dice).interval()[0] > 0.95  # exported twice with nothing in between
    assert by_content(before, later, dice).interval()[0] > 0.6


def test_digits_of_pseudonyms_tell_nothing_over_scopes_and_epochs(tmp_path: Path):
    dice, people = np.random.default_rng(6), [f"u-{n:02}" for n in range(40)]
    keyring, epochs = Keyring.open(tmp_path / "keys", tmp_path / "home"), []
    for _ in range(N_EPOCHS):
        epochs.append(_by_scope(keyring, people))
        keyring = keyring.rotate()
    over_scopes = [(epoch[METRICS], epoch[ACHIEVEMENTS]) for epoch in epochs]
    over_epochs = [(one[METRICS], other[METRICS]) for one, other in pairwise(epochs)]
    for pairs in (over_scopes, over_epochs):
        for attack in (together(by_digits(*pair, dice) for pair in pairs), together(by_order(*pair) for pair in pairs)):
            low, high = attack.interval(SURE)
            assert low < attack.chance == 1 / 40 < high
    weak = {owner: name[:-1] + "0" for owner, name in epochs[0][METRICS].items()}  # the attackers can win
    assert by_digits(epochs[0][METRICS], weak, dice).share == by_order(epochs[0][METRICS], weak).share == 1


def test_no_pseudonym_is_found_in_a_dictionary_of_names(tmp_path: Path):
    people = [f"u-{n:03}" for n in range(100)]
    keyring = Keyring.open(tmp_path / "keys", tmp_path / "home")
    public = [b"", b"podium", keyring.publisher.encode(), keyring.public_key, METRICS.encode()]
    found = by_dictionary(_by_scope(keyring, people)[METRICS], public, METRICS)
    assert (found.n_right, found.n) == (0, 100)
    assert found.interval()[1] < 0.04
    plain = {owner: hashlib.sha256(owner.encode()).hexdigest()[:32] for owner in people}
    assert by_dictionary(plain, public, METRICS).share == 1


def test_who_joins_moves_of_others_rows_only_ranks_and_who_was_first():
    team = Team(40, seed=5)
    everybody = told_of(team, team.owners)
    before = told_of(team.without("u-5-001"), team.owners)  # who called agents, and none of theirs ever tried a task
    assert _moved(before, everybody, "u-5-001") == set()
    before = told_of(team.without("u-5-004"), team.owners)
    assert _moved(before, everybody, "u-5-004") == {
        ("profiles", None), ("leaderboard_entries", "points"), ("achievements", "first-blood"),
        ("achievements", "champion"),
    }  # fmt: skip
    both = before["profiles"].join(everybody["profiles"], on="owner_id", suffix="_after")
    others = [name for name in BUNDLE_TABLES["profiles"].schema if name not in ("pseudonym", "points")]
    assert both.select(others).equals(both.select(pl.col(f"{name}_after").alias(name) for name in others))
    lost = both.filter(pl.col("points") != pl.col("points_after"))
    assert (lost["points"] > lost["points_after"]).all()  # they were not first any more: so the newcomer was


def test_records_of_those_who_do_not_share_change_no_byte_of_product_a(tmp_path: Path):
    ours, bundles = Team(8, seed=5), []
    for seed in (6, 7):
        place, others = tmp_path / str(seed), Team(8 + seed, seed).without("u-6-000")  # who uses an agent of ours, too
        if bundles:  # the same keys and salts, and no bundle yet
            shutil.copytree(tmp_path / "6" / "keys", place / "keys", ignore=shutil.ignore_patterns("anchor.json"))
            (place / "home" / "arena").mkdir(parents=True)
            shutil.copy(tmp_path / "6" / "home" / "arena" / "publisher.json", place / "home" / "arena")
        granted = [*_grants(ours, ACHIEVEMENTS, METRICS), *_grants(others, AGGREGATES)]
        bundles.append(_exported(place, granted, ours.beside(others)))
    one, other = (
        {name: (bundle / f"{name}.jsonl").read_bytes() for name in (*PRODUCT_A, "usage")} for bundle in bundles
    )
    assert one.pop("usage")  # where others may count they do, and under noise
    assert other.pop("usage")
    assert one == other
    assert all(rows.count(b"\n") >= 8 for rows in one.values())


def _grants(team: Team, *scopes: str) -> list[str]:
    return [
        json.dumps({
            "type": "consent", "event_id": f"grant-{owner}-{scope}", "at": "2024-09-02T00:00:00Z", "owner_id": owner,
            "scope": scope, "granted": True,
        })
        for owner in team.owners
        for scope in scopes
    ]  # fmt: skip


def _exported(place: Path, granted: list[str], generation: Team) -> Path:
    """The first bundle of a home."""
    home, keys = place / "home", place / "keys"
    home.mkdir(parents=True, exist_ok=True)
    (place / "grants.jsonl").write_text("\n".join(granted))
    with Warehouse.open(home) as warehouse:
        land(warehouse, [place / "grants.jsonl"], NOW)
    return export(House(home, home / "arena", keys, generation, RULES, POLICY), Keyring.open(keys, home)).written.path


def _by_scope(keyring: Keyring, people: list[str]) -> dict[str, dict[str, str]]:
    """Scope -> owner -> pseudonym."""
    names, owners = keyring.pseudonyms(everything(people)), pl.Series(people)
    return {scope: dict(zip(people, names.owners(scope, owners), strict=True)) for scope in (METRICS, ACHIEVEMENTS)}


def _moved(before: Told, after: Told, joiner: str) -> set[tuple[str, str | None]]:
    """Rows of others that are not the same before and after somebody joined, ranks aside: table, and board or slug."""
    found = set()
    for name in PRODUCT_A:
        columns = {"owner_id", "agent_id", *BUNDLE_TABLES[name].schema} - {"rank"}
        said = [told[name].select(c for c in told[name].columns if c in columns) for told in (before, after)]
        for one, other in (said, said[::-1]):
            unlike = one.join(other, on=one.columns, how="anti", nulls_equal=True)
            rows = unlike.filter(pl.col("owner_id") != joiner).iter_rows(named=True)
            found |= {(name, row.get("board") or row.get("slug")) for row in rows}
    return found
