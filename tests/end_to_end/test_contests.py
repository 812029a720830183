"""Real contests of ICPC: their feeds against the awards and counts that they themselves hold."""

import json
import random

import polars as pl
import pytest

from tests.end_to_end.seasons import ingest, publish, same

ICPC_BOARD = """
[[window]]
slug = "final"
name = "The contest"
start = {start}
end = {end}

[[board]]
slug = "icpc"
name = "ICPC rules"
order = ["tasks_completed desc", "penalty_minutes asc", "last_solve_minute asc"]
windows = ["final"]
"""


@pytest.fixture(scope="module")
def championship(real_logs, tmp_path_factory):
    """The Europe Championship 2025, finished and thawed: its feed and its published tables."""
    home = tmp_path_factory.mktemp("euc")
    feed = real_logs / "icpc-euc2025" / "event-feed.slim.ndjson"
    rulebook = home / "icpc.toml"
    rulebook.write_text(ICPC_BOARD.format(start="2025-03-02T09:30:00Z", end="2025-03-02T14:30:00Z"))
    ingest(home, [feed])
    return [json.loads(line) for line in feed.read_text().splitlines()], publish(home, rulebook=rulebook)


def test_the_first_solvers_are_the_first_to_solve_awards_of_the_feed(championship):
    feed, tables = championship
    teams = {line["id"]: line["data"]["name"] for line in feed if line["type"] == "teams"}
    prefix = "first-to-solve-"
    awards = {
        (f"clics:euc2025:{line['id'].removeprefix(prefix)}", teams[line["data"]["team_ids"][0]])
        for line in feed
        if line["type"] == "awards" and line["id"].startswith(prefix)
    }
    firsts = tables["points_ledger"].filter(pl.col("rule") == "first_solver")
    assert len(awards) == 11
    assert set(firsts.select("task_id", "agent_id").iter_rows()) == awards
    assert not firsts["is_provisional"].any()


def test_a_penalty_board_of_the_championship_has_its_53_teams_in_icpc_order(championship):
    feed, tables = championship
    board = tables["leaderboards"].filter(board="icpc")
    assert board.height == 53
    expected = sorted((-s, p, last) for s, p, last in icpc_scores(feed).values())
    found = board.select(-pl.col("score").cast(pl.Int64), "penalty_minutes").rows()
    assert found == [(s, p) for s, p, _ in expected]


def icpc_scores(feed):
    """Solved, penalty and last minute by team: the rule of ICPC in plain Python, from contest times in the feed."""

    def minutes(text):
        hours, mins, _ = text.split(":")
        return int(hours) * 60 + int(mins)

    subs = {line["id"]: line["data"] for line in feed if line["type"] == "submissions"}
    judged = {line["id"]: line["data"] for line in feed if line["type"] == "judgements"}
    verdict = {}
    for judgement in sorted(judged.values(), key=lambda j: j.get("end_time") or ""):
        if judgement.get("end_time"):
            verdict[judgement["submission_id"]] = judgement["judgement_type_id"]
    scores, solved, wrong = {}, set(), {}
    for sub in sorted(subs.values(), key=lambda s: s["time"]):
        key = (sub["team_id"], sub["problem_id"])
        if key in solved or verdict.get(sub["id"]) in (None, "CE"):
            continue
        if verdict[sub["id"]] != "AC":
            wrong[key] = wrong.get(key, 0) + 1
            continue
        solved.add(key)
        n, penalty, _ = scores.get(sub["team_id"], (0, 0, 0))
        minute = minutes(sub["contest_time"])
        scores[sub["team_id"]] = (n + 1, penalty + minute + 20 * wrong.get(key, 0), minute)
    return scores


@pytest.fixture(scope="module")
def world_finals(real_logs):
    return real_logs / "icpc-wf47-feed" / "event-feed.live.slim.ndjson"


@pytest.fixture(scope="module")
def finals_tables(world_finals, tmp_path_factory):
    home = tmp_path_factory.mktemp("wf47")
    ingest(home, [world_finals])
    return publish(home)


def test_the_frozen_world_finals_have_1606_submissions_and_545_of_them_pending(finals_tables):
    verdicts = finals_tables["submissions"]["verdict"]
    assert (len(verdicts), verdicts.eq("pending").sum()) == (1606, 545)


def test_ingesting_the_world_finals_twice_publishes_identical_tables(world_finals, finals_tables, tmp_path):
    ingest(tmp_path, [world_finals])
    publish(tmp_path)
    ingest(tmp_path, [world_finals])
    assert same(publish(tmp_path), finals_tables) == []


@pytest.mark.parametrize("seed", [1, 2])
def test_three_shuffled_pieces_of_the_world_finals_publish_identical_tables(
    world_finals, finals_tables, tmp_path, seed
):
    dice = random.Random(seed)
    lines = world_finals.read_bytes().splitlines(keepends=True)
    dice.shuffle(lines)
    pieces = [tmp_path / f"piece-{n}.ndjson" for n in range(3)]
    for n, piece in enumerate(pieces):
        piece.write_bytes(b"".join(lines[n::3]))
    for piece in pieces:
        ingest(tmp_path / "home", [piece])
    assert same(publish(tmp_path / "home"), finals_tables) == []


def test_a_contest_that_stays_frozen_keeps_its_315_pending_submissions(real_logs, tmp_path):
    ingest(tmp_path, [real_logs / "icpc-swerc2022-frozen" / "event-feed.slim.ndjson"])
    verdicts = publish(tmp_path)["submissions"]["verdict"]
    assert (len(verdicts), verdicts.eq("pending").sum()) == (1322, 315)


def test_as_of_the_freeze_the_championship_shows_the_board_of_then(championship, real_logs, tmp_path):
    feed, _ = championship
    ingest(tmp_path, [real_logs / "icpc-euc2025" / "event-feed.slim.ndjson"])
    frozen = publish(tmp_path, as_of="2025-03-02T13:30:00Z")["submissions"]
    made = [line["data"] for line in feed if line["type"] == "submissions"]
    assert frozen.height == len({s["id"] for s in made if s["time"] <= "2025-03-02T13:30:00.000Z"})
