"""A published season, held open for reading: what `open_season` gives.

Here: the way to tables, boards, profiles, ledgers, SQL and what-if. Nothing is changed by it, and no run is held up.
Not here: figures bound to a season (season_figures.py), what a page holds (reports).
"""

import datetime as dt
import html
import os
import tempfile
import weakref
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.analysis.season_figures import SeasonFigures
from pipelines.engines.what_if import compared, is_of_this_program
from pipelines.game.comparison import Comparison
from pipelines.game.rule_differences import overlaid
from pipelines.game.rules import Rulebook
from pipelines.insight.tables import PUBLISHED_TABLES
from pipelines.reports.agent_page import agent_page
from pipelines.reports.board_page import board_page
from pipelines.reports.choices import Misuse, one_of
from pipelines.reports.compare_page import asked
from pipelines.reports.quantities import counted
from pipelines.reports.reading import Reading
from pipelines.reports.reasons import reasons_of
from pipelines.reports.recommend_page import advice
from pipelines.reports.user_page import user_page
from pipelines.settings import DEFAULT_HOME, HOME_VARIABLE, settings
from pipelines.store import query
from pipelines.store.shelf import pointer_of

_NEAR = (DEFAULT_HOME, DEFAULT_HOME / "demo", Path("..") / DEFAULT_HOME, Path("..") / DEFAULT_HOME / "demo")


class OpenSeason:
    """One published generation, held open: a run that publishes a newer one changes nothing here.

    Attributes: `home`, `reading` (the same season as reports know it) and `figures`.
    """

    def __init__(self, home: Path, reading: Reading) -> None:
        self.home = home
        self.reading = reading
        self.figures = SeasonFigures(reading)

    @classmethod
    def of_home(cls, home: str | Path | None = None) -> "OpenSeason":
        """The current season of a home; which one without `home` says `open_season`. Raises PodiumError."""
        chosen = Path(home) if home is not None else _nearest()
        return cls(chosen, Reading.open(settings(chosen)))

    @property
    def as_of(self) -> dt.datetime:
        """The instant for which all of it holds, in UTC."""
        return self.reading.as_of

    @property
    def today(self) -> dt.date:
        """The date of `as_of` in the rulebook's zone."""
        return self.reading.today

    @property
    def rules(self) -> Rulebook:
        """The rules that were applied."""
        return self.reading.rules

    @property
    def rulebook(self) -> str:
        """Their fingerprint."""
        return self.reading.fingerprint

    @property
    def tables(self) -> list[str]:
        """The names of the tables (docs/tables.md)."""
        return self.reading.generation.tables()

    @property
    def boards(self) -> list[str]:
        """The names of the leaderboards."""
        return self.reading.boards()

    def scan(self, name: str) -> pl.LazyFrame:
        """A table, read when collected. Raises Misuse for a name that is none, with close matches."""
        if name not in PUBLISHED_TABLES:
            one_of(name, self.tables, "table")
        return self.reading.table(name)

    def table(self, name: str) -> pl.DataFrame:
        """A table, rows in its order. Raises Misuse for a name that is none, with close matches."""
        return self.reading.collect(self.scan(name))

    def board(
        self, name: str, window: str | None = None, on: dt.date | str | None = None, scope_id: str | None = None
    ) -> pl.DataFrame:
        """The entries of a leaderboard in one window: rows of `leaderboards`.

        Of days, weeks and months the one with the date `on` in it, else the last with entries; without `window` the
        board's first, for most all time. Raises Misuse for what does not exist, naming what does.
        """
        page = board_page(self.reading, name, window, _date(on), scope_id)
        return page.entries.select(
            name for name in PUBLISHED_TABLES["leaderboards"].schema if name in page.entries.columns
        )

    def agent(self, agent_id: str) -> dict[str, object]:
        """The profile of an agent as plain data, as `podium agent --json` has it. Raises Misuse with close matches."""
        return agent_page(self.reading, agent_id).for_machines()

    def user(self, user_id: str) -> dict[str, object]:
        """The profile of a user as plain data, as `podium user --json` has it. Raises Misuse with close matches."""
        return user_page(self.reading, user_id).for_machines()

    def recommend(
        self, *, user: str | None = None, team: str | None = None, category: str | None = None,
        difficulty: str | None = None,
    ) -> pl.DataFrame:  # fmt: skip
        """Agents for a user or a team and a kind of work, as rows of `agent_recommendations`; of any work.

        Without category and difficulty for the most frequent ones. Raises Misuse for what does not exist.
        """
        return advice(self.reading, user=user, team=team, category=category, difficulty=difficulty)

    def ledger(self, agent_id: str) -> pl.DataFrame:
        """Every award of points of an agent, oldest first: columns of `points_ledger`, because, path, line."""
        return self._awards("points_ledger", "agent_id", agent_id)

    def xp_ledger(self, user_id: str) -> pl.DataFrame:
        """Every award of XP of a user, oldest first: columns of `xp_ledger`, because, path, line."""
        return self._awards("xp_ledger", "user_id", user_id)

    def sql(self, text: str) -> pl.DataFrame:
        """The answer to one question in DuckDB's SQL. Raises QueryRefused with a sentence; nothing can be changed."""
        return query.frame(self.reading.generation, text)

    def connection(self) -> query.Connection:
        """A new DuckDB connection to the published tables, read only and in UTC, for as long as this season lives.

        Unlike `sql` it looks at no statement: COPY onto the files of the published tables is not to be asked of it.
        """
        return query.connection(self.reading.generation, self._scratch)

    def what_if(self, over: Mapping[str, Any] | Rulebook, *, window: str | None = None) -> Comparison:
        """What other rules would make of this season: frames boards, totals, trophies, levels, streaks.

        `over`: keys that lie over the season's own rules, such as `{"points": {"first_solver": 20}}`, or a whole
        rulebook. `window`: of boards only this one; without it all but days, weeks and months. Raises RulebookError or
        Misuse with a sentence. The season is played once more, in memory; nothing is published.
        """
        if not isinstance(over, Mapping | Rulebook):
            raise Misuse(
                'Other rules are keys such as {"points": {"first_solver": 20}}, or a Rulebook (load_rulebook).'
            )
        rules = over if isinstance(over, Rulebook) else overlaid(self.rules, over)
        asked(self.reading, rules, window=window)
        base = None if is_of_this_program(self.reading.generation) else self.rules
        return compared(self.reading.generation, rules, base=base, window=window)

    def _awards(self, ledger: str, key: str, subject: str) -> pl.DataFrame:
        what = key.removesuffix("_id")
        known = [self.scan(name).select(pl.col(key).unique()) for name in (ledger, f"{what}_stats")]
        names = self.reading.collect(pl.concat(known).unique().sort(key))[key].to_list()
        subject = one_of(subject, names, what)
        awards = self.reading.collect(self.scan(ledger).filter(pl.col(key) == subject))
        return pl.concat([awards, reasons_of(self.reading, awards)], how="horizontal")

    @cached_property
    def _scratch(self) -> str:
        """A folder for what connections do not hold in memory; it goes when this object does."""
        folder = tempfile.TemporaryDirectory(prefix="podium-sql-")
        weakref.finalize(self, folder.cleanup)
        return folder.name

    def __repr__(self) -> str:
        return f"<season in {self.home}, as of {self.as_of:%Y-%m-%d %H:%M} UTC, rulebook {self.rulebook}>"

    def _repr_html_(self) -> str:
        """For Jupyter: where and when, and how many rows each table has."""
        rows = self.reading.generation.manifest["tables"]
        about = {"home": self.home, "as of": f"{self.as_of:%Y-%m-%d %H:%M:%S} UTC", "rulebook": self.rulebook}
        told = {**about, **{name: counted(held["n_rows"], "row") for name, held in rows.items()}}
        cells = "".join(
            f"<tr><th>{html.escape(str(key))}</th><td>{html.escape(str(value))}</td></tr>"
            for key, value in told.items()
        )
        return f"<table><caption>Podium season</caption><tbody>{cells}</tbody></table>"


def _nearest() -> Path:
    """PODIUM_HOME, else the first home near the working directory in which something is published, else ./data."""
    if os.environ.get(HOME_VARIABLE):
        return settings().home
    return next((home for home in _NEAR if pointer_of(home.absolute()).is_symlink()), DEFAULT_HOME)


def _date(on: dt.date | str | None) -> dt.date | None:
    if isinstance(on, dt.datetime):
        raise Misuse("A window is chosen by a date, not by an instant: say .date() of it, in the season's zone.")
    if not isinstance(on, str):
        return on
    try:
        return dt.date.fromisoformat(on)
    except ValueError:
        raise Misuse(f"{on!r} is no date: write one such as 2026-03-01.") from None
