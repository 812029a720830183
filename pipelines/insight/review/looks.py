"""What a detector sees and what it hands over: trials with what the log says of them, and looks at units of them.

Here: how surprising units become flags with their most telling events. Not here: what is looked for (the other
`anomaly_*.py`), the tables and the list of detectors (anomalies.py).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import polars as pl

from pipelines.insight.evidence import Evidence
from pipelines.insight.false_finds import q_values

MOST_EVENTS = 20  # of a flag: enough to see what it is about
INVITES = "Worth a look: "  # how every sentence begins: a flag asks, and accuses nobody
WHO = ("agent_id", "user_id", "team_id")
UNITS = {  # what a look holds of each unit; more columns are for its sentence
    **dict.fromkeys(("kind", "agent_id", "user_id", "team_id", "about"), pl.String()),
    **dict.fromkeys(("statistic", "expected", "p_value"), pl.Float64()),
}
TRAITS = {"verifier_id": ("verifier_id", "judge_id"), "answer": ("answer_sha256", "answer")}  # in `extra`, first found


@dataclass(frozen=True)
class Seen:
    """All that detectors are given: the evidence, the measured difficulty of tasks, the measured skill of agents."""

    evidence: Evidence
    task_difficulty: pl.DataFrame
    agent_skill: pl.DataFrame

    @property
    def least(self) -> int:
        """Events below which no unit is compared with others."""
        return self.evidence.rules.insight.min_attempts

    @cached_property
    def named(self) -> dict[str, int]:
        """How many calls and submissions that are not void there are, and how many have each name in their `extra`."""
        names = [name for given in TRAITS.values() for name in given]
        in_extra = [pl.col("extra").str.contains(f'"{name}"', literal=True).sum().alias(name) for name in names]
        held = [self.submissions.select(pl.len().alias("submissions"), *in_extra), self.calls.select(calls=pl.len())]
        return {name: int(n or 0) for frame in pl.collect_all(held) for name, n in frame.row(0, named=True).items()}

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many calls and submissions there are, and how many whose `extra` has each trait."""
        traits = {trait: sum(self.named[name] for name in names) for trait, names in TRAITS.items()}
        return {"calls": self.named["calls"], "submissions": self.named["submissions"], **traits}

    @property
    def submissions(self) -> pl.LazyFrame:
        """Submissions that are not void, at the instant they were handed in."""
        held = self.evidence.tables["submissions"].filter(pl.col("verdict") != "void")
        return held.with_columns(at=pl.col("submitted_at"))

    @property
    def judged(self) -> pl.LazyFrame:
        """Those that were verified or rejected, with `verifier_id` and `answer` where their `extra` tells them."""
        traits = [_trait([name for name in names if self.named[name]]).alias(trait) for trait, names in TRAITS.items()]
        return self.submissions.filter(pl.col("verdict") != "pending").with_columns(traits)

    @cached_property
    def judged_by(self) -> pl.DataFrame:
        """How many judged submissions (`n`) each verifier has of each agent, user and team; sorted."""
        keys = ["team_id", "agent_id", "user_id", "verifier_id"]
        told = self.judged.filter(pl.col("verifier_id").is_not_null())
        return told.group_by(keys).agg(n=pl.len().cast(pl.Int64)).collect().sort(keys)

    @property
    def calls(self) -> pl.LazyFrame:
        """All calls, at the instant they finished."""
        return self.evidence.tables["agent_calls"]

    @property
    def tried(self) -> pl.LazyFrame:
        """Counted submissions with the `label` and the measured difficulty of their task, where there is one."""
        measured = self.task_difficulty.lazy().select("task_id", "difficulty_logit", "sd", "label_logit")
        labels = self.evidence.tables["tasks"].select("task_id", "task_type", label="difficulty")
        counted = self.submissions.filter("is_counted")
        return counted.join(labels, on="task_id", how="inner").join(measured, on="task_id", how="left")


@dataclass(frozen=True)
class Look:
    """A look at units of one kind.

    `units`: the columns of UNITS, in a total order. `events`: given the flagged units (with a column `unit`), the
    events that tell: `unit`, event_id, at, user_id, team_id and `telling`, the most telling with the least number.
    `sentence`: of a flagged unit, after "Worth a look: ". `n_events`: those looked through. `n_tested`: where `units`
    leaves out such that nobody could flag, how many there are with them.
    """

    units: pl.DataFrame
    n_events: int
    events: Callable[[pl.LazyFrame], pl.LazyFrame]
    sentence: pl.Expr
    n_tested: int | None = None


def _trait(names: Sequence[str]) -> pl.Expr:
    """A field that the contract does not know, from the JSON of those that the log had beside it; null without."""
    if not names:
        return pl.lit(None, pl.String)
    told = pl.col("extra")
    return pl.coalesce(told.str.json_path_match(f"$.{name}").str.strip_chars().replace("", None) for name in names)


def hits_of(events: pl.LazyFrame, keys: Sequence[str], telling: pl.Expr) -> Callable[[pl.LazyFrame], pl.LazyFrame]:
    """The events of units that are known by their `keys`."""

    def of(flagged: pl.LazyFrame) -> pl.LazyFrame:
        held = [name for name in ("user_id", "team_id", "event_id", "at") if name not in keys]
        told = events.select(*keys, *held, telling=telling.cast(pl.Float64))
        found = told.join(flagged.select("unit", *keys), on=keys, nulls_equal=True)
        return found.select("unit", "event_id", "at", "user_id", "team_id", "telling")

    return of


def compared(units: pl.DataFrame, kind: str, about: str | None = None) -> pl.DataFrame:
    """Units with hits and expected as a look holds them. `about`: the column that says what else each is about."""
    none = pl.lit(None, pl.String)
    whose = [none.alias(name) for name in WHO if name not in units.columns]
    named = pl.col(about) if about else none
    return units.with_columns(*whose, kind=pl.lit(kind), about=named, statistic=pl.col("hits").cast(pl.Float64))


def flags_of(looks: Sequence[Look], false_flags: float) -> tuple[pl.DataFrame, int]:
    """The flags of a detector, and how many units it tested.

    A unit is flagged if at most `false_flags` of the flags like it are expected to mean nothing; one without a
    `p_value` is a fact, no matter of chance, and always flagged. The looks of a detector are judged together.
    """
    p = pl.concat([look.units["p_value"] for look in looks])
    n_tests = sum(look.units.height if look.n_tested is None else look.n_tested for look in looks)
    by_chance = p.drop_nulls().to_numpy()
    q = pl.Series("q_value", [None] * len(p), dtype=pl.Float64)
    if len(by_chance):
        q = q.scatter(p.is_not_null().arg_true(), q_values(by_chance, n_tests))
    flagged, start = [], 0
    for look in looks:
        its = look.units.with_columns(q.slice(start, look.units.height)).with_row_index("unit")
        start += look.units.height
        raised = its.filter(pl.col("q_value").is_null() | (pl.col("q_value") <= false_flags))
        if raised.height:
            flagged.append(_with_events(raised, look))
    return (pl.concat(flagged) if flagged else pl.DataFrame()), n_tests


def _with_events(raised: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Flagged units with their events: the last one says when, of which user and in which team."""
    events = look.events(raised.lazy()).collect()
    last = events.sort("unit", "at", "event_id").group_by("unit", maintain_order=True)
    when = last.agg(pl.len().alias("n_events"), *(pl.col(name).last() for name in ("at", "user_id", "team_id")))
    first = events.sort("unit", "telling", "at", "event_id").group_by("unit", maintain_order=True)
    told = first.agg(event_ids=pl.col("event_id").head(MOST_EVENTS))
    whole = raised.join(when, on="unit", suffix="_last").join(told, on="unit").sort("unit")
    return whole.select(
        *("kind", "agent_id", "about", "at", "event_ids", "n_events"),
        *(pl.col(name).round_sig_figs(3) for name in ("p_value", "q_value")),
        *(pl.coalesce(name, f"{name}_last").alias(name) for name in ("user_id", "team_id")),
        *(pl.col(name).round(3) for name in ("statistic", "expected")),
        sentence=pl.concat_str(pl.lit(INVITES), look.sentence),
    )
