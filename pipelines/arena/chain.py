"""The chain of a publisher's bundles: which continue what an arena holds, and which are refused, each with a sentence.

Here: what manifests say of their place, held against one another and against what was accepted before. No clock: only
numbers and hashes decide. Not here: whether a bundle is what its publisher signed (verify.py), what is made of the
accepted ones (merge.py), the memory (known.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby

UNVERIFIED, UNKNOWN, ANOTHER_KEY, REPLAY, GAP, FORK, FIGURES, STRIPPED = REFUSED = (
    "unverified",  # not what its publisher signed, or broken
    "unknown_publisher",
    "another_key",
    "replay",  # the arena holds a newer one
    "gap",  # one before it is missing
    "fork",  # another bundle has its number, or it follows another one
    "figures",  # it tells a release, which is drawn once, otherwise than before
    "stripped",  # the newest one, and its tables are gone
)


@dataclass(frozen=True, order=True)
class Link:
    """The place of a bundle in its publisher's chain. `sha256`: of its manifest; `is_whole`: it has its tables."""

    publisher: str
    sequence: int
    sha256: str
    previous: str | None
    public_key: str
    is_whole: bool = True


@dataclass(frozen=True)
class Refusal:
    """What is not taken, why (a word of REFUSED), and what to do, as a sentence.

    `publisher` and `sequence`: of an unverified bundle, what it calls itself, if that can be read. `detail`: what only
    who gave the bundles should read, such as where it lies.
    """

    reason: str
    publisher: str | None
    sequence: int | None
    sentence: str
    detail: str = ""


@dataclass(frozen=True)
class Chain:
    """A publisher's bundles in order: accepted now, accepted before and given again, and where it was refused.

    `n_before`: how many were accepted before, given or not. `n_twice`: copies of a bundle beyond the first.
    """

    new: tuple[Link, ...]
    again: tuple[Link, ...]
    n_before: int
    n_twice: int
    refusal: Refusal | None = None

    @property
    def newest(self) -> Link | None:
        """The bundle that speaks for the publisher; None if only older ones than the arena holds were given."""
        last = max([*self.again, *self.new], key=lambda link: link.sequence, default=None)
        return last if last is not None and last.sequence >= self.n_before else None

    def cut(self, refusal: Refusal) -> "Chain":
        """The chain up to where a new bundle is refused for what it tells."""
        before = tuple(link for link in self.new if refusal.sequence is None or link.sequence < refusal.sequence)
        n_later = len(self.new) - len(before) - 1
        return replace(self, new=before, refusal=replace(refusal, sentence=refusal.sentence + _waiting(n_later)))


def followed(links: Sequence[Link], public_key: str | None = None, manifests: Sequence[str] = ()) -> Chain:
    """The chain of one publisher's verified bundles, given in any order, from what the arena holds of it.

    `public_key`: of the bundles accepted before, whose manifests' SHA-256 are `manifests`, from sequence 1 on. The
    first fault ends the chain: nothing later is taken. A bundle that was accepted before and is given again is
    harmless, as long as the newest accepted one, or one that follows it, is given too.
    """
    once = sorted({link.sha256: link for link in sorted(links)}.values())  # of copies a whole one
    fresh = [link for link in once if link.sha256 not in manifests]
    again = tuple(link for link in once if link.sha256 in manifests)
    chain = Chain((), again, len(manifests), len(links) - len(once))
    held, key = list(manifests), public_key or min(links).public_key
    for sequence, group in groupby(fresh, key=lambda link: link.sequence):
        here = list(group)
        if fault := _fault(here, key, held):
            n_later = sum(link.sequence > sequence for link in fresh)
            sentence = f"{_bundle(here[0])} is refused: {fault[1]}{_waiting(n_later)}"
            return replace(chain, refusal=Refusal(fault[0], here[0].publisher, sequence, sentence))
        chain = replace(chain, new=(*chain.new, here[0]))
        held.append(here[0].sha256)
    return chain if chain.newest else replace(chain, refusal=_replay(again[-1], len(held)))


def stripped(link: Link) -> Refusal:
    """The newest bundle that counts has lost its tables."""
    sentence = (
        f"{_bundle(link)} has lost its tables, so nothing of this publisher is shown. Give it whole, or the next one."
    )
    return Refusal(STRIPPED, link.publisher, link.sequence, sentence)


def told_otherwise(link: Link, kind: str, month: str) -> Refusal:
    """A release is drawn once, and this bundle tells it otherwise than an earlier one."""
    sentence = (
        f"{_bundle(link)} is refused: it tells the {kind} of {month} otherwise than an earlier bundle, though noise is "
        "drawn once. Ask the publisher which one holds."
    )
    return Refusal(FIGURES, link.publisher, link.sequence, sentence)


def unknown(link: Link) -> Refusal:
    """The arena takes listed publishers only, and this one is not listed."""
    sentence = (
        f"{_bundle(link)} is refused: this arena does not list the publisher. Add it to the list if it belongs there."
    )
    return Refusal(UNKNOWN, link.publisher, link.sequence, sentence)


def unverified(publisher: str | None, sequence: int | None, why: str) -> Refusal:
    """A bundle that does not verify: nobody's word, whatever it calls itself."""
    called = f"A bundle that calls itself {sequence} of publisher {publisher}" if publisher else "A bundle"
    sentence = f"{called} is refused: it is not as its publisher signed it. Get it from the publisher anew."
    return Refusal(UNVERIFIED, publisher, sequence, sentence, why)


def _fault(here: Sequence[Link], key: str, held: Sequence[str]) -> tuple[str, str] | None:
    """What is wrong with new bundles of one number, after those held: a reason and the rest of a sentence."""
    sequence = here[0].sequence
    if any(link.public_key != key for link in here):
        return ANOTHER_KEY, "it is signed with another key than the publisher's others. Take it from nobody but them."
    if sequence <= len(held):
        return FORK, (
            "it is not the bundle that the arena has accepted under this number. Ask the publisher which one holds."
        )
    if sequence > len(held) + 1:
        return (
            GAP,
            f"{len(held) + 1} is missing. Give it too; of old bundles manifest.json and manifest.sig are enough.",
        )
    if len(here) > 1:
        return FORK, f"{len(here)} different bundles have this number. Ask the publisher which one holds."
    if held and here[0].previous != held[-1]:
        return FORK, f"it does not follow bundle {len(held)} that the arena holds. Ask the publisher which one holds."
    return None


def _replay(link: Link, n_held: int) -> Refusal:
    sentence = f"{_bundle(link)} is refused: the arena has accepted {n_held} already. Give that one, or the next."
    return Refusal(REPLAY, link.publisher, link.sequence, sentence)


def _bundle(link: Link) -> str:
    return f"Bundle {link.sequence} of publisher {link.publisher}"


def _waiting(n_later: int) -> str:
    """What is said of the bundles after a refused one."""
    if n_later < 1:
        return ""
    return f" {n_later} later {'bundle waits' if n_later == 1 else 'bundles wait'} until then."
