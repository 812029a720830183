"""The page on skill: what stands in it for many agents, for three calls, for none; and names that mean harm."""

from pathlib import Path

import polars as pl
import pytest

from pipelines.game.rules import Rulebook
from pipelines.insight.evidence import SUBMISSION
from pipelines.insight.skill.models import SKILL_MODELS
from pipelines.reports.site import insight_pages
from pipelines.reports.site.held import Held
from pipelines.reports.site.insight_pages import MOST, first_of_fields, highest_first
from pipelines.store.generation import Generation
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task
from tests.reports.figures.insight_drawn import NAMES, board, skill
from tests.reports.shown_season import called, publish
from tests.reports.site.rendered import held_of, pages_of, words

RULES = rules(board=NO_BOARDS)
HOSTILE = "<script>alert(1)</script>"
THREE_CALLS = [
    called("c1", "ann", HOSTILE, "2026-03-02T08:00:00Z"),
    called("c2", "ann", "lark", "2026-03-02T09:00:00Z", success=False),
    called("c3", "ann", HOSTILE, "2026-03-02T10:00:00Z"),
]


@pytest.fixture(scope="module")
def three_calls(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    return publish(tmp_path_factory.mktemp("three"), THREE_CALLS, rules=RULES, has_insight=True)


def models(*kinds: str) -> pl.DataFrame:
    """Rows of `skill_models`, of which the page takes kind and sentence."""
    numbers = dict.fromkeys(SKILL_MODELS.schema, 1) | {"is_fitted": True}
    rows = [numbers | {"kind": kind, "sentence": f"Fitted to {kind}s."} for kind in kinds]
    return pl.DataFrame(rows, schema=SKILL_MODELS.schema)


def held_with(season: Generation, rated: pl.DataFrame, skills: pl.DataFrame, book: Rulebook = RULES) -> Held:
    kinds = rated["kind"].unique().sort().to_list()
    return held_of(season, book, skill_models=models(*kinds), leaderboard_rated=rated, agent_skill=skills)


def page_of(held: Held, **links: list[str]) -> str:
    (page,) = pages_of(insight_pages.pages, held, **links).values()
    return page


def test_the_board_says_ranks_ratings_and_shares_with_their_intervals(three_calls: Generation) -> None:
    page = page_of(held_with(three_calls, board(NAMES), skill(NAMES)), agent=["agent-01"])
    told = words(page)
    assert "Points are a game: they reward. Skill is a measurement" in told
    assert "All of this is association and none of it a cause" in told
    assert "Agent calls Fitted to calls." in told
    assert (
        "agent-00 is rated highest: 1,580 (90 %: 1,540 to 1,620) by 7 calls. "
        "The chance that its skill is the best of all is 40 %. 3 of 14 agents share rank 1: no interval lies wholly "
        "above theirs. As estimated, agent-13 would lead if 3 results were left out: "
        "successes of agent-00, or failures of agent-13."
    ) in told
    assert (
        "1 2 to 6 agent-02 provisional 1,556 1,508 to 1,604 4 % 27 % 247 56.0 % rank 12 78.0 % 68.0 % to 84.0 %" in told
    )
    assert '<a class="who" href="agents/' in page


def test_every_figure_stands_under_a_name_that_says_its_kind(three_calls: Generation) -> None:
    both = pl.concat([board(NAMES), board(NAMES, SUBMISSION)])
    skills = pl.concat([skill(NAMES), skill(NAMES, SUBMISSION)])
    held = held_with(three_calls, both, skills)
    held._frames["agent_stats"] = pl.DataFrame({"agent_id": NAMES, "points": range(len(NAMES))})
    told = words(page_of(held))
    for tries, field in (("calls", "category"), ("submissions", "problem")):
        titles = [f"Skill ratings by {tries}", f"Ranks by {tries}, and how sure they are"]
        titles += [f"Success of {tries}, counted and adjusted", f"Skill by {field}, from {tries}"]
        for title in [*titles, f"Success of {tries} against their number"]:
            assert told.count(title) == 1, title
    assert told.count("Points (a game) and skill (measured)") == 1  # points are earned by submissions
    assert told.index("Agent calls") < told.index("Counted submissions") < told.index("Points (a game)")


def test_three_calls_are_told_in_sentences_without_charts(three_calls: Generation) -> None:
    page = page_of(held_of(three_calls, RULES))
    told = words(page)
    assert "3 calls for 1 user: 0 of 2 agents have the 20 from which on a rating is no longer provisional" in told
    assert f"{HOSTILE} is rated highest" in told
    assert "by 2 calls, which is provisional" in told
    assert "How many results hold it up is not told of so few." in told
    assert "Nothing is drawn: 0 of 2 agents have 20 calls or more" in told
    assert "P(top 3)" not in told  # of two agents both are
    assert "data-chart" not in page
    assert "plotly" not in page


def test_names_that_mean_harm_are_text(three_calls: Generation) -> None:
    hostile = [HOSTILE, *NAMES[1:]]
    fields = [board(hostile).with_columns(board=pl.lit(f"call:{c}"), category=pl.lit(c)) for c in hostile[:3]]
    rated = pl.concat([board(hostile), *fields])
    page = page_of(held_with(three_calls, rated, skill(hostile)))
    assert "<script>alert" not in page
    assert words(page).count(HOSTILE) > 3


def test_success_that_nobody_judged_is_called_derived(tmp_path: Path) -> None:
    calls = [call | {"success_source": "derived"} for call in THREE_CALLS[:2]]
    season = publish(tmp_path, [*calls, *THREE_CALLS[2:]], rules=RULES, has_insight=True)
    told = words(page_of(held_of(season, RULES)))
    assert "The success of 66.7 % of the 3 calls is derived from how the run ended, not judged." in told


def test_one_agent_alone_is_compared_with_nobody(three_calls: Generation) -> None:
    told = words(page_of(held_with(three_calls, board(["solo"]), skill(["solo"]))))
    assert "solo is rated highest" in told
    assert "No other agent has calls, so there is nobody to be better than." in told
    assert "Nothing is drawn: 1 of 1 agent has 20 calls or more" in told


def test_of_many_agents_the_first_stand_in_the_page_and_the_rest_is_said_to_be_elsewhere(
    three_calls: Generation,
) -> None:
    many = [f"agent-{n:03}" for n in range(MOST + 7)]
    page = page_of(held_with(three_calls, board(many), skill(NAMES)))
    assert page.count('<td class="num" data-v="') == 7 * MOST
    assert f"The first {MOST} of {MOST + 7} agents" in words(page)


def test_who_holds_a_board_up_by_its_fragility_is_its_first_even_if_ratings_are_rounded_to_the_same() -> None:
    rated = board(["a", "b", "c"]).with_columns(score=pl.lit(1500.0), attempts=pl.lit(9))
    rated = rated.with_columns(fragility=pl.when(pl.col("agent_id") == "b").then(2).cast(pl.Int64))
    assert highest_first(rated)["agent_id"].to_list() == ["b", "a", "c"]


def test_each_field_has_its_first_those_with_the_most_trials_first() -> None:
    fields = [
        board(names).with_columns(
            board=pl.concat_str(pl.lit("call:"), pl.lit(field or "")), category=pl.lit(field), attempts=pl.lit(n)
        )
        for field, names, n in (("debug", ["a", "b"], 5), (None, ["c"], 2), ("docs", ["d", "e", "f", "g"], 20))
    ]
    told = first_of_fields(pl.concat(fields))
    assert [(row["category"], row["agent_id"], row["n_first"], row["n_agents"], row["n_trials"]) for row in told] == [
        ("docs", "d", 3, 4, 80), ("debug", "a", 2, 2, 10), (None, "c", 1, 1, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("has_insight", "book", "sentence"),
    [
        (False, RULES, "published by a version of Podium that measured no skill: podium recompute publishes it anew"),
        (True, rules(board=NO_BOARDS, insight={"enabled": False}), "the rulebook switches insight off"),
        (True, RULES, "Nothing has been tried yet"),
    ],
)
def test_where_nothing_is_measured_the_page_says_why(
    tmp_path: Path, has_insight: bool, book: Rulebook, sentence: str
) -> None:
    season = publish(tmp_path, [task("a")], rules=book, has_insight=has_insight)
    page = page_of(held_of(season, book))
    assert sentence in words(page)
    assert "<table" not in page


def test_pages_of_insight_lead_to_one_another_and_stand_under_one_entry(three_calls: Generation) -> None:
    page = page_of(held_of(three_calls, RULES))
    assert '<a href="insight.html" aria-current="page">Who is good</a>' in page
    assert '<a href="trust.html">Does it work?</a>' in page
    assert '<li><a href="insight.html" aria-current="page">Insight</a></li>' in page


def test_submissions_alone_have_no_part_on_calls(three_calls: Generation) -> None:
    told = words(page_of(held_with(three_calls, board(["a", "b"], SUBMISSION), skill(["a", "b"], SUBMISSION))))
    assert "Counted submissions" in told
    assert "Agent calls" not in told
