"""docs/arena.md documents every scope, every key of the policy and every reason, and its example is a policy."""

import tomllib
from pathlib import Path

import pytest

from pipelines.arena.budget import epsilon_of, rho_text
from pipelines.arena.conversations import MAX_BYTES, MIN_PREFIX
from pipelines.arena.policy import FILE, KINDS, SHAREABLE_BOARDS, load_policy
from pipelines.arena.tables import REASONS
from pipelines.game.records import CONSENT_SCOPES
from pipelines.reports.arena_odds import most_right
from tests.docs.pages import Example, all_examples, page, section, table_rows

ARENA = page("docs/arena.md")
POLICY = load_policy()
LONG = ("words.agents", "words.achievements")  # lists that stand in policy.toml only


def keys() -> dict[str, object]:
    sections = POLICY.model_dump(mode="json").items()
    return {f"{name}.{key}": value for name, held in sections for key, value in held.items()}


def test_every_key_of_the_policy_is_documented_and_no_other() -> None:
    rows = table_rows(section(ARENA, "## The policy"))
    assert rows.keys() == keys().keys()
    assert all(len(cells) == 3 and all(cells) for cells in rows.values())


def test_the_defaults_are_those_of_the_program() -> None:
    rows = table_rows(section(ARENA, "## The policy"))
    told = {key: tomllib.loads(f"it = {cells[2].strip('`')}")["it"] for key, cells in rows.items() if "`" in cells[2]}
    assert told == {key: value for key, value in keys().items() if key not in LONG}
    assert len(POLICY.words.agents) == 31


@pytest.mark.parametrize(("key", "words"), [("profiles.boards", SHAREABLE_BOARDS), ("aggregates.kinds", KINDS)])
def test_the_words_of_a_key_are_listed(key: str, words: tuple[str, ...]) -> None:
    assert table_rows(section(ARENA, "## The policy"))[key][1] == ", ".join(f"`{word}`" for word in words)


def test_every_scope_says_what_leaves_and_how() -> None:
    rows = table_rows(section(ARENA, "## What leaves, and what never does"))
    assert list(rows) == list(CONSENT_SCOPES)
    assert all(len(cells) == 2 and all(cells) for cells in rows.values())


def test_every_reason_to_withhold_something_is_explained() -> None:
    assert list(table_rows(section(ARENA, "## What is withheld, and why"))) == list(REASONS)


def test_what_the_budget_means_is_what_the_program_says_and_never_less() -> None:
    """Each row: rho, epsilon (rounded up to one decimal) and the odds."""
    lines = section(ARENA, "## The budget, and what epsilon means").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if " in 100 |" in line]
    price, limits = POLICY.aggregates.release_micro_rho, POLICY.aggregates
    spent = [price, 2 * price, 12 * price, limits.budget_micro_rho]
    assert [cells[1] for cells in rows] == [rho_text(micro_rho) for micro_rho in spent]
    assert [cells[3] for cells in rows] == [f"{most_right(micro_rho)} in 100" for micro_rho in spent]
    for cells, micro_rho in zip(rows, spent, strict=True):
        assert 0 <= float(cells[2]) - epsilon_of(micro_rho, limits.delta) < 0.1
    assert f"delta {limits.delta:g}" in ARENA


def test_the_limits_of_conversations_are_those_of_the_program() -> None:
    assert (MAX_BYTES, MIN_PREFIX) == (16 * 1024**2, 6)
    told = " ".join(section(ARENA, "## Conversations").split())
    assert "up to 16 MiB" in told
    assert "the first six or more digits" in told


@pytest.mark.parametrize("example", all_examples("toml arena"), ids=str)
def test_every_example_of_a_policy_lies_over_the_defaults(example: Example, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(example.text)
    assert load_policy(tmp_path).fingerprint != POLICY.fingerprint
