"""Duplicate answers: two agents that gave the same answer to one task more often than agents do.

The answer is what the log says beside the contract: `answer_sha256` or `answer` of a submission (docs/input.md). Right
answers to a sum agree, proofs do not, and some wrong answers lie near: so a pair is held against how often the answers
to that very task agree. Not here: one agent that repeats itself.
"""

import numpy as np
import polars as pl

from pipelines.insight.evidence import SUBMISSION
from pipelines.insight.review.chance import LEAST_SPREAD, MIN_EXCESS, first_rows, spread_bound
from pipelines.insight.review.looks import Look, Seen

MOST_HOLDERS = 20  # of one answer: what more agents gave is common, and tells of no pair
TRIAL = ("task_id", "verdict")  # within these answers are compared: right ones with right ones
PAIR = ("first", "second")


def duplicate_answers(seen: Seen) -> list[Look]:
    """Pairs of agents with at least MIN_EXCESS answers in common, where not both name the same model."""
    kept = ("agent_id", *TRIAL, "answer", "event_id", "at", "user_id", "team_id", "model")
    told = seen.judged.filter(pl.col("answer").is_not_null()).select(kept).sort("at", "event_id").collect()
    if told.is_empty():
        return []
    types = seen.evidence.tables["tasks"].select("task_id", "task_type").collect()
    given = told.unique(["agent_id", *TRIAL, "answer"], keep="first", maintain_order=True)
    trials = _agreement(given.join(types, on="task_id", how="left"))
    shared = _shared(given)
    pairs = _expected(_matched(shared), given, trials)
    n, hits, expected = (pairs[name].cast(pl.Float64).to_numpy() for name in ("n", "hits", "expected"))
    units = pairs.with_columns(
        kind=pl.lit(SUBMISSION),
        agent_id=pl.col("first"),
        about=pl.col("second"),
        user_id=pl.lit(None, pl.String),
        team_id=pl.lit(None, pl.String),
        statistic=pl.col("hits").cast(pl.Float64),
        p_value=pl.Series(spread_bound(hits, n, expected, LEAST_SPREAD)),
    )
    n_agents = given["agent_id"].n_unique()
    n_tested = max(min(int(trials["pairs"].sum()), n_agents * (n_agents - 1) // 2), units.height)
    return [Look(units, told.height, lambda flagged: _both(shared.lazy(), flagged), _sentence(), n_tested)]


def _agreement(given: pl.DataFrame) -> pl.DataFrame:
    """Of each trial its pairs of answers, how many agree, and how often answers to such tasks agree."""
    holders = given.group_by(*TRIAL, "task_type", "answer").agg(c=pl.len().cast(pl.Int64))
    c = pl.col("c")
    trials = holders.group_by(*TRIAL, "task_type").agg(agree=(c * (c - 1) // 2).sum(), m=c.sum())
    trials = trials.with_columns(pairs=pl.col("m") * (pl.col("m") - 1) // 2).sort(*TRIAL)
    of_type = [pl.col(name).sum().over("task_type", "verdict").alias(f"type_{name}") for name in ("agree", "pairs")]
    trials = trials.with_columns(of_type)
    usual = trials["type_agree"].to_numpy() / np.maximum(trials["type_pairs"].to_numpy(), 1)
    return trials.with_columns(usual=pl.Series(usual))


def _shared(given: pl.DataFrame) -> pl.DataFrame:
    """Each answer that two agents share, with the events of both; the agent with the smaller id is the first."""
    rare = given.filter(pl.len().over(*TRIAL, "answer").is_between(2, MOST_HOLDERS))
    both = rare.join(rare, on=[*TRIAL, "answer"], suffix="_second").filter(
        pl.col("agent_id") < pl.col("agent_id_second")
    )
    return both.filter(~_is_same_model()).rename({"agent_id": "first", "agent_id_second": "second"})


def _is_same_model() -> pl.Expr:
    """Agents with one model behind them err alike: what they share says nothing of the pair."""
    return (pl.col("model") == pl.col("model_second")).fill_null(value=False)


def _matched(shared: pl.DataFrame) -> pl.DataFrame:
    of_pair = shared.select(*PAIR, *TRIAL).unique().group_by(*PAIR).agg(hits=pl.len().cast(pl.Int64))
    return of_pair.filter(pl.col("hits") >= MIN_EXCESS).sort(*PAIR)


def _expected(pairs: pl.DataFrame, given: pl.DataFrame, trials: pl.DataFrame) -> pl.DataFrame:
    """Of each pair in how many trials both answered (n), and in how many of them agents like them would agree.

    In a trial that is the share of all its other pairs that agree, with one pair more at the usual share.
    """
    per_trial = given.unique(["agent_id", *TRIAL], keep="first", maintain_order=True)
    one = pairs.join(per_trial.select("agent_id", *TRIAL, "model"), left_on="first", right_on="agent_id")
    other = per_trial.select("agent_id", *TRIAL, model_second="model")
    both = one.join(other, left_on=["second", *TRIAL], right_on=["agent_id", *TRIAL]).filter(~_is_same_model())
    cells = both.join(trials, on=TRIAL).sort(*PAIR, *TRIAL)
    if cells.is_empty():
        return pairs.with_columns(n=pl.lit(0, pl.Int64), expected=pl.lit(0.0)).clear()
    share = (cells["agree"].to_numpy() + cells["usual"].to_numpy()) / np.maximum(cells["pairs"].to_numpy(), 1)
    starts = first_rows(cells, PAIR)
    n = np.diff(np.append(starts, cells.height))
    expected = np.add.reduceat(np.minimum(share, 1.0), starts)
    return cells[starts].select(*PAIR, "hits").with_columns(n=pl.Series(n), expected=pl.Series(expected))


def _both(shared: pl.LazyFrame, flagged: pl.LazyFrame) -> pl.LazyFrame:
    """The events of both agents, task by task, the last answers first."""
    found = shared.join(flagged.select("unit", *PAIR), on=PAIR)
    later = -pl.max_horizontal("at", "at_second").dt.epoch("s").cast(pl.Float64)
    told = ("event_id", "at", "user_id", "team_id")
    first = found.select("unit", *told, telling=later)
    second = found.select("unit", *(pl.col(f"{name}_second").alias(name) for name in told), telling=later)
    return pl.concat([first, second])


def _sentence() -> pl.Expr:
    return pl.format(
        "two agents gave the same answer to {} of {} tasks that both answered, both rightly or both wrongly; by how "
        "often answers to these tasks agree, {} were to be expected. A shared tool, one user's cached results, or one "
        "model behind both that the log does not name would look the same.",
        pl.col("hits"),
        pl.col("n"),
        pl.col("expected").round(1),
    )
