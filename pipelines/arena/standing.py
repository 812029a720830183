"""Where a publisher stands before an export: the last bundle, the anchor beside the keys, and the ledger of privacy.

Not here: what an export makes of it (engines/sharing.py).
"""

from dataclasses import dataclass
from pathlib import Path

from pipelines.arena.anchor import Anchor, read_anchor
from pipelines.arena.budget import NO_LINE, Ledger, LedgerDamaged, rho_text
from pipelines.arena.bundles_folder import last_bundle, newest_signed
from pipelines.arena.keys import Keyring
from pipelines.arena.verify import Bundle


@dataclass(frozen=True)
class Standing:
    """`last`: the newest bundle here. `ledger`: None if it was lost, set back or damaged since it was told of."""

    last: Bundle | None
    anchor: Anchor | None
    ledger: Ledger | None

    @classmethod
    def of(cls, bundles: Path, ledger: Path, keyring: Keyring) -> "Standing":
        """Raises ChainBroken for a last bundle that cannot be followed, KeysFault, and LedgerDamaged where no ledger
        was ever told of: then there is nothing to withdraw, and it can be mended in peace."""
        last, anchor = last_bundle(bundles, keyring.publisher), read_anchor(keyring.folder)
        heads = [last.manifest["ledger_head"]] if last else []
        heads += [anchor.ledger_head] if anchor else []
        try:
            read = Ledger.open(ledger)
        except LedgerDamaged:
            if not heads:
                raise
            return cls(last, anchor, None)
        return cls(last, anchor, read if all(map(read.holds, heads)) else None)

    @property
    def head(self) -> str:
        """The head of the ledger; where it was lost, the one that it had."""
        if self.ledger is not None:
            return self.ledger.head
        return self.anchor.ledger_head if self.anchor else self.last.manifest["ledger_head"] if self.last else NO_LINE

    @property
    def spent_micro_rho(self) -> int:
        """What all releases cost together; where the ledger was lost, those that were told of."""
        if self.ledger is not None:
            return self.ledger.spent_micro_rho
        return int(self.last.manifest["micro_rho_spent"]) if self.last else 0


def refuse_lost(ledger: Ledger, bundles: Path) -> None:
    """Raise LedgerDamaged where the last bundle tells of releases that the ledger does not hold: what it says is spent
    would be too little."""
    last = newest_signed(bundles)
    if last is not None and not ledger.holds(last.manifest["ledger_head"]):
        raise LedgerDamaged(
            f"The ledger was lost or set back: the last bundle, {last.path}, says that "
            f"{rho_text(last.manifest['micro_rho_spent'])} rho are spent, and the ledger holds "
            f"{rho_text(ledger.spent_micro_rho)}. Nothing more is released until it is put back from a copy."
        )
