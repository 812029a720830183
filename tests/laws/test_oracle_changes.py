"""Changes add up, and are those that an account finds which compares two seasons entry by entry."""

import dataclasses
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.game.changes.telling import changes
from tests.game.calls import called
from tests.game.changed import side
from tests.game.league import instant, rows, task, tried
from tests.laws import oracle_changes as oracle
from tests.laws.logs import Log, Row
from tests.laws.oracle_rules import DAY, DEFAULT_BOARDS, HOUR, MINUTE, Badge, Rules
from tests.laws.test_laws import Tables, played, rulebook

plays_twice = settings(max_examples=max(4, settings.default.max_examples // 5))
seeds = st.integers(0, 10**6)  # of dice: a log that is busy enough has nothing to be shrunk
Told = list[dict[str, object]]
START = instant("2026-03-02T00:00:00Z")
BOARDS = tuple(board for board in DEFAULT_BOARDS if board.slug in ("points", "problem", "xp-user-agent"))
BADGES = (
    Badge(slug="first-blood", metric="first_solves"),
    Badge(slug="three", threshold=3),
    Badge(slug="champion", metric="leads"),
)
RULES = Rules(perfect_day_min_tasks=2, boards=BOARDS, badges=BADGES)
KINDS = (("compute", "easy"), ("pattern", "hard"), ("search", "extreme"), ("verify", "medium"), ("extend", "easy"))


def busy(dice: random.Random) -> list[Row]:
    """A few days on which little stays as it was: late verdicts, reversals, other tasks, calls that failed."""
    records = []
    for n, (task_type, difficulty) in enumerate(KINDS):
        at = START + dice.choice((-1, 0, 30)) * HOUR
        own = {"task_type": task_type, "difficulty": difficulty, "problem": f"p{n % 2}"}
        records.append(task(f"t{n}", at=at, points=dice.choice((None, 12)), **own))
        if dice.random() < 0.3:
            records.append(task(f"t{n}", at=at + 40 * HOUR, event_id=f"k{n}", points=14, **own))
    for n in range(30):
        made = START + dice.randrange(6 * 24) * 20 * MINUTE
        state = tried(f"s{n}", dice.choice(("ada", "bo", "cy")), f"t{dice.randrange(5)}", "2026-03-02T00:00:00Z")
        state |= {"submitted_at": made, "found": dice.choice((None, True)), "team_id": dice.choice((None, "red"))}
        for k, delay in enumerate(sorted(dice.sample((0, HOUR, DAY, 2 * DAY), dice.choice((1, 1, 2, 3))))):
            verdict = dice.choice(("verified", "verified", "verified", "rejected", "pending", "void"))
            records.append(state | {"event_id": f"e{n}.{k}", "at": made + delay, "verdict": verdict})
    for n in range(10):
        call = called(
            f"c{n}", dice.choice(("ann", "ben")), f"a{n % 2}", START + dice.randrange(20) * 6 * HOUR, base_points=60
        )
        records.append(call)
        if dice.random() < 0.4:
            turned = {"event_id": f"x{n}", "at": call["at"] + DAY, "success": dice.random() < 0.3}
            records.append(call | turned)
    return records


def seasons(seed: int, *, other_rules: bool = False) -> tuple[Log, Log]:
    """A log as it was, some records not read yet, and as it is; each at an instant of its own."""
    dice = random.Random(seed)
    records = busy(dice)
    share = dice.choice((0, 0.1, 0.4))
    held = [record for record in records if dice.random() >= share] or records
    end = START + 6 * DAY
    instants = dice.choice(
        ((end, end), (START + 2 * DAY, end), (START + 3 * DAY, START + 4 * DAY), (end, START + 2 * DAY))
    )
    clock, zone = dice.choice(("submitted_at", "judged_at")), dice.choice(("UTC", "Asia/Tokyo"))
    rules = dataclasses.replace(RULES, timezone=zone, clock=clock)
    later = dataclasses.replace(rules, first_solver=7, clock="judged_at", badges=BADGES[1:]) if other_rules else rules
    return Log(held, rules, instants[0]), Log(records, later, instants[1])


def compared(one: Log, other: Log) -> tuple[Tables, Tables, Told]:
    before, after = played(one), played(other)
    made = changes(
        side(before, one.as_of, rulebook(one), "before"), side(after, other.as_of, rulebook(other), "after"),
        rulebook(other),
    )  # fmt: skip
    return before, after, rows(made)


def added(told: Told, currency: str, subject_type: str) -> dict[object, int]:
    """What the rows of one currency add up to, for each subject."""
    sums: dict[object, int] = {}
    for row in told:
        if row["kind"].startswith(currency) and row["subject_type"] == subject_type:
            sums[row["subject_id"]] = sums.get(row["subject_id"], 0) + row["after"] - row["before"]
    return {subject: n for subject, n in sums.items() if n}


def check_sums(before: Tables, after: Tables, told: Told) -> None:
    for currency, subject in (("points", "agent"), ("xp", "agent"), ("xp", "user")):
        key = f"{subject}_id"
        one, other = (oracle.totals(t, f"{subject}_stats", key, currency) for t in (before, after))
        expected = {who: new - old for who, (old, new) in oracle.differences_of(one, other).items()}
        assert added(told, currency, subject) == expected
        for who in {r["subject_id"] for r in told if r["subject_type"] == subject}:
            sums = [r for r in told if r["kind"].startswith(currency) and r["subject_id"] == who]
            sums = [r for r in sums if r["subject_type"] == subject and r["about"] in (None, "as_of", "rulebook")]
            if progress := [r for r in sums if r["about"] is None]:
                assert progress[0]["after"] == other[who]
    assert len({r["change_id"] for r in told}) == len(told)


@plays_twice
@given(seeds)
def test_changes_are_what_an_account_of_both_seasons_finds(seed):
    one, other = seasons(seed)
    before, after, told = compared(one, other)
    check_sums(before, after, told)
    single, progress = oracle.awards(before, after, one.as_of, other.as_of, other.rules)
    of_points = [r for r in told if r["kind"].startswith("points_")]
    named = {(r["subject_id"], r["about"], r["before"], r["after"]) for r in of_points if r["is_correction"]}
    assert {r["subject_id"]: r["after"] - r["before"] for r in of_points if r["about"] is None} == progress
    if one.as_of <= other.as_of:
        assert named == single
    assert named <= single

    def those(kind: str) -> dict[object, tuple[object, object]]:
        return {(r["about"], r["subject_id"]): (r["before"], r["after"]) for r in told if r["kind"] == kind}

    def who(kind: str) -> set[tuple[object, ...]]:
        return {(r["subject_type"], r["subject_id"], r["about"]) for r in told if r["kind"] == kind}

    held, now = oracle.badges(before), oracle.badges(after)
    assert who("badge_earned") == now - held
    assert who("badge_lost") == held - now
    moved = oracle.differences_of(oracle.levels(before), oracle.levels(after), 1)
    assert those("level_up") | those("level_down") == moved
    assert those("rank") == oracle.differences_of(oracle.places(before), oracle.places(after), None)
    best = oracle.differences_of(*(oracle.totals(t, "streaks", "agent_id", "daily_best") for t in (before, after)))
    told_best = {r["subject_id"]: (r["before"], r["after"]) for r in told if r["kind"] == "streak_best"}
    assert {a: pair for a, pair in told_best.items() if a in best} == {a: p for a, p in best.items() if p[0]}


@plays_twice
@given(seeds)
def test_changes_add_up_under_other_rules(seed):
    before, after, told = compared(*seasons(seed, other_rules=True))
    check_sums(before, after, told)


@plays_twice
@given(seeds)
def test_the_same_season_twice_has_no_changes(seed):
    log, _ = seasons(seed)
    rules = rulebook(log)
    tables = played(log)
    one, other = (side(tables, log.as_of, rules, mark) for mark in ("before", "after"))
    assert rows(changes(one, other, rules)) == []
