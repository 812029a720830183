"""The review page: questions and not verdicts, the most surprising first; what was looked for; and an empty queue."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.insight.review.anomalies import ANOMALY_DETECTORS, ANOMALY_FLAGS, LOOKED, NAMES, NOTHING
from pipelines.reports.site import review_pages
from pipelines.reports.site.links import Links
from pipelines.reports.site.rendering import Renderer
from pipelines.reports.site.review_pages import MOST, TITLES, review_page
from tests.game.calls import NO_BOARDS
from tests.game.league import rules, task
from tests.insight.anomaly_season import START
from tests.reports.shown_season import publish
from tests.reports.site.rendered import held_of, pages_of, words

RULES = rules(board=NO_BOARDS)
HOSTILE = "<script>alert(1)</script>"


def flag(detector: str, agent: str, q_value: float | None, **more: Any) -> dict[str, Any]:
    """A row of `anomaly_flags`."""
    seen = {
        "event_ids": ["e1", "e2"],
        "n_events": 2,
        "statistic": 2.0,
        "expected": 0.5,
        "sentence": "Worth a look: so.",
    }
    who = {"kind": "submission", "agent_id": agent, "user_id": "ann", "at": START}
    return {"detector": detector, **who, "p_value": q_value, "q_value": q_value, **seen, **more}


def looked(*tested: str) -> pl.DataFrame:
    """`anomaly_detectors`, where these had something to test."""
    rows = [
        {"detector": name, "n_events": 9 * (name in tested), "n_tested": 3 * (name in tested), "n_flagged": 0,
         "false_flags": 0.05, "status": LOOKED if name in tested else NOTHING, "is_by_chance": True,
         "looks_at": f"Looks at {name}.", "cannot_see": "Needs `verifier_id`."}
        for name in sorted(NAMES)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=ANOMALY_DETECTORS.schema)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Renderer:
    held = held_of(publish(tmp_path_factory.mktemp("review"), [task("a")], rules=RULES), RULES)
    return Renderer(held, Links.to(agent=["lark"]), lambda stage, done, total: None)


def page_of(made: Renderer, *flags: dict[str, Any], tested: tuple[str, ...] = NAMES) -> str:
    return review_page(made, pl.DataFrame(flags, schema=ANOMALY_FLAGS.schema), looked(*tested)).text


def test_facts_come_first_and_then_the_most_surprising_each_with_its_events_and_a_way_to_look(made: Renderer) -> None:
    page = page_of(
        made,
        flag("burst", "lark", 0.02),
        flag("duplicate_answers", "b", 0.0002, about="lark", team_id="night-shift", n_events=31),
        flag("self_verification", "-c", None),
        flag("verifier_concentration", "d", 0.01, about="vera"),
    )
    told = words(page)
    assert told.startswith(
        "Worth a look 4 things to look at, facts first, then the most surprising. A flag is a question"
    )
    order = [told.index(part) for part in (
        "Judged by whoever did it agent -c user ann 2 Mar 2026, 09:00 a fact of the log: no chance is weighed So.",
        "The same answers agent b user ann team night-shift with lark 2 Mar 2026, 09:00 q < 0.001 So. 2 of 31 events",
        "One verifier for most of the work agent d user ann verifier vera 2 Mar 2026, 09:00 q 0.010",
        "Bursts agent lark user ann 2 Mar 2026, 09:00 q 0.020",
    )]  # fmt: skip
    assert order == sorted(order)
    assert "<code><bdi>e1</bdi></code> <code><bdi>e2</bdi></code>" in page
    assert "podium explain -- -c" in told
    assert "podium explain --user ann" in words(page_of(made, flag("short_durations", "lark", 0.01, kind="call")))
    assert page.count('href="agents/lark') == 2


def test_ids_are_inert(made: Renderer) -> None:
    page = page_of(
        made, flag("burst", HOSTILE, 0.01, event_ids=[HOSTILE, "a\u202eb"], sentence=f"Worth a look: {HOSTILE}")
    )
    assert HOSTILE not in page
    assert "\u202e" not in page
    assert words(page).count(HOSTILE) >= 3


def test_of_many_flags_the_first_are_shown_and_the_page_says_where_all_are(made: Renderer) -> None:
    told = words(page_of(made, *(flag("burst", f"agent-{n:03}", 0.01) for n in range(MOST + 2))))
    assert f"These are the first {MOST} of {MOST + 2}" in told
    assert f"agent-{MOST - 1:03}" in told
    assert f"agent-{MOST:03}" not in told


def test_an_empty_queue_says_what_it_is_worth(made: Renderer) -> None:
    told = words(page_of(made, tested=("burst",)))
    assert "Nothing stands out: 1 of 8 detectors had something to test and raised no flag. That is no proof" in told
    assert f"{TITLES['burst']} looked 9 events with what it needs, 3 tested, 0 flagged Looks at burst." in told
    assert "nothing to look at 0 events with what it needs, 0 tested, 0 flagged" in told
    assert "Nothing could be tested yet" in words(page_of(made, tested=()))


def test_a_detector_that_had_events_and_too_few_of_them_does_not_say_that_there_were_none(made: Renderer) -> None:
    few = looked().with_columns(n_events=pl.lit(59, pl.Int64))
    told = words(review_page(made, ANOMALY_FLAGS.empty(), few).text)
    assert f"{TITLES['burst']} too little to test 59 events with what it needs, 0 tested, 0 flagged" in told
    assert "nothing to look at" not in told


def test_without_tables_or_with_insight_switched_off_the_page_says_so(made: Renderer) -> None:
    off = review_page(made, ANOMALY_FLAGS.empty(), ANOMALY_DETECTORS.empty()).text
    assert "Nothing was looked for: the rulebook switches insight off." in words(off)
    old = review_page(made, None, ANOMALY_DETECTORS.empty()).text
    assert "looked for nothing: podium recompute publishes it anew" in words(old)


def test_there_is_one_page_and_every_detector_has_a_title(tmp_path: Path) -> None:
    held = held_of(publish(tmp_path, [task("a")], rules=RULES), RULES)
    assert list(pages_of(review_pages.pages, held)) == ["review.html"]
    assert set(TITLES) == set(NAMES)
