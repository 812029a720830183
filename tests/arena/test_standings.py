"""What people chose to show, over publishers: who is ranked with whom, and who holds what."""

import polars as pl

from pipelines.arena.arena_tables import ACHIEVEMENT_HOLDERS, CHOSEN_STATISTICS, GLOBAL_LEADERBOARDS
from pipelines.arena.standings import achievement_holders, chosen_statistics, global_leaderboards
from pipelines.arena.tables import ACHIEVEMENTS, AGENT_STATISTICS, LEADERBOARD_ENTRIES

A, B, C, D = (letter * 32 for letter in "abcd")
ANN, BEN, CYD = (digit * 32 for digit in "123")


def rows(table, *given):
    return pl.DataFrame(given, {"publisher": pl.String(), **table.schema}, orient="row")


def entry(publisher, who, score, board="xp-user", period="all", kind="owner"):
    return (publisher, board, period, 1, kind, who, who, score)


PUBLISHERS = pl.DataFrame(
    [(A, "rules-1", 5, 10), (B, "rules-1", 5, 10), (C, "rules-2", 5, 10), (D, "rules-1", 5, 100)],
    ["publisher", "rulebook", "count_grain", "score_grain"],
    orient="row",
)


def ranked(*entries):
    return global_leaderboards(PUBLISHERS, rows(LEADERBOARD_ENTRIES, *entries))


def test_entries_are_ranked_anew_over_publishers_and_equals_share_a_place():
    board = ranked(entry(A, ANN, 300), entry(A, BEN, 100), entry(B, ANN, 200), entry(B, BEN, 300), entry(B, CYD, 100))
    assert board.select("rank", "publisher", "pseudonym", "score").rows() == [
        (1, A, ANN, 300),
        (1, B, BEN, 300),
        (3, B, ANN, 200),
        (4, A, BEN, 100),
        (4, B, CYD, 100),
    ]
    assert GLOBAL_LEADERBOARDS.is_kept_by(board)


def test_only_what_was_told_by_the_same_rules_and_in_the_same_grains_is_compared():
    board = ranked(*(entry(publisher, ANN, 100 * n) for n, publisher in enumerate((A, B, C, D), 1)))
    assert board.select("rulebook", "score_grain", "rank", "publisher").rows() == [
        ("rules-1", 10, 1, B),
        ("rules-1", 10, 2, A),
        ("rules-1", 100, 1, D),
        ("rules-2", 10, 1, C),
    ]


def test_each_board_and_period_is_ranked_alone_and_agents_are_not_ranked_with_owners():
    board = ranked(
        entry(A, ANN, 50, "points", "2026-10", "agent"),
        entry(A, BEN, 40, "points", "2026-10", "owner"),
        entry(B, ANN, 30, "points", "2026-11", "agent"),
        entry(B, BEN, 20),
    )
    assert board.select("board", "period", "subject_type", "rank").rows() == [
        ("points", "2026-10", "agent", 1),
        ("points", "2026-10", "owner", 1),
        ("points", "2026-11", "agent", 1),
        ("xp-user", "all", "owner", 1),
    ]


def test_what_owners_chose_to_tell_of_agents_is_added_and_owners_are_counted():
    told = chosen_statistics(
        rows(
            AGENT_STATISTICS,
            (A, ANN, "Plan", 20, 15, 0.75, 100, 2),
            (A, BEN, "Plan", 10, 10, 1.0, 100, 2),
            (B, ANN, "Plan", 50, 35, 0.7, 100, 2),
            (B, ANN, "other", 5, 0, 0.0, 0, None),
        )
    )
    assert told.rows() == [("Plan", 2, 3, 80, 60, 0.75), ("other", 1, 1, 5, 0, 0.0)]
    assert CHOSEN_STATISTICS.is_kept_by(told)


def test_calls_of_very_many_owners_never_wrap():
    most = 2**62  # beyond the bounds, in the place of millions of owners
    told = chosen_statistics(rows(AGENT_STATISTICS, *[(A, ANN, "Plan", most, most, 1.0, 0, 1)] * 3))
    assert told.select("calls", "successes", "success_share").rows() == [(2**53 - 1, 2**53 - 1, 1.0)]
    assert CHOSEN_STATISTICS.is_kept_by(told)


def test_holders_are_counted_for_each_publisher_and_over_all_with_the_first_week():
    held = achievement_holders(
        rows(
            ACHIEVEMENTS,
            (A, ANN, "achievement", "centurion", "gold", None, "2026-W40"),
            (A, BEN, "achievement", "centurion", "gold", None, "2026-W38"),
            (B, ANN, "achievement", "centurion", "gold", None, "2026-W39"),
            (B, ANN, "achievement", "centurion", None, None, "2026-W36"),
            (B, ANN, "level", "level", None, 4, "2026-W41"),
        )
    )
    assert held.rows() == [
        ("achievement", "centurion", None, None, None, 1, "2026-W36"),
        ("achievement", "centurion", None, None, B, 1, "2026-W36"),
        ("achievement", "centurion", "gold", None, None, 3, "2026-W38"),
        ("achievement", "centurion", "gold", None, A, 2, "2026-W38"),
        ("achievement", "centurion", "gold", None, B, 1, "2026-W39"),
        ("level", "level", None, 4, None, 1, "2026-W41"),
        ("level", "level", None, 4, B, 1, "2026-W41"),
    ]
    assert ACHIEVEMENT_HOLDERS.is_kept_by(held)


def test_nothing_told_is_nothing_shown():
    for made, contract in (
        (ranked(), GLOBAL_LEADERBOARDS),
        (chosen_statistics(rows(AGENT_STATISTICS)), CHOSEN_STATISTICS),
        (achievement_holders(rows(ACHIEVEMENTS)), ACHIEVEMENT_HOLDERS),
    ):
        assert made.equals(contract.empty())
