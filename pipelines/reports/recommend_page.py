"""Which agents are advised to a user or a team, for any kind of work, as read from a published season.

The model is fitted to the published calls anew, so that any work can be asked for, and says what the published table
says. Not here: how it looks (recommend_view.py), how it is reckoned (insight/advice/recommend.py), advice to an agent
(next_task_page.py).
"""

from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.game.faults import PodiumError
from pipelines.game.records import COMPLEXITIES
from pipelines.insight.advice.recommend import MOST_KINDS, recommended
from pipelines.insight.advice.subject_use import KIND, SUBJECT, SubjectUse
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.trials import Trials
from pipelines.reports.calls_part import count_derived
from pipelines.reports.choices import Misuse, one_of
from pipelines.reports.reading import Reading

CANNOT_KNOW = (
    "Users chose agents and work themselves: what is measured goes together, and is no effect of the agent.",
    "Categories and difficulties are what callers say; an agent may have changed under its name.",
    "An interval holds what the model is unsure of, not what it gets wrong.",
)
_COLUMNS = ("at", "known_at", "user_id", "agent_id", "team_id", "category", "complexity", "success")


@dataclass(frozen=True)
class RecommendPage:
    """Advice to one subject. `kinds`: category, difficulty, calls (of the subject) of each kind of work that is shown;
    `rows`: rows of `agent_recommendations` for these.

    `n_calls`: of the subject; `n_all`: of everybody, `n_derived` of them with a success that nobody judged.
    `is_of_others`: whether the kinds are those that everybody has, for the subject had none that fits.
    """

    reading: Reading
    subject_type: str
    subject_id: str
    n_calls: int
    n_all: int
    n_derived: int
    kinds: list[dict[str, Any]]
    is_of_others: bool
    rows: pl.DataFrame

    def advice(self, kind: dict[str, Any]) -> list[dict[str, Any]]:
        """The rows for one kind of work."""
        is_of = [pl.col(name).eq_missing(kind[name]) for name in KIND]
        return self.rows.filter(is_of).drop(*SUBJECT, *KIND).to_dicts()

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        return {
            "subject_type": self.subject_type,
            "subject_id": self.subject_id,
            "as_of": self.reading.as_of,
            "rulebook": self.reading.fingerprint,
            "generation": self.reading.generation.id,
            "n_calls": self.n_calls,
            "n_calls_of_all": self.n_all,
            "n_calls_derived": self.n_derived,
            "kinds": [{**kind, "advice": self.advice(kind)} for kind in self.kinds],
            "cannot_know": list(CANNOT_KNOW),
        }


def recommend_page(
    reading: Reading,
    *,
    user: str | None = None,
    team: str | None = None,
    category: str | None = None,
    difficulty: str | None = None,
    top: int | None = None,
) -> RecommendPage:
    """Advice to a user or a team for a kind of work; without one for its `top` most frequent (at most MOST_KINDS).

    Raises Misuse for what does not exist, with close matches, and PodiumError where there is nothing to advise from.
    """
    subject_type, subject_id = _subject(reading, user, team)
    evidence = _evidence(reading)
    trials = Trials.of(evidence, CALL)
    if trials.events.is_empty():
        raise PodiumError("No call of an agent is published, so there is nothing that advice could be made from.")
    if category is not None:
        category = one_of(category, trials.categories.drop_nulls().to_list(), "category")
    if difficulty is not None:
        difficulty = one_of(difficulty, COMPLEXITIES, "difficulty")
    use = SubjectUse.of(evidence)
    own = use.rows.filter(subject_type=subject_type, subject_id=subject_id)
    kinds, is_of_others = _kinds(use, own, category, difficulty, min(top or MOST_KINDS, MOST_KINDS))
    asked = kinds.select(pl.lit(subject_type).alias(SUBJECT[0]), pl.lit(subject_id).alias(SUBJECT[1]), *KIND)
    return RecommendPage(
        reading,
        subject_type,
        subject_id,
        n_calls=int(own["calls"].sum()),
        n_all=trials.events.height,
        n_derived=int(reading.collect(count_derived(reading.table("agent_calls"))).item()),
        kinds=kinds.to_dicts(),
        is_of_others=is_of_others,
        rows=recommended(evidence, SkillModel.of(trials), use, asked),
    )


def advice(reading: Reading, **asked: str | None) -> pl.DataFrame:
    """The rows of `recommend_page` alone, in the order of `agent_recommendations`."""
    return recommend_page(reading, **asked).rows  # type: ignore[arg-type] # `top` is not asked for


def _subject(reading: Reading, user: str | None, team: str | None) -> tuple[str, str]:
    if (user is None) == (team is None):
        raise Misuse("Say whom to advise, one of: a user (--user U), a team (--team T), an agent (--agent A).")
    what, asked = ("user", user) if user is not None else ("team", team)
    known = reading.collect(reading.table(f"{what}_stats").select(f"{what}_id"))[f"{what}_id"].to_list()
    return what, one_of(str(asked), known, what)


def refuse_if_off(reading: Reading) -> None:
    """Raise PodiumError for a season whose rules turn insight off."""
    if not reading.rules.insight.enabled:
        raise PodiumError(
            "The rules of this season turn insight off (`[insight] enabled = false`): nothing is advised."
        )


def _evidence(reading: Reading) -> Evidence:
    """The published calls as evidence: only what the model and the use of agents are made of."""
    refuse_if_off(reading)
    calls = reading.collect(reading.table("agent_calls").select(_COLUMNS))
    return Evidence({"agent_calls": calls.lazy()}, reading.rules, reading.as_of)


def _kinds(
    use: SubjectUse, own: pl.DataFrame, category: str | None, difficulty: str | None, top: int
) -> tuple[pl.DataFrame, bool]:
    """The kinds of work to advise for, with the subject's calls; and whether they are those that everybody has."""
    if category is not None and difficulty is not None:
        is_asked = (pl.col("category") == category) & (pl.col("difficulty") == difficulty)
        n = int(own.filter(is_asked)["calls"].sum())
        schema = {"category": pl.String(), "difficulty": pl.String(), "calls": pl.Int64()}
        return pl.DataFrame([(category, difficulty, n)], schema, orient="row"), False
    given = {name: value for name, value in (("category", category), ("difficulty", difficulty)) if value is not None}
    found = _most_frequent(own.filter(**given) if given else own, top)
    if found.height:
        return found, False
    everybody = use.rows.filter(subject_type="user")
    fitting = _most_frequent(everybody.filter(**given) if given else everybody, top)
    if fitting.is_empty():  # nobody had work of that difficulty: what is most frequent, were it so difficult
        fitting = _most_frequent(everybody.with_columns(pl.lit(difficulty).alias("difficulty")), top)
    return fitting.with_columns(calls=pl.lit(0, pl.Int64)), True


def _most_frequent(rows: pl.DataFrame, top: int) -> pl.DataFrame:
    sums = rows.group_by(KIND).agg(pl.col("calls").sum())
    return sums.sort("calls", *KIND, descending=[True, False, False]).head(top)
