"""How agents spread through a team: one row per team and agent called for it.

Who was first and second, how long that took, how many had called it after 30 and 90 days, how much of the use is by
others than the first, and how success went before and after the second user. In a small team all of that is null, for
it would tell when, how much and how well single users worked. Success before the second user is the first user's own,
in a team of any size: so a row that tells it names nobody. Not here: teams as a whole (collaboration.py).
"""

import datetime as dt

import numpy as np
import polars as pl

from pipelines.game.contract import FLAG, INSTANT, NUMBER, TEXT, WHOLE, Column, Table
from pipelines.insight.evidence import Evidence
from pipelines.insight.proportions import DIGITS, told
from pipelines.insight.teams.success_around import success_around
from pipelines.insight.teams.use import TeamUse
from pipelines.insight.teams.words import sentence

_DAY = 86_400 * 10**6  # microseconds
DAYS = (30, 90)  # since an agent's first call, after which its users are counted
_SMALL = "null in a small team"
_NAMED = f"{_SMALL}, and where success_before_share is told"
_TOLD = "null unless enough users and calls on both sides"


def _share(name: str, about: str, null: str) -> tuple[Column, Column, Column]:
    """A share and the ends of its interval."""
    says = (("share", about), ("lo95", "low end of its 95 % interval (Wilson)"), ("hi95", "high end of it"))
    one, two, three = (
        Column(f"{name}_{end}", NUMBER, f"{words}; {null}", nullable=True, low=0, high=1) for end, words in says
    )
    return one, two, three


def _change(name: str, about: str) -> tuple[Column, Column, Column]:
    """A difference of shares and the ends of its interval."""
    says = (about, "low end of its 95 % interval (Newcombe)", "high end of it")
    one, two, three = (
        Column(f"{name}{end}", NUMBER, f"{words}; {_TOLD}", nullable=True, low=-2, high=2)
        for end, words in zip(("", "_lo95", "_hi95"), says, strict=True)
    )
    return one, two, three


AGENT_ADOPTION = Table(
    "agent_adoption",
    "one row per team and agent called for it",
    (
        Column("team_id", TEXT, "the team that the calls name"),
        Column("agent_id", TEXT, "the agent called"),
        Column("n_users", WHOLE, "users who called it for this team", low=1),
        Column("calls", WHOLE, "its calls for this team", low=1),
        Column("is_small", FLAG, "whether the team has fewer users than insight.small_group"),
        Column("first_at", INSTANT, "its first call for this team"),
        Column("is_reused", FLAG, "whether another team had called it before"),
        Column("first_user_id", TEXT, f"who made that first call; {_NAMED}", nullable=True),
        Column("second_user_id", TEXT, f"the second user, null with one; {_NAMED}", nullable=True),
        Column("second_at", INSTANT, f"the second user's first call, null with one; {_SMALL}", nullable=True),
        Column("days_to_second", NUMBER, f"days from first_at to second_at; {_SMALL}", nullable=True, low=0),
        Column("n_users_30d", WHOLE, f"users in its first 30 days; null before they are over; {_SMALL}", nullable=True),
        Column("n_users_90d", WHOLE, f"users in its first 90 days; null before they are over; {_SMALL}", nullable=True),
        *_share("spread", "share of its calls by others than the first user", _SMALL),
        Column(
            "n_before",
            WHOLE,
            "calls before the second user, all of them the first's; null unless insight.small_group users called it",
            nullable=True,
            low=0,
        ),
        Column("n_after", WHOLE, "calls from the second user on, of all users; null as n_before", nullable=True, low=0),
        *_share("success_before", "share of successful calls before the second user", _TOLD),
        *_share("success_after", "share of successful calls from then on", _TOLD),
        *_change("success_change", "success_after_share less success_before_share: an association, no effect"),
        Column(
            "mix_change",
            NUMBER,
            f"how much of that the mix of category and complexity would give; {_TOLD}",
            nullable=True,
            low=-1,
            high=1,
        ),
        *_change("adjusted_change", "success_change less mix_change"),
        Column("sentence", TEXT, "what that says, and what is left out"),
    ),
    ("team_id", "agent_id"),
)


def agent_adoption(evidence: Evidence, use: TeamUse) -> pl.DataFrame:
    """The table `agent_adoption`. Intervals take calls for independent; those of one user are not."""
    if use.pairs.is_empty():
        return AGENT_ADOPTION.empty()
    open_to_all = ~pl.col("is_small")
    days = (pl.col("second_at") - pl.col("first_at")).dt.total_microseconds() / _DAY
    frame = (
        use.agents.with_columns(*_users_after(use, evidence.as_of), days_to_second=days.round(2))
        .with_columns(
            told("spread", pl.col("calls") - pl.col("calls_of_first"), pl.when(open_to_all).then(pl.col("calls"))),
        )
        .with_columns(pl.when(open_to_all).then(pl.col(_OF_PERSONS)))
        .join(success_around(evidence, use), on=["team_id", "agent_id"], how="left", maintain_order="left")
        .with_columns(pl.when(pl.col("success_before_share").is_null()).then(pl.col("first_user_id", "second_user_id")))
    )
    frame = frame.with_columns(pl.col(pl.Float64).round(DIGITS))
    return AGENT_ADOPTION.shape(frame.with_columns(sentence=sentence(use.small_group)))


_OF_PERSONS = ["first_user_id", "second_user_id", "second_at", "days_to_second", *(f"n_users_{n}d" for n in DAYS)]


def _users_after(use: TeamUse, as_of: dt.datetime) -> list[pl.Series]:
    """How many users each of `use.agents` had so many days after its first call; null where they are not over."""
    at = use.pairs["first_at"].to_physical().to_numpy()
    begin = at[use.starts]
    since = at - np.repeat(begin, np.diff(use.starts, append=at.size))
    now = pl.Series([as_of]).cast(use.pairs.schema["first_at"]).to_physical()[0]
    counted = []
    for n in DAYS:
        n_users = np.add.reduceat((since < n * _DAY).astype(np.int64), use.starts)
        is_over = begin <= now - n * _DAY
        counted.append(
            pl.select(pl.when(pl.Series(is_over)).then(pl.Series(n_users)).alias(f"n_users_{n}d")).to_series()
        )
    return counted
