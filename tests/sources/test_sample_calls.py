"""The work in the tracked sample season: what its page says of calls and sub-agents holds, by simple loops."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

import pytest

from pipelines.game.records import COMPLEXITIES, EVIDENCE_TYPES
from pipelines.sources.sample import write_season
from pipelines.sources.sample_outcomes import lognormal
from pipelines.sources.sample_subagents import ANY, CATEGORIES, PRICES, SUBAGENTS
from pipelines.sources.sample_world import Dice
from tests.sources.sample_log import SCORES, TRACKED, Record, calls, calls_by, mean_score, records

STRONG = {agent.agent_id for agent in SUBAGENTS if agent.is_strong}
HANDY = {agent.agent_id for agent in SUBAGENTS if agent.is_handy}
DEAR = {"cloud-architect", "ml-engineer", "ui-designer"}


def success_share(some: Iterable[Record]) -> float:
    return mean(call["success"] for call in some)


def test_some_two_thousand_calls_to_26_sub_agents_in_more_than_six_hundred_sessions() -> None:
    assert 2000 < len(calls()) < 2500
    assert set(calls_by("agent_id")) == {agent.agent_id for agent in SUBAGENTS}
    assert len(SUBAGENTS) == 26
    assert len(calls_by("session_id")) > 600
    assert set(calls_by("category")) == set(CATEGORIES)
    assert set(calls_by("complexity")) == {*COMPLEXITIES, None}


def test_a_session_is_one_persons_in_one_project_and_every_call_in_it_begins_after_the_one_before() -> None:
    for session in calls_by("session_id").values():
        assert len({(call["user_id"], call["project_id"]) for call in session}) == 1
        for before, after in pairwise(session):
            assert after["at"].timestamp() - after.get("duration_s", 0) > before["at"].timestamp()


def test_weekends_and_nights_are_quiet() -> None:
    weekdays = Counter(call["at"].weekday() for call in calls())
    assert max(weekdays[5], weekdays[6]) < min(weekdays[day] for day in range(5))
    homes = [datetime.fromisoformat(line) for line in home_instants()]
    assert len(homes) > 200
    assert sum(at.hour < 7 for at in homes) < len(homes) / 50


def home_instants() -> list[str]:
    """Instants that a client wrote on its home clock, as they stand in the files."""
    texts = [line for path in TRACKED.glob("calls-*.jsonl") for line in path.read_text().split("\n")]
    instants = [text.partition('"at":"')[2].partition('"')[0] for text in texts]
    return [text for text in instants if text.endswith(("+08:00", "-08:00"))]


def test_what_is_harder_takes_longer_and_a_few_calls_take_very_long() -> None:
    took = [
        [call["duration_s"] for call in calls_by("complexity")[word] if call.get("duration_s")] for word in COMPLEXITIES
    ]
    assert [median(some) for some in took] == pytest.approx([22, 86, 240, 510], rel=0.1)
    assert all(median(some) < mean(some) for some in took)


def test_tokens_and_money_follow_the_duration_and_the_model() -> None:
    for call in calls():
        if "cost_usd" not in call:
            continue
        price = PRICES[call["model"]]
        assert 15 * (call["duration_s"] - 1) <= call["output_tokens"] <= 40 * call["duration_s"] + 40
        read = call["input_tokens"] + 0.1 * call["cache_read_tokens"] + 1.25 * call.get("cache_creation_tokens", 0)
        expected = (read * price.read + call["output_tokens"] * price.written) / 1e6
        assert call["cost_usd"] == pytest.approx(expected, abs=1e-4)


def test_two_clients_in_three_report_what_a_call_costs() -> None:
    assert 0.6 < mean("cost_usd" in call for call in calls()) < 0.8
    for called in calls_by("user_id").values():
        assert len({"cost_usd" in call for call in called}) == 1


def test_three_dear_sub_agents_are_mediocre_and_a_cheap_one_is_excellent() -> None:
    by_agent = calls_by("agent_id")
    costs = {agent: mean(call["cost_usd"] for call in some if "cost_usd" in call) for agent, some in by_agent.items()}
    for agent in DEAR:
        assert costs[agent] > 5 * costs["sql-expert"]
        assert success_share(by_agent[agent]) < 0.8 < success_share(calls())
    assert success_share(by_agent["sql-expert"]) > 0.9


def test_those_who_are_given_what_is_hard_look_worse_than_they_are() -> None:
    strong = [call for call in calls() if call["agent_id"] in STRONG]
    handy = [call for call in calls() if call["agent_id"] in HANDY]
    assert success_share(strong) < success_share(handy)
    for word in COMPLEXITIES:
        like = [[call for call in some if call.get("complexity") == word] for some in (strong, handy)]
        assert success_share(like[0]) > success_share(like[1])


def test_a_new_model_does_the_doc_writer_no_good_and_the_data_engineer_learns() -> None:
    written = calls_by("agent_id")["doc-writer"]
    change = [call["model"] for call in written].index("wicket-1")
    assert {call["model"] for call in written[:change]} == {"orrery-2-mini"}
    assert {call["model"] for call in written[change:]} == {"wicket-1"}
    assert success_share(written[:change]) > success_share(written[change:]) + 0.15
    learnt = calls_by("agent_id")["data-engineer"]
    assert success_share(learnt[len(learnt) // 2 :]) > success_share(learnt[: len(learnt) // 2])


def test_one_call_in_three_or_four_is_scored_and_who_scores_has_looked() -> None:
    scored = [call for call in calls() if mean_score(call) is not None]
    assert 0.2 < len(scored) / len(calls()) < 0.4
    assert {call["success_source"] for call in scored} == {"verdict"}
    assert mean(mean_score(call) or 0 for call in scored if call["success"]) > 0.85
    assert mean(mean_score(call) or 0 for call in scored if not call["success"]) < 0.5
    assert {source for (source,) in zip(calls_by("success_source"), strict=True)} == {"verdict", "derived", None}


def test_evidence_bonuses_and_multipliers_are_rare_and_come_with_success_only() -> None:
    told = [call for call in calls() if "evidence" in call]
    assert {call["evidence_type"] for call in told} == set(EVIDENCE_TYPES)
    assert all(call["base_points"] > 0 for call in told)
    for name in ("evidence", "bonus_points", "multipliers", "improvement_factor"):
        bearing = [call for call in calls() if name in call]
        assert 10 <= len(bearing) <= len(calls()) / 50
        assert all(call["success"] for call in bearing)


def test_a_few_calls_never_began() -> None:
    never = [call for call in calls() if call.get("duration_s") == 0]
    assert 10 <= len(never) <= 30
    for call in never:
        assert not call["success"]
        assert not set(SCORES) & set(call)
        assert call.get("output_tokens", 0) == call.get("cost_usd", 0) == 0


def test_calls_are_corrected_later_and_one_of_them_back_again() -> None:
    stories: dict[str, list[Record]] = {}
    for record in records("agent_call"):
        stories.setdefault(record.get("call_id", record["event_id"]), []).append(record)
    told = Counter(tuple(record["success"] for record in story) for story in stories.values() if len(story) > 1)
    assert told[True, False] >= 5  # found wrong
    assert told[True, True] >= 3  # scored late
    assert told[True, False, True] + told[False, True, False] >= 1
    for story in stories.values():
        assert "call_id" not in story[0]
        assert [record["event_id"] for record in story[1:]] == [
            f"{story[0]['event_id']}-{version}" for version in range(2, len(story) + 1)
        ]


def test_sub_agents_are_called_for_their_trade_as_a_rule() -> None:
    trades = {agent.agent_id: {agent.category, agent.also} for agent in SUBAGENTS if agent.category != ANY}
    known = [call for call in calls() if call["agent_id"] in trades]
    assert mean(call["category"] in trades[call["agent_id"]] for call in known) > 0.85
    mended = [call for call in calls() if call["action_type"] == "error_resolution"]
    assert mean(call["category"] == "debugging" for call in mended) > 0.75


def test_more_agents_have_more_owners_and_these_call_more(tmp_path: Path) -> None:
    n_lines = []
    for agents in (1, 24, 120):
        report = write_season(tmp_path / str(agents), agents=agents, days=9, seed=7)
        n_lines.append(sum(file.n_lines for file in report.files if file.name.startswith("calls-")))
    assert 0 < n_lines[0] < n_lines[1] / 3 < n_lines[2] / 6


def test_no_call_lies_outside_the_season() -> None:
    assert min(call["at"] for call in calls()) >= datetime(2026, 10, 5, tzinfo=UTC)
    assert max(record["at"] for record in records("agent_call")) < datetime(2026, 11, 16, tzinfo=UTC)


def test_the_factor_is_lognormal_near_enough() -> None:
    dice = Dice(1, "factors")
    factors = sorted(lognormal(dice, 0.45) for _ in range(4000))
    assert median(factors) == pytest.approx(1.0, abs=0.03)
    assert factors[3360] == pytest.approx(1.57, abs=0.08)  # e^0.45 at one standard deviation, 84 %
    assert factors[640] == pytest.approx(0.64, abs=0.03)
