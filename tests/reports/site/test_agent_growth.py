"""The part of an agent's page that says whether it changes: at few data it says so itself."""

import datetime as dt
import random

import pytest

from pipelines.reports.reading import Reading
from pipelines.reports.site import agent_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import Links, path_of
from pipelines.reports.site.rendering import Renderer
from pipelines.settings import settings
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task, tried
from tests.reports.shown_season import called, publish
from tests.reports.site.profile_season import Read, written

END = dt.datetime(2026, 5, 31, 12, tzinfo=dt.UTC)
MARKUP = "<b>boo</b>"


def _calls(agent, days, chance, seed=1):
    draw = random.Random(seed)
    return [
        called(f"{agent}-{day}-{n}", "ann", agent, (END - dt.timedelta(days=day, hours=n)).isoformat(),
               success=draw.random() < chance(day), complexity="simple", category="web")
        for day in days for n in range(4)
    ]  # fmt: skip


SEASON = [
    *_calls("grown", range(1, 41), lambda day: 0.98 - day / 50),
    *_calls(MARKUP, (3, 9), lambda _: 0.5),
    *_calls("gone", range(200, 203), lambda _: 0.8),
    task("t"),
    tried("s", "grown", "t", "2026-05-20T10:00:00Z"),
]


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    publish(home, SEASON, rules=rules(board=NO_BOARDS), has_insight=True)
    held = Held.of(Reading.open(settings(home)))
    agents = ["grown", MARKUP, "gone"]
    made = Renderer(held, Links.to(agent=agents, user=[], team=[], board=[]), lambda *_: None)
    texts = written(made, agent_pages.pages)
    return {name: texts[path_of("agent", name)] for name in agents}


def test_a_trend_is_told_with_counts_and_interval_of_each_kind_apart(pages):
    text = Read(pages["grown"]).said("Growth")
    assert "Success is rising:" in text
    assert "160 calls on 40 days." in text
    assert "95 % interval" in text
    assert "Success: too little data for a trend, 1 submission on 1 day" in text
    assert "at most 5 % of such words are expected to mean nothing" in text
    assert {"Success by week", "Difficulty of the work by week"} <= Read(pages["grown"]).parts.keys()


def test_at_few_calls_it_says_so_and_draws_no_weeks(pages):
    text = Read(pages[MARKUP]).said("Growth")
    assert "too little data for a trend, 8 calls on 2 days" in text
    assert "There is too little for the other measures, too." in text
    assert "No weeks are drawn: 8 calls in 2 weeks would show chance rather than a course." in text
    assert "such words" not in text
    assert "Success by week" not in Read(pages[MARKUP]).parts
    assert MARKUP not in pages[MARKUP]


def test_of_an_agent_that_is_gone_there_is_no_trend(pages):
    assert "Nothing was tried in the last 26 weeks" in Read(pages["gone"]).said("Growth")
