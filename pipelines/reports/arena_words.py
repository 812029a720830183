"""Consent and what comes of it in words: scopes, the commands that change them, and what became of sums.

Not here: who shares what (consent_view.py), what would leave (arena_preview.py).
"""

import datetime as dt
import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.arena import agreement
from pipelines.arena.consents import ACHIEVEMENTS, AGGREGATES, CONVERSATIONS, METRICS
from pipelines.arena.policy import AggregateLimits
from pipelines.arena.reasons import sentences


@dataclass(frozen=True)
class ScopeWords:
    """A scope for a reader: its name, and in one sentence what leaves where it is shared."""

    name: str
    shares: str


SCOPES: dict[str, ScopeWords] = {
    METRICS: ScopeWords(
        "Profile and figures",
        "Level, XP, calls, success, points and places, also for each agent that was called: coarse figures, "
        "under a pseudonym.",
    ),
    ACHIEVEMENTS: ScopeWords(
        "Badges and levels",
        "Which badges, achievements and levels were earned and in which week, under another pseudonym.",
    ),
    CONVERSATIONS: ScopeWords(
        "Conversations",
        "Files that their owner hands over one by one with `podium arena share`, byte for byte, under a third "
        "pseudonym. Nothing is taken from transcripts.",
    ),
    AGGREGATES: ScopeWords(
        "Sums over everybody",
        "A part in sums over everyone who allows it: how often agents are used and succeed, by month, under noise. "
        "No pseudonym.",
    ),
}


SCOPE_OF = {table: scope for scope, tables in agreement.SCOPES.items() for table in tables}
# What may become of the sums of a month, beside tables.REASONS: they are out, or the next export tells them.
TOLD = RELEASED, DRAWN, DUE = "released", "drawn", "due"
KINDS = {"calls": "Calls of agents", "submissions": "Submissions"}


def of_release(state: str, limits: AggregateLimits) -> str:
    """What became of the sums of a month, or what the next export will do with them."""
    said = {
        RELEASED: "The sums stand as they were drawn, for good.",
        DRAWN: "Drawn by an export that did not come to its end; the next one tells them.",
        DUE: "Drawn at the next export.",
    }
    return said.get(state) or sentences(limits)[state]


def month(text: str) -> str:
    """A month for readers: `October 2026`."""
    return f"{dt.date.fromisoformat(f'{text}-01'):%B %Y}"


def grant(owner_id: str, *scopes: str) -> str:
    """The command that shares scopes, as a shell takes it."""
    return _command("grant", owner_id, scopes)


def revoke(owner_id: str, *scopes: str) -> str:
    """The command that withdraws scopes, as a shell takes it."""
    return _command("revoke", owner_id, scopes)


def preview(owner_id: str) -> str:
    """The command that shows what would leave about an owner."""
    return shlex.join(["podium", "arena", "preview", f"--owner={owner_id}"])


def unshare(owner_id: str) -> str:
    """The command that takes a conversation back."""
    return shlex.join(["podium", "arena", "unshare", "SHA256", f"--owner={owner_id}"])


def _command(verb: str, owner_id: str, scopes: Sequence[str]) -> str:
    ends = ["--"] if owner_id.startswith("-") else []
    return shlex.join(["podium", "consent", verb, *ends, owner_id, *scopes])
