"""The figures of `reports/figures`, drawn of one season: names in, a figure out.

Here: which rows a figure takes. Not here: drawing them, and figures of statistics (insight_figures.py).
"""

from collections.abc import Sequence

import polars as pl

from pipelines.analysis.insight_figures import InsightFigures
from pipelines.analysis.level_figures import LevelFigures
from pipelines.analysis.season_rows import SUBJECTS
from pipelines.analysis.team_figures import TeamFigures
from pipelines.analysis.week_figures import WeekFigures
from pipelines.game.comparison import Comparison
from pipelines.reports.choices import one_of
from pipelines.reports.figures import activity, badges, growth, moves, quality, race, specialisation, work
from pipelines.reports.figures.canvas import Canvas

LEADERS = 5  # lines of a figure for which nobody is named


class SeasonFigures(InsightFigures, LevelFigures, TeamFigures, WeekFigures):
    """Figures of one season. Every method raises Misuse, with close matches, for a name that does not exist."""

    def growth(self, agents: Sequence[str] | None = None, measure: str = "points") -> Canvas:
        """How the points (or XP) of agents grow, day by day; without names those of the leaders."""
        measure = one_of(measure, tuple(growth.UNITS), "measure")
        names = self._named("agent", agents, measure)
        days = self._rows("agent_days", pl.col("agent_id").is_in(names))
        return growth.growth(days, names, measure, until=self._reading.today)

    def growth_of_users(self, users: Sequence[str] | None = None) -> Canvas:
        """How the XP of users grows, achievements included; without names that of the leaders."""
        names = self._named("user", users, "xp")
        days = growth.daily(self._rows("xp_ledger", pl.col("user_id").is_in(names)), "user_id", self._zone)
        return growth.growth(days, names, "xp", key="user_id", until=self._reading.today)

    def levels(self, user_id: str, agent_id: str | None = None) -> Canvas:
        """The XP of a user, or of a user with one agent, and the levels that it makes."""
        own = pl.col("user_id") == self._one("user", user_id)
        if agent_id is not None:
            own &= pl.col("agent_id") == self._one("agent", agent_id)
        days = growth.daily(self._rows("xp_ledger", own), "user_id", self._zone)
        return growth.growth_with_levels(days, user_id, self._reading.rules.levels, until=self._reading.today)

    def badges_earned(self, agent_id: str) -> Canvas:
        """The points of an agent, and the days on which it earned badges."""
        agent_id = self._one("agent", agent_id)
        days = self._rows("agent_days", pl.col("agent_id") == agent_id)
        held = self._rows("badges", (pl.col("subject_type") == "agent") & (pl.col("subject_id") == agent_id))
        names = self._reading.trophy_names("agent")
        return growth.growth_with_badges(days, agent_id, held, names, zone=self._zone, until=self._reading.today)

    def rank_race(
        self, board: str = "points", window: str = "week", top: int = race.TOP, scope_id: str | None = None
    ) -> Canvas:
        """The ranks on a board in each day, week or month: of all, or of the team or project `scope_id`."""
        board = one_of(board, self._reading.boards(), "board")
        scope = pl.col("scope_id") == scope_id if scope_id is not None else pl.col("scope_id").is_null()
        held = (pl.col("board") == board) & (pl.col("window") == one_of(window, tuple(race.EACH), "window")) & scope
        return race.rank_race(self._rows("leaderboards", held), top)

    def cumulative_race(self, measure: str = "points", each: str = "week", top: int = race.TOP) -> Canvas:
        """The ranks of agents by all points (or XP) gathered up to the end of each day, week or month."""
        each, measure = one_of(each, tuple(race.EACH), "window"), one_of(measure, tuple(growth.UNITS), "measure")
        return race.cumulative_race(self._rows("agent_days"), measure, top, each=each)

    def rank_moves(
        self, outcome: Comparison, board: str = "points", window: str = "all", top: int = moves.TOP
    ) -> Canvas:
        """The places on a board now, and under the other rules of a `what_if`."""
        known = [*self._reading.boards(), *outcome.boards["board"].unique().sort()]
        board = one_of(board, list(dict.fromkeys(known)), "board")
        rows = outcome.boards.filter((pl.col("board") == board) & pl.col("scope_id").is_null())
        if rows.height:
            window = one_of(window, rows["window"].unique().sort().to_list(), "window")
        return moves.rank_moves(rows.filter(pl.col("window") == window), top)

    def hours(self, *, user_id: str | None = None, agent_id: str | None = None) -> Canvas:
        """When calls happen, by weekday and hour: all, or those of a user; of an agent also its submissions."""
        if agent_id is None:
            own = pl.lit(value=True) if user_id is None else pl.col("user_id") == self._one("user", user_id)
            return activity.hour_map(self._rows("usage_hours", own), zone=self._zone)
        own = pl.col("agent_id") == self._one("agent", agent_id)
        calls, submissions = self._rows("agent_calls", own), self._rows("submissions", own)
        if submissions.height > calls.height:
            hours = activity.by_hour(submissions["submitted_at"], self._zone, "submissions")
            return activity.hour_map(hours, "submissions", zone=self._zone)
        return activity.hour_map(activity.by_hour(calls["at"], self._zone), zone=self._zone)

    def calendar(self, agent_id: str, measure: str = "tasks_completed") -> Canvas:
        """Tasks completed, points, xp or calls of an agent day by day, with dots on the days of its current streak."""
        measure = one_of(measure, activity.OF_DAYS, "measure")
        own = pl.col("agent_id") == self._one("agent", agent_id)
        days, streak = self._rows("agent_days", own), self._rows("streaks", own)
        run = [
            day
            for length, last_on in streak.select("daily_current", "daily_last_on").rows()
            for day in activity.streak_days(days, length, last_on)
        ]
        return activity.calendar(days, measure, until=self._reading.today, run=run)

    def accuracy(self, agent_id: str) -> Canvas:
        """The accuracy of an agent on each problem."""
        own = pl.col("agent_id") == self._one("agent", agent_id)
        return specialisation.accuracy_by_problem(specialisation.by_problem(self._rows("submissions", own)))

    def success_by(self, kind: str = "category", *, agent_id: str | None = None, user_id: str | None = None) -> Canvas:
        """The success of calls by category, complexity or action_type: all, or those of an agent, a user or both."""
        kind = one_of(kind, ("category", "complexity", "action_type"), "kind")
        own = pl.lit(value=True)
        for what, name in (("agent", agent_id), ("user", user_id)):
            if name is not None:
                own &= pl.col(f"{what}_id") == self._one(what, name)
        return specialisation.success_by_kind(specialisation.by_kind(self._rows("agent_calls", own), kind), kind)

    def success(self, *, user_id: str | None = None, top: int = work.TOP) -> Canvas:
        """The success of the agents called most, of all users or of one, with intervals."""
        return work.success_shares(self._called(user_id), top)

    def success_against(
        self, against: str = "median_duration_s", *, user_id: str | None = None, top: int = work.TOP
    ) -> Canvas:
        """The success of the agents called most against median_duration_s or tokens_per_success."""
        return work.success_against(self._called(user_id), one_of(against, tuple(work.AGAINST), "measure"), top)

    def holders(self, subject_type: str = "agent") -> Canvas:
        """How many agents that submitted hold each badge, or how many users each achievement."""
        subject_type = one_of(subject_type, SUBJECTS, "kind")
        tried = pl.col("attempts") > 0 if subject_type == "agent" else pl.lit(value=True)
        n_subjects = self._rows(f"{subject_type}_stats", tried).height
        names = self._reading.trophy_names(subject_type)
        return badges.holders(self._rows("badges"), names, n_subjects, subject_type)

    def lines(self) -> Canvas:
        """What became of the lines of each file."""
        return quality.lines_read(self._rows("ingested_files"))

    def refusals(self) -> Canvas:
        """Why lines were refused."""
        reasons = self._reading.table("quarantine").select("reason")  # not the lines themselves, which may be long
        return quality.refusals(self._reading.collect(reasons))

    def _called(self, user_id: str | None) -> pl.DataFrame:
        if user_id is None:
            return self._rows("agent_stats")
        return self._rows("user_agents", pl.col("user_id") == self._one("user", user_id))

    def _named(self, what: str, names: Sequence[str] | None, measure: str) -> list[str]:
        """The names asked for, else those of the leaders by points or XP."""
        if names is not None:
            return [self._one(what, name) for name in names]
        stats = self._rows(f"{what}_stats", pl.col(measure) > 0)
        return stats.sort([measure, f"{what}_id"], descending=[True, False])[f"{what}_id"].head(LEADERS).to_list()
