"""The look over a whole bundle before it is written: what must not leave is refused, and said to be."""

from dataclasses import replace

import polars as pl
import pytest

from pipelines.arena.aggregates import key_set
from pipelines.arena.allow_list import strange_texts, words_of
from pipelines.arena.disclosure import refusals, without_narrow
from pipelines.arena.policy import load_policy
from pipelines.arena.profile_bounds import Told
from pipelines.arena.reasons import clauses, sentences
from pipelines.arena.tables import (
    ACHIEVEMENTS,
    AGENT_STATISTICS,
    BUNDLE_TABLES,
    CONVERSATIONS,
    LEADERBOARD_ENTRIES,
    PATTERNS,
    PROFILES,
    REASONS,
    USAGE,
    WITHHELD,
)
from pipelines.game.contract import TEXT, Column, Table

POLICY = load_policy()
SENTENCES, CLAUSES = sentences(POLICY.aggregates), clauses(POLICY.aggregates)
METRICS, TROPHIES, TALKS = "a" * 32, "b" * 32, "c" * 32
SECRET = "fix-billing-for-acme"
Tables = dict[str, pl.DataFrame]


def rows(table: Table, *values: tuple[object, ...]) -> pl.DataFrame:
    return pl.DataFrame(values, schema=table.schema, orient="row")


def release(month: str = "2026-10", sigma: float = 134.0) -> pl.DataFrame:
    return (
        key_set("calls", POLICY.words)
        .with_columns(kind=pl.lit("calls"), month=pl.lit(month), sigma=pl.lit(sigma))
        .with_columns(successes=pl.lit(40, pl.Int64), failures=pl.lit(-7, pl.Int64))
        .select(USAGE.schema.keys())
    )


def bundle(**changed: pl.DataFrame) -> Tables:
    share, week = 0.75, "2026-W44"
    given = {
        "profiles": rows(PROFILES, (METRICS, 2, 300, 40, 30, share, 0, 0, 0, None, 3, week)),
        "agent_statistics": rows(AGENT_STATISTICS, (METRICS, "debugger", 40, 30, share, 300, 2)),
        "leaderboard_entries": rows(
            LEADERBOARD_ENTRIES,
            ("xp-user", "all", 1, "owner", METRICS, METRICS, 300.0),
            ("problem:collatz", "2026-10", 1, "agent", "d" * 32, METRICS, 5.0),
        ),
        "achievements": rows(
            ACHIEVEMENTS,
            (TROPHIES, "achievement", "centurion", "gold", None, week),
            (TROPHIES, "level", "level", None, 2, week),
        ),
        "usage": release(),
        "conversations": rows(CONVERSATIONS, (TALKS, "0" * 64, "conversations/" + "0" * 64, 12, week)),
        "withheld": rows(WITHHELD, ("usage", "submissions", "2026-10", "budget", SENTENCES["budget"])),
    }
    return {**given, **changed}


def refused(tables: Tables, n_enrolled: int = 20, n_others: int = 12, **more: pl.DataFrame) -> list[str]:
    return refusals(tables, n_enrolled, n_others, POLICY, told_before=more.get("told_before"))


def test_a_bundle_that_keeps_the_policy_may_leave() -> None:
    assert refused(bundle()) == []
    assert refused({}) == []


def test_every_text_column_of_the_format_is_covered_by_a_list_of_words_or_a_pattern() -> None:
    columns = [(table, column) for table in BUNDLE_TABLES.values() for column in table.columns if column.dtype == TEXT]
    uncovered = [(t.name, c.name) for t, c in columns if words_of(t, c, POLICY) is None and c.name not in PATTERNS]
    assert uncovered == []
    assert set(SENTENCES) == set(REASONS)


def test_a_column_that_was_forgotten_in_the_lists_cannot_leave_even_if_the_contract_knows_it() -> None:
    wider = replace(PROFILES, columns=(*PROFILES.columns, Column("nickname", TEXT, "what friends say", nullable=True)))
    frame = bundle()["profiles"].with_columns(nickname=pl.lit(None, pl.String))
    [why] = strange_texts(wider, frame, POLICY)
    assert why == "The column `nickname` of `profiles` is refused: it is covered by no list of words and by no pattern."
    [why] = refused(bundle(profiles=frame))
    assert why == "The table `profiles` is refused: it does not keep its contract."


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("usage", "agent", SECRET),
        ("usage", "category", SECRET),
        ("agent_statistics", "agent", SECRET),
        ("leaderboard_entries", "board", f"problem:{SECRET}"),
        ("leaderboard_entries", "period", "2026-10-14"),
        ("achievements", "slug", SECRET),
        ("achievements", "tier", SECRET),
        ("achievements", "week", "2026-11-01T08:14:00Z"),
        ("profiles", "pseudonym", "ada@example.org"),
        ("profiles", "last_active_week", "2026-W44\nada"),
        ("conversations", "file", "../../etc/passwd"),
        ("withheld", "sentence", f"Withheld because of {SECRET}."),
        ("withheld", "table", SECRET),
    ],
)
def test_a_word_that_is_not_public_is_refused_and_not_repeated(table: str, column: str, value: str) -> None:
    frame = bundle()[table].with_columns(pl.lit(value).alias(column))
    [why] = refused(bundle(**{table: frame}))
    assert why.startswith(f"The column `{column}` of `{table}` is refused: values that it holds (1) are ")
    assert value not in why


def test_a_table_that_the_format_does_not_have_is_refused() -> None:
    assert refused({**bundle(), "prompts": pl.DataFrame()}) == [
        "The table `prompts` is refused: the format has none of that name."
    ]


@pytest.mark.parametrize(
    ("n_enrolled", "n_others", "reason"), [(9, 9, "few_people"), (20, 9, "few_others"), (20, 1, "few_others")]
)
def test_a_new_release_over_too_few_is_refused_and_an_old_one_stays(
    n_enrolled: int, n_others: int, reason: str
) -> None:
    both = bundle(usage=pl.concat([release(), release("2026-11")]).sort(USAGE.sort_by))
    assert refused(both, n_enrolled, n_others, told_before=release()) == [
        f"The release of calls in 2026-11 is refused: {CLAUSES[reason]}."
    ]


def test_a_release_that_is_drawn_again_changed_or_not_whole_is_refused() -> None:
    twice = bundle(usage=pl.concat([release(), release()]).sort(USAGE.sort_by))
    assert "The release of calls in 2026-10 is refused: more than one release speaks of it." in refused(twice)
    other = release().with_columns(failures=pl.lit(3, pl.Int64))
    assert refused(bundle(), told_before=other) == [
        "The release of calls in 2026-10 is refused: it was told with other figures before."
    ]
    for usage in (release().filter(pl.col("category") != "data"), release().filter(pl.col("category").is_not_null())):
        [why] = refused(bundle(usage=usage))
        assert why.endswith("its cells are not those of the public words, and an absence would tell of a count.")


def test_words_of_an_older_policy_stay_in_what_was_released_under_it() -> None:
    older = release("2026-09").with_columns(pl.col("agent").replace("debugger", "debugger-classic"))
    both = bundle(usage=pl.concat([release(), older]).sort(USAGE.sort_by))
    assert refused(both, told_before=older) == []
    assert len(refused(both)) == 1


def test_a_release_that_says_too_much_is_left_out_with_its_reason_and_refused_if_it_is_not() -> None:
    exact = release("2026-11", sigma=0.5).with_columns(successes=pl.lit(0, pl.Int64), failures=pl.lit(0, pl.Int64))
    usage = pl.concat([release(), exact]).sort(USAGE.sort_by)
    this = Told("2026-W49", bundle()["profiles"], bundle()["agent_statistics"])
    kept, withheld = without_narrow(usage, [this], 12, POLICY)
    assert kept.equals(release())
    assert withheld.rows() == [("usage", "calls", "2026-11", "narrow_bounds", SENTENCES["narrow_bounds"])]
    assert refused(bundle(usage=kept, withheld=withheld), told_before=usage) == []
    assert refused(bundle(usage=usage)) == [f"The release of calls in 2026-11 is refused: {CLAUSES['narrow_bounds']}."]


def test_what_is_told_is_not_called_withheld_at_the_same_time() -> None:
    withheld = rows(WITHHELD, ("usage", "calls", "2026-10", "budget", SENTENCES["budget"]))
    assert refused(bundle(withheld=withheld)) == [
        "The release of calls in 2026-10 is refused: it is called withheld as well."
    ]


def test_a_pseudonym_of_one_scope_in_a_table_of_another_is_refused() -> None:
    tied = bundle()["achievements"].with_columns(pseudonym=pl.lit(METRICS))
    assert refused(bundle(achievements=tied)) == [
        "The bundle is refused: pseudonyms of one scope stand in tables of another (1 of them)."
    ]
