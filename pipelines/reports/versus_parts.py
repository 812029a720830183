"""What the scores of two entries of a board are sums of, each part with the side that it belongs to.

Every measure of a board has its parts: awards, attempts, calls or penalties, one row each, with an amount. Added up
they give the measure of both entries; grouped by anything, the differences of the groups add up to the difference of
the two. Not here: the groups and the page (versus_page.py), words (versus_words.py).
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from pipelines.game.tallies import task_penalties
from pipelines.reports.board_company import Asked, rows_behind
from pipelines.reports.board_page import BoardPage

_KEYS = {"agent": ["agent_id"], "user": ["user_id"], "team": ["team_id"], "user_agent": ["user_id", "agent_id"]}


@dataclass(frozen=True)
class Parts:
    """The parts of one measure, a column of `leaderboards`.

    `rows`: is_ahead, amount, event_id, at, item (what can be held against the other side's of the same name; null: not
    worth telling one by one), by_<...> of each group, and the columns of an award's ledger or `because`. `titles`: what
    each group is by.
    """

    measure: str
    rows: pl.DataFrame
    titles: dict[str, str] = field(default_factory=dict)


def parts_of(measure: str, page: BoardPage, two: pl.DataFrame) -> Parts:
    """The parts of a measure of two entries (`two`: the one that stands ahead first) of a board in a window."""
    make: Callable[[BoardPage, pl.DataFrame], Parts] = {
        "points": _points, "points_per_member": _points,
        "tasks_completed": _completed, "attempts": _attempts, "accuracy": _attempts,
        "penalty_minutes": _penalties,
        "xp": _xp, "xp_per_member": _xp,
        "calls": _calls, "successes": _successes, "success_share": _calls,
    }.get(measure, _nothing)  # fmt: skip
    return make(page, two)


def _rows(page: BoardPage, two: pl.DataFrame, table: str, at: str) -> pl.LazyFrame:
    """The rows of both entries that the board looks at in that window, with is_ahead."""
    asked = Asked(page.board, page.rule, page.window, page.scope_id)
    rows = rows_behind(page.reading.table(table), at, asked, (page.start_on, page.end_on), page.reading)
    keys = _KEYS[page.subject]
    named = two.with_columns(team_id="subject_id") if page.subject == "team" else two
    sides = named.select(*keys, is_ahead=pl.int_range(pl.len()) == 0)
    return rows.join(sides.lazy(), on=keys, how="inner", maintain_order="left")


def _collected(page: BoardPage, rows: pl.LazyFrame) -> pl.DataFrame:
    return page.reading.collect(rows)


def _others(page: BoardPage) -> dict[str, pl.Expr]:
    """Groups by who else had a hand in it: of teams their members, of users the agents called, of agents the users."""
    if page.subject == "team":
        return {"by_member": pl.col("user_id" if page.is_of_calls else "agent_id")}
    if page.is_of_calls and page.subject == "user":
        return {"by_agent": pl.col("agent_id").fill_null("(achievements)")}
    return {"by_user": pl.col("user_id")} if page.is_of_calls and page.subject == "agent" else {}


def _by_task(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds by_task: whether both sides have something of a task, or which one; whole days belong to no task."""
    sides = rows.group_by("task_id").agg(has_ahead=pl.col("is_ahead").any(), has_behind=(~pl.col("is_ahead")).any())
    kind = (
        pl.when(pl.col("task_id").is_null())
        .then(pl.lit("days"))
        .when(pl.col("has_ahead") & pl.col("has_behind"))
        .then(pl.lit("both"))
        .when("has_ahead")
        .then(pl.lit("ahead"))
        .otherwise(pl.lit("behind"))
    )
    return rows.join(sides.with_columns(by_task=kind).select("task_id", "by_task"), on="task_id", nulls_equal=True)


_TITLES = {
    "by_rule": "By rule",
    "by_kind": "By what made it",
    "by_verdict": "By verdict",
    "by_member": "By member",
    "by_agent": "By agent",
    "by_user": "By user",
    "by_action": "By kind of call",
    "by_outcome": "By how they ended",
    "by_task": "By who completed the tasks",
    "by_problem": "By problem",
    "by_task_alone": "By task",
}


def _made(measure: str, rows: pl.DataFrame) -> Parts:
    return Parts(measure, rows, {name: title for name, title in _TITLES.items() if name in rows.columns})


def _points(page: BoardPage, two: pl.DataFrame) -> Parts:
    day = pl.col("entry_id").str.tail(10)  # of a perfect day the name ends with its date
    is_day = pl.col("task_id").is_null()
    rows = _collected(page, _rows(page, two, "points_ledger", "earned_at")).with_columns(
        amount="points",
        at="earned_at",
        item=pl.when(is_day).then(pl.format("{} {}", "rule", day)).otherwise(pl.format("{} {}", "rule", "task_id")),
        by_rule="rule",
        by_problem=pl.col("problem").fill_null("(whole days)"),
        **_others(page),
    )
    return _made("points", _by_task(rows))


def _tries(page: BoardPage, two: pl.DataFrame) -> pl.DataFrame:
    counted = _rows(page, two, "submissions", "counted_at").filter("is_counted")
    return _collected(page, counted).with_columns(
        amount=pl.lit(1, dtype=pl.Int64),
        at="counted_at",
        item="task_id",
        by_problem="problem",
        **_others(page),
    )


def _completed(page: BoardPage, two: pl.DataFrame) -> Parts:
    kinds = page.reading.table("tasks").select("task_id", "difficulty")
    rows = _tries(page, two).filter(pl.col("verdict") == "verified").lazy().join(kinds, on="task_id", how="left")
    told = rows.with_columns(because=pl.format("{} task of {}", "difficulty", "problem"))
    return _made("tasks_completed", _by_task(_collected(page, told)))


def _attempts(page: BoardPage, two: pl.DataFrame) -> Parts:
    named = pl.col("verdict").replace({"verified": "completed"})
    rejected = pl.when(pl.col("verdict") == "rejected").then(pl.format("rejected {}", "task_id"))
    rows = _tries(page, two).with_columns(by_verdict=named, item=rejected)
    return _made("attempts", rows)


def _penalties(page: BoardPage, two: pl.DataFrame) -> Parts:
    tries = _tries(page, two).select(
        "is_ahead", "event_id", "task_id", window_start=pl.lit(page.start_on), agent="agent_id", task="task_id",
        at=pl.col("counted_at").dt.replace_time_zone(None), attempts="amount",
        completed=(pl.col("verdict") == "verified").cast(pl.Int64),
    )  # fmt: skip
    if page.rule is None:
        return _nothing(page, two)
    rules, per_try = page.reading.rules, page.rule.penalty_minutes
    solved = task_penalties(tries, ["window_start", "is_ahead"], page.window, per_try, rules)
    solves = tries.filter(pl.col("completed") > 0).select("is_ahead", "task", "event_id", "at")
    tries_of = pl.when(pl.col("rejected") == 1).then(pl.lit("try")).otherwise(pl.lit("tries"))
    because = pl.format("minute {} and {} rejected {} of {} minutes", "minute", "rejected", tries_of, pl.lit(per_try))
    rows = solved.join(solves, on=["is_ahead", "task"], how="left").with_columns(
        amount="penalty_minutes", item="task", by_task_alone="task", because=because
    )
    return _made("penalty_minutes", rows)


def _xp(page: BoardPage, two: pl.DataFrame) -> Parts:
    """Each award in up to four parts: its base, what the factors made of it, bonus, evidence; achievements are one."""
    awards = _collected(page, _rows(page, two, "xp_ledger", "earned_at")).with_columns(
        at="earned_at",
        item=pl.when(pl.col("agent_id").is_null())
        .then(pl.col("entry_id").str.head(pl.col("entry_id").str.len_chars() - pl.col("user_id").str.len_chars() - 1))
        .otherwise("entry_id"),
        **_others(page),
    )
    is_call = pl.col("agent_id").is_not_null()
    amounts = {
        "achievements": pl.when(~is_call).then("xp").otherwise(0),
        "base of calls": pl.col("base").fill_null(0),
        "factors of calls": pl.when(is_call).then(pl.col("xp") - pl.col("base") - pl.col("bonus") - pl.col("evidence")),
        "bonus": pl.col("bonus"),
        "evidence": pl.col("evidence"),
    }
    split = [
        awards.with_columns(amount=amount.fill_null(0).cast(pl.Int64), by_kind=pl.lit(kind))
        for kind, amount in amounts.items()
    ]
    return _made("xp", pl.concat(split).filter(pl.col("amount") != 0))


def _called(page: BoardPage, two: pl.DataFrame) -> pl.DataFrame:
    return _collected(page, _rows(page, two, "agent_calls", "at")).with_columns(
        amount=pl.lit(1, dtype=pl.Int64),
        item="call_id",
        by_action="action_type",
        by_outcome=pl.when("success").then(pl.lit("succeeded")).otherwise(pl.lit("failed")),
        **_others(page),
    )


def _calls(page: BoardPage, two: pl.DataFrame) -> Parts:
    return _made("calls", _called(page, two))


def _successes(page: BoardPage, two: pl.DataFrame) -> Parts:
    return _made("successes", _called(page, two).filter("success").drop("by_outcome"))


def _nothing(*_: object) -> Parts:
    """A measure that is no sum, such as an instant."""
    return Parts("", pl.DataFrame())
