"""Product b as it leaves: once each, under noise, every public key of it, and withheld where people are too few."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.aggregates import key_set
from pipelines.arena.budget import Ledger
from pipelines.arena.releases import drawn, released_so_far, usage
from pipelines.arena.tables import USAGE, WITHHELD
from tests.arena.aggregate_rows import counts, people, policy

NOBODY = people(0)
NOTHING = counts()
MONTHS = ["2026-10", "2026-11"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "budget.jsonl"


def silent(values: list[int], sigma: float) -> list[int]:
    return list(values)


def keys(rows: pl.DataFrame) -> list[tuple]:
    return rows.select("kind", "month", "agent", "category").rows()


def test_without_noise_a_release_would_be_the_sums_of_what_the_cap_leaves():
    exact = counts(
        ("p000", "calls", "2026-10", "python-pro", "testing", 3, 1),
        ("p000", "calls", "2026-10", "python-pro", "other", 1, 0),
        ("p001", "calls", "2026-10", "python-pro", "testing", 90, 0),
        ("p001", "calls", "2026-11", "python-pro", "testing", 5, 5),
        ("p001", "submissions", "2026-10", "other", "other", 5, 5),
    )
    told = drawn(exact, "calls", "2026-10", policy(), silent)
    assert told == {
        "kind": "calls", "month": "2026-10",
        "agents": ["other", "python-pro"], "categories": ["other", "testing"],
        "successes": [0, 0, 0, 34, 1, 33], "failures": [0, 0, 0, 1, 0, 1],
        "sigma": 134.165, "max_norm": 30, "k": 10, "policy": policy().fingerprint,
    }  # fmt: skip


def test_a_release_holds_nothing_of_the_log_but_its_noisy_figures():
    exact = counts(("p000", "calls", "2026-10", "python-pro", "testing", 3, 1))
    told = [drawn(held, "calls", "2026-10", policy(), lambda values, _: [0] * len(values)) for held in (exact, NOTHING)]
    assert told[0] == told[1]


def test_all_public_keys_of_closed_months_are_told_in_the_order_of_the_contract(path: Path):
    rows, withheld = usage(NOTHING, people(10), NOBODY, MONTHS, policy(), Ledger.open(path))
    cells = [("other", None), ("other", "other"), ("other", "testing"),
             ("python-pro", None), ("python-pro", "other"), ("python-pro", "testing")]  # fmt: skip
    of_calls = [("calls", month, *cell) for month in MONTHS for cell in cells]
    assert keys(rows)[:12] == of_calls
    assert [key[3] for key in keys(rows)[12:15]] == [None, "collatz", "other"]
    assert rows.height == 24
    assert USAGE.is_kept_by(rows)
    assert WITHHELD.is_kept_by(withheld)
    assert withheld.is_empty()
    assert rows["sigma"].unique().to_list() == [134.165]


def test_the_same_export_again_costs_nothing_and_gives_the_same_figures(path: Path):
    first, _ = usage(NOTHING, people(10), NOBODY, MONTHS, policy(), Ledger.open(path))
    written = path.read_bytes()
    late = counts(("p000", "calls", "2026-10", "python-pro", "testing", 3000, 1))
    again, withheld = usage(late, people(400), NOBODY, MONTHS, policy(max_norm=5), Ledger.open(path))
    assert again.equals(first)
    assert withheld.is_empty()
    assert path.read_bytes() == written
    assert released_so_far(Ledger.open(path)).equals(first)
    assert Ledger.open(path).spent_micro_rho == 4 * 50_000


@pytest.mark.parametrize(
    ("n_people", "n_profiled", "reason"),
    [(9, 0, "few_people"), (10, 0, None), (19, 10, "few_others"), (20, 10, None), (10, 10, None), (0, 0, "few_people")],
)
def test_too_few_people_withhold_every_month_and_the_sentence_tells_no_number_but_k(
    path: Path, n_people: int, n_profiled: int, reason: str | None
):
    sentences = {
        "few_people": "Fewer than 10 people allow aggregates.",
        "few_others": "Fewer than 10 of the people who allow aggregates are without a public profile.",
    }
    everyone = people(n_people)
    profiled = pl.concat([everyone.head(n_profiled), people(30, "stranger")])
    rows, withheld = usage(NOTHING, everyone, profiled, MONTHS, policy(), Ledger.open(path))
    assert rows.is_empty() == (reason is not None)
    assert withheld.rows() == [
        ("usage", kind, month, reason, sentences[reason])
        for kind in ("calls", "submissions")
        for month in MONTHS
        if reason
    ]
    assert path.exists() == (reason is None)


def test_what_was_released_stays_when_people_leave_words_change_or_a_kind_is_dropped(path: Path):
    first, _ = usage(NOTHING, people(10), NOBODY, MONTHS[:1], policy(), Ledger.open(path))
    later = policy({"agents": ["sql-expert"], "categories": [], "problems": []}, kinds=["calls"])
    rows, withheld = usage(NOTHING, people(9), NOBODY, MONTHS, later, Ledger.open(path))
    assert rows.equals(first)
    assert withheld.rows() == [("usage", "calls", "2026-11", "few_people", "Fewer than 10 people allow aggregates.")]
    grown, _ = usage(NOTHING, people(10), NOBODY, MONTHS, later, Ledger.open(path))
    assert grown.filter(pl.col("month") == "2026-10").equals(first)
    assert grown.filter(pl.col("month") == "2026-11")["agent"].unique().sort().to_list() == ["other", "sql-expert"]


def test_past_the_budget_the_export_goes_on_and_says_what_is_missing(path: Path):
    poor = policy(budget_micro_rho=149_999)
    rows, withheld = usage(NOTHING, people(10), NOBODY, ["2026-11", "2026-10"], poor, Ledger.open(path))
    spent = "The budget of privacy is spent; what was released before stands."
    assert rows.select("kind", "month").unique().sort("kind").rows() == [
        ("calls", "2026-10"),
        ("submissions", "2026-10"),
    ]
    assert withheld.rows() == [(("usage"), kind, "2026-11", "budget", spent) for kind in ("calls", "submissions")]
    rows, withheld = usage(NOTHING, people(10), NOBODY, MONTHS, policy(), Ledger.open(path))
    assert withheld.is_empty()


def test_only_those_who_allow_aggregates_are_summed(path: Path):
    mass = [(f"x{n}", "calls", "2026-10", "python-pro", "testing", 30, 0) for n in range(1000)]
    rows, _ = usage(counts(*mass), people(10), NOBODY, ["2026-10"], policy(), Ledger.open(path))
    assert rows["successes"].max() < 6 * 134.165 < 30_000


figures = st.integers(0, 10**6)
words = st.sampled_from(["python-pro", "other"]), st.sampled_from(["testing", "collatz", "other"])
cells = st.tuples(st.integers(0, 12), st.sampled_from(["calls", "submissions"]), st.sampled_from(MONTHS), *words)


@given(st.dictionaries(cells, st.tuples(figures, figures), max_size=30))
def test_whether_a_row_is_there_never_depends_on_what_anybody_did(tmp_path_factory: pytest.TempPathFactory, did):
    exact = counts(*((f"p{owner:03}", *cell, *both) for (owner, *cell), both in did.items()))
    for n_people in (9, 12):
        told = [
            usage(held, people(n_people), NOBODY, MONTHS, policy(), Ledger.open(tmp_path_factory.mktemp("x") / "b"))
            for held in (exact, NOTHING)
        ]
        assert keys(told[0][0]) == keys(told[1][0])
        assert told[0][1].equals(told[1][1])


def test_the_ledger_tells_under_which_terms_each_release_was_made(path: Path):
    usage(NOTHING, people(10), NOBODY, ["2026-10"], policy(kinds=["calls"]), Ledger.open(path))
    line = json.loads(path.read_bytes())
    n_keys = key_set("calls", policy().words).height
    assert (line["name"], line["micro_rho"], line["n"]) == ("calls/2026-10", 50_000, 1)
    assert {name: line["drawn"][name] for name in ("sigma", "max_norm", "k")} == {
        "sigma": 134.165,
        "max_norm": 30,
        "k": 10,
    }
    assert line["drawn"]["policy"] == policy(kinds=["calls"]).fingerprint
    assert len(line["drawn"]["successes"]) == len(line["drawn"]["failures"]) == n_keys
