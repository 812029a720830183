"""What an agent's page says of its skill, which is what the tables say, and of tasks that it could try next."""

import polars as pl
import pytest

from pipelines.reports.quantities import share
from pipelines.reports.site import agent_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.links import path_of
from tests.reports.site.measured_season import AGENTS, MARKUP, renderer
from tests.reports.site.profile_season import Read, written


@pytest.fixture(scope="module")
def pages(measured: Held) -> dict[str, Read]:
    texts = written(renderer(measured), agent_pages.pages)
    return {name: Read(texts[path_of("agent", name)]) for name in AGENTS}


def test_rating_rank_and_both_shares_stand_as_in_the_table_with_n_and_interval(
    measured: Held, pages: dict[str, Read]
) -> None:
    (row,) = measured.frame("leaderboard_rated").filter(board="call", agent_id="pro").to_dicts()
    said = pages["pro"].said("Skill in calls")
    assert (
        f"Rating {row['score']:.0f} (90 %: {row['score_lo90']:.0f} to {row['score_hi90']:.0f}), from 40 calls" in said
    )
    assert f"Shared rank {row['rank']} of 4, where" in said
    assert f"place {row['rank_lo90']} to {row['rank_hi90']} " in said
    assert f"Among the best three {share(row['p_top3'])} probable" in said
    adjusted, low, high = (share(row[f"mix_adjusted_{name}"]) for name in ("accuracy", "lo90", "hi90"))
    assert f"Success, same work for all {adjusted} (90 %: {low} to {high}) expected" in said
    assert "Success as counted 87.5 % (95 %: 73.9 % to 94.5 %), 35 of 40" in said
    assert "The two shares of success differ, for the one counts whatever work the agent had" in said


def test_calls_and_submissions_stand_apart(pages: dict[str, Read]) -> None:
    assert "from 6 submissions" in pages["pro"].said("Skill in submissions provisional")
    assert not [heading for heading in pages["extra"].parts if heading.startswith("Skill in submissions")]


def test_few_trials_are_called_provisional_and_not_drawn(pages: dict[str, Read]) -> None:
    assert "Provisional: fewer than 20 calls." in pages["novice"].said("Skill in calls provisional")
    assert "Provisional" not in pages["pro"].said("Skill in calls")
    drawn = {name for name in AGENTS if "Skill month by month, from calls" in pages[name].parts}
    assert drawn == {"pro"}  # of forty calls in two months


def test_among_two_agents_nobody_is_told_to_be_one_of_the_best_three(pages: dict[str, Read]) -> None:
    assert "Among the best three" not in pages["pro"].said("Skill in submissions provisional")


def test_only_categories_with_trials_of_its_own_are_told(measured: Held, pages: dict[str, Read]) -> None:
    category = (pl.col("scope") == "category") & (pl.col("kind") == "call") & (pl.col("agent_id") == "pro")
    assert set(measured.frame("agent_skill").filter(category)["evidence"]) == {"direct", "borrowed"}
    said = pages["pro"].said("Skill in calls, by category")
    assert "web 40 " in said
    assert "data" not in said
    assert "none given provisional 1 " in pages["extra"].said("Skill in calls, by category")


def test_tasks_to_try_next_stand_by_what_they_are_good_for_with_their_reasons(pages: dict[str, Read]) -> None:
    said = pages["pro"].said("Which task next")
    slots = ["For the points", "A stretch", "What would tell most about the agent", "Solved by nobody yet"]
    places = [said.index(slot) for slot in slots]
    assert places == sorted(places)
    assert "The most points for the chance: " in said
    assert f"{MARKUP} collatz, extreme" in said
    assert "points are a game" in said
    assert "Which task next" not in pages["extra"].parts


def test_names_do_nothing(pages: dict[str, Read]) -> None:
    assert MARKUP in pages[MARKUP].said("Skill in calls, by category")
    assert pages[MARKUP].attributes("onerror") == []


def test_a_season_without_the_tables_says_nothing_of_skill(unmeasured: Held) -> None:
    texts = written(renderer(unmeasured), agent_pages.pages)
    headings = " ".join(Read(texts[path_of("agent", "pro")]).parts)
    assert "Accuracy by problem" in headings
    assert "Skill" not in headings
    assert "Which task next" not in headings
