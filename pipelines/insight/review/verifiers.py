"""Who judged: one verifier for most of an agent's work, and work that was judged by whoever did it.

The verifier is what the log says beside the contract: `verifier_id` or `judge_id` of a submission (docs/input.md).
"""

import polars as pl

from pipelines.insight.evidence import SUBMISSION
from pipelines.insight.review.chance import summed
from pipelines.insight.review.looks import Look, Seen, compared, hits_of


def verifier_concentration(seen: Seen) -> list[Look]:
    """Of each agent in a team and each verifier of its work, how often it was that one, beside the team as a whole."""
    judged = seen.judged.filter(pl.col("verifier_id").is_not_null())
    pair = ["team_id", "agent_id", "verifier_id"]
    counts = seen.judged_by.group_by(pair).agg(hits=pl.col("n").sum()).sort(pair)
    if counts.is_empty():
        return []
    whole = counts.with_columns(
        n=pl.col("hits").sum().over("team_id", "agent_id"),
        of=pl.col("hits").sum().over("team_id"),
        held=pl.col("hits").sum().over("team_id", "verifier_id"),
    )
    cells = whole.with_columns(expected=whole["n"].to_numpy() * (whole["held"].to_numpy() / whole["of"].to_numpy()))
    units = summed(cells, pair, seen.least)
    shown = compared(units, SUBMISSION, about="verifier_id")
    sentence = pl.format(
        "{} of {} judged submissions of this agent, in this team, have the same verifier; by the share of the team's "
        "work that this verifier judges, {} were to be expected. Shifts, time zones or a speciality that the two "
        "share would look the same.",
        pl.col("hits"),
        pl.col("n"),
        pl.col("expected").round(1),
    )
    events = hits_of(judged, pair, -pl.col("at").dt.epoch("s"))
    return [Look(shown, int(counts["hits"].sum()), events, sentence)]


def self_verification(seen: Seen) -> list[Look]:
    """Of each agent, the submissions that it or the user who ran it judged: facts, no matter of chance."""
    judged = seen.judged.filter(pl.col("verifier_id").is_not_null())
    is_own = pl.any_horizontal(pl.col("verifier_id") == pl.col(name) for name in ("agent_id", "user_id"))
    own = is_own.fill_null(value=False)
    units = seen.judged_by.group_by("agent_id").agg(pl.col("n").sum(), hits=pl.col("n").filter(own).sum())
    if units.is_empty():
        return []
    n_events, some = int(units["n"].sum()), units.filter(pl.col("hits") > 0).sort("agent_id")
    shown = compared(some.with_columns(expected=pl.lit(0.0), p_value=pl.lit(None, pl.Float64)), SUBMISSION)
    sentence = pl.format(
        "{} of {} submissions with a named verifier were judged by the agent itself or by the user who ran it. A test "
        "run, a rule that allows it, or one name for two roles would look the same.",
        pl.col("hits"),
        pl.col("n"),
    )
    return [
        Look(
            shown,
            n_events,
            hits_of(judged.filter(own), ["agent_id"], -pl.col("at").dt.epoch("s")),
            sentence,
            units.height,
        )
    ]
