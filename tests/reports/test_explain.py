"""Every award with its reason, its event and its line; the sum is what the board says."""

import datetime as dt
import io
from pathlib import Path
from typing import Any

import pytest

from pipelines.game.rulebook import load_rulebook
from pipelines.game.tables import TABLES
from pipelines.reports.choices import Misuse
from pipelines.reports.explain_page import Asked, ExplainPage, explain_page
from pipelines.reports.explain_view import show_explanation
from pipelines.reports.reading import Reading
from pipelines.reports.reasons import reasons_of
from pipelines.reports.terminal import screen
from pipelines.settings import settings
from tests.game.league import instant, task, tried
from tests.reports.call_season import SEASON as CALLS
from tests.reports.shown_season import called, publish

DAY = "2026-03-04"
SEASON = [
    task("plain"),
    task("own", difficulty="medium", points=12),
    task("much", difficulty="hard", points=99),
    task("insight", task_type="pattern"),
    task("vague", task_type="pattern"),
    task("hunt", task_type="search", difficulty="easy"),
    task("prize", task_type="search", difficulty="easy", counterexample_points=150),
    tried("s1", "ada", "plain", f"{DAY}T10:00:00Z"),
    tried("s2", "ada", "own", f"{DAY}T11:00:00Z", team_id="red"),
    tried("s3", "ada", "much", f"{DAY}T12:00:00Z"),
    tried("s4", "ada", "insight", f"{DAY}T13:00:00Z", awarded_points=30),
    tried("s5", "ada", "hunt", f"{DAY}T14:00:00Z", found=True),
    tried("b1", "bob", "plain", f"{DAY}T14:00:00Z"),
    tried("b2", "bob", "vague", "2026-03-05T14:00:00Z"),
    tried("b3", "bob", "insight", "2026-03-05T15:00:00Z", awarded_points=70),
    tried("b4", "bob", "prize", "2026-03-05T16:00:00Z", found=True),
    tried("e1", "eve", "plain", "2026-03-05T09:00:00Z"),
    tried("w1", "eve", "prize", "2026-03-05T15:00:00Z", "pending"),
]
SOURCES = [
    {"event_id": record["event_id"], "record_type": record["type"], "at": record["at"], "path": "log.jsonl", "line": n}
    for n, record in enumerate(SEASON, 1)
]
FIRST = "first to solve it, and so far the only one"


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish(home, SEASON, event_sources=SOURCES)
    return Reading.open(settings(home))


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("calls")
    publish(home, CALLS)
    return Reading.open(settings(home))


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """An agent called as a user is, one whose tries were all rejected, and an achievement with a tier."""
    home = tmp_path_factory.mktemp("odd")
    (home / "rulebook.toml").write_text(
        '[[achievement]]\nslug = "first-steps"\nname = "Steps"\nmetric = "calls"\nthreshold = 1\nxp = 7\ntier = "gold"'
    )
    records = [
        task("t1"),
        tried("s1", "ann", "t1", f"{DAY}T10:00:00Z"),
        tried("s2", "ada", "t1", f"{DAY}T10:00:00Z", "rejected"),
        called("c1", "ann", "ann", f"{DAY}T09:00:00Z", base_points=15),
    ]
    publish(home, records, rules=load_rulebook(home / "rulebook.toml"))
    return Reading.open(settings(home))


def text_of(page: ExplainPage, width: int = 100) -> str:
    output = io.StringIO()
    show_explanation(page, screen(output, width, fancy=False))
    return output.getvalue()


def told(page: ExplainPage, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(award[column] for column in columns) for account in page.accounts for award in account.awards]


def test_each_rule_says_why_it_gave_that_many_points(reading: Reading) -> None:
    assert told(explain_page(reading, "ada"), "rule", "task_id", "points", "because") == [
        ("task", "plain", 5, "easy task without points of its own, so 5, the least of its kind"),
        ("first_solver", "plain", 5, "first of 3 agents to solve it, 4 h before the next"),
        ("task", "own", 12, "medium task, 12 points of its own"),
        ("first_solver", "own", 5, FIRST),
        ("task", "much", 30, "hard task, whose own 99 points lie outside 20 to 30, so the nearest end"),
        ("first_solver", "much", 5, FIRST),
        ("pattern_insight", "insight", 30, "pattern task, for which the judge awarded 30"),
        ("first_solver", "insight", 5, "first of 2 agents to solve it, 1 d 2 h before the next"),
        ("task", "hunt", 5, "easy task without points of its own, so 5, the least of its kind"),
        ("counterexample", "hunt", 100, "found a counterexample in a search"),
        ("first_solver", "hunt", 5, FIRST),
        ("perfect_day", None, 10, "5 completed and none rejected on 2026-03-04"),
    ]
    assert told(explain_page(reading, "bob"), "rule", "task_id", "points", "because")[1:] == [
        ("pattern_insight", "vague", 25, "pattern task, for which the judge awarded no number, so 25, the least"),
        ("first_solver", "vague", 5, FIRST),
        ("pattern_insight", "insight", 50,
         "pattern task, for which the judge awarded 70, outside 25 to 50, so the nearest end"),
        ("task", "prize", 5, "easy task without points of its own, so 5, the least of its kind"),
        ("counterexample", "prize", 150, "found a counterexample, for which this task gives 150 instead of 100"),
        ("first_solver", "prize", 5, f"{FIRST}; an earlier try is not judged yet"),
    ]  # fmt: skip


def test_each_award_names_its_event_and_the_line_where_that_stands(reading: Reading) -> None:
    assert told(explain_page(reading, "ada"), "event_id", "path", "line")[::3] == [
        ("event-s1", "log.jsonl", 8),
        ("event-s2", "log.jsonl", 9),
        ("event-s4", "log.jsonl", 11),
        ("event-s5", "log.jsonl", 12),
    ]


def test_totals_run_up_to_the_number_on_the_board(reading: Reading) -> None:
    page = explain_page(reading, "ada")
    assert [total for (total,) in told(page, "total")] == [5, 10, 22, 27, 57, 62, 92, 97, 102, 202, 207, 217]
    assert page.accounts[0].place == {"board": "points", "rank": 2, "score": 217}
    assert "Sum of all 12 awards: 217 = the points on the board points (place 2)." in text_of(page)


def test_a_rule_is_asked_for_as_it_is_written_anywhere(reading: Reading) -> None:
    page = explain_page(reading, "bob", Asked(rule=" counterexample "))
    assert told(page, "task_id", "points") == [("prize", 150)]


def test_a_provisional_award_is_marked_and_explained(reading: Reading) -> None:
    text = text_of(explain_page(reading, "bob"))
    assert "+5*    245  first_solver prize: first to solve it" in text
    assert "* provisional: a pending verdict can still take it away." in text
    assert "provisional" not in text_of(explain_page(reading, "ada"))


def test_the_last_awards_are_shown_oldest_first_and_the_total_counts_those_before(reading: Reading) -> None:
    page = explain_page(reading, "ada", Asked(top=2))
    assert told(page, "rule", "total") == [("first_solver", 207), ("perfect_day", 217)]
    assert "Awards of points: the last 2 of 12, oldest first" in text_of(page)


def test_since_until_and_rule_choose_among_the_awards_and_totals_stay(reading: Reading) -> None:
    noon = dt.datetime(2026, 3, 4, 12)  # noqa: DTZ001 - naive UTC inside
    page = explain_page(reading, "ada", Asked(since=noon, until=noon.replace(hour=13), rule="first_solver"))
    assert told(page, "task_id", "total") == [("much", 62), ("insight", 97)]
    lines = text_of(page).splitlines()
    assert "2 such awards: 10 of 217 points." in lines
    assert (
        "Awards of points by the rule first_solver since 2026-03-04T12:00:00Z until 2026-03-04T13:00:00Z (2)"
        in (lines[3].rpartition(",")[0])
    )


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("adda", None), "There is no agent or user `adda`. Did you mean `ada`?"),
        (("ada", Asked(rule="first-solver")), "There is no rule among these awards `first-solver`. Did you mean"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(reading: Reading, asked: Any, sentence: str) -> None:
    with pytest.raises(Misuse) as misuse:
        explain_page(reading, *asked)
    assert sentence in str(misuse.value)


def test_an_agent_without_an_award_has_an_empty_account(odd: Reading) -> None:
    page = explain_page(odd, "ada")
    assert [(account.currency, account.total, account.awards) for account in page.accounts] == [("points", 0, [])]
    assert "Sum of all 0 awards: 0 points." in text_of(page)


def test_xp_of_a_user_is_explained_by_the_factors_of_calls_and_by_achievements(calls: Reading) -> None:
    assert told(explain_page(calls, "ann"), "rule", "xp", "total", "because") == [
        ("agent_call", 27, 27, "task_completion, succeeded: 10 x 1.5 medium x 1.5 speed = 22 + 5 bonus"),
        ("achievement:first-steps", 50, 77, "the achievement First Steps: 1 successful call"),
        ("agent_call", 3, 80, "task_completion, failed: 10 x 0.3 failed = 3"),
        ("agent_call", 60, 140, "error_resolution, succeeded: 20 x 2 complex x 1.5 quality = 60"),
    ]
    assert "= the XP on the board xp-user (place 1)." in text_of(explain_page(calls, "ann"))


def test_a_base_of_its_own_and_a_tier_are_said(odd: Reading) -> None:
    assert told(explain_page(odd, "ann", is_user=True), "xp", "because") == [
        (15, "task_completion with a base of its own, succeeded: 15"),
        (50, "the achievement First Steps: 1 successful call"),
        (7, "the achievement Steps (gold): 1 call"),
    ]


def test_an_agent_that_solves_and_is_called_has_two_accounts_and_one_of_users_name_comes_first(odd: Reading) -> None:
    page = explain_page(odd, "ann")
    assert [(account.currency, account.total) for account in page.accounts] == [("points", 10), ("xp", 15)]
    assert "--user explains the XP that it earned" in text_of(page)
    page = explain_page(odd, "ann", is_user=True)
    assert [(page.subject, account.currency, account.total) for account in page.accounts] == [("user", "xp", 72)]


def test_reasons_come_for_awards_of_many_agents_at_once_in_the_order_of_the_awards(reading: Reading) -> None:
    awards = reading.collect(reading.table("points_ledger")).reverse()
    at_once = reasons_of(reading, awards).rows()
    one_by_one = [reasons_of(reading, awards[n]).row(0) for n in range(awards.height)]
    assert at_once == one_by_one
    assert reasons_of(reading, awards.clear()).rows() == []


def test_a_season_published_before_there_were_sources_is_explained_without(
    calls: Reading, monkeypatch: pytest.MonkeyPatch
) -> None:
    tables = [name for name in TABLES if name != "event_sources"]
    monkeypatch.setattr("pipelines.store.generation.Generation.tables", lambda _: tables)
    page = explain_page(calls, "ann", Asked(top=1))
    assert told(page, "path", "line") == [(None, None)]
    assert "event c3, source not published" in text_of(page)


def test_hostile_names_are_shown_harmless(tmp_path: Path) -> None:
    name = "\u202e[red]x[/red] " + "long" * 40
    records = [task(name), tried("s1", name, name, f"{DAY}T10:00:00Z")]
    action: dict[str, Any] = {"action_type": "\x1b[31mevil"}
    records.append(called("c1", "ann", name, f"{DAY}T10:00:00Z", **action))
    evil = {"event_id": "event-s1", "record_type": "submission", "at": instant(f"{DAY}T10:00:00Z")}
    publish(tmp_path, records, event_sources=[{**evil, "path": "a\nb\u202e.jsonl", "line": 3}])
    text = text_of(explain_page(Reading.open(settings(tmp_path)), name), 80)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "\\u202e[red]x[/red]" in text
    assert "a\\nb\\u202e.jsonl:3" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_plain_data_hold_every_award_and_the_sums(reading: Reading) -> None:
    plain: Any = explain_page(reading, "ada").for_machines()
    assert (plain["agent_id"], plain["points"]["total"], plain["points"]["n_awards"]) == ("ada", 217, 12)
    assert sum(award["points"] for award in plain["points"]["awards"]) == 217
    assert "xp" not in plain
