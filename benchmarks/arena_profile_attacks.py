"""Attacks on profiles by choice: whose row is this, and which rows are one person's?

Here: the attackers, what each knows, and how often they are right. They see what a bundle holds and nothing else of
the house. Where two answers look alike the lot decides. Not here: the teams, and what is said of the figures
(arena_recognised.py), attacks on sums (arena_attacks.py).
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from pipelines.arena.pseudonyms import N_DIGITS
from pipelines.insight.proportions import wilson_ends

FIGURES = ("level", "xp", "calls", "successes", "points", "tasks_completed", "attempts", "daily_best")
NEEDS = {"centurion": ("successes", 100), "streak-warrior": ("daily_best", 7), "rising-star": ("tasks_completed", 10)}
Distances = NDArray[np.float64]  # a row per question, a column per possible answer
Pairs = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Guesses:
    """How often an attacker was right, and how often somebody is who draws lots."""

    n_right: int
    n: int
    chance: float

    @property
    def share(self) -> float:
        """Of all guesses those that were right."""
        return self.n_right / self.n

    def interval(self, z: float = 1.96) -> tuple[float, float]:
        """Wilson's interval of the share."""
        low, high = wilson_ends(np.array([float(self.n_right)]), np.array([float(self.n)]), z)
        return float(low[0]), float(high[0])


def together(parts: Iterable[Guesses]) -> Guesses:
    """All guesses of several attacks; their chance is that of the average guess."""
    held = list(parts)
    n = sum(part.n for part in held)
    return Guesses(sum(part.n_right for part in held), n, sum(part.chance * part.n for part in held) / n)


def unique_rows(rows: pl.DataFrame, columns: Sequence[str]) -> Guesses:
    """How many rows have these figures for themselves. Lots find one in as many as there are rows."""
    return Guesses(int(rows.select(columns).is_unique().sum()), rows.height, 1 / rows.height)


def by_totals(told: pl.DataFrame, known: pl.DataFrame, columns: Sequence[str], dice: np.random.Generator) -> Guesses:
    """An insider who knows everybody's totals of the house asks of each row whose it is: whose totals are nearest?

    `told`: rows with `owner_id`, by which the guess is judged alone. `known`: a row per person of the house.
    """
    return _judged(_nearest(_apart(told, known, columns), dice), told["owner_id"], known["owner_id"])


def by_rough_calls(told: pl.DataFrame, calls: pl.DataFrame, within: float, dice: np.random.Generator) -> Guesses:
    """An outsider who knows of a person the number of calls, up to a share of it, asks which row is theirs.

    `calls`: owner_id and exact calls, a row per person who has a row in `told`.
    """
    heard = calls["calls"].to_numpy() * dice.uniform(1 - within, 1 + within, calls.height)
    distances = np.abs(np.log1p(told["calls"].to_numpy())[None, :] - np.log1p(heard)[:, None])
    return _judged(_nearest(distances, dice), calls["owner_id"], told["owner_id"])


def by_two_agents(statistics: pl.DataFrame, used: pl.DataFrame, dice: np.random.Generator) -> Guesses:
    """An outsider who knows of a person two agents that they use asks which row is theirs: any that has both.

    `statistics`: rows of agent_statistics with `owner_id`. `used`: owner_id and agent, the public ones that each person
    who has a row there used, told or not; whoever used fewer than two is not asked for.
    """
    rows = statistics["owner_id"].unique().sort()
    by_owner = statistics.group_by("owner_id").agg("agent")
    held = dict(zip(by_owner["owner_id"], map(set, by_owner["agent"]), strict=True))
    asked, distances = [], []
    for owner, agents in used.group_by("owner_id").agg("agent").sort("owner_id").iter_rows():
        if len(agents) > 1 and owner in held:
            both = set(dice.choice(sorted(agents), 2, replace=False).tolist())
            asked.append(owner)
            distances.append([-float(len(both & held[row])) for row in rows])
    return _judged(_nearest(np.array(distances), dice), pl.Series(asked), rows)


def by_levels(profiles: pl.DataFrame, achieved: pl.DataFrame, dice: np.random.Generator) -> Guesses:
    """Which profile and which achievements are one person's: those that are of one level.

    Both with `owner_id`, the same people's. All are told apart at once, for nobody has two rows.
    """
    reached = _levels(achieved).group_by("owner_id").agg(pl.col("level").max())
    both = profiles.select("owner_id", told="level").join(reached, on="owner_id", how="left").sort("owner_id")
    distances = np.abs(both["told"].to_numpy()[:, None] - both["level"].fill_null(1).to_numpy()[None, :])
    return _judged(_one_to_one(distances.astype(float), dice), both["owner_id"], both["owner_id"])


def by_weeks(
    profiles: pl.DataFrame, entries: pl.DataFrame, achieved: pl.DataFrame, dice: np.random.Generator
) -> Guesses:
    """The same by all that both say: levels by week, what badges need, and the weeks in which there was anything.

    `entries`: of leaderboard_entries with `owner_id`; XP of each week tell in which week which level was reached.
    """
    owners = profiles.select("owner_id").sort("owner_id")
    weekly = entries.filter(pl.col("period").str.contains("W")).rename({"period": "week", "score": "value"})
    weeks = sorted({*weekly["week"], *achieved["week"]})
    earned = _by_week(owners, weekly.filter(pl.col("board") == "xp-user"), weeks).cumsum(axis=1)
    from_xp = np.floor((1 + np.sqrt(1 + earned / 12.5)) / 2)  # level L begins at 50 L (L - 1) XP
    reached = _by_week(owners, _levels(achieved).with_columns(value="level"), weeks)
    levels = np.maximum(np.maximum.accumulate(reached, axis=1), 1)
    distances = np.abs(from_xp[:, None, :] - levels[None, :, :]).sum(axis=2)
    for kind, board in (("achievement", "xp-user"), ("badge", "points")):
        has_entry = _by_week(owners, weekly.filter(pl.col("board") == board), weeks) > 0
        has_any = _by_week(owners, achieved.filter(pl.col("kind") == kind).with_columns(value=1), weeks) > 0
        distances += (~has_entry[:, None, :] & has_any[None, :, :]).sum(axis=2)
    for slug, (figure, least) in NEEDS.items():
        enough = owners.join(profiles, on="owner_id", how="left", maintain_order="left")[figure].to_numpy() >= least
        holds = owners["owner_id"].is_in(achieved.filter(pl.col("slug") == slug)["owner_id"].implode()).to_numpy()
        distances += enough[:, None] != holds[None, :]
    return _judged(_one_to_one(distances, dice), owners["owner_id"], owners["owner_id"])


def by_content(earlier: pl.DataFrame, later: pl.DataFrame, dice: np.random.Generator) -> Guesses:
    """Which profile of one epoch is which of the next: those that say nearly the same. Both with `owner_id`."""
    chosen = _one_to_one(_apart(earlier, later, FIGURES), dice)
    return _judged(chosen, earlier["owner_id"], later["owner_id"])


def by_digits(one: Mapping[str, str], other: Mapping[str, str], dice: np.random.Generator) -> Guesses:
    """Which pseudonyms of two scopes or epochs are one person's, by their digits alone: those that differ in fewest.

    Both: owner -> pseudonym, the same people's.
    """
    owners = sorted(one)
    first, second = (np.array([list(names[owner]) for owner in owners]) for names in (one, other))
    n_unlike = (first[:, None, :] != second[None, :, :]).sum(axis=2).astype(float)
    return _judged(_one_to_one(n_unlike, dice), pl.Series(owners), pl.Series(owners))


def by_order(one: Mapping[str, str], other: Mapping[str, str]) -> Guesses:
    """The same by their place in the order of pseudonyms, in which bundles list rows."""
    first, second = (sorted(names, key=names.__getitem__) for names in (one, other))
    return Guesses(sum(a == b for a, b in zip(first, second, strict=True)), len(first), 1 / len(first))


def by_dictionary(pseudonyms: Mapping[str, str], public: Sequence[bytes], scope: str) -> Guesses:
    """Somebody with the list of names makes of each what careless programs make pseudonyms of, and looks it up.

    `public`: what everybody knows of the publisher and might have been taken for a key or salt.
    """
    digests = ("sha256", "sha1", "md5", "blake2b", "sha3_256")
    n_found = 0
    for owner, told in pseudonyms.items():
        name, scoped = owner.encode(), f"{owner}|{scope}".encode()
        texts = [name, scoped, f"{scope}|{owner}".encode(), *(part + name for part in public)]
        made = {hashlib.new(digest, text).hexdigest() for digest in digests for text in texts}
        made |= {hmac.new(key, text, digest).hexdigest() for key in public for text in texts for digest in digests}
        n_found += any(guess[:N_DIGITS] == told for guess in made)
    return Guesses(n_found, len(pseudonyms), 0.0)


def _apart(one: pl.DataFrame, other: pl.DataFrame, columns: Sequence[str]) -> Distances:
    """How unlike each row of one is to each of another: the sum of the figures' distances on a logarithmic scale."""
    first, second = (np.log1p(frame.select(columns).to_numpy().astype(float)) for frame in (one, other))
    return np.abs(first[:, None, :] - second[None, :, :]).sum(axis=2)


def _nearest(distances: Distances, dice: np.random.Generator) -> NDArray[np.int64]:
    return (distances + 1e-9 * dice.random(distances.shape)).argmin(axis=1)


def _one_to_one(distances: Distances, dice: np.random.Generator) -> NDArray[np.int64]:
    """To each row another column, so that they lie as near together as they can (Kuhn 1955)."""
    answers: NDArray[np.int64] = linear_sum_assignment(distances + 1e-6 * dice.random(distances.shape))[1]
    return answers


def _judged(chosen: NDArray[np.int64], true: pl.Series, answers: pl.Series) -> Guesses:
    """`chosen`: a place in `answers` for each of `true`."""
    return Guesses(int((answers.gather(chosen) == true).sum()), len(true), 1 / len(answers))


def _levels(achieved: pl.DataFrame) -> pl.DataFrame:
    return achieved.filter(pl.col("kind") == "level")


def _by_week(owners: pl.DataFrame, rows: pl.DataFrame, weeks: Sequence[str]) -> Distances:
    """The greatest `value` of each owner and week, 0 where there is none; a row per owner, a column per week."""
    every = owners.join(pl.DataFrame({"week": weeks}), how="cross")
    greatest = rows.group_by("owner_id", "week").agg(pl.col("value").max())
    values = every.join(greatest, on=["owner_id", "week"], how="left", maintain_order="left")["value"].fill_null(0)
    return values.cast(pl.Float64).to_numpy().reshape(owners.height, len(weeks))
