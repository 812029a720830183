"""A user's profile, as it is shown."""

import datetime as dt
import io
import re
from pathlib import Path

import pytest

from pipelines.reports.choices import Misuse
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import screen
from pipelines.reports.user_page import UserPage, user_page
from pipelines.reports.user_view import show_user
from pipelines.settings import settings
from tests.game.league import rules, task, tried
from tests.reports.call_season import publish_calls
from tests.reports.shown_season import called, publish


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish_calls(home)
    return Reading.open(settings(home))


def text_of(page: UserPage, width: int = 100, *, fancy: bool = False) -> str:
    output = io.StringIO()
    show_user(page, screen(output, width, fancy=fancy))
    return output.getvalue()


def lines_of(page: UserPage, width: int = 100) -> list[str]:
    return [" ".join(line.split()) for line in text_of(page, width).splitlines()]


def test_a_profile_begins_with_the_level_and_the_way_to_the_next(reading: Reading) -> None:
    assert lines_of(user_page(reading, "ann"))[1:5] == [
        "ann",
        "Level 2, Specialist *....",
        "####................ 160 XP to level 3",  # 140 XP: 40 of the 200 between 100 and 300
        "XP 140",
    ]


def test_calls_are_told_with_their_uncertainty_and_with_what_nobody_judged(reading: Reading) -> None:
    lines = lines_of(user_page(reading, "ann"))
    assert "calls 3, of them 2 succeeded" in lines
    assert "success 66.7 % (95 % interval 20.8 % to 93.9 %, n = 3)" in lines
    assert "33.3 % of it derived from how the runs ended, not judged" in lines
    assert "duration median 1 min, 95th percentile 1 min (n = 1)" in lines
    assert "mean scores response 0.80 (n = 1)" in lines
    assert "tokens 6.0 k, 6.0 k per success (n = 2)" in lines
    assert "cost $0.25 (n = 1)" in lines
    assert "active days 2 in a row, best 2, 2 in all" in lines
    assert "agents called 2, of them 2 with success" in lines


def test_what_no_call_tells_is_left_out(reading: Reading) -> None:
    text = text_of(user_page(reading, "bob"))
    assert not [word for word in ("tokens", "cost", "mean scores", "derived") if word in text]


def test_the_agents_called_stand_by_their_xp_with_level_success_and_median(reading: Reading) -> None:
    lines = lines_of(user_page(reading, "ann"))
    at = lines.index("Agents called (2)")
    assert lines[at + 3 : at + 5] == [
        "both 1 ..... 60 1 100.0 % 2026-03-03T09:30:00Z",
        "python-pro 1 ..... 30 2 50.0 % 1 min 2026-03-02T09:30:00Z",
    ]


def test_an_achievement_comes_with_its_instant_xp_and_event(reading: Reading) -> None:
    assert "First Steps 2026-03-02T09:00:00Z 50 c1" in lines_of(user_page(reading, "ann"))


def test_the_way_to_an_achievement_says_what_it_takes_besides(reading: Reading) -> None:
    lines = lines_of(user_page(reading, "ann"))
    assert "Agent Explorer ########............ 40 % 2 of 5" in lines
    assert "Arena Legend .................... 4 % 3 of 15; also level 10" in lines


def test_what_is_not_earned_is_never_shown_as_done(tmp_path: Path) -> None:
    """The threshold is reached, but another achievement is wanted first."""
    first = {"slug": "quick-hands", "enabled": True, "threshold": 1, "under_s": 90, "requires": ["bug-hunter"]}
    records = [called("c1", "ann", "a", "2026-03-02T09:00:00Z", duration_s=20.0)]
    publish(tmp_path, records, rules=rules(achievement=[first]))
    (tmp_path / "rulebook.toml").write_text(
        '[[achievement]]\nslug = "quick-hands"\nthreshold = 1\nunder_s = 90\nrequires = ["bug-hunter"]\n'
    )
    lines = lines_of(user_page(Reading.open(settings(tmp_path)), "ann"))
    assert "Speed Demon ###################. 99 % 1 of 1; also Bug Hunter" in lines


def test_levels_reached_name_the_agent_and_the_event(reading: Reading) -> None:
    lines = lines_of(user_page(reading, "ann"))
    assert lines[lines.index("Levels reached (1)") + 3] == "2026-03-03T09:30:00Z level 2 c3"


def test_the_hours_of_the_week_are_a_map_with_the_sum_of_each_day(reading: Reading) -> None:
    lines = text_of(user_page(reading, "ann")).splitlines()
    at = lines.index("Calls by weekday and hour (UTC)")
    assert [line.rstrip() for line in lines[at + 1 : at + 4]] == [
        "     0           6           12          18",
        "Mon  ..................##............................ 2",
        "Tue  ..................++............................ 1",
    ]
    assert lines[at + 9] == ". none, # up to 2 calls"


def test_agents_owned_come_with_their_points_and_badges(reading: Reading) -> None:
    lines = lines_of(user_page(reading, "ann"))
    assert lines[lines.index("Agents owned (1)") + 3] == "solver 10 1 100.0 % (1) Champion, First Blood"


def test_an_agent_belongs_to_whoever_submitted_with_it_last(tmp_path: Path) -> None:
    records = [
        task("t1"),
        tried("s1", "solver", "t1", "2026-03-01T10:00:00Z", user_id="ann"),
        tried("s2", "other", "t1", "2026-03-01T11:00:00Z", user_id="ann"),
        tried("s3", "solver", "t1", "2026-03-02T10:00:00Z", user_id="bob"),
        tried("s4", "solver", "t1", "2026-03-03T10:00:00Z", "void", user_id="ann"),
    ]
    publish(tmp_path, records)
    reading = Reading.open(settings(tmp_path))
    assert [row["agent_id"] for row in user_page(reading, "ann").owned] == ["other"]
    assert [row["agent_id"] for row in user_page(reading, "bob").owned] == ["solver"]


def test_who_only_owns_agents_has_no_level_and_no_calls(tmp_path: Path) -> None:
    publish(tmp_path, [task("t1"), tried("s1", "solver", "t1", "2026-03-01T10:00:00Z", user_id="ann")])
    lines = lines_of(user_page(Reading.open(settings(tmp_path)), "ann"))
    assert lines[1:3] == ["ann", "agents owned 1, with 10 points"]
    assert not [line for line in lines if line.startswith(("Level", "Achievements", "calls", "Awards", "Calls"))]
    assert "On no board yet." in lines


def test_places_and_awards_come_with_their_reasons(reading: Reading) -> None:
    lines = lines_of(user_page(reading, "ann"), 160)
    assert "xp-user all time 1 of 2 140 XP" in lines
    assert "project-xp-user web week 1 of 1 137 XP" in lines
    at = lines.index("Awards of XP (4)")
    assert lines[at + 3 : at + 7] == [
        "2026-03-03T09:30:00Z 60 both error_resolution succeeded 20 x 2 complex x 1.5 quality = 60",
        "2026-03-02T09:30:00Z 3 python-pro task_completion failed 10 x 0.3 failed = 3",
        "2026-03-02T09:00:00Z 50 achievement First Steps",
        "2026-03-02T09:00:00Z 27 python-pro task_completion succeeded 1 min 10 x 1.5 medium x 1.5 speed = 22 + 5 bonus",
    ]


def test_on_a_narrow_screen_the_reason_stands_beneath(reading: Reading) -> None:
    lines = lines_of(user_page(reading, "ann", top=1), 80)
    at = lines.index("Last awards of XP (1 of 4)")
    assert lines[at + 3 : at + 5] == [
        "2026-03-03T09:30:00Z 60 both, error_resolution, succeeded",
        "20 x 2 complex x 1.5 quality = 60",
    ]


@pytest.mark.parametrize("width", [40, 60, 100, 160])
@pytest.mark.parametrize("fancy", [False, True])
def test_no_line_is_wider_than_the_screen(reading: Reading, width: int, fancy: bool) -> None:
    text = text_of(user_page(reading, "ann"), width, fancy=fancy)
    assert max(map(len, text.splitlines())) <= max(width, 54)  # the map of hours takes no less


def test_output_for_nobodys_eyes_is_plain_ascii_and_that_for_eyes_needs_no_emoji(reading: Reading) -> None:
    assert text_of(user_page(reading, "ann")).isascii()
    fancy = text_of(user_page(reading, "ann"), fancy=True)
    assert "★☆☆☆☆" in fancy
    assert max(map(ord, fancy)) < 0x2607  # the star of text, not the emoji


def test_names_of_strangers_are_shown_harmless(tmp_path: Path) -> None:
    name = "[red]x[/red] :trophy: " + "long" * 30
    publish(
        tmp_path, [called("c1", name, "[b]agent[/b]" + "y" * 90, "2026-03-02T09:00:00Z", action_type="\x1b[31m\u202e")]
    )
    for width in (60, 160):
        text = text_of(user_page(Reading.open(settings(tmp_path)), name), width)
        assert "[b]agent[/b]y" in text
        assert r"\x1b[31m\u202e" in text
        assert not {"\x1b", "\u202e"} & set(text)


def test_an_unknown_user_is_answered_with_close_matches(reading: Reading) -> None:
    with pytest.raises(Misuse, match=r"There is no user `an`. Did you mean `ann`\?"):
        user_page(reading, "an")


def test_plain_data_hold_the_whole_profile(reading: Reading) -> None:
    plain = user_page(reading, "ann", 1).for_machines()
    assert plain["level"] == {
        "xp": 140, "level": 2, "title": "Specialist", "stars": 1, "level_xp": 100, "xp_to_next": 160,
    }  # fmt: skip
    assert (plain["n_awards"], plain["n_level_ups"], plain["n_agents_called"]) == (4, 1, 2)
    (award,) = plain["last_awards"]  # type: ignore[misc, attr-defined]
    assert (award["event_id"], award["call_id"], award["complexity_factor"], award["xp"]) == ("c3", "c3", 2.0, 60)
    assert plain["usage_hours"][0]["calls"] == 2  # type: ignore[index]
    assert plain["calls"]["success_low"] == pytest.approx(0.2077, abs=1e-4)  # type: ignore[index]


@pytest.fixture(scope="module")
def ahead(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """Ten users who call once a day for five weeks, and one who called once, in the second."""
    home = tmp_path_factory.mktemp("ahead")
    first = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
    records = [
        called(f"c{user}-{day}", f"u{user}", "helper", f"{first + dt.timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}")
        for user in range(10)
        for day in range(36)
    ]
    publish(home, [*records, called("x1", "ann", "helper", "2026-03-10T09:00:00Z")], has_insight=True)
    return Reading.open(settings(home))


def test_beneath_the_level_stands_when_the_next_one_comes_and_how_such_forecasts_held(ahead: Reading) -> None:
    told = " ".join(lines_of(user_page(ahead, "u3"), 200)[3:6])
    assert re.search(
        r"Level \d+ in about \d+ days? \(80 %: \d+ (to \d+|or more).*\)\. \d+ forecasts of this kind", told
    )
    assert "How often such ranges hold is not known yet." in told


def test_who_was_hardly_active_is_told_why_there_is_no_forecast(ahead: Reading) -> None:
    lines = lines_of(user_page(ahead, "ann"))
    assert lines[4] == "No forecast: 1 active day in 28."
    assert not [line for line in lines if "such ranges" in line]


def test_machines_get_the_numbers_of_the_forecast(ahead: Reading) -> None:
    told = user_page(ahead, "u3").for_machines()["level_forecast"]
    assert isinstance(told, dict)
    assert told["status"] == "forecast"
    assert 1 <= told["days_p10"] <= told["days_p50"]
    assert told["n_calibration"] >= 30


def test_a_season_of_before_there_were_forecasts_has_none(reading: Reading) -> None:
    assert user_page(reading, "ann").for_machines()["level_forecast"] is None
