"""The gallery of badges: what each takes, who holds it, how rare it is, who is nearest."""

from pathlib import Path

import pytest

from pipelines.reports.site import gallery_pages
from pipelines.reports.site.gallery_pages import N_FIRST, N_NAMED
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task, tried
from tests.reports.shown_season import called, publish
from tests.reports.site.rendered import held_of, pages_of, words

HOSTILE = "<img src=x onerror=alert(1)>"
SEASON = [
    task("a"),
    task("b", task_type="pattern"),
    tried("s1", HOSTILE, "a", "2026-03-02T10:00:00Z"),
    tried("s2", "second", "b", "2026-03-02T11:00:00Z"),
    tried("s3", "third", "a", "2026-03-02T12:00:00Z"),
    called("c1", "ann", "third", "2026-03-02T12:30:00Z"),
    called("c2", "bob", "third", "2026-03-02T13:00:00Z", success=False),
]


RULES = rules(board=NO_BOARDS)


def card(page: str, anchor: str) -> str:
    """What a reader sees of one card."""
    inside = page.partition(f'id="{anchor}">')[2].partition("</article>")[0]
    return words(f"<main>{inside}</main>")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    season = publish(tmp_path_factory.mktemp("gallery"), SEASON, rules=RULES)
    once, twice = (pages_of(gallery_pages.pages, held_of(season, RULES), agent=["second"]) for _ in range(2))
    assert once == twice
    return once["badges.html"]


def test_a_card_tells_condition_rarity_the_first_holder_and_the_others(page: str) -> None:
    told = "First Blood First of all agents to solve a task. 2 of 3 agents 66.7 %"
    assert card(page, "badge-first-blood") == f"{told} First: {HOSTILE} 2 Mar 2026, 10:00 Then: second"
    assert card(page, "badge-scholar").startswith(
        "Scholar A pattern task completed. 1 of 3 agents 33.3 % First: second"
    )
    steps = card(page, "achievement-first-steps")
    assert steps == "First Steps 1 successful call. +50 XP 1 of 2 users 50.0 % First: ann 2 Mar 2026, 12:30"


def test_of_a_badge_that_nobody_holds_the_nearest_are_named(page: str) -> None:
    assert card(page, "badge-rising-star") == (
        f"Rising Star 10 tasks completed. Nobody yet. Nearest {HOSTILE} 1 of 10 second 1 of 10 third 1 of 10"
    )
    assert card(page, "badge-counterexample-hunter").endswith("Nobody yet. Nobody is on the way.")
    assert card(page, "badge-champion").endswith("Next third 5 of 30 points")


def test_names_are_text_and_lead_to_profiles_where_there_are_any(page: str) -> None:
    assert "<img" not in page
    assert '<a class="who" href="agents/second-' in page
    assert "Shares are of the 3 agents with a counted submission." in words(page)


def test_of_many_holders_the_first_are_named_and_the_rest_counted(tmp_path: Path) -> None:
    n = N_NAMED + 5
    crowd = [tried(f"s{i:03}", f"agent-{i:03}", "b", f"2026-03-02T10:{i // 60:02}:{i % 60:02}Z") for i in range(n)]
    season = publish(tmp_path, [task("b", task_type="pattern"), *crowd], rules=RULES)
    made = pages_of(gallery_pages.pages, held_of(season, RULES))
    told = card(made["badges.html"], "badge-scholar")
    assert f"agent-{N_FIRST - 1:03} and {n - N_FIRST} more agent-{N_FIRST:03}, " in told
    assert f"agent-{N_NAMED - 1:03} These are the first {N_NAMED}." in told
    assert f"agent-{N_NAMED:03}" not in told
    query = "FROM badges WHERE subject_type = 'agent' AND badge = 'scholar'"
    assert f'podium sql "{query}"' in told


def test_tiers_are_cards_of_their_own_and_chains_are_told_by_name(tmp_path: Path) -> None:
    star = {"slug": "star", "name": "Star", "metric": "tasks_completed"}
    chained = {**star, "threshold": 2, "tier": "gold", "requires": ["scholar"]}
    tiers = [{**star, "threshold": 1, "tier": "bronze"}, chained]
    book = rules(board=NO_BOARDS, badge=tiers)
    season = publish(tmp_path, [task("a"), tried("s1", "x", "a", "2026-03-02T10:00:00Z")], rules=book)
    page = pages_of(gallery_pages.pages, held_of(season, book))["badges.html"]
    assert card(page, "badge-star-bronze").startswith("Star bronze A task completed. 1 of 1 agent 100.0 %")
    assert card(page, "badge-star-gold").startswith("Star gold 2 tasks completed after Scholar. Nobody yet.")


def test_a_season_without_anybody_shows_what_there_is_to_earn(tmp_path: Path) -> None:
    season = publish(tmp_path, [task("a")], rules=RULES)
    page = pages_of(gallery_pages.pages, held_of(season, RULES))["badges.html"]
    assert "There are no users with a call yet." in words(page)
    assert card(page, "badge-first-blood").endswith("Nobody yet. Nobody is on the way.")
