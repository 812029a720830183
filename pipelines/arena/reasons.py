"""Why something is withheld, in words for a person: the sentences of `withheld`, of which there are no others.

Not here: when a reason holds (disclosure.py, releases.py).
"""

from collections.abc import Sequence

import polars as pl

from pipelines.arena.policy import AggregateLimits
from pipelines.arena.tables import WITHHELD


def sentences(limits: AggregateLimits) -> dict[str, str]:
    """Each word of tables.REASONS with its sentence."""
    return {word: f"{clause[0].upper()}{clause[1:]}." for word, clause in clauses(limits).items()}


def withheld_rows(what: Sequence[tuple[str, str | None, str | None, str]], limits: AggregateLimits) -> pl.DataFrame:
    """Rows of WITHHELD, in its order: of each thing its table, kind, period and reason."""
    told = sentences(limits)
    rows = [(*thing, told[thing[3]]) for thing in what]
    return pl.DataFrame(rows, schema=WITHHELD.schema, orient="row").sort(WITHHELD.sort_by)


def clauses(limits: AggregateLimits) -> dict[str, str]:
    """The same as part of another sentence."""
    return {
        "few_people": f"fewer than {limits.k} people allow aggregates",
        "few_others": f"fewer than {limits.k} of the people who allow aggregates are without a public profile",
        "budget": "the budget of privacy is spent; what was released before stands",
        "narrow_bounds": "together with all that is public it would tell too much of one person",
        "ledger": "the ledger of privacy was lost or set back; until it is put back nothing new is released",
        "damaged": "a shared conversation is missing here, or no longer what was shared",
        "no_words": "boards of problems that are no public words of the policy are left out",
    }
