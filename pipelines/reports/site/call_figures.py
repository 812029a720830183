"""Key figures of agent calls, the same for whoever called, was called, or has members that call.

Not here: the sums (game/work.py), the tables of calls (templates/profile.html.j2).
"""

from typing import Any

from pipelines.reports import quantities
from pipelines.reports.site.profile_parts import Figure, interval

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")


def call_figures(work: dict[str, Any], low: float, high: float) -> list[Figure]:
    """Success with its 95 % interval (`low` to `high`), duration, tokens and money; what no call tells is left out.

    `work`: the columns of `game.work.WORK`; with n_derived also how much of the success nobody judged.
    """
    told: list[Figure] = [
        (quantities.share(work["success_share"]), "Success", _sure(work, low, high)),
    ]
    if work["median_duration_s"] is not None:
        p95 = quantities.duration(work["p95_duration_s"])
        told.append((quantities.duration(work["median_duration_s"]), "Median duration", f"95 % took up to {p95}"))
    if work["tokens_per_success"] is not None:
        note = f"{quantities.large(sum(work[name] for name in _TOKENS))} in {_calls(work['calls_with_tokens'])}"
        told.append((quantities.large(work["tokens_per_success"]), "Tokens per success", note))
    if work["cost_usd"] is not None:
        told.append((quantities.money(work["cost_usd"]), "Cost", "of the calls that tell it"))
    return told


def _sure(work: dict[str, Any], low: float, high: float) -> str:
    note = interval(low, high, work["calls"], "call")
    derived = work.get("n_derived", 0)
    if not derived:
        return note
    of_it = "all" if derived == work["calls"] else quantities.share(derived / work["calls"])
    return f"{note}; {of_it} derived, not judged"


def _calls(n: int) -> str:
    return quantities.counted(n, "call")
