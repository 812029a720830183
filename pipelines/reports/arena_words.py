"""Consent in words: what each scope shares, and the commands that change it. Not here: who shares (consent_view.py)."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from pipelines.arena.consents import ACHIEVEMENTS, AGGREGATES, CONVERSATIONS, METRICS


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
        "Files that their owner hands over one by one, byte for byte, under a third pseudonym. "
        "Nothing is taken from transcripts.",
    ),
    AGGREGATES: ScopeWords(
        "Sums over everybody",
        "A part in sums over everyone who allows it: how often agents are used and succeed, by month, under noise. "
        "No pseudonym.",
    ),
}


def grant(owner_id: str, *scopes: str) -> str:
    """The command that shares scopes, as a shell takes it."""
    return _command("grant", owner_id, scopes)


def revoke(owner_id: str, *scopes: str) -> str:
    """The command that withdraws scopes, as a shell takes it."""
    return _command("revoke", owner_id, scopes)


def preview(owner_id: str) -> str:
    """The command that shows what would leave about an owner."""
    return shlex.join(["podium", "arena", "preview", f"--owner={owner_id}"])


def _command(verb: str, owner_id: str, scopes: Sequence[str]) -> str:
    ends = ["--"] if owner_id.startswith("-") else []
    return shlex.join(["podium", "consent", verb, *ends, owner_id, *scopes])
