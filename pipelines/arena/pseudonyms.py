"""Pseudonyms: under which names owners and their agents leave the house.

Here: how one is computed from the key of the epoch and the owner's salt. Not here: where both lie, and how they begin
and end (keys.py, salts.py).
"""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn

import polars as pl

from pipelines.game.faults import PodiumError

N_DIGITS = 32  # hexadecimal: 128 bits


class NotShared(PodiumError):
    """Someone has no pseudonym, because they do not share the scope; the message names nobody."""


def pseudonym(epoch_key: bytes, salt: bytes, scope: str, agent_id: str | None = None) -> str:
    """The pseudonym of an owner, or of one of the owner's agents: 32 hexadecimal digits.

    HMAC-SHA-256 (RFC 2104) under the epoch's key of the salt, the scope and the agent, each after its length in bytes
    as eight bytes, most significant first: no two lists of parts make the same message.
    """
    parts = [salt, scope.encode()] + ([] if agent_id is None else [agent_id.encode()])
    message = b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hmac.new(epoch_key, message, hashlib.sha256).hexdigest()[:N_DIGITS]


@dataclass(frozen=True, eq=False)
class Pseudonyms:
    """The pseudonyms of everyone who shares something. It holds secrets: it shows none, and is never written."""

    epoch_key: bytes = field(repr=False)
    salts: Mapping[tuple[str, str], bytes] = field(repr=False)  # by owner and scope

    def owners(self, scope: str, owner_ids: pl.Series) -> pl.Series:
        """The pseudonyms of owners in a scope: texts, as long as `owner_ids`. Raises NotShared."""
        return self.agents(scope, owner_ids, pl.repeat(None, len(owner_ids), dtype=pl.String, eager=True))

    def agents(self, scope: str, owner_ids: pl.Series, agent_ids: pl.Series) -> pl.Series:
        """The pseudonyms of owners' agents in a scope: texts, as long as both; where the agent is null, the owner's.

        Raises:
            NotShared: an owner does not share the scope, or is null.
        """
        keys = ["owner_id", "agent_id"]
        named = pl.DataFrame([owner_ids.cast(pl.String).alias(keys[0]), agent_ids.cast(pl.String).alias(keys[1])])
        each = named.unique()
        if n_strangers := sum((owner, scope) not in self.salts for owner in each["owner_id"].unique()):
            raise NotShared(
                f"Nothing of an owner who does not share `{scope}` may leave; {n_strangers} of those told of do not."
            )
        made = [pseudonym(self.epoch_key, self.salts[owner, scope], scope, agent) for owner, agent in each.iter_rows()]
        told = each.with_columns(pseudonym=pl.Series(made, dtype=pl.String))
        return named.join(told, on=keys, how="left", nulls_equal=True, maintain_order="left")["pseudonym"]

    def __reduce__(self) -> NoReturn:
        raise TypeError("pseudonyms hold secrets: they are neither pickled nor copied")
