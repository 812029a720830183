"""A season among a few is what the game would be had the others never been there, and nothing of theirs moves it."""

import datetime as dt

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.arena.policy import load_policy
from pipelines.arena.profiles import achievements, agent_statistics, leaderboard_entries, profiles
from pipelines.engines.subseason import KEPT, among
from pipelines.game.rulebook import parse_rulebook
from tests.game.league import EPOCH, instant, play, rows, task, tried
from tests.laws.logs import logs
from tests.laws.oracle_rules import rulebook_content
from tests.reports.shown_season import called, frame_of
from tests.store.test_replay import OURS, Held

few = settings(max_examples=max(4, settings.default.max_examples // 2))


def instant_at(text: str) -> dt.datetime:
    return EPOCH + dt.timedelta(microseconds=instant(text))


def season_among(records, owners, until, rules=OURS, as_of=None):
    """A season of literal records played, published in memory, and played again among `owners`."""
    last = max(record["at"] for record in records) if as_of is None else as_of
    generation = Held(play(records, rules, last), last)
    return among(generation, rules, pl.Series(owners, dtype=pl.String), until)


LOG = [
    task("t1"), task("t2"),
    tried("s1", "lark", "t1", "2026-01-05T10:00:00Z", user_id="bob"),
    tried("s2", "yak", "t1", "2026-01-06T10:00:00Z", user_id="ann"),
    tried("s3", "yak", "t2", "2026-01-07T10:00:00Z"),
    tried("s4", "stray", "t2", "2026-01-08T10:00:00Z"),
    called("c1", "ann", "python-pro", "2026-01-05T12:00:00Z"),
    called("c2", "bob", "python-pro", "2026-01-05T13:00:00Z"),
    called("c3", "ann", "python-pro", "2026-01-14T13:00:00Z"),
]  # fmt: skip
SUNDAY = instant_at("2026-01-11T23:59:59.999999Z")


def test_whoever_shares_is_first_solver_among_those_who_share():
    everybody = season_among(LOG, ["ann", "bob"], SUNDAY)
    assert everybody.agents.select("agent_id", "points").rows() == [("lark", 10), ("yak", 5)]
    assert season_among(LOG, ["ann"], SUNDAY).agents.select("agent_id", "points").rows() == [("yak", 10)]


def test_a_submission_without_a_user_is_nobodys_whoever_else_used_its_agent():
    season = season_among(LOG, ["stray", "ann"], SUNDAY)
    assert season.owners_of_agents.rows() == [("yak", "ann")]
    assert season.agents.select("agent_id", "attempts").rows() == [("yak", 1)]


def test_it_speaks_up_to_the_end_of_the_week():
    assert season_among(LOG, ["ann"], SUNDAY).tables["user_stats"]["calls"].to_list() == [1]


def test_what_was_judged_later_is_pending_as_it_was_then():
    later = [
        task("t1"),
        tried("s1", "lark", "t1", "2026-01-05T10:00:00Z", user_id="ann", judged_at=instant("2026-01-20T10:00:00Z")),
        tried("s2", "lark", "t1", "2026-01-06T10:00:00Z", user_id="ann"),
    ]  # fmt: skip
    assert season_among(later, ["ann"], SUNDAY).tables["agent_stats"]["attempts"].to_list() == [1]


def test_nobody_shares_and_nothing_is_there():
    season = season_among(LOG, [], SUNDAY)
    assert [name for name in KEPT if season.tables[name].height] == []
    assert season.agents.is_empty()


@few
@given(logs(max_submissions=15), st.sets(st.sampled_from(("u1", "u2", "u1!", "owner"))))
def test_no_record_of_anybody_else_changes_a_row(log, sharing):
    """Every record of those who do not share is taken out of the log, or put in: product a stays to the last byte."""
    rules = parse_rulebook(rulebook_content(log.rules), "the law's rules")
    until = EPOCH + dt.timedelta(microseconds=log.as_of)
    last = play(log.records, rules, log.as_of)
    owners = {"submission": {row["submission_id"]: row["user_id"] for row in last["submissions"]}}
    owners["agent_call"] = {row["call_id"]: row["user_id"] for row in last["agent_calls"]}
    left = [
        record
        for record in log.records
        if record["type"] not in owners
        or owners[record["type"]].get(record.get("submission_id") or record.get("call_id") or record["event_id"])
        in sharing
    ]
    found = among(Held(last, log.as_of), rules, pl.Series(sorted(sharing), dtype=pl.String), until)
    expected = play(left, rules, log.as_of)
    assert [name for name in KEPT if rows(found.tables[name]) != expected[name]] == []


# --- what is told of it --------------------------------------------------------------------------------------------
POLICY = load_policy()


@pytest.fixture(scope="module")
def busy():
    """Ann with 23 calls of one known and 9 of two unknown sub-agents, and 12 tasks of her agent yak."""
    log = [task(f"t{n}") for n in range(12)]
    log += [tried(f"s{n}", "yak", f"t{n}", f"2026-01-05T{n:02}:00:00Z", user_id="ann") for n in range(12)]
    log += [called(f"c{n}", "ann", "python-pro", f"2026-01-05T12:00:{n:02}Z", success=n != 0) for n in range(23)]
    log += [called(f"d{n}", "ann", f"ann-s-own-{n % 2}", f"2026-01-12T12:00:{n:02}Z") for n in range(9)]
    return season_among(log, ["ann", "eve"], instant_at("2026-01-18T23:59:59.999999Z"))


def test_a_profile_tells_rounded_figures_and_the_week(busy):
    told = profiles(pl.Series(["ann", "eve"]), busy.tables["user_stats"], busy.agents, POLICY.profiles, "UTC")
    [row] = told.rows(named=True)
    stats = busy.tables["user_stats"].row(0, named=True)
    assert row["owner_id"] == "ann"
    assert (row["calls"], row["successes"], row["success_share"]) == (30, 30, 1.0)
    assert (row["tasks_completed"], row["attempts"], row["accuracy"]) == (10, 10, None)
    assert (row["xp"], row["level"]) == ((stats["xp"] + 5) // 10 * 10, stats["level"])
    assert row["last_active_week"] == "2026-W03"


def test_unlisted_sub_agents_are_told_together_as_other(busy):
    told = agent_statistics(busy.tables["user_agents"], POLICY.words, POLICY.profiles).sort("agent")
    assert told.select("agent", "calls", "successes", "success_share").rows() == [
        ("other", 10, 10, None), ("python-pro", 25, 20, 0.8),
    ]  # fmt: skip
    assert told["level"].is_null().to_list() == [True, False]


def test_boards_tell_closed_weeks_and_months_and_all_time(busy):
    sunday = dt.date(2026, 1, 18)
    told = leaderboard_entries(
        busy.tables["leaderboards"], busy.owners_of_agents, POLICY.words, POLICY.profiles, sunday
    )
    xp = told.filter(pl.col("board") == "xp-user")
    assert sorted(xp["period"]) == ["2026-W02", "2026-W03", "all"]
    assert set(told["board"]) == {"points", "problem:collatz", "xp-user"}
    assert told.filter(pl.col("board") == "problem:collatz")["score"].to_list() == [10.0]
    assert set(told.filter(pl.col("board") == "points")["period"]) == {"2026-W02", "all"}
    month = leaderboard_entries(
        busy.tables["leaderboards"], busy.owners_of_agents, POLICY.words, POLICY.profiles, dt.date(2026, 1, 31)
    )
    assert "2026-01" in month["period"]


def test_equal_rounded_scores_share_a_rank():
    scores = {"a": 104.0, "b": 98.0, "c": 95.0, "d": 51.0, "e": 4.0}
    plain = {"board": "points", "window": "all", "scope": "all", "rank": 1}
    board = frame_of("leaderboards", [{**plain, "subject_id": a, "agent_id": a, "score": s} for a, s in scores.items()])
    owners = pl.DataFrame({"agent_id": list("abcde"), "owner_id": list("vwxyz")})
    told = leaderboard_entries(board, owners, POLICY.words, POLICY.profiles, dt.date(2026, 1, 1))
    assert sorted(told.select("rank", "score", "owner_id").rows()) == [
        (1, 100.0, "v"), (1, 100.0, "w"), (1, 100.0, "x"), (4, 50.0, "y"),
    ]  # fmt: skip


def test_a_badge_of_several_agents_is_told_once_in_its_first_week(busy):
    told = achievements(
        busy.tables["badges"], busy.tables["level_ups"], busy.owners_of_agents, POLICY.words, "UTC"
    ).sort("kind", "slug", "level")
    assert told.filter(pl.col("kind") == "badge").select("owner_id", "slug", "week").rows() == [
        ("ann", slug, "2026-W02") for slug in ("champion", "first-blood", "on-fire", "rising-star")
    ]
    assert "first-steps" in told.filter(pl.col("kind") == "achievement")["slug"]
    assert told.filter(pl.col("kind") == "level")["level"].to_list()[:2] == [2, 3]


def test_a_badge_that_is_no_public_word_is_not_told(busy):
    words = POLICY.words.model_copy(update={"achievements": ("scholar",)})
    told = achievements(busy.tables["badges"], busy.tables["level_ups"], busy.owners_of_agents, words, "UTC")
    assert set(told["kind"]) == {"level"}
