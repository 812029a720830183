"""Why something is withheld, in words for a person: the sentences of `withheld`, of which there are no others.

Not here: when a reason holds (disclosure.py, releases.py).
"""

from pipelines.arena.policy import AggregateLimits


def sentences(limits: AggregateLimits) -> dict[str, str]:
    """Each word of tables.REASONS with its sentence."""
    return {word: f"{clause[0].upper()}{clause[1:]}." for word, clause in clauses(limits).items()}


def clauses(limits: AggregateLimits) -> dict[str, str]:
    """The same as part of another sentence."""
    return {
        "few_people": f"fewer than {limits.k} people allow aggregates",
        "few_others": f"fewer than {limits.k} of the people who allow aggregates are without a public profile",
        "budget": "the budget of privacy is spent; what was released before stands",
        "narrow_bounds": "together with all that is public it would tell too much of one person",
        "no_words": "boards of problems that are no public words of the policy are left out",
    }
