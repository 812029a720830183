"""What the preview shows to who runs the house: all owners, what would leave in all, what is withheld, and the budget.

Not here: what it shows to an owner (arena_preview.py), the files (arena_preview_pages.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.arena.tables import BUNDLE_TABLES
from pipelines.game.records import CONSENT_SCOPES
from pipelines.reports import arena_words
from pipelines.reports.arena_budget_view import BudgetPage, budget_page
from pipelines.reports.arena_preview import OwnersPage, Preview
from pipelines.reports.arena_told import TITLES

NOT_SHOWN = ("withheld", "tombstones")  # of the bundle itself: the first has its own place, the other is not made yet
TITLE_OF_SUMS = "Sums over everybody"


@dataclass(frozen=True)
class OwnersLine:
    """An owner in one line, and where their page is."""

    owner_id: str
    shares: Sequence[bool]
    n_rows: int
    path: str

    @classmethod
    def of(cls, page: OwnersPage, path: str) -> "OwnersLine":
        """The line that leads to a page."""
        return cls(page.owner_id, [scope.is_shared for scope in page.scopes], page.n_rows, path)

    @property
    def shared(self) -> list[str]:
        """The scopes that are shared."""
        return [scope for scope, is_shared in zip(CONSENT_SCOPES, self.shares, strict=True) if is_shared]

    @property
    def is_sharing(self) -> bool:
        """Whether anything is shared."""
        return any(self.shares)


@dataclass(frozen=True)
class Everybody:
    """The page of all: who shares what, tables with their rows, what is withheld, sums that are due, the budget."""

    owners: Sequence[OwnersLine]
    n_unlisted: int
    tables: Sequence[Mapping[str, Any]]
    withheld: Sequence[Mapping[str, Any]]
    n_withheld: int
    sums: Sequence[Mapping[str, Any]]
    budget: BudgetPage
    cost: int
    n_due: int
    is_ledger_whole: bool

    @property
    def n_sharing(self) -> int:
        """How many share something."""
        return sum(line.is_sharing for line in self.owners)

    @property
    def spent_share(self) -> float:
        """How much of the budget is spent."""
        return self.budget.spent / self.budget.limits.budget_micro_rho

    @property
    def n_rows(self) -> int:
        """Rows that speak of single owners."""
        return sum(line.n_rows for line in self.owners)


def everybody(preview: Preview, lines: Sequence[OwnersLine]) -> Everybody:
    """The page, given a line for each owner who has one; those without share nothing."""
    limits = preview.leaving.policy.aggregates
    return Everybody(
        sorted(lines, key=lambda line: (not line.is_sharing, line.owner_id)),
        len(preview.owners) - len(lines),
        [_table(preview, name) for name in BUNDLE_TABLES if name not in NOT_SHOWN],
        preview.withheld,
        preview.n_withheld,
        [
            {
                "kind": arena_words.KINDS[kind],
                "month": arena_words.month(month),
                "state": state,
                "sentence": arena_words.of_release(state, limits),
            }
            for (kind, month), state in preview.states.items()
        ],
        budget_page(preview.ledger, limits),
        preview.cost,
        preview.n_due,
        preview.leaving.is_ledger_whole,
    )


def _table(preview: Preview, name: str) -> Mapping[str, Any]:
    rows = preview.leaving.tables[name]
    whose = "owner_pseudonym" if "owner_pseudonym" in rows.columns else "pseudonym"
    return {
        "name": name,
        "title": TITLES.get(name, TITLE_OF_SUMS),
        "grain": BUNDLE_TABLES[name].grain,
        "n_rows": rows.height,
        "n_owners": rows[whose].n_unique() if whose in rows.columns else None,
    }
