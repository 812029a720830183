"""Every kind of figure, drawn from literal frames: what the tests of figures look at."""

import datetime as dt

import polars as pl

from pipelines.game.rulebook import load_rulebook
from pipelines.insight.forecasts.levels import LEVEL_FORECASTS
from pipelines.reports.figures import (
    activity,
    adoption,
    badges,
    forecasts,
    growth,
    moves,
    quality,
    race,
    specialisation,
    work,
)
from pipelines.reports.figures.canvas import Canvas

MONDAY = dt.date(2026, 3, 2)
UNTIL = dt.date(2026, 3, 22)
AS_OF = dt.datetime(2026, 3, 22, 12, tzinfo=dt.UTC)
ZONE = "Europe/Berlin"
NAMES = [f"agent-{number:02}" for number in range(14)]
LEVELS = load_rulebook().levels


def every_figure(names: list[str] = NAMES) -> dict[str, Canvas]:
    """All kinds of figures of a season of three weeks, in which `names` are agents, problems, files and badges."""
    of_days, of_calls, of_agents = days(names), calls(names), agents(names)
    mine = of_days.filter(agent_id=names[0])
    xp = of_days.select("day", "xp", user_id="agent_id")
    held, titles = trophies(names), {name: name for name in names}
    return {
        "growth": growth.growth(of_days, names, until=UNTIL),
        "growth of XP": growth.growth(xp, names, "xp", key="user_id", until=UNTIL),
        "growth with levels": growth.growth_with_levels(xp, names[0], LEVELS, until=UNTIL),
        "growth with badges": growth.growth_with_badges(of_days, names[0], held, titles, zone=ZONE, until=UNTIL),
        "rank race": race.rank_race(entries(names), len(names)),
        "cumulative race": race.cumulative_race(of_days),
        "moves": moves.rank_moves(compared(names)),
        "hours": activity.hour_map(activity.by_hour(of_calls["at"], ZONE), zone=ZONE),
        "calendar": activity.calendar(mine, until=UNTIL, run=activity.streak_days(mine, 2, UNTIL)),
        "accuracy": specialisation.accuracy_by_problem(specialisation.by_problem(submissions(names))),
        "success by category": specialisation.success_by_kind(specialisation.by_kind(of_calls)),
        "success": work.success_shares(of_agents),
        "success and time": work.success_against(of_agents),
        "success and tokens": work.success_against(of_agents, "tokens_per_success"),
        "adoption": adoption.adoption_steps(uses(names), until=AS_OF, zone=ZONE, small_group=5),
        "sharing": adoption.sharing_map(uses(names), small_group=5),
        "badges": badges.holders(held, titles, 20),
        "lines": quality.lines_read(files(names)),
        "refusals": quality.refusals(pl.DataFrame({"reason": names})),
        "growth with a forecast": forecasts.growth_with_forecast(
            xp, names[0], LEVELS, ahead(names[:1]).row(0, named=True), until=UNTIL
        ),
        "next levels": forecasts.next_levels(ahead(names), top=12),
    }


def nothing_drawn() -> dict[str, Canvas]:
    """The same figures of a season in which nothing happened."""
    of_days, of_agents, of_calls = days([]), agents([]), calls([])
    xp = of_days.select("day", "xp", user_id="agent_id")
    return {
        "growth": growth.growth(of_days, ["nobody"], until=UNTIL),
        "growth of no one": growth.growth(of_days, [], until=UNTIL),
        "growth with levels": growth.growth_with_levels(xp, "nobody", LEVELS, until=UNTIL),
        "growth with a forecast": forecasts.growth_with_forecast(xp, "nobody", LEVELS, None, until=UNTIL),
        "next levels": forecasts.next_levels(ahead([])),
        "growth with badges": growth.growth_with_badges(of_days, "nobody", trophies([]), {}, zone=ZONE, until=UNTIL),
        "rank race": race.rank_race(entries([])),
        "cumulative race": race.cumulative_race(of_days),
        "moves": moves.rank_moves(compared([])),
        "hours": activity.hour_map(activity.by_hour(of_calls["at"], ZONE), zone=ZONE),
        "calendar": activity.calendar(of_days, until=UNTIL),
        "accuracy": specialisation.accuracy_by_problem(specialisation.by_problem(submissions([]))),
        "success by category": specialisation.success_by_kind(specialisation.by_kind(of_calls)),
        "success": work.success_shares(of_agents),
        "success and time": work.success_against(of_agents),
        "adoption": adoption.adoption_steps(uses([]), until=AS_OF, zone=ZONE, small_group=5),
        "sharing": adoption.sharing_map(uses([]), small_group=5),
        "badges": badges.holders(trophies([]), {}, 0),
        "lines": quality.lines_read(files([])),
        "refusals": quality.refusals(pl.DataFrame({"reason": []}, schema={"reason": pl.String})),
    }


def days(names: list[str]) -> pl.DataFrame:
    """Rows of `agent_days`: each agent every third day or so, the first ones more."""
    rows = [
        {
            "agent_id": name,
            "day": MONDAY + dt.timedelta(days=day),
            "tasks_completed": day % 3,
            "points": 10 + place,
            "xp": 40 + 7 * place,
        }
        for place, name in enumerate(names)
        for day in range(place % 4, 21, 2 + place % 3)
    ]
    whole = dict.fromkeys(("tasks_completed", "points", "xp"), pl.Int64)
    return pl.DataFrame(rows, schema={"agent_id": pl.String, "day": pl.Date, **whole})


def ahead(names: list[str]) -> pl.DataFrame:
    """Rows of `level_forecasts`: in turn with a whole range, with one that is open, beyond 60 days, and none."""
    kinds = (
        ("forecast", (3.0, 9.0, 20.0), 12, "Level 4 in about 9 days (80 %: 3 to 20). 40 were the yardstick."),
        ("forecast", (5.0, 30.0, None), 9, "Level 4 in about 30 days (80 %: 5 or more). 40 were the yardstick."),
        ("beyond_60_days", (40.0, None, None), 5, "Level 4 in more than 60 days (80 %: 40 or more)."),
        ("no_forecast", (None, None, None), 1, "No forecast: 1 active day in 28."),
    )
    rows = []
    for place, name in enumerate(names):
        status, ends, active, sentence = kinds[place % 4]
        rows.append([name, None, 4, 400 + place, 200 - place, active, *ends, status, 40, sentence])
    return pl.DataFrame(rows, schema={name: LEVEL_FORECASTS.schema[name] for name in _AHEAD}, orient="row")


_AHEAD = ("user_id", "agent_id", "next_level", "xp", "xp_to_next", "active_days_28", "days_p10", "days_p50", "days_p90",
          "status", "n_calibration", "sentence")  # fmt: skip


def entries(names: list[str]) -> pl.DataFrame:
    """Rows of `leaderboards`: three weeks in which the order turns, each week without one of the agents."""
    rows = [
        {
            "window": "week",
            "window_start_on": MONDAY + dt.timedelta(weeks=week),
            "subject_id": name,
            "rank": (place + week) % len(names) + 1,
            "score": 100.0 - place,
        }
        for week in range(3)
        for place, name in enumerate(names)
        if place != week
    ]
    schema = {"window": pl.String, "window_start_on": pl.Date, "subject_id": pl.String, "rank": pl.Int64}
    return pl.DataFrame(rows, schema={**schema, "score": pl.Float64})


def compared(names: list[str]) -> pl.DataFrame:
    """Rows of `compared_boards`: the order turned round, and the last one without a place now."""
    rows = [
        {
            "subject_id": name,
            "rank_before": place + 1 if place + 1 < len(names) else None,
            "rank_after": len(names) - place,
        }
        for place, name in enumerate(names)
    ]
    return pl.DataFrame(rows, schema={"subject_id": pl.String, "rank_before": pl.Int64, "rank_after": pl.Int64})


def calls(names: list[str]) -> pl.DataFrame:
    """Rows of `agent_calls`: an hour apart, two of three successful."""
    first = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    rows = [
        {"at": first + dt.timedelta(hours=5 * place), "category": name, "success": place % 3 > 0}
        for place, name in enumerate(names)
    ]
    return pl.DataFrame(rows, schema={"at": pl.Datetime("us", "UTC"), "category": pl.String, "success": pl.Boolean})


def submissions(names: list[str]) -> pl.DataFrame:
    """Rows of `submissions`: one of each problem, half of them right, and one that does not count."""
    rows = [
        {"problem": name, "verdict": ("verified", "rejected")[place % 2], "is_counted": True}
        for place, name in enumerate(names)
    ]
    schema = {"problem": pl.String, "verdict": pl.String, "is_counted": pl.Boolean}
    return pl.DataFrame([*rows, {"problem": None, "verdict": "pending", "is_counted": False}], schema=schema)


def agents(names: list[str]) -> pl.DataFrame:
    """Rows of `agent_stats`: 10 calls and more, of which one in five or so failed."""
    rows = [
        {
            "agent_id": name,
            "calls": 10 + place,
            "successes": 8 + place % 3,
            "median_duration_s": 5.5 * (place + 1),
            "tokens_per_success": 1000.0 * (place + 1) ** 2,
        }
        for place, name in enumerate(names)
    ]
    told = dict.fromkeys(("median_duration_s", "tokens_per_success"), pl.Float64)
    return pl.DataFrame(rows, schema={"agent_id": pl.String, "calls": pl.Int64, "successes": pl.Int64, **told})


def uses(names: list[str]) -> pl.DataFrame:
    """Who of a team has called which agent (`TeamUse.pairs`): all have called the first, each but one the next, ..."""
    first = dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC)
    rows = [
        {
            "agent_id": agent,
            "user_id": user,
            "calls": 40 - place,
            "first_at": first + dt.timedelta(days=place + 2 * number),
        }
        for place, agent in enumerate(names)
        for number, user in enumerate(names[place:])
    ]
    text = dict.fromkeys(("agent_id", "user_id"), pl.String)
    return pl.DataFrame(rows, schema={**text, "calls": pl.Int64, "first_at": pl.Datetime("us", "UTC")})


def trophies(names: list[str]) -> pl.DataFrame:
    """Rows of `badges`: badges of these names, held by these agents."""
    first = dt.datetime(2026, 3, 2, 23, 30, tzinfo=dt.UTC)
    rows = [
        {"subject_type": "agent", "subject_id": name, "badge": name, "earned_at": first + dt.timedelta(days=place)}
        for place, name in enumerate(names)
    ]
    text = dict.fromkeys(("subject_type", "subject_id", "badge"), pl.String)
    return pl.DataFrame(rows, schema={**text, "earned_at": pl.Datetime("us", "UTC")})


def files(names: list[str]) -> pl.DataFrame:
    """Rows of `ingested_files`: 100 lines each, a few of them no good."""
    rows = [{"path": f"logs/{name}", "n_lines": 100, "n_accepted": 90, "n_duplicates": 4} for name in names]
    counts = dict.fromkeys(("n_lines", "n_accepted", "n_duplicates"), pl.Int64)
    return pl.DataFrame(rows, schema={"path": pl.String, **counts}).with_columns(
        n_quarantined=pl.lit(5, dtype=pl.Int64), n_blank=pl.lit(1, dtype=pl.Int64)
    )
