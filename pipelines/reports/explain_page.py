"""Every award of an agent or a user with its reason and its source, as read from a published season.

An agent has an account of the points that it earned, one of the XP of its calls, or both; a user one of XP. Not here:
the reasons (reasons.py), how the page looks (explain_view.py), what separates two (versus_page.py).
"""

import datetime as dt
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from pipelines.game.rule_shapes import Filters
from pipelines.reports.choices import one_of
from pipelines.reports.reading import Reading
from pipelines.reports.reasons import reasons_of

LEDGERS = {"points": "points_ledger", "xp": "xp_ledger"}


@dataclass(frozen=True)
class Asked:
    """Which awards are asked for: earned in [since, until] (naive UTC), by which rule, and how many of the last."""

    since: dt.datetime | None = None
    until: dt.datetime | None = None
    rule: str | None = None
    top: int | None = None

    @property
    def is_everything(self) -> bool:
        """Whether no award is left out for when or how it was earned."""
        return self.since is None and self.until is None and self.rule is None


@dataclass(frozen=True)
class Account:
    """The awards of one currency, points or xp, oldest first.

    `awards`: the columns of the ledger, `total` (the sum of all awards up to and with this one, whatever is asked for)
    and because, path, line. `n_asked`, `asked`: number and sum of the awards asked for; `n_awards`, `total`: of all.
    `place`: board, rank and score of the board for all of that currency; null where it has no entry there.
    """

    currency: str
    awards: list[dict[str, Any]]
    n_asked: int
    asked: int
    n_awards: int
    total: int
    n_provisional: int
    place: dict[str, Any] | None


@dataclass(frozen=True)
class ExplainPage:
    """An agent or a user with its accounts. `is_also_user`: an agent whose name a user has too."""

    reading: Reading
    subject: str
    name: str
    is_also_user: bool
    asked: Asked
    accounts: tuple[Account, ...]

    def for_machines(self) -> dict[str, object]:
        """The page as plain data."""
        return {
            f"{self.subject}_id": self.name,
            "as_of": self.reading.as_of,
            "rulebook": self.reading.fingerprint,
            "generation": self.reading.generation.id,
            "since": self.asked.since,
            "until": self.asked.until,
            "rule": self.asked.rule,
            **{account.currency: _plain(account) for account in self.accounts},
        }


def explain_page(reading: Reading, name: str, asked: Asked | None = None, *, is_user: bool = False) -> ExplainPage:
    """Every award of an agent, or of a user, that is asked for.

    A name that both an agent and a user have is the agent's, unless `is_user`. Raises Misuse, with close matches, for
    a name or a rule that does not exist.
    """
    asked = asked or Asked()
    agents, users = _agents(reading), _users(reading)
    known, what = (users, "user") if is_user else (sorted({*agents, *users}), "agent or user")
    name = one_of(name, known, what)
    is_agent = not is_user and name in agents
    own = pl.col("agent_id" if is_agent else "user_id") == name
    ledgers = {
        currency: reading.collect(reading.table(LEDGERS[currency]).filter(own))
        for currency in (LEDGERS if is_agent else ("xp",))
    }
    held = {currency: ledger for currency, ledger in ledgers.items() if ledger.height} or dict([*ledgers.items()][:1])
    if asked.rule is not None:
        rules = sorted({rule for ledger in held.values() for rule in ledger["rule"].unique()})
        asked = replace(asked, rule=one_of(asked.rule, rules, "rule among these awards"))
        held = {currency: ledger for currency, ledger in held.items() if asked.rule in ledger["rule"]}
    subject = "agent" if is_agent else "user"
    accounts = tuple(_account(reading, currency, ledger, asked, subject, name) for currency, ledger in held.items())
    return ExplainPage(reading, subject, name, is_agent and name in users, asked, accounts)


def _agents(reading: Reading) -> list[str]:
    known = [reading.table(table).select(pl.col("agent_id").unique()) for table in ("submissions", "user_agents")]
    return reading.collect(pl.concat(known).unique().sort("agent_id")).to_series().to_list()


def _users(reading: Reading) -> list[str]:
    return reading.collect(reading.table("user_stats").select("user_id")).to_series().to_list()


def _account(reading: Reading, currency: str, ledger: pl.DataFrame, asked: Asked, subject: str, name: str) -> Account:
    """The account of one ledger. An agent's awards of XP come by user: they are put in the order of their instants."""
    ordered = ledger.sort("earned_at", maintain_order=True).with_columns(total=pl.col(currency).cum_sum())
    wanted = _wanted(ordered, asked)
    shown = wanted.tail(asked.top) if asked.top else wanted
    told = pl.concat([shown.drop("rulebook"), reasons_of(reading, shown)], how="horizontal")
    return Account(
        currency,
        awards=told.to_dicts(),
        n_asked=wanted.height,
        asked=int(wanted[currency].sum()),
        n_awards=ordered.height,
        total=int(ordered[currency].sum()),
        n_provisional=int(ordered["is_provisional"].sum()) if currency == "points" else 0,
        place=_place(reading, currency, subject, name),
    )


def _wanted(awards: pl.DataFrame, asked: Asked) -> pl.DataFrame:
    earned = pl.col("earned_at").dt.replace_time_zone(None)
    if asked.since is not None:
        awards = awards.filter(earned >= asked.since)
    if asked.until is not None:
        awards = awards.filter(earned <= asked.until)
    return awards.filter(pl.col("rule") == asked.rule) if asked.rule is not None else awards


def _place(reading: Reading, currency: str, subject: str, name: str) -> dict[str, Any] | None:
    """The entry on the first board that ranks all of a kind by this currency, over all time and without a filter."""
    for rule in reading.rules.board:
        is_for_all = rule.subject == subject and rule.scope == "all" and rule.each is None and "all" in rule.windows
        is_filtered = any(getattr(rule, each) for each in Filters.model_fields)
        if is_for_all and not is_filtered and rule.order[0].measure == currency:
            entry = (pl.col("board") == rule.slug) & (pl.col("window") == "all") & (pl.col("subject_id") == name)
            found = reading.collect(reading.table("leaderboards").filter(entry).select("board", "rank", currency))
            return {"board": rule.slug, "rank": found["rank"][0], "score": found[currency][0]} if found.height else None
    return None


def _plain(account: Account) -> dict[str, object]:
    return {
        "total": account.total,
        "n_awards": account.n_awards,
        "n_provisional": account.n_provisional,
        "place": account.place,
        "n_asked": account.n_asked,
        "asked": account.asked,
        "awards": account.awards,
    }
