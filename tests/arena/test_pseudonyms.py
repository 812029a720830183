"""Pseudonyms: computed as the docs say, distinct, not linkable across scopes, and not guessed from names."""

import copy
import hashlib
import hmac
import pickle
from collections.abc import Callable

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_series_equal

from pipelines.arena import salts
from pipelines.arena.consents import IN_FORCE
from pipelines.arena.pseudonyms import NotShared, Pseudonyms, pseudonym

KEY, SALT = bytes(range(32)), bytes(range(100, 132))


def by_hand(key: bytes, message: bytes) -> str:
    """RFC 2104 with SHA-256, spelt out."""
    block = key.ljust(64, b"\0")
    inner = hashlib.sha256(bytes(byte ^ 0x36 for byte in block) + message).digest()
    return hashlib.sha256(bytes(byte ^ 0x5C for byte in block) + inner).hexdigest()[:32]


@pytest.mark.parametrize(
    ("agent", "message", "told"),
    [
        (None, b"\0\0\0\0\0\0\0\x20" + SALT + b"\0\0\0\0\0\0\0\x07metrics", "6f00040911b94c35b3028630277ab686"),
        (
            "é",
            b"\0\0\0\0\0\0\0\x20" + SALT + b"\0\0\0\0\0\0\0\x07metrics\0\0\0\0\0\0\0\x02\xc3\xa9",
            "0fffd296336c3d90f859896c74d9948d",
        ),
    ],
)
def test_a_pseudonym_is_the_hmac_of_parts_with_their_lengths(agent: str | None, message: bytes, told: str) -> None:
    assert pseudonym(KEY, SALT, "metrics", agent) == by_hand(KEY, message) == told


def test_where_one_part_ends_and_the_next_begins_makes_a_difference() -> None:
    parts = [("a", "bc"), ("ab", "c"), ("abc", ""), ("abc", None)]
    assert len({pseudonym(KEY, SALT, scope, agent) for scope, agent in parts}) == len(parts)


def known(*pairs: tuple[str, str]) -> Pseudonyms:
    """Pseudonyms of owners and scopes, under new salts and a new key."""
    rows = [(owner, scope, "grant") for owner, scope in pairs]
    drawn = salts.renewed({}, pl.DataFrame(rows, schema=IN_FORCE, orient="row"))
    return Pseudonyms(KEY, {of: salt.value for of, salt in drawn.items()})


def test_pseudonyms_stand_where_their_owners_and_agents_stood() -> None:
    names = Pseudonyms(KEY, {("ada", "metrics"): b"1", ("bob", "metrics"): b"2"})
    ada, bob = pseudonym(KEY, b"1", "metrics"), pseudonym(KEY, b"2", "metrics")
    adas_prover = pseudonym(KEY, b"1", "metrics", "prover")
    owners = pl.Series(["bob", "ada", "bob"])
    told = pl.Series("pseudonym", [bob, ada, bob])
    assert_series_equal(names.owners("metrics", owners), told)
    agents = names.agents("metrics", pl.Series(["ada", "bob", "ada"]), pl.Series(["prover", None, None]))
    assert_series_equal(agents, pl.Series("pseudonym", [adas_prover, bob, ada]))
    assert_series_equal(names.owners("metrics", pl.Series([])), pl.Series("pseudonym", [], dtype=pl.String))


@pytest.mark.parametrize("owners", [["ada", "eve", "eve"], ["ada", None]])
def test_who_does_not_share_has_no_pseudonym_and_is_not_named(owners: list[str | None]) -> None:
    with pytest.raises(NotShared) as refused:
        known(("ada", "metrics"), ("eve", "achievements")).owners("metrics", pl.Series(owners))
    told = "Nothing of an owner who does not share `metrics` may leave; 1 of those told of do not."
    assert str(refused.value) == told


NAMES = st.text(max_size=3)
WHO = st.tuples(NAMES, st.sampled_from(salts.NAMED_SCOPES), st.none() | NAMES)


@given(st.sets(WHO, min_size=1, max_size=30))
def test_no_two_owners_scopes_or_agents_share_a_pseudonym(people: set[tuple[str, str, str | None]]) -> None:
    names = known(*{(owner, scope) for owner, scope, _ in people})
    told = [
        names.agents(scope, pl.Series([owner]), pl.Series([agent], dtype=pl.String)).item()
        for owner, scope, agent in people
    ]
    assert len(set(told)) == len(people)
    assert {len(name) for name in told} == {32}


def test_the_same_people_in_two_scopes_or_under_two_draws_have_no_pseudonym_in_common() -> None:
    people = pl.Series([f"user-{n}" for n in range(50)])
    pairs = [(owner, scope) for owner in people for scope in salts.NAMED_SCOPES]
    drawn = [known(*pairs) for _ in range(2)]
    told = [name for names in drawn for scope in salts.NAMED_SCOPES for name in names.owners(scope, people)]
    assert len(set(told)) == 2 * 50 * len(salts.NAMED_SCOPES)


def recovered(published: set[str], names: list[str], keys: list[bytes]) -> int:
    """How many names a dictionary finds behind pseudonyms: hashed plainly and under guessed keys, with the scope."""
    written: list[Callable[[str], bytes]] = [
        lambda name: name.encode(),
        lambda name: f"{name}|metrics".encode(),
        lambda name: f"metrics|{name}".encode(),
        lambda name: b"metrics" + name.encode(),
        lambda name: len(name.encode()).to_bytes(8, "big") + name.encode() + (7).to_bytes(8, "big") + b"metrics",
    ]
    return sum(
        any(
            digest[:32] in published
            for way in written
            for digest in (
                hashlib.sha256(way(name)).hexdigest(),
                *(hmac.new(key, way(name), hashlib.sha256).hexdigest() for key in [*keys, name.encode()]),
            )
        )
        for name in names
    )


def test_a_dictionary_of_names_recovers_nobody_even_with_the_key_of_the_epoch() -> None:
    names = [f"{first}.{last}" for first in ("ada", "bob", "eve", "kim") for last in "abcde"]
    guesses = [b"", bytes(32), b"podium", b"metrics", KEY]
    told = known(*((name, "metrics") for name in names)).owners("metrics", pl.Series(names))
    assert recovered(set(told), names, guesses) == 0
    plain = {hashlib.sha256(name.encode()).hexdigest()[:32] for name in names}
    keyed = {hmac.new(KEY, f"{name}|metrics".encode(), hashlib.sha256).hexdigest()[:32] for name in names}
    assert [recovered(weak, names, guesses) for weak in (plain, keyed)] == [len(names)] * 2


def test_nothing_shows_or_writes_the_secrets() -> None:
    names = known(("ada", "metrics"))
    salt = salts.Salt(SALT, "grant")
    assert [repr(names), str(names), repr(salt)] == ["Pseudonyms()", "Pseudonyms()", "Salt(since='grant')"]
    for write in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="hold secrets"):
            write(names)
