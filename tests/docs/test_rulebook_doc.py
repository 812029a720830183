"""docs/rulebook.md documents every key and every word of a rulebook, and its examples are rulebooks."""

import tomllib
from typing import get_args

import pytest

from pipelines.game.board_rules import CALENDAR_WINDOWS, BoardRule, Measure, WindowRule
from pipelines.game.records import COMPLEXITIES, DIFFICULTIES, TASK_TYPES
from pipelines.game.rule_shapes import Filters
from pipelines.game.rulebook import lay_over, load_rulebook
from pipelines.game.rules import KEYED_LISTS, BadgeRule, Metric
from pipelines.game.xp_rules import AchievementMetric, AchievementRule
from tests.docs.pages import Example, all_examples, page, section, table_rows
from tests.game.league import rules

RULEBOOK = page("docs/rulebook.md")
DEFAULT = load_rulebook().model_dump(mode="json")
ENTRIES = {
    "## Badges": BadgeRule,
    "## Achievements": AchievementRule,
    "## Boards": BoardRule,
    "## Seasons and tournaments": WindowRule,
    "## Filters": Filters,
}


def plain_keys(held, prefix=""):
    """Dotted keys of a rulebook with their values, without the lists of entries."""
    for key, value in held.items():
        if isinstance(value, dict):
            yield from plain_keys(value, f"{prefix}{key}.")
        elif key not in KEYED_LISTS:
            yield prefix + key, value


def toml_value(cell: str):
    return tomllib.loads(f"it = {cell.strip('`')}")["it"]


def test_every_plain_key_is_documented_with_its_default():
    told = {}
    for heading in (
        "## Top level",
        "## Points",
        "## Streaks",
        "## XP of agent calls",
        "## Levels",
        "## Changes",
        "## Insight",
    ):
        told |= {key: toml_value(cells[2]) for key, cells in table_rows(section(RULEBOOK, heading)).items()}
    assert told == dict(plain_keys(DEFAULT))


@pytest.mark.parametrize("heading", ENTRIES)
def test_every_key_of_an_entry_is_documented_with_its_default(heading):
    model = ENTRIES[heading]
    rows = table_rows(section(RULEBOOK, heading).partition("### ")[0])
    shared = Filters.model_fields if issubclass(model, Filters) and model is not Filters else ()
    own = model.model_fields.keys() - set(shared)
    assert rows.keys() == set(own)
    for key, (meaning, allowed, default) in rows.items():
        field = model.model_fields[key]
        assert meaning
        assert allowed
        if field.is_required():
            assert default == "needed", key
        elif field.default is None:
            assert default == "none", key
        else:
            held = list(field.default) if isinstance(field.default, tuple) else field.default
            assert toml_value(default) == held, key


def test_every_metric_is_documented():
    assert list(table_rows(section(RULEBOOK, "### Metrics"))) == list(get_args(Metric))


def test_every_metric_of_achievements_is_documented():
    assert list(table_rows(section(RULEBOOK, "### Metrics of achievements"))) == list(get_args(AchievementMetric))


def test_every_measure_is_documented():
    assert list(table_rows(section(RULEBOOK, "### Measures"))) == list(get_args(Measure))


def test_every_window_word_is_documented():
    assert list(table_rows(section(RULEBOOK, "### Windows"))) == [*CALENDAR_WINDOWS, "named"]


@pytest.mark.parametrize(
    ("heading", "key", "words"),
    [
        ("## Top level", "clock", ("submitted_at", "judged_at")),
        ("## Boards", "subject", ("agent", "user", "user_agent", "team")),
        ("## Boards", "scope", ("all", "team", "project")),
        ("## Achievements", "complexity", COMPLEXITIES),
        ("## Filters", "task_type", TASK_TYPES),
        ("## Filters", "difficulty", DIFFICULTIES),
    ],
)
def test_the_words_of_a_key_are_listed(heading, key, words):
    assert table_rows(section(RULEBOOK, heading))[key][1] == ", ".join(f"`{word}`" for word in words)


@pytest.mark.parametrize("example", all_examples("toml"), ids=str)
def test_every_example_in_the_pages_lies_over_the_defaults(example: Example):
    assert rules(**tomllib.loads(example.text)).fingerprint != load_rulebook().fingerprint


def test_all_examples_of_the_page_fit_together():
    over = {}
    for example in all_examples("toml"):
        if example.page == "rulebook.md":
            over = lay_over(over, tomllib.loads(example.text))
    book = rules(**over)
    assert {badge.key for badge in book.badge} >= {
        "night-sprint",
        "workhorse:bronze",
        "workhorse:silver",
        "steady-hand",
    }
    assert next(badge for badge in book.badge if badge.slug == "rising-star").threshold == 20
    assert "accuracy" not in {board.slug for board in book.board}
