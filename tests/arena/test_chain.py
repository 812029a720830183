"""Chains of bundles: what continues one, and each refusal with its sentence."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.chain import Chain, Link, followed, stripped, told_otherwise, unknown, unverified

A, KEY, OTHER_KEY = "a" * 32, "5" * 64, "6" * 64
ONE = Link(A, 1, "1" * 64, None, KEY)
TWO = Link(A, 2, "2" * 64, ONE.sha256, KEY)
THREE = Link(A, 3, "3" * 64, TWO.sha256, KEY)
FOUR = Link(A, 4, "4" * 64, THREE.sha256, KEY)
HELD = (ONE.sha256, TWO.sha256, THREE.sha256)  # accepted before
OTHER_TWO = replace(TWO, sha256="b" * 64)


def is_refused(chain: Chain, reason: str, sequence: int, why: str) -> bool:
    held = chain.refusal
    assert held is not None
    assert held.sentence == f"Bundle {sequence} of publisher {A} is refused: {why}"
    return (held.publisher, held.reason, held.sequence) == (A, reason, sequence)


def test_bundles_from_the_first_on_are_taken_and_the_last_one_speaks():
    chain = followed([TWO, ONE, THREE])
    assert chain.new == (ONE, TWO, THREE)
    assert chain.newest == THREE
    assert chain.refusal is None


def test_a_chain_goes_on_from_what_was_accepted_before():
    chain = followed([FOUR], KEY, HELD)
    assert (chain.new, chain.again, chain.newest, chain.refusal) == ((FOUR,), (), FOUR, None)


def test_the_last_accepted_one_given_again_speaks_again():
    chain = followed([ONE, THREE], KEY, HELD)
    assert (chain.new, chain.again, chain.newest, chain.refusal) == ((), (ONE, THREE), THREE, None)


def test_copies_are_one_bundle_and_a_whole_one_counts():
    chain = followed([replace(ONE, is_whole=False), ONE, ONE])
    assert (chain.new, chain.n_twice, chain.refusal) == ((ONE,), 2, None)


def test_a_missing_bundle_is_named_and_those_after_it_wait():
    chain = followed([ONE, THREE, FOUR])
    assert chain.newest == ONE
    assert is_refused(
        chain,
        "gap",
        3,
        "2 is missing. Give it too; of old bundles manifest.json and "
        "manifest.sig are enough. 1 later bundle waits until then.",
    )


def test_two_bundles_of_one_number_are_a_fork_and_neither_counts():
    chain = followed([ONE, TWO, OTHER_TWO, THREE, FOUR])
    assert chain.newest == ONE
    assert is_refused(
        chain,
        "fork",
        2,
        "2 different bundles have this number. Ask the publisher which one holds. 2 later bundles wait until then.",
    )


def test_a_bundle_that_follows_another_one_is_a_fork():
    chain = followed([ONE, OTHER_TWO, THREE])
    assert chain.newest == OTHER_TWO
    assert is_refused(
        chain, "fork", 3, "it does not follow bundle 2 that the arena holds. Ask the publisher which one holds."
    )


def test_another_bundle_under_an_accepted_number_is_a_fork_and_what_was_accepted_stands():
    chain = followed([OTHER_TWO, THREE, FOUR], KEY, HELD)
    assert (chain.new, chain.newest) == ((), THREE)
    assert is_refused(
        chain,
        "fork",
        2,
        "it is not the bundle that the arena has accepted under this number. "
        "Ask the publisher which one holds. 1 later bundle waits until then.",
    )


def test_an_older_bundle_alone_is_a_replay_and_speaks_for_nobody():
    chain = followed([ONE, TWO], KEY, HELD)
    assert chain.newest is None
    assert is_refused(chain, "replay", 2, "the arena has accepted 3 already. Give that one, or the next.")


def test_an_older_bundle_never_speaks_where_the_next_one_is_refused():
    chain = followed([TWO, replace(FOUR, sequence=6)], KEY, HELD)
    assert chain.newest is None
    assert is_refused(
        chain, "gap", 6, "4 is missing. Give it too; of old bundles manifest.json and manifest.sig are enough."
    )


@pytest.mark.parametrize(
    ("links", "key", "held"), [([ONE, replace(TWO, public_key=OTHER_KEY)], None, ()), ([FOUR], OTHER_KEY, HELD)]
)
def test_another_key_is_refused(links, key, held):
    why = "it is signed with another key than the publisher's others. Take it from nobody but them."
    assert is_refused(followed(links, key, held), "another_key", links[-1].sequence, why)


def test_a_chain_is_cut_where_a_bundle_tells_a_release_otherwise():
    chain = followed([ONE, TWO, THREE, FOUR]).cut(told_otherwise(TWO, "calls", "2026-10"))
    assert (chain.new, chain.newest) == ((ONE,), ONE)
    assert is_refused(
        chain,
        "figures",
        2,
        "it tells the calls of 2026-10 otherwise than an earlier bundle, though "
        "noise is drawn once. Ask the publisher which one holds. 2 later bundles wait until then.",
    )


def test_other_refusals_say_what_to_do():
    assert stripped(TWO).sentence == (
        f"Bundle 2 of publisher {A} has lost its tables, so nothing of this publisher is shown. Give it whole, or the "
        "next one."
    )
    assert unknown(TWO).sentence == (
        f"Bundle 2 of publisher {A} is refused: this arena does not list the publisher. Add it to the list if it "
        "belongs there."
    )
    why = "/in/2/usage.jsonl was changed."
    assert unverified(A, 2, why).sentence == (
        f"A bundle that calls itself 2 of publisher {A} is refused: it is not as its publisher signed it. Get it from "
        "the publisher anew."
    )
    assert unverified(None, None, why).sentence == (
        "A bundle is refused: it is not as its publisher signed it. Get it from the publisher anew."
    )


@given(st.data())
def test_the_order_in_which_bundles_are_given_changes_nothing(data):
    of_all = [ONE, TWO, OTHER_TWO, THREE, FOUR, replace(ONE, is_whole=False), replace(FOUR, public_key=OTHER_KEY)]
    links = data.draw(st.lists(st.sampled_from(of_all), min_size=1, max_size=6))
    held = data.draw(st.sampled_from([(), HELD[:1], HELD]))
    shuffled = data.draw(st.permutations(links))
    assert followed(shuffled, KEY if held else None, held) == followed(links, KEY if held else None, held)
