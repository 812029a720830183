"""The policy: under which limits something may leave the house. A file `arena.toml` in the home lies over policy.toml.

Here: the shape of the policy and the sentences that a wrong one earns. Not here: who consented (consents.py).
"""

import hashlib
import json
import tomllib
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationError, model_validator

from pipelines.game.faults import PodiumError
from pipelines.game.own_files import read_toml, unusable
from pipelines.game.rule_shapes import Rules, words_of

FILE = "arena.toml"
OTHER = "other"  # what a word that may not leave is told as
KINDS = ("calls", "submissions")  # of work whose usage is told
SHAREABLE_BOARDS = ("points", "accuracy", "problem", "xp-user")
MICRO = 1_000_000
_MAX_WORD = 100


class PolicyFault(PodiumError):
    """An `arena.toml` that cannot be used; the message names the file and the key."""


def _plain(words: tuple[str, ...]) -> tuple[str, ...]:
    """Sorted, once each, printable, not too long, and none that means all the others."""
    for word in words:
        if not word.strip() or word != word.strip() or not word.isprintable() or len(word) > _MAX_WORD:
            raise ValueError(f"{word!r} must be printable, without space around it, of 1 to {_MAX_WORD} characters")
        if word == OTHER:
            raise ValueError(f"`{OTHER}` is what all words that are not listed are told as")
    return tuple(sorted(set(words)))


Words = Annotated[tuple[str, ...], Field(strict=False), AfterValidator(_plain)]
Positive = Annotated[int, Field(ge=1, le=10**6)]
MicroRho = Annotated[int, Field(ge=1, le=10**9)]


class ConsentLimits(Rules):
    """Which grants count."""

    policy_version: Annotated[str, Field(min_length=1, max_length=_MAX_WORD)]


class ProfileLimits(Rules):
    """How finely profiles by choice are told."""

    count_grain: Positive
    score_grain: Positive
    min_share_of: Positive
    boards: Annotated[tuple[str, ...], Field(strict=False), AfterValidator(words_of(SHAREABLE_BOARDS))]


class AggregateLimits(Rules):
    """How much sums over people may reveal of one of them."""

    k: Annotated[int, Field(ge=2, le=10**6)]
    kinds: Annotated[tuple[str, ...], Field(strict=False), AfterValidator(words_of(KINDS))]
    months_back: Annotated[int, Field(ge=1, le=120)]
    settle_days: Annotated[int, Field(ge=0, le=366)]
    max_norm: Positive
    release_micro_rho: MicroRho
    budget_micro_rho: MicroRho
    delta: Annotated[float, Field(gt=0, lt=0.01)]
    min_width: Positive

    @model_validator(mode="after")
    def _is_affordable(self) -> "AggregateLimits":
        if self.release_micro_rho > self.budget_micro_rho:
            raise ValueError("release_micro_rho is more than budget_micro_rho: nothing could ever be released")
        return self


class PublicWords(Rules):
    """Words that may leave as they are. They must not depend on the log: a word of a private log tells of it."""

    agents: Words
    categories: Words
    problems: Words
    achievements: Words
    tiers: Words


class Policy(Rules):
    """All limits."""

    consent: ConsentLimits
    profiles: ProfileLimits
    aggregates: AggregateLimits
    words: PublicWords

    @cached_property
    def fingerprint(self) -> str:
        """What tells policies apart: the first 16 hexadecimal digits of the SHA-256 of its content."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()[:16]


def load_policy(home: Path | None = None) -> Policy:
    """The policy of the program, with `arena.toml` in the home laid over it, key by key. Raises PolicyFault."""
    content = tomllib.loads(files("pipelines.arena").joinpath("policy.toml").read_text("utf-8"))
    path = home / FILE if home is not None else None
    if path is not None and path.is_file():
        for section, given in read_toml(path, PolicyFault).items():
            held = content.get(section)
            content[section] = {**held, **given} if isinstance(held, dict) and isinstance(given, dict) else given
    try:
        return Policy.model_validate(content)
    except ValidationError as broken:
        what = str(path or "The policy")
        raise PolicyFault(
            unusable(what, broken, lambda steps: f"`{'.'.join(map(str, steps)) or 'as a whole'}`")
        ) from None
