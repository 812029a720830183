"""Agent calls: which exist at `as_of`, in which order, and what is read off each before XP (SPEC sections 2, 3, 8).

Here: the order (at, event_id) of each user, the mean of the scores given, the local day, and the published table
`agent_calls`. Not here: what a call earns (xp.py), sums over calls (work.py).
"""

import polars as pl

from pipelines.game.contract import FLAG, INSTANT, NUMBER, NUMBERS, TEXT, WHOLE, Column, Table
from pipelines.game.facts import Ids
from pipelines.game.packing import sorted_rows
from pipelines.game.records import COMPLEXITIES, EVIDENCE_TYPES
from pipelines.game.windows import local_date

DECIMALS = 6  # to which is rounded, half to even, what is compared with a threshold or cut (SPEC section 8)
SCORES = ("response_quality", "user_satisfaction", "code_quality")
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")


def _score(name: str, about: str) -> Column:
    return Column(name, NUMBER, about, nullable=True, low=0, high=1)


def _optional(name: str, about: str) -> Column:
    return Column(name, TEXT, about, nullable=True)


AGENT_CALLS = Table(
    name="agent_calls",
    grain="One row per agent call that exists at as_of, in its state of then",
    columns=(
        Column("call_id", TEXT, "the call"),
        Column("event_id", TEXT, "the record in force"),
        Column("at", INSTANT, "when the call finished: the `at` of its first record"),
        Column("known_at", INSTANT, "when that state became known"),
        Column("user_id", TEXT, "who called"),
        Column("agent_id", TEXT, "the sub-agent that was called"),
        Column("action_type", TEXT, "what kind of work it was"),
        Column("success", FLAG, "whether it succeeded"),
        _optional("success_source", "where that verdict comes from; `derived`: from how the run ended"),
        Column("complexity", TEXT, "how hard it was said to be", nullable=True, words=COMPLEXITIES),
        Column("duration_s", NUMBER, "how long it ran, seconds", nullable=True, low=0),
        Column("base_points", WHOLE, "base of its own, as given", nullable=True, low=0),
        Column("bonus_points", WHOLE, "bonus, as given", nullable=True, low=0),
        Column("multipliers", NUMBERS, "multipliers, as given", nullable=True),
        _score("response_quality", "score of the answer, 0 to 1"),
        _score("user_satisfaction", "score of the user's satisfaction, 0 to 1"),
        _score("code_quality", "score of the code, 0 to 1"),
        Column("evidence_type", TEXT, "what the evidence is for", nullable=True, words=EVIDENCE_TYPES),
        _optional("evidence_text", "the evidence"),
        Column("improvement_factor", NUMBER, "by how much things improved", nullable=True, low=0),
        _optional("category", "kind of task"),
        _optional("team_id", "for which team"),
        _optional("project_id", "in which project"),
        _optional("session_id", "in which session"),
        _optional("model", "the model behind the agent"),
        *(Column(name, WHOLE, f"{name.replace('_', ' ')} of the run", nullable=True, low=0) for name in TOKENS),
        Column("tool_uses", WHOLE, "tools used in the run", nullable=True, low=0),
        Column("cost_usd", NUMBER, "cost of the run, US dollars", nullable=True, low=0),
        _optional("description", "what was asked for, where it was kept"),
        _optional("extra", "unknown fields of the record, as JSON"),
    ),
    sort_by=("user_id", "at", "event_id"),
)


def in_order(bucket: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The calls of a bucket in the order (user, at, event_id), with row, day, n_scores and mean_quality.

    `bucket` has the fields of the records in force with user, agent, team and project as numbers, `at` the instant of
    the call. `mean_quality`: mean of the scores given, rounded to 6 decimals half to even; null where none is given.
    """
    order = sorted_rows(bucket["user"].cast(pl.Int64), bucket["at"].to_physical(), bucket["event_id"])
    scores = [pl.col(name) for name in SCORES]
    n_scores = pl.sum_horizontal(score.is_not_null().cast(pl.Int64) for score in scores)
    return (
        bucket[order]
        .with_columns(day=local_date(pl.col("at"), zone), n_scores=n_scores)
        .with_columns(mean_quality=(pl.sum_horizontal(scores) / pl.col("n_scores")).round(DECIMALS))
        .with_columns(mean_quality=pl.when(pl.col("n_scores") > 0).then("mean_quality"))
        .with_row_index("row")
    )


def publish(ordered: pl.DataFrame, ids: Ids) -> pl.DataFrame:
    """A bucket's part of the table `agent_calls`."""
    return AGENT_CALLS.shape(
        ordered.with_columns(
            evidence_text="evidence",
            user_id=ids.users.gather(ordered["user"]),
            agent_id=ids.agents.gather(ordered["agent"]),
            team_id=ids.teams.gather(ordered["team"]),
            project_id=ids.projects.gather(ordered["project"]),
        )
    )
