"""The reference reader of bundles: several publishers' bundles, verified and held to their chains, as global tables.

The same set of bundles in any order gives the same tables, and no clock is asked. What is refused takes nothing with
it but what follows it: every other publisher is merged. A merge holds no rows of the one before, so each publisher's
newest bundle is given each time, also when it is the one accepted last. Not here: one bundle (verify.py), chains
(chain.py), the memory (known.py), the figures (standings.py, pooled.py).
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.arena import chain, manifest, pooled, standings
from pipelines.arena.arena_tables import ARENA_TABLES
from pipelines.arena.bundle_files import read_file
from pipelines.arena.chain import Chain, Link, Refusal, followed
from pipelines.arena.known import Known, Remembered
from pipelines.arena.rows import as_lines
from pipelines.arena.tables import BUNDLE_TABLES
from pipelines.arena.verify import Bundle, BundleRefused, read_signed, verify
from pipelines.game.faults import PodiumError

_Given = tuple[Link, Bundle | None]  # without tables: a stripped one
_Releases = dict[tuple[str, str], pl.DataFrame]  # rows of `usage` by kind and month
_NAMED = 3  # releases that a note names
_NAMING = ("pseudonym", "owner_pseudonym")  # columns that name somebody


class NoBundle(PodiumError):
    """A place that holds no bundle."""


@dataclass(frozen=True)
class Merged:
    """What several publishers say together.

    `tables`: by the names of ARENA_TABLES. `notes`: what is harmless and said all the same, as sentences. `known`: what
    the arena is to remember now.
    """

    tables: Mapping[str, pl.DataFrame]
    refusals: tuple[Refusal, ...]
    notes: tuple[str, ...]
    known: Known

    @property
    def fingerprint(self) -> str:
        """What tells boards apart: the first 16 hexadecimal digits of the SHA-256 of all tables."""
        held = b"".join(as_lines(frame) for frame in self.tables.values())
        return hashlib.sha256(held).hexdigest()[:16]


@dataclass(frozen=True)
class _Told:
    """What one publisher tells: its newest manifest, rows without those it withdrew, and all that it ever released."""

    manifest: Mapping[str, Any]
    tables: Mapping[str, pl.DataFrame]
    n_tombstones: int
    n_left_out: int

    @property
    def publisher(self) -> str:
        return str(self.manifest["publisher"])


@dataclass(frozen=True)
class _Heard:
    """What came of one publisher's bundles."""

    chain: Chain
    remembered: Remembered | None
    told: _Told | None
    refusals: tuple[Refusal, ...]


def merge(bundles: Sequence[Path], known: Known | None = None, publishers: Collection[str] | None = None) -> Merged:
    """Verify bundles and build the arena's tables from those that are accepted.

    `bundles`: folders of bundles, or folders that hold several. `known`: what former merges have learnt; without it
    every chain begins at sequence 1. `publishers`: the ones that are taken; without it everybody is.

    Refusals are no exceptions: they are told, and the rest is merged. Raises NoBundle for a place that holds none.
    """
    remembered = (known or Known()).publishers
    opened, refusals = _opened(found(bundles))
    by_publisher: dict[str, list[_Given]] = {}
    for link, bundle in opened:
        by_publisher.setdefault(link.publisher, []).append((link, bundle))
    heard: dict[str, _Heard] = {}
    for publisher, given in sorted(by_publisher.items()):
        if publishers is None or publisher in publishers:
            heard[publisher] = _heard(given, remembered.get(publisher))
        else:
            refusals.append(chain.unknown(min(link for link, _ in given)))
    refusals += [refusal for one in heard.values() for refusal in one.refusals]
    told = [one.told for one in heard.values() if one.told is not None]
    learnt = {publisher: one.remembered for publisher, one in heard.items() if one.remembered is not None}
    in_order = tuple(sorted(refusals, key=lambda one: (one.publisher or "", one.sequence or 0, one.reason, one.detail)))
    silent = sorted(set(remembered) - set(by_publisher))
    noisy = pooled.too_noisy(_all_of("usage", told))
    notes = (*_notes(heard, silent), *_notes_of_noise(noisy))
    return Merged(_tables(told, noisy, in_order), in_order, notes, Known({**remembered, **learnt}))


def found(places: Iterable[Path]) -> list[Path]:
    """The bundles in these places: each place itself, or the folders in it. Raises NoBundle."""
    bundles: list[Path] = []
    for place in places:
        try:
            inside = [place] if _is_there(place / manifest.FILE) else _folders_in(place)
        except OSError as fault:
            raise NoBundle(f"{place} cannot be read: {fault.strerror}.") from None
        if not any(_is_there(path / manifest.FILE) for path in inside):
            raise NoBundle(f"{place} holds no bundle. Give the folder of a bundle, or the folder in which several lie.")
        bundles += inside
    return bundles


def _folders_in(place: Path) -> list[Path]:
    """But for half-made ones."""
    inside = list(place.iterdir()) if place.is_dir() else []
    return sorted(path for path in inside if path.is_dir() and not path.name.startswith("."))


def _is_there(path: Path) -> bool:
    """Whether a file is there; also where that cannot be told: whoever reads it says why."""
    try:
        return path.exists()
    except OSError:
        return True


def _opened(paths: Iterable[Path]) -> tuple[list[_Given], list[Refusal]]:
    """The bundles that verify, with their places in their chains, and refusals of the others."""
    opened, refusals = [], []
    for path in paths:
        try:
            opened.append(_one(path))
        except BundleRefused as fault:
            refusals.append(chain.unverified(*_claimed(path), str(fault)))
    return opened, refusals


def _one(path: Path) -> _Given:
    """A whole bundle with its tables, or the place in its chain of one that was stripped when the next was written."""
    if not _is_there(path / manifest.PACKAGE):
        signed = read_signed(path)
        return _link(signed.manifest, signed.sha256, is_whole=False), None
    bundle = verify(path)
    return _link(bundle.manifest, bundle.manifest_sha256, is_whole=True), bundle


def _link(said: Mapping[str, Any], sha256: str, *, is_whole: bool) -> Link:
    return Link(said["publisher"], said["sequence"], sha256, said["previous"], said["public_key"], is_whole)


def _claimed(path: Path) -> tuple[str | None, int | None]:
    """What a bundle that does not verify calls itself: publisher and sequence, where they can be such."""
    try:
        return manifest.claimed(read_file(path / manifest.FILE, manifest.MAX_BYTES) or b"")
    except OSError:
        return None, None


def _heard(given: Sequence[_Given], before: Remembered | None) -> _Heard:
    """What one publisher's verified bundles come to.

    What any of them withdraws is withdrawn, accepted or not: its publisher has signed it, and it only takes away.
    """
    links = [link for link, _ in given]
    whole = {link: bundle for link, bundle in given if bundle is not None}
    key, manifests = (before.public_key, before.manifests) if before else (min(links).public_key, ())
    held, released = _released(followed(links, key, manifests), whole, before.releases if before else {})
    gone = before.tombstones if before else frozenset()
    gone = gone.union(*(bundle.table("tombstones")["pseudonym"] for bundle in whole.values()))
    manifests = (*manifests, *(link.sha256 for link in held.new))
    releases = {**(before.releases if before else {}), **_digests(released)}
    remembered = Remembered(key, manifests, gone, releases) if manifests else None
    refusals = [held.refusal] if held.refusal else []
    newest = whole.get(held.newest) if held.newest else None
    if held.newest and newest is None:
        refusals.append(chain.stripped(held.newest))
    told = _told(newest, released, gone) if newest else None
    return _Heard(held, remembered, told, tuple(refusals))


def _released(held: Chain, whole: Mapping[Link, Bundle], before: Mapping[str, str]) -> tuple[Chain, _Releases]:
    """The releases of usage that the accepted bundles tell; the chain is cut where two tell one otherwise.

    `before`: digests of what was told before.
    """
    released: _Releases = {}
    digests = dict(before)
    for link in (link for link in (*held.again, *held.new) if link in whole):
        usage = whole[link].table("usage").partition_by("kind", "month", as_dict=True, maintain_order=True)
        here = {(str(kind), str(month)): rows for (kind, month), rows in usage.items()}
        for name, digest in _digests(here).items():
            if digests.setdefault(name, digest) != digest:
                return held.cut(chain.told_otherwise(link, *name.split(" ", 1))), released
        released |= here
    return held, released


def _digests(released: _Releases) -> dict[str, str]:
    return {" ".join(name): hashlib.sha256(as_lines(rows)).hexdigest() for name, rows in released.items()}


def _told(bundle: Bundle, released: _Releases, gone: frozenset[str]) -> _Told:
    tables, n_left_out = {}, 0
    for name in BUNDLE_TABLES:
        rows = bundle.table(name)
        if name != "tombstones":
            named = [column for column in _NAMING if column in rows.columns]
            kept = rows.filter(
                ~pl.any_horizontal(pl.lit(value=False), *(pl.col(column).is_in(gone) for column in named))
            )
            n_left_out += rows.height - kept.height
            rows = kept
        tables[name] = rows
    tables["usage"] = pl.concat([BUNDLE_TABLES["usage"].empty(), *released.values()])
    return _Told(bundle.manifest, tables, len(gone), n_left_out)


def _tables(told: Sequence[_Told], noisy: pl.DataFrame, refusals: Sequence[Refusal]) -> dict[str, pl.DataFrame]:
    """`noisy`: releases that are left out of `agent_usage`, as publisher, kind and month."""
    publishers = ARENA_TABLES["publishers"]
    rows = [
        {
            **{name: one.manifest[name] for name in publishers.schema if not name.startswith("n_")},
            "n_profiles": one.tables["profiles"].height,
            "n_conversations": one.tables["conversations"].height,
            "n_tombstones": one.n_tombstones,
            "n_left_out": one.n_left_out,
            "n_withheld": one.tables["withheld"].height,
            "n_too_noisy": noisy.filter(pl.col("publisher") == one.publisher).height,
        }
        for one in told
    ]
    told_by = pl.DataFrame(rows, schema=publishers.schema)
    usage = _all_of("usage", told).join(noisy, on=noisy.columns, how="anti")
    return {
        "publishers": told_by,
        "global_leaderboards": standings.global_leaderboards(told_by, _all_of("leaderboard_entries", told)),
        "agent_usage": pooled.agent_usage(usage),
        "chosen_statistics": standings.chosen_statistics(_all_of("agent_statistics", told)),
        "achievement_holders": standings.achievement_holders(_all_of("achievements", told)),
        "not_told": ARENA_TABLES["not_told"].shape(_all_of("withheld", told)),
        "refusals": pl.DataFrame(
            [(one.publisher, one.sequence, one.reason, one.sentence) for one in refusals],
            schema=ARENA_TABLES["refusals"].schema,
            orient="row",
        ),
    }


def _all_of(table: str, told: Sequence[_Told]) -> pl.DataFrame:
    """The rows of all publishers, each with its `publisher`."""
    parts = [(BUNDLE_TABLES[table].empty(), ""), *((one.tables[table], one.publisher) for one in told)]
    return pl.concat([rows.with_columns(publisher=pl.lit(publisher)) for rows, publisher in parts])


def _notes(heard: Mapping[str, _Heard], silent: Sequence[str]) -> Iterator[str]:
    n_again = sum(len(one.chain.again) for one in heard.values())
    n_twice = sum(one.chain.n_twice for one in heard.values())
    if n_again:
        yield f"Of the bundles {n_again} had been accepted before, which is harmless."
    if n_twice:
        copies = "1 was a copy" if n_twice == 1 else f"{n_twice} were copies"
        yield f"Of the bundles {copies} of another one, which is harmless."
    for publisher, one in heard.items():
        if one.told and (n := one.told.n_left_out):
            yield f"Publisher {publisher}: {n} rows name a pseudonym that it withdrew before, and are left out."
    for publisher in silent:
        yield f"Publisher {publisher}: no bundle was given, so nothing of it is shown. Give its newest one again."


def _notes_of_noise(noisy: pl.DataFrame) -> Iterator[str]:
    for (publisher,), releases in noisy.partition_by("publisher", as_dict=True, maintain_order=True).items():
        named = [f"{kind} of {month}" for kind, month in releases.head(_NAMED).select("kind", "month").iter_rows()]
        more = f" and {releases.height - _NAMED} more" if releases.height > _NAMED else ""
        yield (
            f"Publisher {publisher}: {', '.join(named)}{more} are left out of the sums over publishers, for they have "
            f"more than {pooled.MUCH_NOISE:g} times the usual noise."
        )
