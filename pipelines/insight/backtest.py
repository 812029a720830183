"""Does the advice work? What it would have been worth on the calls of a log, beside simple rules and what was done.

On days past each policy chooses for the work that really came next, by what was known then (rolling.py); the choices
are judged doubly robustly (doubly_robust.py). Here: the published table `recommender_backtest` and the gate over it. Of
calls alone: for submissions agents choose their tasks, and nobody is advised which agent to take.
"""

import numpy as np
import polars as pl

from pipelines.game.contract import FLAG, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.backtest_words import row_sentence
from pipelines.insight.doubly_robust import JUDGED, MOST_WEIGHT, Judged
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.gates import FAILED, INCONCLUSIVE, PASSED, Gate, Verdict
from pipelines.insight.policies import BASELINES, OURS
from pipelines.insight.resampling import Groups, ends_90
from pipelines.insight.rolling import Rolling
from pipelines.insight.trials import Numbers

LEAST_EVIDENCE = 50  # effective calls: with fewer a handful of them decides
BETTER, WORSE, UNDECIDED = "better", "worse", "inconclusive"
ADVICE = "a backtest of advice"
_DIGITS = 6

RECOMMENDER_BACKTEST = Table(
    "recommender_backtest",
    "One row per way to choose an agent, on calls past; one row without figures where there are too few calls",
    (
        Column("kind", TEXT, "calls; of submissions nobody is advised which agent to take", words=(CALL,)),
        Column(
            "policy",
            TEXT,
            "`ours`: the first of the agents that are advised; `most_used`; the highest `raw_rate` of success, overall "
            "or `by_category`; the highest lower end of its 95 % interval (`wilson_by_category`); `logged`: as it was",
            words=JUDGED,
        ),
        Column("n", WHOLE, "calls that it chose for; in a row without figures all calls", low=0),
        Column("n_origins", WHOLE, "days past on which it chose, by what was known then", low=0),
        Column("n_users", WHOLE, "users whose calls they are", low=0),
        Column("value", NUMBER, "share of successes had it chosen, doubly robust", nullable=True, low=0, high=1),
        Column("lo90", NUMBER, "lower end of its 90 % interval; null with too few", nullable=True, low=0, high=1),
        Column("hi90", NUMBER, "upper end of it", nullable=True, low=0, high=1),
        Column(
            "ess",
            NUMBER,
            f"effective calls of which it chose the agent called (weights of at most {MOST_WEIGHT:g})",
            nullable=True,
            low=0,
        ),
        Column("claimed", NUMBER, "the share that it promised itself; null of `logged`", nullable=True, low=0, high=1),
        Column("diff", NUMBER, "its value less that of the best simple rule; null of that one", nullable=True),
        Column("diff_lo90", NUMBER, "lower end of the 90 % interval of that", nullable=True),
        Column("diff_hi90", NUMBER, "upper end of it", nullable=True),
        Column("is_ours", FLAG, "whether it is our advice"),
        Column(
            "is_best_baseline",
            FLAG,
            f"whether it has the highest value of the simple rules: of those with at least {LEAST_EVIDENCE} effective "
            "calls, if there are any",
        ),
        Column(
            "verdict", TEXT, "beside the best simple rule; null of that one", nullable=True,
            words=(BETTER, WORSE, UNDECIDED),
        ),
        Column("sentence", TEXT, "what that says"),
    ),
    ("kind", "policy"),
)  # fmt: skip


def recommender_backtest(evidence: Evidence, rolling: Rolling | None) -> pl.DataFrame:
    """The table `recommender_backtest`. `rolling`: the origins of the calls, None if there are no calls."""
    if rolling is None or not rolling.n_trials:
        return RECOMMENDER_BACKTEST.empty()
    if not rolling.is_told or rolling.n_agents < 2:
        return RECOMMENDER_BACKTEST.shape(pl.DataFrame([_untold(rolling)], schema=RECOMMENDER_BACKTEST.schema))
    judged = Judged.of(rolling)
    groups = Groups.of(judged.user, judged.day)
    value = judged.worth.mean(axis=0)
    draws = groups.draws(judged.worth, evidence.rules.insight.seed)
    best = _best_rule(value, judged.n_effective())
    rows = []
    for place, policy in enumerate(JUDGED):
        row: dict[str, object] = {"kind": CALL, "policy": policy, "n": judged.user.size}
        row |= {"n_origins": len(rolling.origins), "n_users": groups.n_users}
        row |= {"is_ours": policy == OURS, "is_best_baseline": policy == best}
        row |= _figures(judged, value, draws, place, JUDGED.index(best))
        rows.append(row | {"sentence": row_sentence(row, best, is_of_days=groups.are_days)})
    return RECOMMENDER_BACKTEST.shape(
        pl.DataFrame(rows, schema=RECOMMENDER_BACKTEST.schema).sort(RECOMMENDER_BACKTEST.sort_by)
    )


def recommender_gate(backtest: pl.DataFrame) -> Gate:
    """Whether advice is better than the best simple rule: failed only where it is shown to be worse."""
    ours = backtest.filter("is_ours").to_dicts()
    if not ours:
        return Gate("recommender", INCONCLUSIVE, "There are no calls to hold advice against.", {"n": 0})
    row = ours[0]
    names = ("n", "n_origins", "n_users", "value", "lo90", "hi90", "ess", "diff", "diff_lo90", "diff_hi90")
    figures = {name: row[name] for name in names if row[name] is not None}
    verdicts: dict[str, Verdict] = {BETTER: PASSED, UNDECIDED: INCONCLUSIVE, WORSE: FAILED}
    return Gate("recommender", verdicts[row["verdict"]], row["sentence"], figures)


def _best_rule(value: Numbers, n_effective: Numbers) -> str:
    """The simple rule to be beaten. A value that rests on a handful of calls is no bar, where another rests on more."""

    def place(name: str) -> tuple[bool, float]:
        at = JUDGED.index(name)
        return bool(n_effective[at] >= LEAST_EVIDENCE), round(float(value[at]), _DIGITS)

    return max(BASELINES, key=place)


def _figures(judged: Judged, value: Numbers, draws: Numbers | None, place: int, best: int) -> dict[str, object]:
    n_effective = float(judged.n_effective()[place])
    claimed = float(judged.claimed[:, place].mean())
    found: dict[str, object] = {
        "value": _share(float(value[place])),
        "ess": round(n_effective, 1),
        "claimed": None if np.isnan(claimed) else _share(claimed),
    }
    if draws is not None:
        found |= dict(zip(("lo90", "hi90"), map(_share, ends_90(draws[:, place])), strict=True))
    if place == best:
        return found
    found["diff"] = round(float(value[place] - value[best]), _DIGITS)
    found["verdict"] = UNDECIDED
    if draws is not None:
        low, high = ends_90(draws[:, place] - draws[:, best])
        found |= {"diff_lo90": round(low, _DIGITS), "diff_hi90": round(high, _DIGITS)}
        if n_effective >= LEAST_EVIDENCE and (low > 0 or high < 0):
            found["verdict"] = BETTER if low > 0 else WORSE
    return found


def _share(value: float) -> float:
    """A doubly robust value may lie outside of what a share can be."""
    return round(min(max(value, 0.0), 1.0), _DIGITS)


def _untold(rolling: Rolling) -> dict[str, object]:
    """The row that says why there is none."""
    one_agent = f"All {rolling.n_trials:,} calls went to one agent: there was nothing to choose."
    return {
        "kind": CALL,
        "policy": OURS,
        "n": rolling.n_trials,
        "n_origins": 0,
        "n_users": rolling.n_contexts,
        "is_ours": True,
        "is_best_baseline": False,
        "verdict": UNDECIDED,
        "sentence": rolling.why_not(ADVICE) if rolling.n_agents > 1 else one_agent,
    }
