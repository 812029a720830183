"""Product a, profiles by choice, from a published season: a season for each scope among those who share it.

Not here: playing such a season (subseason.py), what is told of it (arena/profiles.py), pseudonyms (arena/naming.py).
"""

import datetime as dt
from pathlib import Path

import polars as pl

from pipelines.arena import profiles
from pipelines.arena.consents import ACHIEVEMENTS, METRICS, sharing
from pipelines.arena.policy import Policy
from pipelines.arena.reasons import withheld_rows
from pipelines.arena.tables import WITHHELD
from pipelines.engines.local import Progress
from pipelines.engines.subseason import SubSeason, among
from pipelines.game.rules import Rulebook
from pipelines.game.windows import end_of
from pipelines.store.generation import Generation


def product_a(
    generation: Generation,
    rules: Rulebook,
    policy: Policy,
    consents: pl.DataFrame,
    last_day: dt.date,
    scratch: Path,
    progress: Progress,
) -> dict[str, pl.DataFrame]:
    """Its tables, and what of them is withheld, up to the end of `last_day`; with ids in the place of pseudonyms.

    `consents`: columns of consents.IN_FORCE. `scratch`: a folder of ours for what does not fit into memory. Raises
    NotReplayable.
    """
    until, zone, words, limits = end_of(last_day, rules.timezone), rules.timezone, policy.words, policy.profiles
    who, whose = sharing(consents, METRICS), sharing(consents, ACHIEVEMENTS)
    season = among(generation, rules, who, until, progress, scratch=scratch)
    trophies = season if who.equals(whose) else among(generation, rules, whose, until, progress, scratch=scratch)
    held, earned = season.tables, trophies.tables
    return {
        "profiles": profiles.profiles(who, held["user_stats"], season.agents, limits, zone),
        "agent_statistics": profiles.agent_statistics(held["user_agents"], words, limits),
        "leaderboard_entries": profiles.leaderboard_entries(
            held["leaderboards"], season.owners_of_agents, words, limits, last_day
        ),
        "achievements": profiles.achievements(
            earned["badges"], earned["level_ups"], trophies.owners_of_agents, words, zone
        ),
        "withheld": _withheld(season, policy),
    }


def _withheld(season: SubSeason, policy: Policy) -> pl.DataFrame:
    boards = season.tables["leaderboards"]["board"].unique()
    problems = [board.partition(":")[2] for board in boards if board.startswith("problem:")]
    if set(problems) <= set(policy.words.problems) or "problem" not in policy.profiles.boards:
        return WITHHELD.empty()
    return withheld_rows([("leaderboard_entries", None, None, "no_words")], policy.aggregates)
