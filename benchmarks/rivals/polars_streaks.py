"""Streaks, sums and badges of the rival in Polars, from its tries in order and its completed tasks.

Here: what a run of rows makes. Not here: what counts and what it earns (polars_lazy.py).
"""

import default_game as game
import polars as pl

IS_VERIFIED, IS_REJECTED = pl.col("verdict") == game.VERIFIED, pl.col("verdict") == game.REJECTED


def attempts(tries: pl.LazyFrame) -> pl.LazyFrame:
    """Counted submissions in order, with the agent's numbers of them and of rejections so far."""
    counted = tries.filter(IS_VERIFIED | IS_REJECTED)
    return counted.select(
        "agent", "at", "submission", "verdict",
        attempts=pl.int_range(1, pl.len() + 1).over("agent"), rejections=IS_REJECTED.cum_sum().over("agent"),
    )  # fmt: skip


def agent_stats(days: pl.LazyFrame, attempts: pl.LazyFrame, perfect: pl.LazyFrame) -> pl.LazyFrame:
    """The table agent_stats."""
    sums = days.group_by("agent").agg(
        pl.col("points", "tasks_completed").sum(), attempts=(pl.col("tasks_completed") + pl.col("rejected")).sum()
    )
    active = pl.concat([attempts.select("agent", "at"), perfect.select("agent", at="earned_at")])
    return sums.join(active.group_by("agent").agg(last_active_at=pl.col("at").max()), on="agent")


def streaks(
    tries: pl.LazyFrame, attempts: pl.LazyFrame, completed: pl.LazyFrame, days: pl.LazyFrame, as_of: pl.Expr
) -> pl.LazyFrame:
    """The table streaks."""
    frame = tries.select("agent").unique()
    for part in (_daily(days, as_of), _accuracy(attempts), _problems(completed)):
        frame = frame.join(part, on="agent", how="left")
    lengths = [c for c in game.TABLES["streaks"] if c.endswith(("current", "best", "length")) and not _is_problem(c)]
    return frame.with_columns(pl.col(lengths).fill_null(0))


def _is_problem(column: str) -> bool:
    return column in ("problem_current", "problem_best")


def _daily(days: pl.LazyFrame, as_of: pl.Expr) -> pl.LazyFrame:
    """Runs of days: dates that rise as fast as their numbers."""
    active = days.filter(pl.col("tasks_completed") > 0).select("agent", "day").sort("agent", "day")
    number = pl.int_range(pl.len()).over("agent")
    runs = active.group_by("agent", begin=pl.col("day") - pl.duration(days=number)).agg(
        length=pl.len(), last=pl.col("day").max()
    )
    return runs.group_by("agent").agg(
        daily_best=pl.col("length").max(), daily_last_on=pl.col("last").max(),
        length=pl.col("length").sort_by("last").last(),
    ).with_columns(
        daily_current=pl.when(pl.col("daily_last_on") >= as_of.dt.date() - pl.duration(days=1)).then("length")
    )  # fmt: skip


def _accuracy(attempts: pl.LazyFrame) -> pl.LazyFrame:
    """Runs of verified attempts: those after the same number of rejections."""
    runs = attempts.group_by("agent", "rejections").agg(length=IS_VERIFIED.sum())
    return runs.group_by("agent").agg(
        accuracy_current=pl.col("length").sort_by("rejections").last(), accuracy_best=pl.col("length").max()
    )


def _problems(completed: pl.LazyFrame) -> pl.LazyFrame:
    """Runs of one problem."""
    runs = completed.select("agent", "problem", "n", run=pl.col("problem").rle_id().over("agent"))
    runs = runs.group_by("agent", "run").agg(pl.col("problem").first(), length=pl.len()).sort("agent", "run")
    length, problem = pl.col("length"), pl.col("problem")
    return runs.group_by("agent", maintain_order=True).agg(
        problem_current=problem.last(), problem_current_length=length.last(),
        problem_best=problem.get(length.arg_max()), problem_best_length=length.max(),
    )  # fmt: skip


def badges(attempts: pl.LazyFrame, completed: pl.LazyFrame, entries: pl.LazyFrame, problems: list[str]) -> pl.LazyFrame:
    """The table badges."""
    so_many = pl.col("at") - pl.col("at").shift(game.ON_FIRE_TASKS - 1)
    completed = completed.with_columns(
        is_on_fire=so_many.over("agent") <= pl.duration(microseconds=game.ON_FIRE_US),
        n_of_problem=pl.int_range(1, pl.len() + 1).over("agent", "problem"),
    )
    of = {problem: (pl.col("problem") == problems.index(problem)) for problem in game.MASTERED}
    conditions = {
        game.FIRST_BLOOD: pl.col("first_solver").is_not_null(),
        game.ON_FIRE: pl.col("is_on_fire"),
        **{badge: of[name] & (pl.col("n_of_problem") == game.MASTER_TASKS) for name, badge in game.MASTERED.items()},
        game.COUNTEREXAMPLE_HUNTER: pl.col("counterexample").is_not_null(),
        game.SPEED_DEMON: pl.col("is_fast"),
        game.SCHOLAR: pl.col("is_pattern"),
        game.RISING_STAR: pl.col("n") == game.RISING_TASKS,
    }
    is_accurate = (pl.col("attempts") - pl.col("rejections")) * 100 >= pl.col("attempts") * game.SHARP_PERCENT
    is_sharp = (pl.col("attempts") >= game.SHARP_ATTEMPTS) & is_accurate
    earned = [_first(completed.filter(condition), badge) for badge, condition in conditions.items()]
    return pl.concat([*earned, _first(attempts.filter(is_sharp), game.SHARPSHOOTER), _champions(entries)])


def _first(events: pl.LazyFrame, badge: int) -> pl.LazyFrame:
    """Of each agent the first of the events, which stand in order."""
    first = events.unique("agent", keep="first", maintain_order=True)
    return first.select("agent", badge=pl.lit(badge, pl.UInt8), earned_at="at", submission="submission")


def _champions(entries: pl.LazyFrame) -> pl.LazyFrame:
    """Totals after each instant; who rises above all totals so far, and alone, leads. Totals never fall."""
    is_last = (pl.col("rule") == game.PERFECT_DAY, pl.col("submission"))
    instants = entries.group_by("agent", "earned_at").agg(
        pl.col("points").sum(), pl.col("submission").sort_by(is_last).last()
    )
    totals = instants.sort("agent", "earned_at").with_columns(total=pl.col("points").cum_sum().over("agent"))
    tops = totals.group_by("earned_at").agg(
        pl.col("total").max(), n_alike=(pl.col("total") == pl.col("total").max()).sum(),
        agent=pl.col("agent").get(pl.col("total").arg_max()),
        submission=pl.col("submission").get(pl.col("total").arg_max()),
    ).sort("earned_at")  # fmt: skip
    rises = tops.filter(pl.col("total") > pl.col("total").cum_max().shift(1).fill_null(0))
    return _first(rises.filter(pl.col("n_alike") == 1).with_columns(at="earned_at"), game.CHAMPION)
