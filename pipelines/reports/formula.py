"""How the XP of a call came about, in one line: `10 x 1.5 medium x 1.5 quality = 22 + 5 bonus`.

Not here: the rule (game/xp.py), where it is shown (calls_view.py).
"""

import math
from typing import Any

_ROUNDING = 1e-9  # of a product of floats


def formula(award: dict[str, Any]) -> str:
    """The factors of an award of XP, those of 1 left out, and what is added in full; empty for achievements.

    `award`: the columns of `xp_ledger`, and `complexity` and `success` of the call. The product is cut to whole XP, and
    where the rulebook gives no more than a bound, that is said.
    """
    if award["base"] is None:
        return ""
    factors = [
        (award["complexity_factor"], award["complexity"] or "complexity"),
        (award["quality_factor"], "quality"),
        (award["speed_factor"], "speed"),
        (award["multiplier"], "multipliers"),
        (award["streak_factor"], "streak"),
        (award["success_factor"], "success" if award["success"] else "failed"),
    ]
    told = [f" x {factor:.4g} {why}" for factor, why in factors if factor != 1]
    extras = [f" + {award[why]:,} {why}" for why in ("bonus", "evidence") if award[why]]
    given = award["xp"] - award["bonus"] - award["evidence"]
    whole = math.prod((factor for factor, _ in factors), start=award["base"])
    capped = " (capped)" if whole > (given + 1) * (1 + _ROUNDING) else ""
    product = f" = {given:,}{capped}" if told or capped else ""
    return "".join([f"{award['base']:,}", *told, product, *extras])
