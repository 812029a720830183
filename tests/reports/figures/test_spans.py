"""A short season is told in minutes, by the clock of the zone: lines at the instants, steps that end on the clock."""

import datetime as dt

import polars as pl
import pytest

from pipelines.reports.figures.growth import growth, growth_with_badges, growth_with_levels
from pipelines.reports.figures.race import cumulative_race
from pipelines.reports.figures.spans import by_instant, step_of, until_of, windows
from tests.reports.figures import drawn

BERLIN = "Europe/Berlin"  # UTC+1 in March
KATHMANDU = "Asia/Kathmandu"  # UTC+5:45


def at(text: str) -> dt.datetime:
    """`2 09:15`: a day of March 2026 and a time, UTC."""
    return dt.datetime.strptime(f"2026-03-{text}", "%Y-%m-%d %H:%M")  # noqa: DTZ007 - instants are naive UTC


LEDGER = pl.DataFrame(
    [("a", at("2 09:12"), 5), ("a", at("2 09:12"), 10), ("b", at("2 09:30"), 10), ("b", at("2 10:01"), 10),
     ("a", at("2 11:00"), 0), (None, at("2 11:00"), 7)],
    schema={"agent_id": pl.String, "earned_at": pl.Datetime("us"), "points": pl.Int64}, orient="row",
).with_columns(pl.col("earned_at").dt.replace_time_zone("UTC"))  # fmt: skip
GAINS = by_instant(LEDGER, "agent_id")


def gained_at(*instants: dt.datetime) -> pl.DataFrame:
    return pl.DataFrame({"at": instants}, schema={"at": pl.Datetime("us")})


def test_sums_by_instant_leave_out_nothing_that_was_gained_and_nobody() -> None:
    assert GAINS.rows() == [("a", at("2 09:12"), 15), ("b", at("2 09:30"), 10), ("b", at("2 10:01"), 10)]


def test_lines_of_a_short_season_climb_at_the_instants_of_the_ledger_from_zero_at_the_first_one() -> None:
    figure = growth(GAINS, ["a", "b"], until=at("2 10:05"), zone=BERLIN)
    a, b = (list(zip(line.x, line.y, strict=True)) for line in figure.data)
    day = "2026-03-02T"
    assert a == [(f"{day}10:12:00", 0), (f"{day}10:12:00", 15), (f"{day}11:05:00", 15)]
    assert b == [(f"{day}10:12:00", 0), (f"{day}10:30:00", 10), (f"{day}11:01:00", 20), (f"{day}11:05:00", 20)]
    assert figure.layout.xaxis.title.text == "Time (Europe/Berlin)"
    assert figure.layout.meta["summary"] == "Points of 2 lines at 2026-03-02 11:05: b 20, a 15."


def test_badges_and_levels_stand_at_their_instants() -> None:
    badge = pl.DataFrame({"badge": ["first"], "earned_at": [at("2 09:30").replace(tzinfo=dt.UTC)]})
    stars = growth_with_badges(GAINS, "b", badge, {"first": "First"}, zone=BERLIN, until=at("2 10:05"))
    assert (list(stars.data[1].x), list(stars.data[1].y)) == (["2026-03-02T10:30:00"], [10])
    assert stars.layout.meta["summary"].endswith("Badges: First at 2026-03-02 10:30.")
    xp = GAINS.rename({"agent_id": "user_id", "points": "xp"})
    levels = growth_with_levels(xp, "b", drawn.LEVELS, until=at("2 10:05"), zone=BERLIN)
    assert list(levels.data[0].y) == [0, 10, 20, 20]


def test_ranks_are_taken_at_the_ends_of_steps_also_of_those_in_which_nobody_gained() -> None:
    figure = cumulative_race(GAINS, each="15 minutes", zone=KATHMANDU)
    lines = {line.name: list(zip(line.x, line.y, strict=True)) for line in figure.data}
    ends = [f"2026-03-02T{time}:00" for time in ("15:00", "15:15", "15:30", "15:45", "16:00")]  # 09:15 UTC and on
    assert lines == {
        "b": list(zip(ends, [None, 2, 2, 2, 1], strict=True)),
        "a": list(zip(ends, [1, 1, 1, 1, 2], strict=True)),
    }
    assert "Ranks at the last 5 of 5 steps, every 15 minutes up to 2026-03-02 16:00." in figure.layout.meta["summary"]


def test_a_step_holds_what_is_gained_at_its_end_and_ends_on_the_clock_of_the_zone() -> None:
    gains = gained_at(at("2 09:16"), at("2 10:15"), at("2 10:16"))
    assert gains.select(windows(gains, "hour", KATHMANDU)).to_series().to_list() == [
        at("2 10:15"), at("2 10:15"), at("2 11:15"),
    ]  # fmt: skip


def test_an_hour_that_the_clock_repeats_is_two_hours() -> None:
    first = dt.datetime.fromisoformat("2026-10-24T23:30")  # 01:30 in Berlin; at 03:00 there the clock goes back
    gains = gained_at(first, first + dt.timedelta(hours=3)).with_columns(agent_id=pl.lit("a"), points=pl.lit(1))
    (line,) = cumulative_race(gains, each="hour", zone=BERLIN).data
    assert [x[11:16] for x in line.x] == ["02:00", "02:00", "03:00", "04:00"]


@pytest.mark.parametrize(
    ("last", "most", "each"),
    [("2 09:55", 12, "5 minutes"), ("2 10:01", 12, "10 minutes"), ("2 14:28", 120, "5 minutes"),
     ("2 14:28", 12, "30 minutes"), ("4 08:00", 12, "4 hours"), ("4 23:00", 120, "hour"), ("4 23:00", 1, "4 hours")],
)  # fmt: skip
def test_the_shortest_step_is_taken_of_which_there_are_not_too_many(last: str, most: int, each: str) -> None:
    assert step_of(gained_at(at("2 09:00"), at(last)), most, "UTC") == each


@pytest.mark.parametrize(
    ("last", "as_of", "until"),
    [("2 13:00", "2 14:00", at("2 14:00")), ("2 13:00", "2 14:01", at("2 13:00")),
     ("4 22:59", "4 23:30", at("4 23:30")), ("4 23:00", "4 23:30", dt.date(2026, 3, 5))],
)  # fmt: skip
def test_a_season_is_short_up_to_three_local_days_and_ends_when_little_has_happened_for_long(
    last: str, as_of: str, until: dt.date
) -> None:
    assert until_of(at("2 09:00"), at(last), at(as_of), BERLIN) == until


def test_a_season_of_nothing_is_told_in_days() -> None:
    assert until_of(None, None, at("2 23:30"), BERLIN) == dt.date(2026, 3, 3)
