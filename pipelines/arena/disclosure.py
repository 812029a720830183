"""Disclosure control: what published figures together say of one owner, and whether that is too much.

Here: the sizes of groups. Not here: the noise (noise.py), what it is charged (budget.py), and who is in a group
(releases.py).
"""

from pipelines.arena.policy import AggregateLimits


def too_few(n_people: int, n_others: int, limits: AggregateLimits) -> str | None:
    """Why sums over so few people are withheld: a word of tables.REASONS, or null where they may be told.

    `n_people`: how many people the sums are over. `n_others`: how many of them have no public profile. Whoever takes
    the published profiles from the sums is left with these; with none of them there is nothing left to learn.
    """
    if n_people < limits.k:
        return "few_people"
    if 0 < n_others < limits.k:
        return "few_others"
    return None
