"""Every figure of statistics, drawn from literal frames: what the tests of figures look at."""

import datetime as dt

import polars as pl

from pipelines.reports.figures import funnel, item_map, policies, quadrants, ratings, skill_months, skills, trust
from pipelines.reports.figures.canvas import Canvas

NAMES = [f"agent-{number:02}" for number in range(14)]
MARCH = dt.date(2026, 3, 1)


def every_figure(names: list[str] = NAMES) -> dict[str, Canvas]:
    """All kinds of figures of statistics, in which `names` are agents, categories, tasks and policies."""
    rated, points = board(names), pl.DataFrame({"agent_id": names, "points": [7 * n for n in range(len(names))]})
    return {
        "rating forest": ratings.rating_forest(rated),
        "rank ladder": ratings.rank_ladder(rated),
        "raw and adjusted": ratings.raw_and_adjusted(rated),
        "points and skill": quadrants.points_and_skill(rated, points),
        "skill map": skills.skill_map(skill(names)),
        "skill course": skill_months.skill_course(months(names[0]), names[0]),
        "funnel": funnel.funnel(skill(names)),
        "item map": item_map.item_map(skill(names, "submission"), tasks(names)),
        "reliability": trust.reliability(bins(10)),
        "coverage": trust.coverage(covered(names)),
        "policy values": policies.policy_values(backtest(names)),
    }


def nothing_drawn() -> dict[str, Canvas]:
    """The same figures of a season without trials."""
    rated, points = board([]), pl.DataFrame(schema={"agent_id": pl.String, "points": pl.Int64})
    return {
        "rating forest": ratings.rating_forest(rated),
        "rank ladder": ratings.rank_ladder(rated),
        "raw and adjusted": ratings.raw_and_adjusted(rated),
        "points and skill": quadrants.points_and_skill(rated, points),
        "skill map": skills.skill_map(skill([])),
        "skill course": skill_months.skill_course(months("a", 0), "a"),
        "funnel": funnel.funnel(skill([])),
        "item map": item_map.item_map(skill([]), tasks([])),
        "reliability": trust.reliability(bins(0)),
        "coverage": trust.coverage(covered([])),
        "policy values": policies.policy_values(backtest([])),
    }


def board(names: list[str], kind: str = "call") -> pl.DataFrame:
    """Rows of `leaderboard_rated` of one board: each rated 12 below the one before, every third provisional."""
    rows = [
        {
            "board": kind,
            "kind": kind,
            "category": None,
            "window": "all",
            "agent_id": name,
            "score": 1580.0 - 12 * place,
            "score_lo90": 1540.0 - 16 * place,
            "score_hi90": 1620.0 - 8 * place,
            "rank": 1 + place // 3,
            "rank_lo90": 1 + place // 2,
            "rank_hi90": min(place + 4, len(names)),
            "p_top1": 0.4 / (1 + place) ** 2,
            "p_top3": 0.8 / (1 + place),
            "attempts": 7 + 120 * place % 523,
            "raw_accuracy": 0.5 + 0.03 * (place % 14),
            "mix_adjusted_accuracy": 0.82 - 0.02 * (place % 14),
            "mix_adjusted_lo90": 0.72 - 0.02 * (place % 14),
            "mix_adjusted_hi90": 0.88 - 0.02 * (place % 14),
            "is_provisional": place % 3 == 2,
            "raw_rank": len(names) - place,
            "fragility": 3 if place == 0 else None,
            "fragility_by": names[-1] if place == 0 else None,
        }
        for place, name in enumerate(names)
    ]
    texts = dict.fromkeys(("board", "kind", "category", "window", "agent_id", "fragility_by"), pl.String)
    whole = dict.fromkeys(("rank", "rank_lo90", "rank_hi90", "attempts", "raw_rank", "fragility"), pl.Int64)
    numbers = ("score", "score_lo90", "score_hi90", "p_top1", "p_top3", "raw_accuracy", "mix_adjusted_accuracy",
               "mix_adjusted_lo90", "mix_adjusted_hi90")  # fmt: skip
    schema = {**texts, **whole, **dict.fromkeys(numbers, pl.Float64), "is_provisional": pl.Boolean}
    return pl.DataFrame(rows, schema=schema)


def skill(names: list[str], kind: str = "call") -> pl.DataFrame:
    """Rows of `agent_skill` of one kind: overall, and by category, of which each agent lacks some."""
    rows = []
    for place, name in enumerate(names):
        cells = [("overall", None, 0), *(("category", name, at) for at, name in enumerate(names[:8], 1))]
        for scope, category, at in cells:
            n = 4 ** (place % 5) * 5 if scope == "overall" else (place * at) % 29
            if scope == "category" and (place + at) % 4 == 0:
                continue
            logit = (place % 7 - 3) * 0.25 + at * 0.05
            rows.append(
                {
                    "kind": kind,
                    "agent_id": name,
                    "scope": scope,
                    "category": category,
                    "attempts": n,
                    "successes": round(n * (0.25 + 0.06 * (place % 9))),
                    "skill_logit": logit,
                    "rating": 1500 + 173.7 * logit,
                    "rating_lo90": 1440 + 173.7 * logit,
                    "rating_hi90": 1560 + 173.7 * logit,
                    "is_provisional": n < 12,
                }
            )
    texts = dict.fromkeys(("kind", "agent_id", "scope", "category"), pl.String)
    whole = dict.fromkeys(("attempts", "successes"), pl.Int64)
    numbers = dict.fromkeys(("skill_logit", "rating", "rating_lo90", "rating_hi90"), pl.Float64)
    return pl.DataFrame(rows, schema={**texts, **whole, **numbers, "is_provisional": pl.Boolean})


def months(agent_id: str, n: int = 7) -> pl.DataFrame:
    """Rows of `agent_skill_months`: so many months from March on, without July."""
    rows = [
        {
            "kind": "call",
            "agent_id": agent_id,
            "month": MARCH.replace(month=3 + place),
            "attempts": 0 if place == 4 else 10 + place,
            "successes": 5 + place,
            "skill_logit": 0.1 * place - 0.2,
            "lo90": 0.1 * place - 0.6,
            "hi90": 0.1 * place + 0.2,
            "expected_successes": 5.5 + place,
        }
        for place in range(n)
    ]
    numbers = dict.fromkeys(("skill_logit", "lo90", "hi90", "expected_successes"), pl.Float64)
    whole = dict.fromkeys(("attempts", "successes"), pl.Int64)
    schema = {"kind": pl.String, "agent_id": pl.String, "month": pl.Date, **whole, **numbers}
    return pl.DataFrame(rows, schema=schema)


def tasks(names: list[str]) -> pl.DataFrame:
    """Rows of `task_difficulty`: from easy to hard, and one of five with the label of the other end."""
    labels = ("easy", "medium", "hard", "extreme")
    rows = [
        {
            "task_id": name,
            "label": labels[3 - place % 4 if place % 5 == 1 else 4 * place // len(names)],
            "attempts": 10 + place,
            "n_agents": 3,
            "solved": 2,
            "difficulty_logit": 0.3 * place - 2,
            "lo90": 0.3 * place - 2.7,
            "hi90": 0.3 * place - 1.4,
            "q_value": 0.01 * place,
            "is_mislabelled": place % 5 == 1,
            "suggested_label": "hard" if place % 5 == 1 else None,
        }
        for place, name in enumerate(names)
    ]
    numbers = dict.fromkeys(("difficulty_logit", "lo90", "hi90", "q_value"), pl.Float64)
    whole = dict.fromkeys(("attempts", "n_agents", "solved"), pl.Int64)
    texts = dict.fromkeys(("task_id", "label", "suggested_label"), pl.String)
    schema = {**texts, **whole, **numbers, "is_mislabelled": pl.Boolean}
    return pl.DataFrame(rows, schema=schema)


def bins(n: int) -> pl.DataFrame:
    """Rows of `recommender_calibration` of one kind and model: so many tenths."""
    rows = [
        {
            "kind": "call",
            "model": "ours",
            "bin": at,
            "n": 5 + 40 * at,
            "predicted": 0.05 + at / 10,
            "observed": min(0.1 + at / 11, 1.0),
            "lo90": max(at / 11 - 0.02, 0.0),
            "hi90": min(0.18 + at / 11, 1.0),
        }
        for at in range(n)
    ]
    numbers = dict.fromkeys(("predicted", "observed", "lo90", "hi90"), pl.Float64)
    return pl.DataFrame(rows, schema={"kind": pl.String, "model": pl.String, "bin": pl.Int64, "n": pl.Int64, **numbers})


def covered(names: list[str]) -> pl.DataFrame:
    """What `coverage` takes."""
    rows = [
        {
            "name": name,
            "nominal": 0.8,
            "measured": 0.7 + 0.01 * place,
            "lo90": 0.65 + 0.01 * place,
            "hi90": 0.75 + 0.01 * place,
            "n": 200 + place,
        }
        for place, name in enumerate(names)
    ]
    numbers = dict.fromkeys(("nominal", "measured", "lo90", "hi90"), pl.Float64)
    return pl.DataFrame(rows, schema={"name": pl.String, **numbers, "n": pl.Int64})


def backtest(names: list[str]) -> pl.DataFrame:
    """Rows of `recommender_backtest` of one kind: the first policy is ours, the second what was done."""
    policies_ = [*names[:1], "logged", *names[1:]] if names else []
    rows = [
        {
            "kind": "call",
            "policy": name,
            "n": 1234,
            "value": 0.7 - 0.01 * place,
            "lo90": 0.64 - 0.01 * place,
            "hi90": 0.75 - 0.01 * place,
            "ess": 300.0 - 40 * place if place < 8 else None,
            "is_ours": place == 0,
            "claimed": None if name == "logged" else 0.8,
            "verdict": "inconclusive" if place == 0 else None,
            "sentence": f"With {name} on 1,234 calls of 9 users, so much was to be expected.",
        }
        for place, name in enumerate(policies_)
    ]
    numbers = dict.fromkeys(("value", "lo90", "hi90", "ess", "claimed"), pl.Float64)
    schema = {"kind": pl.String, "policy": pl.String, "n": pl.Int64, **numbers}
    texts = dict.fromkeys(("verdict", "sentence"), pl.String)
    return pl.DataFrame(rows, schema={**schema, "is_ours": pl.Boolean, **texts})
