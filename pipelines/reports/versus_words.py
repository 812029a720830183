"""What separates two entries of a board, in sentences: the result first, then what made it.

Names in them are other people's words: whoever shows them makes them safe, as all text. Not here: the numbers
(versus_page.py), the tables beneath (versus_view.py).
"""

from pipelines.reports import quantities
from pipelines.reports.machine import to_second
from pipelines.reports.versus_page import Group, VersusPage

_UNITS = {
    "points": ("point", "points"),
    "points_per_member": ("point per member", "points per member"),
    "tasks_completed": ("task completed", "tasks completed"),
    "attempts": ("attempt", "attempts"),
    "penalty_minutes": ("penalty minute", "penalty minutes"),
    "xp": ("XP", "XP"),
    "xp_per_member": ("XP per member", "XP per member"),
    "calls": ("call", "calls"),
    "successes": ("successful call", "successful calls"),
}
_SHARES = {"accuracy": "accuracy", "success_share": "success"}
_LEAST_SHOWN = 0.0005  # of a share; what lies below would read 0.0


def sentences(page: VersusPage) -> list[str]:
    """All sentences, the result first."""
    told = [_result(page), *_behind_it(page)]
    return [*told, *(_by_task(page, group) for group in page.groups if group.by == "by_task" and group.rows)]


def amount(measure: str, value: float) -> str:
    """A measure with its unit: `2,010 points`, `95.0 % accuracy`, `minute 34`."""
    if measure in _SHARES:
        return f"{quantities.share(value)} {_SHARES[measure]}"
    if measure == "last_solve_minute":
        return f"minute {value:,.0f}"
    one, many = _UNITS.get(measure, (measure, measure))
    whole = round(value, 2)
    return f"{whole:,.0f} {one if whole == 1 else many}" if whole == int(whole) else f"{whole:,.2f} {many}"


def unit(measure: str) -> str:
    """What a measure is counted in."""
    return _UNITS.get(measure, (measure, measure))[1]


def place(rank: int) -> str:
    """A rank as an ordinal: `1st`, `22nd`, `113th`."""
    ending = "th" if rank % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(rank % 10, "th")
    return f"{rank:,}{ending}"


def _result(page: VersusPage) -> str:
    (ahead, behind), (name, other) = (page.ahead, page.behind), page.names
    score = page.board.rule.order[0].measure if page.board.rule else "points"
    if page.decided_by is None:
        return (
            f"{name} and {other} share the {place(ahead['rank'])} place: both have {amount(score, ahead['score'])}, "
            "and nothing that the board looks at tells them apart."
        )
    if page.decided_by == score:
        gap = ahead["score"] - behind["score"]
        more = "above" if gap > 0 else "below"  # a board may rank the fewest first
        return (
            f"{name} is {place(ahead['rank'])} with {amount(score, ahead['score'])}, {_gap(score, abs(gap))} {more} "
            f"{other} ({place(behind['rank'])})."
        )
    return (
        f"{name} is {place(ahead['rank'])} and {other} {place(behind['rank'])}: both have "
        f"{amount(score, ahead['score'])}, {_tie_break(page, page.decided_by)}."
    )


def _tie_break(page: VersusPage, measure: str) -> str:
    (ahead, behind), (name, other) = (page.ahead, page.behind), page.names
    if measure != "reached_at":
        return f"and {name} has {amount(measure, ahead[measure])} against {amount(measure, behind[measure])} of {other}"
    apart = abs((ahead["reached_at"] - behind["reached_at"]).total_seconds())
    sooner = "before" if ahead["reached_at"] < behind["reached_at"] else "after"
    when = f"on {to_second(ahead['reached_at'])}, {quantities.duration(apart)} {sooner} {other}"
    return f"and {name} reached that {when}"


def _gap(score: str, gap: float) -> str:
    if score not in _SHARES:
        return _number(gap)
    return f"{gap * 100:.1f} percentage points" if gap >= _LEAST_SHOWN else "less than 0.1 percentage points"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _behind_it(page: VersusPage) -> list[str]:
    """What a share, a mean or XP is made of."""
    ahead, behind = page.ahead, page.behind
    held = {by.measure for by in page.board.rule.order} if page.board.rule else set()
    both = zip(page.names, (ahead, behind), strict=True)
    if "accuracy" in held:
        told = [
            f"{n} completed {quantities.counted(e['tasks_completed'], 'task')} in {amount('attempts', e['attempts'])}"
            for n, e in both
        ]
    elif "success_share" in held:
        told = [f"of {amount('calls', e['calls'])} of {n} {e['successes']:,} succeeded" for n, e in both]
    elif held & {"points_per_member", "xp_per_member"}:
        whole = "xp" if page.board.is_of_calls else "points"
        told = [f"{n} has {amount(whole, e[whole])} of {quantities.counted(e['n_members'], 'member')}" for n, e in both]
    else:
        return _factors(page)
    sentence = ", ".join(told)
    return [f"{sentence[0].upper() if sentence.startswith('of ') else sentence[0]}{sentence[1:]}."]


def _factors(page: VersusPage) -> list[str]:
    """What the factors make of the base of calls."""
    kinds = {row["name"]: row for group in page.groups if group.by == "by_kind" for row in group.rows}
    base, factors = kinds.get("base of calls"), kinds.get("factors of calls")
    if base is None or factors is None or not (base["ahead"] and base["behind"]):
        return []
    made = [1 + factors[side] / base[side] for side in ("ahead", "behind")]
    name, other = page.names
    return [f"The factors of its calls make {made[0]:.2f} XP of each XP of base for {name}, {made[1]:.2f} for {other}."]


def _by_task(page: VersusPage, group: Group) -> str:
    """Which tasks only one of them completed, and what those of both gave."""
    nothing = {"ahead": 0, "behind": 0}
    rows = {row["name"]: row for row in group.rows}
    alone, others, both = (rows.get(kind, nothing) for kind in ("ahead", "behind", "both"))
    name, other = page.names
    if group.measure == "tasks_completed":
        return (
            f"{name} completed {alone['ahead']:,} of the tasks that {other} did not, {other} {others['behind']:,} that "
            f"{name} did not, and both {both['ahead']:,}."
        )
    return (
        f"Tasks that only {name} completed gave it {amount(group.measure, alone['ahead'])}, those that only {other} "
        f"completed {others['behind']:,}; tasks of both gave {both['ahead']:,} and {both['behind']:,}."
    )
