"""Boards by skill: who is how good on the same work, how sure that is, and which places can be told apart.

Here: the table `leaderboard_rated`. Not here: skill (ratings.py), its parts (ranks.py, adjusted.py, fragility.py),
boards of the game (game/leaderboards.py), which are of points.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import polars as pl

from pipelines.game.contract import FLAG, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.game.shares import part_of
from pipelines.insight.evidence import KINDS, Evidence
from pipelines.insight.proportions import wilson
from pipelines.insight.skill.adjusted import mix_adjusted
from pipelines.insight.skill.fragility import Influence
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.ranks import rank_intervals, shared_ranks, top_chances
from pipelines.insight.skill.ratings import DIGITS, DIRECT, OVERALL
from pipelines.insight.skill.trials import Codes, Numbers

ALL = "all"

MOST_CATEGORIES = 200  # of a kind have a board of their own: the most tried

LEADERBOARD_RATED = Table(
    name="leaderboard_rated",
    grain="One row per board of skill and agent with trials that count for it",
    columns=(
        Column(
            "board",
            TEXT,
            "call or submission; of one category `call:<category>`, of one problem `submission:<problem>`: of the "
            "200 with most trials",
        ),
        Column("window", TEXT, "always all: old trials count, but say less of now", words=(ALL,)),
        Column("kind", TEXT, "whether of calls or of counted submissions", words=KINDS),
        Column("category", TEXT, "the category or problem; null on boards of all", nullable=True),
        Column(
            "rank", WHOLE, "1 + agents whose score_lo90 is above this one's score_hi90: what overlaps, shares", low=1
        ),
        Column("agent_id", TEXT, "the agent"),
        Column("score", NUMBER, "rating: 1500 is the average agent of that kind, 400 more are odds ten times as good"),
        Column("score_lo90", NUMBER, "low end of its 90 % interval"),
        Column("score_hi90", NUMBER, "high end of its 90 % interval"),
        Column("rank_lo90", WHOLE, "best place in 90 % of draws from all agents' skills", low=1),
        Column("rank_hi90", WHOLE, "worst place in them", low=1),
        Column("p_top1", NUMBER, "probability that its skill is the best on the board", low=0, high=1),
        Column("p_top3", NUMBER, "probability that it is among the best three", low=0, high=1),
        Column("attempts", WHOLE, "trials on that board", low=1),
        Column("successes", WHOLE, "how many of them succeeded", low=0),
        Column("raw_accuracy", NUMBER, "successes / attempts, whatever the work was", low=0, high=1),
        Column("wilson_low", NUMBER, "Wilson 95 % lower bound of it", low=0, high=1),
        Column("raw_rank", WHOLE, "place by raw_accuracy; equals share it", low=1),
        Column(
            "mix_adjusted_accuracy",
            NUMBER,
            "expected success now if all had the same work: the categories and difficulties of all trials on the board",
            low=0,
            high=1,
        ),
        Column("mix_adjusted_lo90", NUMBER, "low end of its 90 % interval", low=0, high=1),
        Column("mix_adjusted_hi90", NUMBER, "high end of its 90 % interval", low=0, high=1),
        Column(
            "fragility",
            WHOLE,
            "of the agent of the highest score: fewest results (its successes, or one rival's failures) without which "
            "another would have the highest, estimated; null if there are none such",
            nullable=True,
            low=1,
        ),
        Column("fragility_by", TEXT, "who would then have the highest score", nullable=True),
        Column("is_provisional", FLAG, "fewer attempts on the board than `insight.min_attempts`"),
    ),
    sort_by=("board", "window", "rank", "agent_id"),
)


@dataclass(frozen=True)
class _Board:
    """Agents of one board as columns, the most skilled first, known by their codes."""

    agent: Codes
    skill: Numbers
    sd: Numbers
    frame: pl.DataFrame

    @classmethod
    def of(cls, frame: pl.DataFrame) -> "_Board":
        """Sorted by what agents are before how they are called."""
        frame = frame.sort(-pl.col("skill_logit"), "skill_sd", -pl.col("attempts"), "agent")
        agent, skill, sd = (frame[name].to_numpy() for name in ("agent", "skill_logit", "skill_sd"))
        return cls(agent, skill, sd, frame)


def leaderboard_rated(evidence: Evidence, models: Mapping[str, SkillModel], skill: pl.DataFrame) -> pl.DataFrame:
    """The table. `models`: by kind; `skill`: the table `agent_skill` made of them."""
    seed = evidence.rules.insight.seed
    boards = [board for model in models.values() for board in _boards(model, skill, seed)]
    if not boards:
        return LEADERBOARD_RATED.empty()
    frame = pl.concat(boards).with_columns(
        window=pl.lit(ALL),
        raw_accuracy=part_of("successes", "attempts"),
        wilson_low=wilson(pl.col("successes"), pl.col("attempts"))[0],
    )
    frame = frame.with_columns(raw_rank=pl.col("raw_accuracy").rank("min", descending=True).over("board"))
    shares = [c.name for c in LEADERBOARD_RATED.columns if c.dtype == NUMBER and not c.name.startswith("score")]
    return LEADERBOARD_RATED.shape(frame.with_columns(pl.col(shares).round(DIGITS))).sort(LEADERBOARD_RATED.sort_by)


def _boards(model: SkillModel, skill: pl.DataFrame, seed: int) -> Iterator[pl.DataFrame]:
    kind, influence = model.trials.kind, Influence.of(model)
    rows = skill.filter(kind=kind, evidence=DIRECT).with_columns(
        agent=pl.col("agent_id").rank("dense").cast(pl.Int64) - 1,
        board=pl.when(scope=OVERALL).then(pl.lit(kind)).otherwise(pl.format("{}:{}", pl.lit(kind), "category")),
    )
    codes = {name: code for code, name in enumerate(model.trials.categories)}
    tried = rows.filter(pl.col("category").is_not_null()).group_by("category").agg(pl.col("attempts").sum())
    most = tried.sort("attempts", "category", descending=[True, False]).head(MOST_CATEGORIES)["category"]
    rows = rows.filter((pl.col("board") == kind) | pl.col("category").is_in(most.implode()))
    for part in rows.partition_by("board", maintain_order=True):
        name = part["category"][0]
        yield _filled(model, influence, _Board.of(part), None if name is None else codes[name], seed)


def _filled(model: SkillModel, influence: Influence, board: _Board, category: int | None, seed: int) -> pl.DataFrame:
    frame, found = board.frame, influence.fragility(board.agent, board.skill, category)
    low, high = rank_intervals(board.skill, board.sd, seed)
    first, among_three = top_chances(board.skill, board.sd)
    adjusted = mix_adjusted(model, board.agent, board.sd, category)
    is_leader = pl.int_range(pl.len()) == 0
    return frame.select(
        "board", "kind", "category", "agent_id", "attempts", "successes", "is_provisional",
        score="rating",
        score_lo90="rating_lo90",
        score_hi90="rating_hi90",
        rank=shared_ranks(frame["rating_lo90"].to_numpy(), frame["rating_hi90"].to_numpy()),
        rank_lo90=low,
        rank_hi90=high,
        p_top1=first,
        p_top3=among_three,
        mix_adjusted_accuracy=adjusted.share,
        mix_adjusted_lo90=adjusted.low,
        mix_adjusted_hi90=adjusted.high,
        fragility=pl.when(is_leader).then(pl.lit(found and found.n_removed, WHOLE)),
        fragility_by=pl.when(is_leader).then(pl.lit(found and frame["agent_id"][found.by], TEXT)),
    )  # fmt: skip
