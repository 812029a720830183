"""Profiles of agents, users and teams: what they say is what the published tables hold."""

import json
import re
import shlex
from pathlib import Path

import polars as pl
import pytest

from pipelines.reports.agent_page import agent_page
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import share
from pipelines.reports.site import agent_pages, team_pages, user_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import path_of
from pipelines.reports.site.publishing import Profiles, publish_site
from pipelines.reports.site.subjects import Subjects
from pipelines.reports.user_page import user_page
from tests.reports.site.profile_season import AGENTS, MARKUP, OPTION, TEAMS, USERS, Read, play, renderer, written

SECTIONS = (agent_pages.pages, user_pages.pages, team_pages.pages)


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Held:
    return play(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def pages(held: Held) -> dict[str, str]:
    return written(renderer(held), *SECTIONS)


@pytest.fixture(scope="module")
def read(pages: dict[str, str]) -> dict[tuple[str, str], Read]:
    names = {"agent": AGENTS, "user": USERS, "team": TEAMS}
    return {(kind, name): Read(pages[path_of(kind, name)]) for kind in names for name in names[kind]}


Pages = dict[tuple[str, str], Read]


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_one_subjects_rows_tell_what_the_whole_season_tells(held: Held) -> None:
    agents, users = Subjects("agent", AGENTS, held), Subjects("user", USERS, held)
    for name in AGENTS:
        assert agent_page(agents.reading(name), name).for_machines() == agent_page(held, name).for_machines()
    for name in USERS:
        assert user_page(users.reading(name), name).for_machines() == user_page(held, name).for_machines()


@pytest.mark.parametrize("kind", ["agent", "user", "team"])
def test_key_figures_are_those_of_the_published_tables(held: Held, read: Pages, kind: str) -> None:
    figures = {"points": ["Points", "Points of agents owned"], "xp": ["XP"], "calls": ["Calls"],
               "tasks_completed": ["Tasks completed", "Tasks they completed"], "n_members": ["Agents"]}  # fmt: skip
    n_checked = 0
    for row in held.frame(f"{kind}_stats").to_dicts():
        shown = read[kind, row[f"{kind}_id"]].figures
        for column, labels in figures.items():
            for label in labels:
                if label in shown:
                    assert number(shown[label][0]) == row[column]
                    n_checked += 1
        if "Accuracy" in shown:
            low, high = wilson(row["tasks_completed"], row["attempts"])
            assert shown["Accuracy"][0] == share(row["accuracy"])
            assert shown["Accuracy"][1].startswith(f"95 % interval {share(low)} to {share(high)}, {row['attempts']}")
        if "Success" in shown:
            low, high = wilson(row["successes"], row["calls"])
            assert shown["Success"][0] == share(row["success_share"])
            assert shown["Success"][1].startswith(f"95 % interval {share(low)} to {share(high)}, {row['calls']} call")
    assert n_checked >= 6


def test_places_are_those_of_the_boards(held: Held, read: Pages) -> None:
    entries = held.collect(held.current_entries()).filter(pl.col("subject_id") == "solver")
    ranked = re.findall(r"(\d+) of (\d+) \d+ (?:points|task)", read["agent", "solver"].said("Places on boards"))
    sizes = entries.join(held.collect(held.board_sizes()), on=["board", "window", "scope_id"], nulls_equal=True)
    assert sorted((int(rank), int(n)) for rank, n in ranked) == sorted(sizes.select("rank", "n_entries").rows())
    assert ranked


def test_a_badge_tells_when_why_and_by_which_line(read: Pages) -> None:
    badges = read["agent", "solver"].said("Badges 3")
    assert "First Blood First of all agents to solve a task. 2 Mar 2026, 10:00 event event-s1 tries.jsonl:7" in badges
    assert "Scholar A pattern task completed. 3 Mar 2026, 12:30 event event-s3 tries.jsonl:9" in badges


def test_what_is_not_earned_shows_how_far_it_is(read: Pages) -> None:
    assert "Rising Star 20 % 2 of 10 · 10 tasks completed." in read["agent", "solver"].said("On the way")


def test_an_award_tells_its_reason_and_its_line(read: Pages) -> None:
    awards = read["agent", "solver"].said("Awards (4)")
    easy = "easy task without points of its own, so 5, the least of its kind"
    assert f"2 Mar 2026, 10:00 5 task {easy} t1 collatz event-s1 tries.jsonl:7" in awards
    judged = "pattern task, for which the judge awarded 30"
    assert f"3 Mar 2026, 12:30 30 pattern insight {judged} t3 erdos-straus event-s3 tries.jsonl:9" in awards


def test_a_call_tells_the_formula_of_its_xp(read: Pages) -> None:
    calls = read["agent", "python-pro"].said("Calls (3)")
    assert "22 ann task_completion, succeeded: 10 x 1.5 medium x 1.5 speed = 22 1 min c1 calls.jsonl:3" in calls
    assert "3 ann task_completion, failed: 10 x 0.3 failed = 3" in calls


def test_shares_have_intervals_and_what_they_are_taken_from(read: Pages) -> None:
    low, high = wilson(1, 2)
    problems = read["agent", "solver"].said("Accuracy by problem")
    assert f"collatz 1 of 2 50.0 % {share(low)} to {share(high)}" in problems
    assert "web 1 of 2 50.0 %" in read["agent", "python-pro"].said("Success by category")
    assert "medium 1 of 1 100.0 %" in read["agent", "python-pro"].said("Success by complexity")


def test_the_head_names_teams_and_owner(read: Pages) -> None:
    head = " ".join(read["agent", "solver"].parts[""].split())
    assert "solver Teams blue, red · owned by ann · first submission 2 Mar 2026, 10:00" in head


def test_what_does_not_apply_is_left_out(read: Pages) -> None:
    called = read["agent", "python-pro"]
    assert not {"Points", "Accuracy", "Tasks completed", "Streak"} & called.figures.keys()
    assert not [heading for heading in called.parts if heading.startswith(("Badges", "Awards", "Accuracy"))]
    assert not {"XP", "Calls", "Success"} & read["agent", "solver"].figures.keys()
    assert {"Points", "XP"} <= read["agent", "both"].figures.keys()


def test_an_agent_with_nothing_but_a_void_submission_has_a_page(read: Pages) -> None:
    page = read["agent", "voided"]
    assert page.figures["Points"][0] == "0"
    assert "nothing counted yet" in page.parts[""]
    assert page.said("Places on boards") == "On no board yet."


def test_a_user_without_calls_shows_the_agents_that_it_owns(held: Held, read: Pages) -> None:
    page = read["user", "idle"]
    assert page.figures["Agents owned"][0] == "1"
    assert page.said("Agents owned").endswith(
        "Points Tasks Accuracy Badges owned 17 1 100.0 % of 1 Champion First Blood"
    )
    assert not [heading for heading in page.parts if heading.startswith(("Achievements", "Calls", "Level"))]


def test_a_user_shows_its_level_and_the_way_to_the_next(held: Held, read: Pages) -> None:
    level = held.frame("levels").filter(pl.col("scope") == "user", pl.col("user_id") == "ann").row(0, named=True)
    said = read["user", "ann"].said("Level")
    assert f"Level {level['level']}, {level['title']} , {level['stars']} of 5 stars {level['xp']} XP" in said
    assert f"{level['xp_to_next']} XP to level {level['level'] + 1}" in said


def test_a_team_shows_who_earned_what_for_it(held: Held, read: Pages) -> None:
    ledger = held.collect(held.table("points_ledger")).filter(pl.col("team_id") == "red")
    sums = ledger.group_by("agent_id").agg(pl.col("points").sum()).sort("points", descending=True).rows()
    said, total = read["team", "red"].said("Agents 2"), sum(points for _, points in sums)
    for name, points in sums:
        assert f"{name} {points} {share(points / total)}" in said
    assert number(read["team", "red"].figures["Points"][0]) == total


def test_strangers_names_are_text_and_nothing_else(pages: dict[str, str], read: Pages) -> None:
    for page in pages.values():
        assert MARKUP not in page
        assert "<img" not in page
    for page_read in read.values():
        assert not [name for _, attrs in page_read.tags for name in attrs if name.startswith("on")]
    for kind in ("agent", "user", "team"):
        assert MARKUP in read[kind, MARKUP].parts[""]
    assert MARKUP in read["agent", "python-pro"].said("Success by category")


def test_the_command_is_quoted_for_a_shell(read: Pages) -> None:
    said = read["agent", OPTION].said("Explain")
    command = said[said.index("podium explain") : said.index(" this page")]
    assert shlex.split(command) == ["podium", "explain", "--", OPTION]


def test_a_user_is_explained_as_one_for_an_agent_may_have_the_name(read: Pages) -> None:
    assert "podium explain --user" in read["user", MARKUP].said("Explain")
    assert "podium explain --user ann" in read["user", "ann"].said("Explain")


def test_tables_can_be_read_aloud_and_headings_come_in_order(read: Pages) -> None:
    for page in read.values():
        tags = [tag for tag, _ in page.tags]
        assert tags.count("table") == tags.count("caption")
        assert page.headings[0] == "h1"
        assert set(page.headings[1:]) == {"h2"}
        for tag, attrs in page.tags:
            if tag == "div" and "wide" in (attrs.get("class") or "").split():
                assert (attrs["tabindex"], attrs["role"]) == ("0", "region")
                assert attrs["aria-label"]


def test_links_lead_to_pages_that_there_are(held: Held, tmp_path: Path) -> None:
    made = renderer(held, agent=["solver"], user=["ann"], team=[])
    pages = written(made, *SECTIONS)
    known = {*pages, *(path_of("board", board) for board in held.boards())}
    for path, text in pages.items():
        for link in Read(text).attributes("href"):
            if link.startswith("../") and not link.startswith("../assets") and link.count("/") > 1:
                assert link.removeprefix("../").partition("#")[0] in known, (path, link)


def test_a_profile_is_small_and_the_same_twice(held: Held, pages: dict[str, str]) -> None:
    assert max(len(text.encode()) for text in pages.values()) < 120_000
    assert written(renderer(Held.of(held)), *SECTIONS) == pages


def test_profiles_say_how_far_they_are(held: Held) -> None:
    told: list[tuple[str, int, int]] = []
    made = renderer(held)
    object.__setattr__(made, "progress", lambda *step: told.append(step))
    written(made, *SECTIONS)
    total = len(AGENTS) + len(USERS) + len(TEAMS)
    assert told == [("writing profiles", n, total) for n in range(1, total + 1)]


def test_who_is_asked_for_has_a_page_even_with_nothing_that_counts(held: Held, tmp_path: Path) -> None:
    report = publish_site(held, tmp_path / "site", Profiles(1, agents=["voided"]))
    assert report.n_profiles == 1 + 1 + 1 + 1  # the first agent, user and team, and the one that was asked for
    assert (tmp_path / "site" / path_of("agent", "voided")).exists()


def test_the_line_of_one_bears_no_name(pages: dict[str, str]) -> None:
    chart = pages[path_of("team", "red")].partition('data-chart="growth1">')[2].partition("</script>")[0]
    assert json.loads(chart)["layout"].get("annotations", []) == []
