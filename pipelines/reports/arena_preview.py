"""What the preview shows of one owner before anything leaves: scopes, pseudonyms, rows, sums, and what is left out.

Not here: what leaves (arena/leaving.py), tables as people and machines read them (arena_told.py), why something is not
there (arena_absent.py), the page of everybody (arena_preview_all.py), the files (arena_preview_pages.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import polars as pl

from pipelines.arena.budget import Ledger, epsilon_of
from pipelines.arena.consents import AGGREGATES, CONVERSATIONS
from pipelines.arena.disclosure import told_now, too_few, without_narrow
from pipelines.arena.leaving import Leaving, OwnersPart
from pipelines.arena.noise import sigma_for
from pipelines.arena.releases import N_VECTORS, released_so_far
from pipelines.game.records import CONSENT_SCOPES
from pipelines.reports import arena_words
from pipelines.reports.arena_absent import absent
from pipelines.reports.arena_odds import most_right
from pipelines.reports.arena_told import TITLES, Told, told
from pipelines.reports.arena_words import DRAWN, DUE, RELEASED, TOLD

_CELL = ["kind", "month", "agent", "category"]


@dataclass(frozen=True)
class Scope:
    """A scope as an owner stands to it, and the command that changes that."""

    slug: str
    name: str
    shares: str
    is_shared: bool
    command: str


@dataclass(frozen=True)
class Sums:
    """A kind of work in a month: what became of its sums, and the owner's part in them, with the noisy sums if out.

    Of sums that are withheld nobody has a part.
    """

    kind: str
    month: str
    state: str
    rows: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Noise:
    """How the sums are made safe: the policy's limits, the noise, and what an observer may learn of one owner."""

    max_norm: int
    sigma: float
    right_of_one: int
    right_of_all: int
    n_of_all: int
    epsilon_of_all: float
    delta: float


@dataclass(frozen=True)
class OwnersPage:
    """All that is shown to one owner."""

    owner_id: str
    scopes: Sequence[Scope]
    pseudonyms: Sequence[Mapping[str, str | None]]
    tables: Sequence[Told]
    sums: Sequence[Sums]
    absent: Sequence[str]

    @property
    def shares_anything(self) -> bool:
        """Whether any scope is shared."""
        return any(scope.is_shared for scope in self.scopes)

    def shares(self, slug: str) -> bool:
        """Whether a scope is shared."""
        return any(scope.is_shared for scope in self.scopes if scope.slug == slug)

    @property
    def n_shared(self) -> int:
        """How many scopes are shared."""
        return sum(scope.is_shared for scope in self.scopes)

    @property
    def n_rows(self) -> int:
        """Rows of the bundle that speak of this owner."""
        return sum(len(table.rows) for table in self.tables)

    @property
    def n_conversations(self) -> int:
        """Conversations that leave byte for byte."""
        return sum(len(table.rows) for table in self.tables if table.name == CONVERSATIONS)


@dataclass(frozen=True)
class Preview:
    """What would leave, and the budget from which the noise of sums is paid."""

    leaving: Leaving
    ledger: Ledger

    @cached_property
    def owners(self) -> list[str]:
        """Everybody of whom anything might leave, in order."""
        known = [self.leaving.owners, self.leaving.identities["owner_id"], self.leaving.allowing_aggregates]
        return sorted(set(pl.concat(known).drop_nulls()))

    @cached_property
    def sharing(self) -> set[str]:
        """Who shares a scope."""
        return {*self.leaving.identities["owner_id"], *self.leaving.allowing_aggregates}

    def page_of(self, owner_id: str) -> OwnersPage:
        """What is shown to an owner."""
        part = self.leaving.part_of(owner_id)
        is_shared = {scope: scope in part.scopes for scope in CONSENT_SCOPES} | {AGGREGATES: part.allows_aggregates}
        names = self._identities.get(owner_id, self.leaving.identities.clear())
        agent_of = dict(names.select("pseudonym", "agent_id").iter_rows())
        return OwnersPage(
            owner_id,
            [_scope(scope, owner_id, is_shared=is_shared[scope]) for scope in CONSENT_SCOPES],
            sorted(names.to_dicts(), key=lambda row: (CONSENT_SCOPES.index(row["scope"]), row["agent_id"] or "")),
            [told(name, part.tables[name], agent_of) for name in _tables_of(is_shared)],
            self._sums_of(part) if part.allows_aggregates else [],
            absent(is_shared, part.tables, self.leaving),
        )

    @cached_property
    def noise(self) -> Noise:
        """What is added to sums, and what that leaves to be learned of one owner."""
        limits = self.leaving.policy.aggregates
        total = max(limits.budget_micro_rho, self.ledger.spent_micro_rho)
        return Noise(
            limits.max_norm,
            sigma_for(limits.max_norm, limits.release_micro_rho, N_VECTORS),
            most_right(limits.release_micro_rho),
            most_right(total),
            total // limits.release_micro_rho,
            epsilon_of(total, limits.delta),
            limits.delta,
        )

    @cached_property
    def states(self) -> dict[tuple[str, str], str]:
        """What became of the sums of each kind and month that are due, or what will at the next export: a word."""
        limits, left = self.leaving.policy.aggregates, self.leaving.policy.aggregates.budget_micro_rho
        left -= self.ledger.spent_micro_rho
        told = set(self.leaving.tables["usage"].select("kind", "month").unique().iter_rows())
        states = {}
        for month in sorted(self.leaving.months):
            for kind in limits.kinds:
                if (kind, month) in told:
                    states[kind, month] = RELEASED
                elif not self.leaving.is_ledger_whole:
                    states[kind, month] = "ledger"
                elif self.why_withheld is not None:
                    states[kind, month] = self.why_withheld
                elif self.ledger.find(f"{kind}/{month}") is not None:
                    states[kind, month] = "narrow_bounds" if (kind, month) in self._too_narrow else DRAWN
                elif left < limits.release_micro_rho:
                    states[kind, month] = "budget"
                else:
                    states[kind, month] = DUE
                    left -= limits.release_micro_rho
        return states

    @property
    def n_due(self) -> int:
        """How many releases the next export would draw."""
        return sum(state == DUE for state in self.states.values())

    @property
    def cost(self) -> int:
        """What they would cost, in millionths of rho."""
        return self.n_due * self.leaving.policy.aggregates.release_micro_rho

    @cached_property
    def withheld(self) -> list[dict[str, Any]]:
        """Rows of `withheld`, without those that `states` tells of."""
        rows = self.leaving.tables["withheld"].to_dicts()
        return [row for row in rows if (row["kind"], row["period"]) not in self.states]

    @property
    def n_withheld(self) -> int:
        """How many things would stand in the bundle and do not."""
        return len(self.withheld) + sum(state not in TOLD for state in self.states.values())

    @cached_property
    def why_withheld(self) -> str | None:
        """Why no sum may be released, by the sizes of groups; None where they may."""
        return too_few(
            self.leaving.allowing_aggregates.n_unique(), self.leaving.n_others, self.leaving.policy.aggregates
        )

    @cached_property
    def _too_narrow(self) -> set[tuple[str, str]]:
        """Kind and month of sums that were drawn, were never told, and would tell too much beside the profiles."""
        tables = self.leaving.tables
        drawn = released_so_far(self.ledger).join(tables["usage"], on=["kind", "month"], how="anti")
        _, withheld = without_narrow(drawn, [told_now(tables)], self.leaving.n_others, self.leaving.policy)
        return set(withheld.select("kind", "period").iter_rows())

    def _sums_of(self, part: OwnersPart) -> list[Sums]:
        usage = self.leaving.tables["usage"].select(*_CELL, told_successes="successes", told_failures="failures")
        own = part.counted.join(usage, on=_CELL, how="left", nulls_equal=True).sort(_CELL, nulls_last=False)
        of_release = {key: rows.to_dicts() for key, rows in own.partition_by("kind", "month", as_dict=True).items()}
        return [
            Sums(*key, state, of_release.get(key, []) if state in TOLD else []) for key, state in self.states.items()
        ]

    @cached_property
    def _identities(self) -> dict[str, pl.DataFrame]:
        parts = self.leaving.identities.partition_by("owner_id", as_dict=True)
        return {str(owner): part for (owner,), part in parts.items()}


def _scope(slug: str, owner_id: str, *, is_shared: bool) -> Scope:
    words = arena_words.SCOPES[slug]
    change = arena_words.revoke if is_shared else arena_words.grant
    return Scope(slug, words.name, words.shares, is_shared, change(owner_id, slug))


def _tables_of(is_shared: Mapping[str, bool]) -> list[str]:
    """The tables that may speak of an owner who shares these scopes."""
    return [name for name in TITLES if is_shared[arena_words.SCOPE_OF[name]]]
