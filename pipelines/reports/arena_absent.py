"""What a bundle does not say of an owner who shares, and why: left out by the limits of the policy, or always.

Not here: what it says (arena_told.py), and which sums are withheld (arena_preview.py).
"""

from collections.abc import Iterator, Mapping

import polars as pl

from pipelines.arena.consents import ACHIEVEMENTS, AGGREGATES, METRICS
from pipelines.arena.leaving import Leaving
from pipelines.arena.policy import OTHER
from pipelines.reports.choices import named

NEVER = (
    "Never there, whatever is shared: names, ids of tasks, submissions and events, what was asked or answered, titles, "
    "paths, models, projects, teams, tokens, costs and instants. Only a conversation that you hand over yourself holds "
    "what it holds."
)


def absent(is_shared: Mapping[str, bool], tables: Mapping[str, pl.DataFrame], leaving: Leaving) -> list[str]:
    """Sentences to the owner. `is_shared`: by scope. `tables`: the owner's rows."""
    if not any(is_shared.values()):
        return []
    return [*_of_everything(is_shared, leaving), *_of_scopes(is_shared, tables, leaving), NEVER]


def _of_everything(is_shared: Mapping[str, bool], leaving: Leaving) -> Iterator[str]:
    if is_shared[METRICS] or is_shared[ACHIEVEMENTS]:
        yield f"What came after the end of week {leaving.week}: only weeks that are over are told."
        yield "What others did with your agents under their own name: it is theirs to share."


def _of_scopes(is_shared: Mapping[str, bool], tables: Mapping[str, pl.DataFrame], leaving: Leaving) -> Iterator[str]:
    if is_shared[METRICS]:
        yield from _of_metrics(tables, leaving)
    if is_shared[ACHIEVEMENTS]:
        yield "Days and hours of badges and levels, and which agent earned them: the week alone is told."
        yield "Badges and achievements that are not on the public list: their names could tell of your house."
        if tables["achievements"].is_empty():
            yield "Badges, achievements and levels: there is none yet that may be told."
    if is_shared[AGGREGATES]:
        yield (
            f"Names of agents and categories that are not on the public list: in the sums they stand as `{OTHER}`, "
            "together with those of everybody else."
        )


def _of_metrics(tables: Mapping[str, pl.DataFrame], leaving: Leaving) -> Iterator[str]:
    limits = leaving.policy.profiles
    yield (
        f"Exact figures: counts are told in steps of {limits.count_grain}, points and XP in steps of "
        f"{limits.score_grain}, and a share only where it is of at least {limits.min_share_of}."
    )
    if tables["profiles"].is_empty():
        yield f"A profile: up to the end of week {leaving.week} no call and no counted submission is yours."
    agents = tables["agent_statistics"]["agent"]
    yield f"Agents whose calls round to nothing in steps of {limits.count_grain}: they have no row."
    if OTHER in agents:
        yield f"Names of agents that are not on the public list: they stand together in one row, as `{OTHER}`."
    yield (
        f"Places on other boards than these: {named(limits.boards)}; of problems only those on the public list "
        f"({named(leaving.policy.words.problems)})."
    )
    yield "Places whose score rounds to nothing, and people who do not share: ranks are among those who do."
