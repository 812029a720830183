"""Figures say what they show, in words too; they read without colour, and are the same each time."""

import datetime as dt
import json
import random
import re

import plotly.graph_objects as go
import polars as pl
import pytest

from pipelines.reports.figures import activity, growth, moves, quality, race, specialisation, style
from pipelines.reports.figures.canvas import MAX_POINTS, thinned
from tests.reports.figures import drawn, insight_drawn

FIGURES = drawn.every_figure() | insight_drawn.every_figure()
NOTHING = drawn.nothing_drawn() | insight_drawn.nothing_drawn()
WHITE, DARK = "#ffffff", "#12151c"


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_has_a_title_axis_titles_and_a_summary(kind):
    layout = FIGURES[kind].layout
    assert layout.title.text
    assert layout.xaxis.title.text
    assert layout.yaxis.title.text
    assert layout.meta["title"] == layout.title.text
    assert len(layout.meta["summary"]) > 30


@pytest.mark.parametrize("kind", FIGURES)
def test_plotly_knows_every_property_of_a_figure(kind):
    drawn_as = json.loads(style.as_json(FIGURES[kind]))
    go.Figure(data=drawn_as["data"], layout=drawn_as["layout"])  # raises ValueError for what it does not know


@pytest.mark.parametrize("kind", FIGURES)
def test_no_two_lines_are_told_apart_by_colour_alone(kind):
    lines = [line for line in FIGURES[kind].data if line.type == "scatter" and "lines" in (line.mode or "")]
    assert len({(line.line.dash, line.marker.symbol) for line in lines}) == len(lines)
    bars = [bar for bar in FIGURES[kind].data if bar.type == "bar"]
    assert len({bar.marker.pattern.shape for bar in bars}) == len(bars)


@pytest.mark.parametrize("kind", FIGURES)
def test_every_series_says_something_under_the_pointer_or_is_passed_over(kind):
    for series in FIGURES[kind].data:
        assert series.hovertemplate or series.hoverinfo == "skip"


@pytest.mark.parametrize("kind", NOTHING)
def test_of_nothing_a_figure_says_that_there_is_none(kind):
    (note,) = NOTHING[kind].layout.annotations
    assert re.match(r"No .* (yet|was refused)$", note.text)
    assert NOTHING[kind].layout.meta["summary"] == note.text
    assert not NOTHING[kind].data


def test_the_same_frames_give_the_same_bytes_whatever_the_order_of_their_rows():
    again = drawn.every_figure() | insight_drawn.every_figure()
    turned = growth.growth(drawn.days(drawn.NAMES).reverse(), drawn.NAMES, until=drawn.UNTIL)
    assert [style.as_json(figure) for figure in again.values()] == [style.as_json(f) for f in FIGURES.values()]
    assert style.as_json(turned) == style.as_json(FIGURES["growth"])


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_is_light_and_holds_plain_numbers(kind):
    text = style.as_json(FIGURES[kind])
    assert len(text.encode()) < 40_000
    assert "bdata" not in text
    assert not re.search(r"[<>&\u2028\u2029]", text)
    assert json.loads(text)["config"]["showSendToCloud"] is False


def test_without_its_title_a_figure_keeps_the_words_for_it():
    layout = json.loads(style.as_json(FIGURES["growth"], titled=False))["layout"]
    assert "title" not in layout
    assert layout["meta"]["title"] == "Points gathered over time"


def test_colours_read_on_white_and_on_dark():
    for colour in style.PALETTE:
        assert min(_contrast(colour, WHITE), _contrast(colour, DARK)) >= 3


def test_twelve_looks_are_told_apart_by_dash_and_marker():
    looks = [style.look(place) for place in range(style.MAX_SERIES)]
    assert len({(look.dash, look.marker) for look in looks}) == len({look.glyph for look in looks}) == 12


def test_growth_is_the_running_sum_and_ends_at_as_of():
    days = pl.DataFrame(
        {"agent_id": ["a", "a", "b"], "day": [dt.date(2026, 3, 2), dt.date(2026, 3, 4), dt.date(2026, 3, 3)],
         "points": [5, 7, 1]}
    )  # fmt: skip
    a, b = growth.growth(days, ["a", "b"], until=dt.date(2026, 3, 5)).data
    assert list(zip(a.x, a.y, strict=True)) == [
        ("2026-03-01", 0), ("2026-03-02", 5), ("2026-03-04", 12), ("2026-03-05", 12),
    ]  # fmt: skip
    assert list(b.y) == [0, 1, 1]


def test_sums_of_a_ledger_fall_on_the_days_of_the_zone():
    ledger = pl.DataFrame(
        {"user_id": ["ann", "ann", "ann"], "agent_id": ["x", "x", None], "xp": [5, 7, 50],
         "earned_at": ["2026-03-01T22:59:00Z", "2026-03-01T23:01:00Z", "2026-03-01T23:01:00Z"]}
    ).with_columns(pl.col("earned_at").str.to_datetime(time_unit="us", time_zone="UTC"))  # fmt: skip
    first, second = dt.date(2026, 3, 1), dt.date(2026, 3, 2)
    assert growth.daily(ledger, "user_id", "Europe/Berlin").rows() == [("ann", first, 5), ("ann", second, 57)]
    assert growth.daily(ledger, "agent_id", "Europe/Berlin").rows() == [("x", first, 5), ("x", second, 7)]


def test_level_lines_go_up_to_the_next_level():
    assert growth.level_lines(300, drawn.LEVELS) == [(2, 100), (3, 300), (4, 600)]
    assert growth.level_lines(0, drawn.LEVELS) == [(2, 100)]


def test_ranks_have_gaps_where_there_is_no_entry():
    lines = {line.name: list(line.y) for line in race.rank_race(drawn.entries(["a", "b", "c", "d"])).data}
    assert lines == {"a": [None, 2, 3], "b": [2, None, 4], "c": [3, 4, None], "d": [4, 1, 2]}


def test_ranks_by_what_was_gathered_so_far_share_a_place():
    days = pl.DataFrame(
        {"agent_id": ["a", "b", "c", "b", "a"], "points": [5, 3, 3, 2, 1],
         "day": [dt.date(2026, 3, day) for day in (2, 3, 8, 11, 25)]}
    )  # fmt: skip
    lines = {line.name: list(line.y) for line in race.cumulative_race(days).data}
    assert lines == {"a": [1, 1, 1, 1], "b": [2, 1, 1, 2], "c": [2, 3, 3, 3]}


@pytest.mark.parametrize("each", race.EACH)
def test_ranks_so_far_are_those_of_adding_up_anew_for_every_window_and_sorting(each):
    """The oracle: for every window all gains up to its end, subject by subject."""
    chance = random.Random(7)
    gains = [(f"a{chance.randrange(9)}", dt.date(2025, 1, 6) + dt.timedelta(chance.randrange(800)), chance.randrange(4))
             for _ in range(400)]  # fmt: skip
    days = pl.DataFrame(gains, schema=["agent_id", "day", "points"], orient="row")
    drawn_lines = race.cumulative_race(days, each=each, top=5).data
    assert len(drawn_lines) == 5
    starts = [dt.date.fromisoformat(at) for at in drawn_lines[0].x]
    assert len(starts) == min(race.MAX_WINDOWS, {"day": 800, "week": 115, "month": 27}[each])
    for place, start in enumerate(starts):
        end = starts[place + 1] if place + 1 < len(starts) else dt.date.max
        sums = {agent: sum(n for who, day, n in gains if who == agent and day < end) for agent, *_ in gains}
        for line in drawn_lines:
            own = sums[line.name]
            assert line.y[place] == (1 + sum(other > own for other in sums.values()) if own else None), start


def test_a_week_in_which_nobody_has_a_place_is_a_gap():
    entries = drawn.entries(["a", "b", "c", "d"]).filter(pl.col("window_start_on") != drawn.MONDAY + dt.timedelta(7))
    for line in race.rank_race(entries).data:
        assert len(line.x) == 3
        assert line.y[1] is None


def test_places_under_other_rules_are_lines_and_one_that_is_new_has_no_place_now():
    lines = {line.name: list(line.y) for line in moves.rank_moves(drawn.compared(["a", "b", "c"])).data}
    assert lines == {"c": [None, 1], "a": [1, 3], "b": [2, 2]}
    assert (
        "c no place to 1; a 1 to 3; b 2 to 2"
        in moves.rank_moves(drawn.compared(["a", "b", "c"])).layout.meta["summary"]
    )


def test_hours_are_those_of_the_zone():
    instants = pl.Series([dt.datetime(2026, 3, 1, 23, 30, tzinfo=dt.UTC)] * 2, dtype=pl.Datetime("us", "UTC"))
    assert activity.by_hour(instants, "Europe/Berlin").rows() == [(1, 0, 2)]


def test_the_days_of_a_streak_are_the_last_with_a_completed_task():
    done = [dt.date(2026, 3, day) for day in (2, 3, 4, 6)]
    days = pl.DataFrame({"day": done, "tasks_completed": [1, 0, 2, 1]})
    assert activity.streak_days(days, 2, done[2]) == [done[0], done[2]]
    assert activity.streak_days(days, 0, None) == []


def test_a_calendar_shows_the_last_weeks_and_nothing_after_as_of():
    days = pl.DataFrame({"day": [dt.date(2020, 1, 1), dt.date(2026, 3, 4)], "tasks_completed": [3, 2]})
    heat = activity.calendar(days, until=dt.date(2026, 3, 5)).data[0]
    assert len(heat.x) == activity.MAX_WEEKS
    assert [row[-1] for row in heat.z] == [0, 0, 2, 0, None, None, None]


def test_a_calendar_of_days_long_ago_says_that_the_last_weeks_hold_none():
    days = pl.DataFrame({"day": [dt.date(2020, 1, 1)], "tasks_completed": [3]})
    figure = activity.calendar(days, until=dt.date(2026, 3, 5))
    assert figure.layout.meta["summary"] == "No tasks completed in the last 53 weeks"


def test_shares_carry_the_number_they_are_taken_from():
    rows = specialisation.by_problem(drawn.submissions(["a", "b", "a"]))
    assert rows.rows() == [("a", 2, 2), ("b", 0, 1)]
    _, dots = specialisation.accuracy_by_problem(rows).data
    assert list(dots.x) == [1, 0]
    assert "2 of 2 attempts: 100.0 %<br>95 % interval 34.2 % to 100.0 %" in dots.customdata[0]


def test_long_names_of_files_keep_their_ends_which_tell_them_apart():
    files = drawn.files([f"submissions-2026-10-{day:02}.jsonl" for day in (1, 2)])
    ticks = list(quality.lines_read(files).layout.yaxis.ticktext)
    assert ticks == ["submis…6-10-01.jsonl", "submis…6-10-02.jsonl"]


def test_readings_of_one_file_are_summed_up():
    files = pl.concat([drawn.files(["a"])] * 2)
    assert [list(bar.x) for bar in quality.lines_read(files).data] == [[180], [8], [10], [2]]


@pytest.mark.parametrize("n", [1, 2, MAX_POINTS, MAX_POINTS + 1, 12_345])
def test_a_long_line_is_thinned_out_and_keeps_its_ends(n):
    kept = thinned(n)
    assert kept[0] == 0
    assert kept[-1] == n - 1
    assert len(kept) == min(n, MAX_POINTS) == len(set(kept))


def _contrast(one, other):
    """WCAG 2.2, contrast ratio."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour):
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
