"""Each detector flags a literal case and lets the case just below it pass; it says when it had nothing to look at."""

import polars as pl
import pytest

from pipelines.insight.review.anomalies import ANOMALY_DETECTORS, ANOMALY_FLAGS, DETECTORS, LOOKED, NAMES, NOTHING
from tests.insight.anomaly_season import NO_DIFFICULTY, NO_SKILL, call, flagged, minute, queue, submission, task


def paced(n_burst):
    """Two submissions a day for twelve days, and once some more within minutes."""
    pace = [submission(100 * day + i, "a", minute(1440 * day + i)) for day in range(12) for i in range(2)]
    return {"submissions": pace + [submission(9000 + i, "a", minute(72_000 + i)) for i in range(n_burst)]}


def judged(n_same):
    """Eight agents of a team with three verifiers who take turns; `a0` has one of them more often."""

    def verifier(a, i):
        return f"v{i % 3}" if a else "v0" if i < n_same else f"v{1 + i % 2}"

    held = [(a, i) for a in range(8) for i in range(24)]
    rows = [
        submission(100 * a + i, f"a{a}", minute(60 * i + a), verifier_id=verifier(a, i), team_id="t") for a, i in held
    ]
    return {"submissions": rows}


def answered(n_same):
    """Eight agents that are wrong on twenty tasks: on every fifth all alike; two of them alike on `n_same`."""

    def answer(a, i):
        return f"same-{i}" if a < 2 and i < n_same else f"near-{i}" if i % 5 == 0 else f"{a}-{i}"

    held = [(a, i) for a in range(8) for i in range(20)]
    rows = [submission(100 * a + i, f"a{a}", minute(60 * i + a), f"t{i}", verdict="rejected", answer=answer(a, i))
            for a, i in held]  # fmt: skip
    return {"submissions": rows, "tasks": [task(f"t{i}") for i in range(20)]}


def timed(n_short):
    """Ten users with sixty calls of one agent, half a minute and more; of `u0` some are shorter than all others."""
    held = [(u, i) for u in range(10) for i in range(60)]
    return {"calls": [call(1000 * u + i, f"u{u}", "g", minute(60 * i + u), complexity="simple",
                           duration_s=1.0 if u == 0 and i < n_short else 30.0 + (7 * u + i) % 50)
                      for u, i in held]}  # fmt: skip


def claimed(n_short):
    """Ten users whose expert calls take long but for one in ten; of `u0` more are as short as simple ones."""
    simple = [call(1000 * u + i, f"u{u}", "g", minute(60 * i), complexity="simple", duration_s=10.0 + i)
              for u in range(10) for i in range(30)]  # fmt: skip
    expert = [call(1000 * u + 500 + i, f"u{u}", "g", minute(70 * i), complexity="expert",
                   duration_s=12.0 if (i < n_short if u == 0 else i % 10 == 0) else 200.0)
              for u in range(10) for i in range(30)]  # fmt: skip
    return {"calls": simple + expert}


def scored(n_perfect):
    """Ten users who score one call in three as perfect; `u0` more."""
    held = [(u, i) for u in range(10) for i in range(40)]
    return {"calls": [call(1000 * u + i, f"u{u}", "g", minute(60 * i + u),
                           response_quality=1.0 if (i < n_perfect if u == 0 else i % 3 == 0) else 0.8)
                      for u, i in held]}  # fmt: skip


def chosen(n_easy):
    """Eight agents of equal skill and forty tasks, eight of which are far easier than their label; `a0` likes these."""
    sure = [(f"t{i}", -4.0 if i < 8 else 0.0, 0.2, 0.0) for i in range(40)]
    skills = [("submission", f"a{a}", "overall", None, 0.0) for a in range(8)]

    def choice(a, i):
        return (7 * i + a) % 40 if a else i % 8 if i < n_easy else 8 + i

    held = [(a, i) for a in range(8) for i in range(24)]
    rows = [submission(100 * a + i, f"a{a}", minute(60 * i + a), f"t{choice(a, i)}") for a, i in held]
    earned = [{"entry_id": row["submission_id"], "submission_id": row["submission_id"], "agent_id": row["agent_id"],
               "event_id": row["event_id"], "rule": "task", "points": 5} for row in rows]  # fmt: skip
    return {
        "submissions": rows,
        "tasks": [task(f"t{i}") for i in range(40)],
        "points": earned,
        "task_difficulty": pl.DataFrame(sure, schema=NO_DIFFICULTY.schema, orient="row"),
        "agent_skill": pl.DataFrame(skills, schema=NO_SKILL.schema, orient="row"),
    }


CASES = {  # how many are just not flagged, the next just is: whose, about whom, and what the sentence says
    "burst": (paced, 9, ("a", "u-a", None), "10 submissions of this agent in the half hour from 2026-04-21 08:45 UTC"),
    "verifier_concentration": (judged, 19, ("a0", "u-a0", "v0"), "20 of 24 judged submissions"),
    "duplicate_answers": (answered, 9, ("a0", "u-a1", "a1"), "the same answer to 12 of 20 tasks"),
    "short_durations": (timed, 5, ("g", "u0", None), "6 of 60 calls with a duration are among the shortest 1 %"),
    "claimed_complexity": (claimed, 12, ("g", "u0", None), "13 of 30 calls said to be complex or expert"),
    "perfect_quality": (scored, 37, ("g", "u0", None), "38 of 40 calls with a score have nothing but perfect ones"),
    "easy_points": (chosen, 16, ("a0", "u-a0", None), "7.0 were to be expected. They earned 85 of its 120 points"),
}  # fmt: skip


@pytest.mark.parametrize("detector", CASES)
def test_a_detector_flags_the_first_case_that_is_too_many_and_not_the_last_that_is_not(detector):
    season, n, (agent, user, about), words = CASES[detector]
    below, _ = queue(**season(n))
    assert flagged(below, detector) == []
    flags, detectors = queue(**season(n + 1))
    (flag,) = flagged(flags, detector)
    assert (flag["agent_id"], flag["user_id"], flag["about"]) == (agent, user, about)
    assert words in flag["sentence"]
    assert flag["expected"] < flag["statistic"]
    assert 0 < flag["p_value"] <= flag["q_value"] <= 0.05
    assert detectors.filter(detector=detector).select("n_flagged", "status").row(0) == (1, LOOKED)


def test_a_burst_names_its_events_and_no_others():
    flags, _ = queue(**paced(11))
    (flag,) = flagged(flags, "burst")
    assert flag["event_ids"] == [f"s{9000 + i}" for i in range(11)]
    assert (flag["n_events"], flag["at"]) == (11, minute(72_010))
    assert flag["p_value"] == 0.00776  # 26 half hours (two grids of 13) times a bound of 0.000298
    assert "where the other 12 half hours with any hold 2.0 on average" in flag["sentence"]


def test_a_burst_of_calls_is_that_of_one_user_with_one_agent():
    calls = [call(int(row["event_id"][1:]), "u", "g", row["at"]) for row in paced(11)["submissions"]]
    crowd = [call(20_000 + u, f"u{u}", "g", minute(100_000)) for u in range(40)]
    flags, _ = queue(calls=calls + crowd)
    (flag,) = flagged(flags, "burst")
    assert (flag["kind"], flag["user_id"], flag["agent_id"], flag["n_events"]) == ("call", "u", "g", 11)
    assert "11 calls of this agent by this user" in flag["sentence"]


def test_of_many_events_a_flag_names_the_twenty_most_telling():
    flags, _ = queue(**claimed(24))
    (flag,) = flagged(flags, "claimed_complexity")
    assert (flag["n_events"], len(flag["event_ids"])) == (24, 20)
    flags, _ = queue(**answered(12))
    (pair,) = flagged(flags, "duplicate_answers")
    assert pair["event_ids"][:2] == ["s15", "s115"]


def test_a_batch_every_day_is_the_pace_of_an_agent_and_no_burst():
    batches = [submission(100 * day + i, "a", minute(1440 * day + i)) for day in range(14) for i in range(25)]
    flags, _ = queue(batches)
    assert flagged(flags, "burst") == []


def test_work_judged_by_its_own_agent_or_user_is_a_fact_without_a_chance():
    rows = [
        submission(1, "a", minute(0), verifier_id="a"),
        submission(2, "a", minute(1), judge_id=" u-a "),
        submission(3, "a", minute(2), judge_id="v"),
        submission(4, "b", minute(3), verifier_id="a"),
        submission(5, "b", minute(4), verifier_id=7),
        submission(6, "b", minute(5)),
        submission(7, "b", minute(6), verifier_id="b", verdict="pending"),
    ]
    flags, detectors = queue(rows)
    (flag,) = flagged(flags, "self_verification")
    assert (flag["agent_id"], flag["event_ids"], flag["p_value"], flag["q_value"]) == ("a", ["s2", "s1"], None, None)
    assert "2 of 3 submissions with a named verifier" in flag["sentence"]
    row = detectors.filter(detector="self_verification").row(0, named=True)
    assert (row["n_events"], row["n_tested"], row["n_flagged"], row["is_by_chance"]) == (5, 2, 1, False)


def test_agents_of_one_named_model_are_no_pair():
    season = answered(20)
    for row in season["submissions"]:
        row["model"] = "orrery-2"
    flags, _ = queue(**season)
    assert flagged(flags, "duplicate_answers") == []


def test_answers_on_which_everybody_agrees_make_no_pair():
    season = answered(0)
    right = [submission(5000 + 100 * a + i, f"a{a}", minute(60 * i), f"t{i}", answer_sha256=f"{i}")
             for a in range(8) for i in range(20)]  # fmt: skip
    flags, detectors = queue(season["submissions"] + right, tasks=season["tasks"])
    assert flagged(flags, "duplicate_answers") == []
    assert detectors.filter(detector="duplicate_answers")["status"].item() == LOOKED


def test_where_all_scores_are_perfect_nobody_stands_out():
    flags, _ = queue(calls=[{**row, "response_quality": 1.0} for row in scored(0)["calls"]])
    assert flagged(flags, "perfect_quality") == []


def test_an_empty_season_has_a_row_for_every_detector_that_says_so():
    flags, detectors = queue()
    assert flags.is_empty()
    assert detectors["detector"].to_list() == sorted(NAMES) == sorted(detector.name for detector in DETECTORS)
    assert set(detectors["status"]) == {NOTHING}


def test_what_the_log_does_not_record_is_said_to_be_nothing_to_look_at():
    _, detectors = queue(**paced(0))
    status = dict(detectors.select("detector", "status").iter_rows())
    assert status.pop("burst") == LOOKED
    assert set(status.values()) == {NOTHING}


def test_the_order_of_rows_and_the_spelling_of_ids_do_not_matter():
    season = {name: rows for made in (judged(22), answered(12), scored(40), claimed(20)) for name, rows in made.items()}
    season["submissions"] = judged(22)["submissions"] + [
        {**row, "submission_id": f"x{row['submission_id']}", "event_id": f"x{row['event_id']}"}
        for row in answered(12)["submissions"]
    ]
    flags, detectors = queue(**season)
    turned = {name: rows[::-1] for name, rows in season.items()}
    assert flags.height >= 3
    assert [frame.equals(other) for frame, other in zip(queue(**turned), (flags, detectors), strict=True)] == [True] * 2
    renamed = {name: [{**row, "agent_id": f"<b>{row['agent_id']}"} if "agent_id" in row else row for row in rows]
               for name, rows in season.items()}  # fmt: skip
    numbers = ("detector", "user_id", "statistic", "expected", "p_value", "sentence")
    assert queue(**renamed)[0].select(numbers).equals(flags.select(numbers))


def test_the_tables_keep_their_contracts_and_no_sentence_accuses():
    made = [queue(**CASES[name][0](CASES[name][1] + 1)) for name in CASES] + [queue()]
    for flags, detectors in made:
        assert ANOMALY_FLAGS.is_kept_by(flags)
        assert ANOMALY_DETECTORS.is_kept_by(detectors)
        for sentence in flags["sentence"]:
            assert sentence.startswith("Worth a look: ")
            assert "would look the same" in sentence
            assert not {"cheat", "fraud", "suspicious", "because", "abuse"} & set(sentence.lower().split())
