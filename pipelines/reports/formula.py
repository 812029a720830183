"""How the XP of a call came about, in one line: `10 x 1.5 medium x 1.5 quality = 22 + 5 bonus`.

Not here: the rule (game/xp.py), where it is shown (calls_view.py).
"""

from typing import Any


def formula(award: dict[str, Any]) -> str:
    """The factors of an award of XP, those of 1 left out, and what is added in full; empty for achievements.

    `award`: the columns of `xp_ledger`, and `complexity` and `success` of the call. The product is cut to whole XP.
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
    product = f" = {award['xp'] - award['bonus'] - award['evidence']:,}" if told else ""
    return "".join([f"{award['base']:,}", *told, product, *extras])
