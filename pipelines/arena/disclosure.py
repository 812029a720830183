"""Disclosure control: of how many people sums may speak, and the look over a whole bundle before it is written.

Here: when people are too few, releases that say too much, and all reasons why a bundle must not leave. Not here: the
bounds (joint_bounds.py, profile_bounds.py), words and patterns (allow_list.py), noise and its price (noise.py,
budget.py).

No two published figures speak of the same records with different people: a release has a name, one kind of work in one
month, and is drawn once (budget.py). So exporting again after a person joined gives the same bytes of the months before
and other records of the months after. `drawn_twice` says if that was ever broken.

A release whose bounds are too narrow is withheld after it was drawn and charged. That costs no privacy: the decision
is a function of noisy figures and of public ones. It is no way to draw again either, for its name is taken.
"""

from collections.abc import Mapping, Sequence

import polars as pl

from pipelines.arena.aggregates import key_set
from pipelines.arena.agreement import n_tied
from pipelines.arena.allow_list import strange_texts
from pipelines.arena.joint_bounds import CELL, RELEASE, known_widths, narrow, releases_of
from pipelines.arena.policy import AggregateLimits, Policy
from pipelines.arena.profile_bounds import Told, known_of
from pipelines.arena.reasons import clauses, withheld_rows
from pipelines.arena.tables import BUNDLE_TABLES, USAGE

_AFTER_ALL = "9999-W01"


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


def drawn_twice(usage: pl.DataFrame) -> list[tuple[str, str]]:
    """Kind and month of all of which more than one release speaks: none, ever. `usage`: every release, as in USAGE."""
    return releases_of(usage.filter(pl.struct(CELL).is_duplicated()))


def without_few(
    new: pl.DataFrame, n_people: int, n_others: int, limits: AggregateLimits
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Releases that were never told, as in USAGE, and rows of WITHHELD instead where people are too few by now.

    It was drawn by an export that was killed, while there were enough.
    """
    reason = too_few(n_people, n_others, limits)
    if reason is None:
        return new, withheld_rows([], limits)
    return new.clear(), withheld_rows([(USAGE.name, kind, month, reason) for kind, month in releases_of(new)], limits)


def told_now(tables: Mapping[str, pl.DataFrame]) -> Told:
    """Product a of the bundle in hand, which speaks of all that is known by now."""
    return Told(_AFTER_ALL, tables["profiles"], tables["agent_statistics"])


def without_narrow(
    usage: pl.DataFrame, bundles: Sequence[Told], n_others: int, policy: Policy
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The releases that do not say too much, as in USAGE, and rows of WITHHELD for those that do.

    `usage`: every release. `bundles`: product a of the bundles whose tables are still
    here, in order, that about to be written as the last.
    `n_others`: how many enrolled owners have no public profile.
    """
    known = known_of(bundles, usage["month"].unique().sort().to_list(), policy)
    limits = policy.aggregates
    found = narrow(known_widths(usage, known, n_others, limits.max_norm), limits)
    releases = pl.DataFrame(found, schema=RELEASE, orient="row").cast(pl.String)
    kept = usage.join(releases, on=RELEASE, how="anti", maintain_order="left")
    return kept, withheld_rows([(USAGE.name, kind, month, "narrow_bounds") for kind, month in found], limits)


def refusals(
    tables: Mapping[str, pl.DataFrame],
    n_enrolled: int,
    n_others: int,
    policy: Policy,
    *,
    told_before: pl.DataFrame | None = None,
    bundles: Sequence[Told] = (),
) -> list[str]:
    """Why these tables must not leave, as sentences that repeat nothing of them; none if they may.

    `tables`: those of the bundle by name, but `tombstones`. `n_enrolled`, `n_others`: who allows aggregates, and how
    many of them have no public profile. `told_before`: the rows of USAGE that were released before this export; they
    stay, whoever has left since. `bundles`: product a of those
    before this one whose tables are still here, in order.
    """
    before = USAGE.empty() if told_before is None else told_before
    faults = [
        f"The table `{name}` is refused: the format has none of that name."
        for name in sorted(tables.keys() - BUNDLE_TABLES.keys())
    ]
    whole = {name: tables.get(name, table.empty()) for name, table in BUNDLE_TABLES.items()}
    for name, frame in whole.items():
        if not BUNDLE_TABLES[name].is_kept_by(frame):
            faults.append(f"The table `{name}` is refused: it does not keep its contract.")
        else:
            faults += strange_texts(BUNDLE_TABLES[name], frame, policy, before if name == USAGE.name else None)
    if faults:  # of tables that are not what they should be nothing else can be asked
        return faults
    this = told_now(whole)
    usage, limits = whole["usage"], policy.aggregates
    new = usage.join(before, on=RELEASE, how="anti")
    reason = too_few(n_enrolled, n_others, limits)
    withheld = whole["withheld"].rename({"period": "month"})
    _, too_narrow = without_narrow(new, [*bundles, this], n_others, policy)
    found = {
        "it is called withheld as well": releases_of(usage.join(withheld, on=RELEASE, how="semi")),
        "more than one release speaks of it": drawn_twice(usage),
        "it was told with other figures before": releases_of(_changed(before, usage)),
        "its cells are not those of the public words, and an absence would tell of a count": _not_whole(new, policy),
        clauses(limits)["narrow_bounds"]: releases_of(too_narrow.rename({"period": "month"})),
    }
    if reason is not None:
        found[clauses(limits)[reason]] = releases_of(new)
    for why, releases in found.items():
        faults += [f"The release of {kind} in {month} is refused: {why}." for kind, month in releases]
    if n_ties := n_tied(whole):
        faults.append(f"The bundle is refused: pseudonyms of one scope stand in tables of another ({n_ties} of them).")
    return faults


def _changed(before: pl.DataFrame, usage: pl.DataFrame) -> pl.DataFrame:
    """The rows that were told with other figures before."""
    both = before.join(usage, on=CELL, how="inner", nulls_equal=True, suffix="_now")
    figures = ("successes", "failures", "sigma")
    return both.filter(pl.any_horizontal(pl.col(name) != pl.col(f"{name}_now") for name in figures))


def _not_whole(new: pl.DataFrame, policy: Policy) -> list[tuple[str, str]]:
    """New releases that lack a cell, or have one that they should not."""
    strange = [new.select(CELL).filter(~pl.col("kind").is_in(policy.aggregates.kinds))]
    for kind in policy.aggregates.kinds:
        held = new.select(CELL).filter(pl.col("kind") == kind)
        due = held.select(RELEASE).unique().join(key_set(kind, policy.words), how="cross")
        strange += [
            due.join(held, on=CELL, how="anti", nulls_equal=True),
            held.join(due, on=CELL, how="anti", nulls_equal=True),
        ]
    return releases_of(pl.concat(strange))
