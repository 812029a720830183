"""The review queue: what is worth a look, with its events; and what was looked for, which is seldom everything.

A flag is never a deduction: no point, XP, badge or place depends on it. Here: the two tables and the list of
detectors. Not here: what each looks for (the other `anomaly_*.py`), how it becomes a flag (looks.py).
"""

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl

from pipelines.game.contract import FLAG, INSTANT, NUMBER, TEXT, TEXTS, WHOLE, Column, Table
from pipelines.insight.evidence import KINDS, Evidence
from pipelines.insight.review.answers import duplicate_answers
from pipelines.insight.review.bursts import bursts
from pipelines.insight.review.claims import claimed_complexity, perfect_quality
from pipelines.insight.review.durations import short_durations
from pipelines.insight.review.easy import easy_points
from pipelines.insight.review.looks import Look, Seen, flags_of
from pipelines.insight.review.verifiers import self_verification, verifier_concentration

LOOKED, NOTHING = "looked", "nothing to look at"
NAMES = (
    "burst", "verifier_concentration", "self_verification", "duplicate_answers", "short_durations",
    "claimed_complexity", "easy_points", "perfect_quality",
)  # fmt: skip
ANOMALY_FLAGS = Table(
    "anomaly_flags",
    "One row per thing that is worth a look; never a deduction",
    (
        Column("detector", TEXT, "what was looked for", words=NAMES),
        Column("kind", TEXT, "calls or submissions", words=KINDS),
        Column("agent_id", TEXT, "whose events; of a pair the agent with the smaller id"),
        Column("user_id", TEXT, "the user: of calls who called, else of the last event", nullable=True),
        Column("team_id", TEXT, "the team of the last event", nullable=True),
        Column("about", TEXT, "who else it is about: the verifier, or the other agent of a pair", nullable=True),
        Column("at", INSTANT, "the last of the events"),
        Column("event_ids", TEXTS, "the most telling events, at most 20"),
        Column("n_events", WHOLE, "how many events tell of it", low=1),
        Column("statistic", NUMBER, "what was counted: events, as the sentence says", low=0),
        Column("expected", NUMBER, "what was to be expected of it", low=0),
        Column("p_value", NUMBER, "how likely so many are by chance, at most; null: a fact", nullable=True, low=0,
               high=1),
        Column("q_value", NUMBER, "false flags among those of this detector that are no less surprising, at most, as "
               "a share; null: a fact", nullable=True, low=0, high=1),
        Column("sentence", TEXT, "what was seen, what was to be expected, and what innocent would look the same"),
    ),
    ("detector", "kind", "agent_id", "user_id", "team_id", "about"),
)  # fmt: skip
ANOMALY_DETECTORS = Table(
    "anomaly_detectors",
    "One row per detector of the review queue, also where it found nothing or had nothing to look at",
    (
        Column("detector", TEXT, "what is looked for", words=NAMES),
        Column("n_events", WHOLE, "events that hold what it needs", low=0),
        Column("n_tested", WHOLE, "whom it tested: agents, users with an agent, or pairs", low=0),
        Column("n_flagged", WHOLE, "flags in `anomaly_flags`", low=0),
        Column("false_flags", NUMBER, "share of its flags that may mean nothing, by the rulebook", low=0, high=1),
        Column("status", TEXT, "whether there was anything to test", words=(LOOKED, NOTHING)),
        Column("is_by_chance", FLAG, "whether it weighs chance; false: it lists facts, and its flags have no p and q"),
        Column("looks_at", TEXT, "what it looks at"),
        Column("cannot_see", TEXT, "what it needs and what it cannot see"),
    ),
    ("detector",),
)


@dataclass(frozen=True)
class Detector:
    """One thing that is looked for: how, what a reader must know of it, and of what there must be enough events."""

    name: str
    look: Callable[[Seen], list[Look]]
    looks_at: str
    cannot_see: str
    needs: tuple[str, ...]
    is_by_chance: bool = True


DETECTORS = (
    Detector(
        "burst",
        bursts,
        "The fullest half hour (from each quarter of the clock) of an agent's submissions, and of a user's calls of an "
        "agent, beside the other half hours with any: at least 10 events, more than one's own uneven pace allows.",
        "Fewer than 11 half hours with an event are no pace yet. What is always done in batches is the pace, and no "
        "burst. Who or what sent the events is not recorded.",
        ("calls", "submissions"),
    ),
    Detector(
        "verifier_concentration",
        verifier_concentration,
        "How often one verifier judged an agent's submissions, beside the share of the team's work that this verifier "
        "judges; submissions without a team are one group.",
        "Needs `verifier_id` or `judge_id` in the log of submissions. It does not know shifts, specialities or who "
        "hands out the work.",
        ("verifier_id",),
    ),
    Detector(
        "self_verification",
        self_verification,
        "Submissions whose verifier is the agent itself or the user who ran it. These are facts of the log: no chance "
        "is weighed.",
        "Needs `verifier_id` or `judge_id` in the log of submissions, spelled like the agent's or user's id. A second "
        "name of one person is another name here.",
        ("verifier_id",),
        is_by_chance=False,
    ),
    Detector(
        "duplicate_answers",
        duplicate_answers,
        "Pairs of agents, not of one named model, that gave the same answer to the same tasks (right ones and wrong "
        "ones apart), beside how often answers to those tasks agree.",
        "Needs `answer_sha256` or `answer` in the log of submissions. An answer that was changed a little is another "
        "answer; one that more than 20 agents gave tells of no pair.",
        ("answer",),
    ),
    Detector(
        "short_durations",
        short_durations,
        "How many runs are among the shortest hundredth: a user's calls of an agent beside all users' calls of it at "
        "that complexity, an agent's submissions beside all at such tasks.",
        "Needs `duration_s` of calls, `claimed_at` of submissions; both are declared. It does not see how much there "
        "was to do, and an agent that is simply fast is flagged as well.",
        ("calls", "submissions"),
    ),
    Detector(
        "claimed_complexity",
        claimed_complexity,
        "Calls said to be complex or expert that took no longer than half of the agent's simple ones; tries at tasks "
        "that measure easier than their label. Both beside all others of the same agent, or problem and label.",
        "Needs `complexity` and `duration_s` of calls, and enough tries at a task to measure it. Time is not "
        "difficulty, and who set a task's label is not recorded.",
        ("calls", "submissions"),
    ),
    Detector(
        "easy_points",
        easy_points,
        "Tries at tasks that the agent solves with a chance above 95 %, as skill and difficulty were measured, beside "
        "all tries at the same problems.",
        "Needs tasks and agents with a measured difficulty and skill. It does not see which tasks were to be had, nor "
        "who handed them out.",
        ("submissions",),
    ),
    Detector(
        "perfect_quality",
        perfect_quality,
        "Users whose calls of an agent have perfect scores in 95 % or more, beside the scores that all users give "
        "that agent at that complexity.",
        "Needs scores of calls (`response_quality`, `user_satisfaction`, `code_quality`). Who gave a score is not "
        "recorded; where everybody gives perfect ones, nobody stands out.",
        ("calls",),
    ),
)


def anomalies(
    evidence: Evidence, task_difficulty: pl.DataFrame, agent_skill: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The tables `anomaly_flags` and `anomaly_detectors`.

    `task_difficulty`: task_id, difficulty_logit, sd, label_logit. `agent_skill`: kind, agent_id, scope, category,
    skill_logit. The share of false flags is held down for each detector on its own, not for the queue as a whole.
    """
    seen, false_flags = Seen(evidence, task_difficulty, agent_skill), evidence.rules.insight.false_flags
    flags, accounts = [], []
    for detector in DETECTORS:
        least = seen.least if detector.is_by_chance else 1
        looks = detector.look(seen) if any(seen.counts[name] >= least for name in detector.needs) else []
        found, n_tested = flags_of(looks, false_flags) if looks else (pl.DataFrame(), 0)
        if found.height:
            flags.append(ANOMALY_FLAGS.shape(found.with_columns(detector=pl.lit(detector.name))))
        accounts.append(
            {
                "detector": detector.name,
                "n_events": sum(look.n_events for look in looks),
                "n_tested": n_tested,
                "n_flagged": found.height,
                "false_flags": false_flags,
                "status": LOOKED if n_tested else NOTHING,
                "is_by_chance": detector.is_by_chance,
                "looks_at": detector.looks_at,
                "cannot_see": detector.cannot_see,
            }
        )
    table = pl.concat([ANOMALY_FLAGS.empty(), *flags]).sort(ANOMALY_FLAGS.sort_by)
    return table, pl.DataFrame(accounts, schema=ANOMALY_DETECTORS.schema).sort("detector")
