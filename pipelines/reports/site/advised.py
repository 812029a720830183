"""Which agents are advised to users and teams with a page, kind of work by kind of work: of `agent_recommendations`.

Here: the rows, the most frequent work of each first, and how their numbers read. Not here: the choice and its reasons
(insight/advice/recommend.py), the page of all (advice_pages.py), how a part looks (templates/advised.html.j2).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.insight.advice.recommend import SLOTS
from pipelines.insight.advice.subject_use import KIND, NOW_DAYS, SUBJECT, TEAM, USER
from pipelines.reports.advice_words import FEW, few_in_all, work_of
from pipelines.reports.calls_part import count_derived, not_judged
from pipelines.reports.quantities import chance, counted, percent, signed
from pipelines.reports.site.held import Held
from pipelines.reports.site.profile_parts import command
from pipelines.reports.terminal import safe

TABLE = "agent_recommendations"
MOST = 6  # kinds of work that a profile tells, the most frequent ones
NAMES = {"1": "first", "2": "second", "3": "third", "explore": "worth a try"}
KEYS = ((TEAM, "team_id"), (USER, "user_id"))


@dataclass(frozen=True)
class Work:
    """A kind of work of a subject: in words, the subject's calls, the agent in use, and rows of advice, best first."""

    name: str
    n_calls: int
    current: str | None
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Advised:
    """The part of a profile. `n_left`: kinds of work with advice that are not told; `caution`: where calls are few."""

    works: Sequence[Work]
    n_left: int
    caution: str
    command: str
    now_days: int = NOW_DAYS


@dataclass(frozen=True)
class AllAdvised:
    """Rows of `agent_recommendations` of users and teams with a page, and `calls` and `place` of their kinds of work.

    `by`: by subject_type and subject_id, the most frequent work first; `n_calls`: of all work of each; `n_all`: of
    everybody, `n_derived` of them with a success that nobody judged.
    """

    by: Mapping[tuple[str, str], pl.DataFrame]
    n_calls: Mapping[tuple[str, str], int]
    n_all: int
    n_derived: int

    @classmethod
    def of(cls, held: Held, **chosen: Sequence[str]) -> "AllAdvised":
        """Of these: `user`, `team`. Of none in a season that was published before there was such a table."""
        if not held.has(TABLE):
            return cls({}, {}, 0, 0)
        use = pl.concat([_use(held, kind, key, chosen.get(kind, ())) for kind, key in KEYS])
        asked = [
            (pl.col("subject_type") == kind) & pl.col("subject_id").is_in(_ids(chosen.get(kind, ())))
            for kind, _ in KEYS
        ]
        rows = held.collect(held.table(TABLE).filter(pl.any_horizontal(asked)))
        rows = rows.join(use, on=[*SUBJECT, *KIND], how="left", nulls_equal=True, maintain_order="left")
        rows = rows.with_columns(pl.col("calls").fill_null(0), nth=_nth()).sort(
            *SUBJECT, "calls", *KIND, "nth", descending=[False, False, True, False, False, False]
        )
        rows = rows.with_columns(place=pl.struct(KIND).rle_id().over(SUBJECT))
        totals = use.group_by(SUBJECT).agg(pl.col("calls").sum())
        calls = held.table("agent_calls")
        n_all, n_derived = (held.collect(n).item() for n in (calls.select(pl.len()), count_derived(calls)))
        return cls(_by(rows), {(kind, name): n for kind, name, n in totals.iter_rows()}, n_all, n_derived)

    @property
    def caution(self) -> str:
        """What to mind where there are few calls in all; empty of many."""
        return few_in_all(self.n_all)

    @property
    def unjudged(self) -> str:
        """Of how many calls nobody judged the success; empty if all were judged."""
        return not_judged(self.n_derived, self.n_all)

    def part(self, kind: str, name: str) -> Advised | None:
        """The part of the page of a user or team; None without advice."""
        rows = self.by.get((kind, name))
        if rows is None:
            return None
        works = list(_works(rows.filter(pl.col("place") < MOST)))
        n_left = n_works(rows) - len(works)
        n = self.n_calls[kind, name]
        ways = "their own ways" if kind == USER else "its own ways"
        own = f"{counted(n, 'call')} of this {kind}: too few to know {ways}, so this is what all calls say."
        caution = " ".join(said for said in (own if n < FEW else "", self.caution) if said)
        return Advised(works, n_left, caution, command("recommend", options=(f"--{kind}", name)))


def n_works(rows: pl.DataFrame) -> int:
    """How many kinds of work the rows of one subject are about."""
    return int(rows["place"][-1]) + 1


def told(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row with `name` of its slot and what is drawn in words: `chance`, `chance_within`, `lift`, `lift_within`."""
    within = f"{chance(row['p_lo80'])} to {chance(row['p_hi80'])} %"
    lift, lift_within = None, ""
    if row["current_agent_id"] == row["agent_id"]:
        lift = "in use"
    elif row["lift_pp"] is not None:
        lift, lift_within = signed(row["lift_pp"]), f"{signed(row['lift_lo80'])} to {signed(row['lift_hi80'])}"
    words = {"name": NAMES[row["slot"]], "chance": percent(row["p_success"]), "chance_within": within}
    return {**row, **words, "lift": lift, "lift_within": lift_within, "reason": safe(row["reason_text"])}


def _works(rows: pl.DataFrame) -> Iterator[Work]:
    """Kinds of work, in the order of the rows."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows.iter_rows(named=True):
        found.setdefault(row["place"], []).append(row)
    for held in found.values():
        first = held[0]
        yield Work(work_of(first), first["calls"], first["current_agent_id"], [told(row) for row in held])


def _use(held: Held, kind: str, key: str, names: Sequence[str]) -> pl.DataFrame:
    """How many calls these made of each kind of work: subject_type, subject_id, category, difficulty, calls."""
    calls = held.table("agent_calls").filter(pl.col(key).is_in(_ids(names)))
    counted = calls.group_by(key, "category", "complexity").agg(calls=pl.len().cast(pl.Int64))
    named = counted.select(
        pl.col(key).alias("subject_id"), "category", "calls", subject_type=pl.lit(kind), difficulty="complexity"
    )
    return held.collect(named.select(*SUBJECT, *KIND, "calls"))


def _ids(names: Sequence[str]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).implode()


def _nth() -> pl.Expr:
    return pl.col("slot").replace_strict(list(SLOTS), range(len(SLOTS)), return_dtype=pl.Int64)


def _by(rows: pl.DataFrame) -> dict[tuple[str, str], pl.DataFrame]:
    parts = rows.partition_by(SUBJECT, as_dict=True, maintain_order=True)
    return {(str(kind), str(name)): part for (kind, name), part in parts.items()}
