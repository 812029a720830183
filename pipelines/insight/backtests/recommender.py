"""Does the advice work? What it would have been worth on the calls of a log, beside simple rules and what was done.

On days past each policy chooses for the work that really came next, by what was known then (rolling.py); the choices
are judged doubly robustly (doubly_robust.py). Here: the published table `recommender_backtest` and the gate over it. Of
calls alone: for submissions agents choose their tasks, and nobody is advised which agent to take.
"""

from typing import Any

import numpy as np
import polars as pl

from pipelines.game.contract import FLAG, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.backtests.doubly_robust import JUDGED, MOST_WEIGHT, Judged
from pipelines.insight.backtests.policies import BASELINES, OURS
from pipelines.insight.backtests.resampling import ends_90
from pipelines.insight.backtests.rolling import Rolling
from pipelines.insight.backtests.words import row_sentence
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.gates import FAILED, INCONCLUSIVE, PASSED, Gate, Verdict
from pipelines.insight.skill.trials import Numbers

LEAST_EVIDENCE = 50  # effective calls: with fewer a handful of them decides
BETTER, WORSE, UNDECIDED = "better", "worse", "inconclusive"
ADVICE = "a backtest of advice"
_DIGITS = 6
_SAME = 1e-9

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
        Column("diff_hi90", NUMBER, "upper end of it, allowing for several rules that vied to be best", nullable=True),
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
    value = judged.worth.mean(axis=0)
    draws = judged.groups.draws(judged.worth, evidence.rules.insight.seed)
    rivals = _rivals(judged.n_effective())
    best = max(rivals, key=lambda place: float(value[place].round(_DIGITS)))
    rows = []
    for place, policy in enumerate(JUDGED):
        row: dict[str, Any] = {"kind": CALL, "policy": policy, "n": len(judged.worth)}
        row |= {"n_origins": len(rolling.origins), "n_users": judged.groups.n_users}
        row |= {"is_ours": policy == OURS, "is_best_baseline": place == best}
        row |= _figures(judged, value, draws, place)
        if place != best:
            row |= _difference(value, draws, place, best, rivals) | {"verdict": UNDECIDED}
            if "diff_lo90" in row and judged.n_effective()[place] >= LEAST_EVIDENCE:
                row["verdict"] = _verdict(row["diff_lo90"], row["diff_hi90"])
        rows.append(row | {"sentence": row_sentence(row, JUDGED[best], is_of_days=judged.groups.are_days)})
    return RECOMMENDER_BACKTEST.shape(
        pl.DataFrame(rows, schema=RECOMMENDER_BACKTEST.schema).sort(RECOMMENDER_BACKTEST.sort_by)
    )


def recommender_gate(backtest: pl.DataFrame) -> Gate:
    """Whether advice is better than the best simple rule: failed only where it is shown to be worse."""
    ours = backtest.filter("is_ours").to_dicts()
    if not ours:
        return Gate(
            "recommender",
            INCONCLUSIVE,
            "No advice was tested: there are no calls, or insight is switched off.",
            {"n": 0},
        )
    row = ours[0]
    names = ("n", "n_origins", "n_users", "value", "lo90", "hi90", "ess", "diff", "diff_lo90", "diff_hi90")
    figures = {name: row[name] for name in names if row[name] is not None}
    verdicts: dict[str, Verdict] = {BETTER: PASSED, UNDECIDED: INCONCLUSIVE, WORSE: FAILED}
    return Gate("recommender", verdicts[row["verdict"]], row["sentence"], figures)


def _rivals(n_effective: Numbers) -> list[int]:
    """The simple rules to be beaten. A value of a handful of calls is no bar, where another rests on more."""
    rules = [JUDGED.index(name) for name in BASELINES]
    return [place for place in rules if n_effective[place] >= LEAST_EVIDENCE] or rules


def _figures(judged: Judged, value: Numbers, draws: Numbers | None, place: int) -> dict[str, Any]:
    claimed = float(judged.claimed[:, place].mean())
    found = {
        "value": _share(float(value[place])),
        "ess": round(float(judged.n_effective()[place]), 1),
        "claimed": None if np.isnan(claimed) else _share(claimed),
    }
    if draws is None or _are_alike(draws[:, place]):
        return found
    low, high = ends_90(draws[:, place])
    return found | {"lo90": _share(low), "hi90": _share(high)}


def _difference(value: Numbers, draws: Numbers | None, place: int, best: int, rivals: list[int]) -> dict[str, float]:
    """How much a policy is worth beside the best simple rule.

    The best of several rules has been lucky too. Hence that one is worse than the best is said only as far as luck of
    the best of them does not reach (White's reality check, Econometrica 68, 2000).
    """
    difference = float(value[place] - value[best])
    found = {"diff": round(difference, _DIGITS)}
    if draws is None or _are_alike(draws[:, place] - draws[:, best]):
        return found
    others = [rival for rival in rivals if rival != place]
    luck = (draws[:, others] - draws[:, [place]] - (value[others] - value[place])).max(axis=1)
    low, _ = ends_90(draws[:, place] - draws[:, best])
    _, reach = ends_90(luck)
    ends = {"diff_lo90": min(low, difference), "diff_hi90": difference + max(reach, 0.0)}
    return found | {name: round(end, _DIGITS) for name, end in ends.items()}


def _are_alike(draws: Numbers) -> bool:
    """Whether all draws are one: users or days that do not differ tell nothing of how sure a value is."""
    return float(np.ptp(draws)) < _SAME


def _verdict(low: float, high: float) -> str:
    if low > 0:
        return BETTER
    return WORSE if high < 0 else UNDECIDED


def _share(value: float) -> float:
    """A doubly robust value may lie outside of what a share can be."""
    return round(min(max(value, 0.0), 1.0), _DIGITS)


def _untold(rolling: Rolling) -> dict[str, object]:
    """The row that says why there is none."""
    calls = "The only call" if rolling.n_trials == 1 else f"All {rolling.n_trials:,} calls"
    one_agent = f"{calls} went to one agent: there was nothing to choose."
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
