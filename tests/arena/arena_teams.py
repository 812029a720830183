"""Teams that publish real, signed bundles of a few literal rows, to be merged."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.arena.bundle import Contents, write_bundle
from pipelines.arena.keys import Keyring
from pipelines.arena.policy import load_policy
from pipelines.arena.tables import BUNDLE_TABLES
from pipelines.game.contract import TEXT, WHOLE

POLICY = load_policy()


def name(letter: str) -> str:
    """A pseudonym."""
    return letter * 32


class Team:
    """A publisher of its own in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bundles = folder / "home" / "arena" / "bundles"
        self.keyring = Keyring.open(folder / "keys", folder / "home")
        self._released: set[str] = set()

    @property
    def publisher(self) -> str:
        return self.keyring.publisher

    def publish(
        self,
        xp: Mapping[str, int],
        usage: Sequence[tuple[str, str, int, int]] = (),
        rulebook: str = "0" * 16,
        sigma: float = 134.0,
        **more: Sequence[tuple[Any, ...]],
    ) -> Path:
        """Write the next bundle: `xp` by letter of a pseudonym, `usage` as month, agent, successes and failures.

        `sigma`: of the noise of `usage`.
        `more`: rows of other tables of a bundle, each in the order of its columns.
        """
        self._released |= {month for month, *_ in usage}
        spent = len(self._released) * POLICY.aggregates.release_micro_rho
        ledger = "0" * 64
        return write_bundle(
            self.bundles,
            Contents(
                _tables(xp, [(*told, sigma) for told in usage], more), {}, "2026-W47", rulebook, POLICY, spent, ledger
            ),
            self.keyring,
        ).path

    def copied(self, folder: Path) -> "Team":
        """The same publisher with the same keys and bundles in another place, to tell another story."""
        shutil.copytree(self.folder, folder)
        copy = Team(folder)
        copy._released |= self._released
        return copy


def _tables(
    xp: Mapping[str, int],
    usage: Sequence[tuple[str, str, int, int, float]],
    more: Mapping[str, Sequence[tuple[Any, ...]]],
) -> dict[str, pl.DataFrame]:
    rows: dict[str, list[Any]] = {
        "profiles": [_profile(name(letter), score) for letter, score in xp.items()],
        "leaderboard_entries": [
            ("xp-user", "all", 1, "owner", name(letter), name(letter), score) for letter, score in xp.items()
        ],
        "usage": [("calls", month, agent, None, *told) for month, agent, *told in usage],
    }
    for table, given in more.items():
        rows[table] = [*rows.get(table, []), *given]
    return {
        table: pl.DataFrame(rows.get(table, []), contract.schema, orient="row").sort(contract.sort_by)
        for table, contract in BUNDLE_TABLES.items()
        if table != "tombstones"
    }


def _profile(pseudonym: str, xp: int) -> tuple[Any, ...]:
    told = {"pseudonym": pseudonym, "level": 1, "xp": xp}
    blank = {WHOLE: 0, TEXT: None}
    return tuple(told.get(column.name, blank.get(column.dtype)) for column in BUNDLE_TABLES["profiles"].columns)
