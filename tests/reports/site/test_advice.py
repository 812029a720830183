"""Advice on the pages of users and teams, and all of it on one page: what the table says, and what it is not."""

import json
from pathlib import Path

import polars as pl
import pytest

from pipelines.reports.site import advice_pages, user_pages
from pipelines.reports.site.advised import AllAdvised
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import path_of
from pipelines.reports.site.team_pages import pages as team_pages
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task
from tests.reports.shown_season import called, publish
from tests.reports.site.measured_season import MARKUP, RULES, TEAMS, USERS, renderer
from tests.reports.site.profile_season import Read, written
from tests.reports.site.rendered import held_of, pages_of, words

PART = "Which agent for which work"


@pytest.fixture(scope="module")
def profiles(measured: Held) -> dict[str, str]:
    return written(renderer(measured), user_pages.pages, team_pages)


def _table(texts: dict[str, str]) -> dict[str, list]:
    held = texts["assets/advice.js"].removeprefix('podium.take("advice.html",').removesuffix(");\n")
    return json.loads(held)["values"]


def test_a_user_sees_the_most_frequent_work_first_with_the_agent_in_use_chances_and_reasons(
    measured: Held, profiles: dict[str, str]
) -> None:
    page = Read(profiles[path_of("user", "ann")])
    said = page.said(PART)
    assert said.index("simple web 40 calls: now pro , first choice pro") < said.index("expert data 8 calls: now novice")
    mine = (pl.col("subject_type") == "user") & (pl.col("subject_id") == "ann") & (pl.col("category") == "web")
    for row in measured.frame("agent_recommendations").filter(mine).to_dicts():
        shown = [f"{row['p_success'] * 100:.0f} %", f"{row['p_lo80'] * 100:.0f} to {row['p_hi80'] * 100:.0f} %"]
        assert f"{row['agent_id']} {shown[0]} {shown[1]}" in said
        assert row["reason_text"].replace("`", "") in said
    assert "no effect of an agent" in said
    assert "podium recommend --user ann" in said
    assert "../trust.html" in page.attributes("href")


def test_few_calls_are_called_few(profiles: dict[str, str]) -> None:
    few = Read(profiles[path_of("user", MARKUP)]).said(PART)
    assert few.startswith(
        "2 calls of this user: too few to know their own ways, so this is what all calls say. 50 calls"
    )
    assert Read(profiles[path_of("user", "ann")]).said(PART).startswith("50 calls in all can hardly tell agents apart")


def test_a_team_is_advised_as_a_team(profiles: dict[str, str]) -> None:
    said = Read(profiles[path_of("team", "red")]).said(PART)
    assert "The team uses it now." in said
    assert "you use" not in said


def test_names_do_nothing(measured: Held, profiles: dict[str, str]) -> None:
    texts = [*profiles.values(), *written(renderer(measured), advice_pages.pages).values()]
    assert not [text for text in texts if "<img" in text]
    assert MARKUP in Read(profiles[path_of("team", MARKUP)]).said(PART)


def test_the_page_has_every_row_of_those_with_a_page_teams_first(measured: Held) -> None:
    texts = written(renderer(measured), advice_pages.pages)
    table = _table(texts)
    rows = measured.frame("agent_recommendations").filter(pl.col("subject_id").is_in([*USERS, *TEAMS]))
    assert len(table["subject"]) == rows.height
    assert sorted(zip(table["whom"], table["subject"], table["agent"], table["why"], strict=True)) == sorted(
        rows.select("subject_type", "subject_id", "agent_id", "reason_text").rows()
    )
    assert list(dict.fromkeys(zip(table["whom"], table["subject"], strict=True))) == [
        *(("team", name) for name in TEAMS),
        *(("user", name) for name in USERS),
    ]
    assert [chance[0] for chance in table["chance"][:3]] == sorted((c[0] for c in table["chance"][:3]), reverse=True)
    said = words(texts["advice.html"])
    assert "It is an association and no effect: users chose their agents and their work, nobody drew lots." in said
    assert 'href="trust.html">Does it work?' in texts["advice.html"]


def test_of_many_only_the_most_frequent_work_stands_there_and_the_page_says_where_all_is(
    measured: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(advice_pages, "MAX_ROWS", 20)
    texts = written(renderer(measured), advice_pages.pages)
    table = _table(texts)
    assert {work for who, work in zip(table["subject"], table["work"], strict=True) if who == "ann"} == {"simple web"}
    said = words(texts["advice.html"])
    n = measured.frame("agent_recommendations").height
    assert f"of each the 1 most frequent kind of work ({len(table['work'])} rows of {n} for the 4 with a page)" in said
    assert "podium recommend --user U --category C --difficulty D" in said


def test_where_nobody_is_advised_the_page_says_why_and_profiles_leave_it_out(unmeasured: Held, tmp_path: Path) -> None:
    page = words(written(renderer(unmeasured), advice_pages.pages)["advice.html"])
    assert "a version of Podium that advised nobody: podium recompute publishes it anew" in page
    assert AllAdvised.of(unmeasured, user=USERS).part("user", "ann") is None
    for home, book, why in (
        ("none", RULES, "no agent was called by a user or for a team in the last 90 days"),
        ("off", rules(board=NO_BOARDS, insight={"enabled": False}), "the rulebook switches insight off"),
    ):
        quiet = held_of(publish(tmp_path / home, [task("a")], rules=book, has_insight=True), book)
        pages = pages_of(advice_pages.pages, quiet)
        assert list(pages) == ["advice.html"]
        assert why in words(pages["advice.html"])


def test_success_that_nobody_judged_is_called_derived(measured: Held, tmp_path: Path) -> None:
    calls = [called(f"c{n}", "ann", "pro", f"2026-03-02T1{n}:00:00Z", success_source="derived") for n in range(2)]
    ended = held_of(publish(tmp_path, calls, rules=RULES, has_insight=True), RULES)
    told = "The success of all 2 calls is derived from how the run ended, not judged."
    assert told in words(pages_of(advice_pages.pages, ended, user=["ann"])["advice.html"])
    assert "derived" not in words(written(renderer(measured), advice_pages.pages)["advice.html"])
