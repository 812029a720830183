"""How each agent did each day: success, time, quality, what it earned, and which work it had.

Here: the table `agent_performance_daily`. Not here: counting (daily_work.py), what follows from the days (trends.py).
"""

import polars as pl

from pipelines.game.contract import DAY, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.shares import part_of
from pipelines.insight.evidence import CALL, KINDS, SUBMISSION, Evidence
from pipelines.insight.growth.daily_work import MICRO, N_LEVELS, OF_MEANS
from pipelines.insight.proportions import told

LEVELS = ("n_easy", "n_medium", "n_hard", "n_hardest")
_ROUND = 6  # decimals of published shares and seconds

AGENT_PERFORMANCE_DAILY = Table(
    name="agent_performance_daily",
    grain="One row per agent, kind of trial and local day with a call or a counted submission",
    columns=(
        Column("agent_id", TEXT, "the agent"),
        Column("kind", TEXT, "whether its calls or its counted submissions", words=KINDS),
        Column("day", DAY, "the calendar day in the rulebook's zone"),
        Column("attempts", WHOLE, "calls that ended, or counted submissions, that day", low=1),
        Column("successes", WHOLE, "successful calls, or verified submissions", low=0),
        Column("success_share", NUMBER, "successes / attempts", low=0, high=1),
        Column("success_lo95", NUMBER, "Wilson 95 % lower bound of it", low=0, high=1),
        Column("success_hi95", NUMBER, "Wilson 95 % upper bound of it", low=0, high=1),
        Column(
            "expected_successes",
            NUMBER,
            "successes that all agents together have, over all days, in as many attempts of the same category "
            "(problem) and difficulty",
            low=0,
        ),
        Column("n_durations", WHOLE, "attempts whose duration is told; of a submission from claim to hand-in", low=0),
        Column("p50_duration_s", NUMBER, "their median duration", nullable=True, low=0),
        Column("p90_duration_s", NUMBER, "90 % of them took up to so long", nullable=True, low=0),
        Column("n_quality", WHOLE, "calls with a score", low=0),
        Column("mean_quality", NUMBER, "mean of the calls' mean scores", nullable=True, low=0, high=1),
        Column("xp", WHOLE, "XP of that day's calls; null for submissions", nullable=True, low=0),
        Column("points", WHOLE, "points earned that day; null for calls", nullable=True, low=0),
        Column("n_users", WHOLE, "users it worked for", low=0),
        Column("n_categories", WHOLE, "categories (problems) among the attempts", low=0),
        Column("n_easy", WHOLE, "attempts at simple calls or easy tasks", low=0),
        Column("n_medium", WHOLE, "attempts at medium ones", low=0),
        Column("n_hard", WHOLE, "attempts at complex calls or hard tasks", low=0),
        Column("n_hardest", WHOLE, "attempts at expert calls or extreme tasks", low=0),
        Column("n_difficulties", WHOLE, "attempts whose difficulty is told: the sum of these four", low=0),
        Column("mean_difficulty", NUMBER, "their mean, from 0 easy to 3 hardest", nullable=True, low=0, high=3),
        Column("easy_share", NUMBER, "n_easy / n_difficulties", nullable=True, low=0, high=1),
    ),
    sort_by=("agent_id", "kind", "day"),
)


def performance(evidence: Evidence, days: pl.DataFrame) -> pl.DataFrame:
    """The table. `days`: `daily_work` of the same evidence."""
    if days.is_empty():
        return AGENT_PERFORMANCE_DAILY.empty()
    earned = evidence.tables["agent_days"].select("agent_id", "day", "xp", "points").collect()
    levels = {name: pl.col(f"n_level_{level}") for level, name in enumerate(LEVELS)}
    steps = sum((level * pl.col(f"n_level_{level}") for level in range(1, N_LEVELS)), pl.lit(0))
    frame = (
        days.join(earned, on=["agent_id", "day"], how="left", maintain_order="left")
        .with_columns(**levels, n_difficulties=pl.sum_horizontal(levels.values()))
        .with_columns(
            *told("success", pl.col("successes"), pl.col("attempts")),
            expected_successes=pl.col("expected") / MICRO,
            mean_quality=part_of(pl.col("quality") / (OF_MEANS * MICRO), "n_quality"),
            xp=pl.when(kind=CALL).then(pl.col("xp").fill_null(0)),
            points=pl.when(kind=SUBMISSION).then(pl.col("points").fill_null(0)),
            mean_difficulty=part_of(steps, "n_difficulties"),
            easy_share=part_of("n_easy", "n_difficulties"),
        )
    )
    rounded = [c.name for c in AGENT_PERFORMANCE_DAILY.columns if c.dtype == NUMBER]
    return AGENT_PERFORMANCE_DAILY.shape(frame.with_columns(pl.col(rounded).round(_ROUND)))
