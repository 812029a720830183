"""What separates two entries of a board: the result, the groups that add up to it, and the tie-break."""

import dataclasses
import datetime as dt
import io
import tempfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.game.board_rules import OrderBy
from pipelines.game.rulebook import parse_rulebook
from pipelines.reports.choices import Misuse
from pipelines.reports.reading import Reading
from pipelines.reports.terminal import screen
from pipelines.reports.versus_page import Group, VersusPage, versus_page
from pipelines.reports.versus_view import show_versus
from pipelines.reports.versus_words import place, sentences
from pipelines.settings import settings as settings_of
from tests.game.league import rules, task, tried
from tests.laws.logs import Log, logs
from tests.laws.oracle_rules import rulebook_content
from tests.reports.call_season import publish_calls
from tests.reports.shown_season import called, publish

FOR_ADA = "those that only ada completed 17; tasks of both gave 5 and 10."
WEEK_1, WEEK_2 = "2026-03-02", "2026-03-09"
SEASON = [
    task("t1"),
    task("t2", problem="erdos-straus", difficulty="medium", points=12),
    task("t3", task_type="pattern"),
    task("t4", difficulty="hard"),
    tried("a1", "ada", "t1", f"{WEEK_1}T10:00:00Z", team_id="red"),
    tried("a2", "ada", "t2", f"{WEEK_1}T11:00:00Z", "rejected", team_id="red"),
    tried("a3", "ada", "t2", f"{WEEK_2}T11:00:00Z", team_id="red"),
    tried("b1", "bob", "t1", f"{WEEK_1}T12:00:00Z", team_id="blue"),
    tried("b2", "bob", "t3", f"{WEEK_2}T10:30:00Z", awarded_points=30, team_id="blue"),
    tried("e1", "eve", "t4", f"{WEEK_2}T12:00:00Z", team_id="blue"),
]
SOURCES = [
    {"event_id": record["event_id"], "record_type": record["type"], "at": record["at"], "path": "log.jsonl", "line": n}
    for n, record in enumerate(SEASON, 1)
]
CUP = {"slug": "cup", "name": "Cup", "start": dt.date(2026, 3, 2), "end": dt.date(2026, 3, 15)}
ICPC = {
    "slug": "icpc", "name": "ICPC", "windows": ["cup"],
    "order": ["tasks_completed desc", "penalty_minutes asc", "last_solve_minute asc"],
}  # fmt: skip
SURE = {"slug": "sure", "name": "Sure", "order": ["accuracy desc", "tasks_completed desc"], "windows": ["all"]}
FEW = {"slug": "few", "name": "Few", "order": ["attempts asc"], "windows": ["all"]}


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("home")
    publish(home, SEASON, event_sources=SOURCES)
    return Reading.open(settings_of(home))


@pytest.fixture(scope="module")
def contest(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """The same season on boards of its own."""
    made = rules(board=[ICPC, SURE, FEW], window=[CUP])
    return Reading(publish(tmp_path_factory.mktemp("contest"), SEASON, rules=made), made)


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    home = tmp_path_factory.mktemp("calls")
    publish_calls(home)
    return Reading.open(settings_of(home))


@pytest.fixture(scope="module")
def ties(tmp_path_factory: pytest.TempPathFactory) -> Reading:
    """Three with as many points: ada and cy at one instant, bob later."""
    home = tmp_path_factory.mktemp("ties")
    solves = (("ada", "10:00"), ("bob", "12:30"), ("cy", "10:00"))
    tries = [tried(f"s{who}", who, f"t{who}", f"{WEEK_1}T{clock}:00Z") for who, clock in solves]
    publish(home, [*(task(f"t{who}") for who, _ in solves), *tries])
    return Reading.open(settings_of(home))


def text_of(page: VersusPage, width: int = 100) -> str:
    output = io.StringIO()
    show_versus(page, screen(output, width, fancy=False))
    return output.getvalue()


def split(page: VersusPage, by: str, measure: str | None = None) -> list[tuple[Any, ...]]:
    groups = [group for group in page.groups if group.by == by and measure in (None, group.measure)]
    assert len(groups) == 1
    return [(row["name"], row["ahead"], row["behind"], row["difference"]) for row in groups[0].rows]


def test_the_result_comes_first_whoever_is_named_first(reading: Reading) -> None:
    page = versus_page(reading, "ada", "bob", "points")
    assert sentences(page) == [
        "bob is 1st with 40 points, 13 above ada (2nd).",
        f"Tasks that only bob completed gave it 35 points, {FOR_ADA}",
    ]
    assert sentences(versus_page(reading, "bob", "ada", "points")) == sentences(page)
    assert text_of(page).splitlines()[1:3] == ["Points: all time", "bob is 1st with 40 points, 13 above ada (2nd)."]


def test_every_split_of_points_adds_up_to_the_difference(reading: Reading) -> None:
    page = versus_page(reading, "ada", "bob", "points")
    assert split(page, "by_rule") == [
        ("pattern_insight", 30, 0, 30),
        ("task", 5, 17, -12),
        ("first_solver", 5, 10, -5),
    ]
    assert split(page, "by_task") == [("ahead", 35, 0, 35), ("behind", 0, 17, -17), ("both", 5, 10, -5)]
    assert split(page, "by_problem") == [("collatz", 40, 10, 30), ("erdos-straus", 0, 17, -17)]


def test_award_by_award_the_largest_difference_first_with_reason_event_and_line(reading: Reading) -> None:
    page = versus_page(reading, "ada", "bob", "points")
    told = [(one["item"], one["difference"], one["event_id"], one["path"], one["line"]) for one in page.singles]
    assert told == [
        ("pattern_insight t3", 30, "event-b2", "log.jsonl", 9),
        ("task t2", -12, "event-a3", "log.jsonl", 7),
        ("first_solver t3", 5, "event-b2", "log.jsonl", 9),
        ("first_solver t1", -5, "event-a1", "log.jsonl", 5),
        ("first_solver t2", -5, "event-a3", "log.jsonl", 7),
    ]
    assert page.singles[0]["because"] == "pattern task, for which the judge awarded 30"
    first = versus_page(reading, "ada", "bob", "points", top=1)
    assert (len(first.singles), first.n_singles) == (1, 5)
    assert "The largest single differences (1 of 5)" in text_of(first)


def test_a_window_counts_only_what_lies_in_it(reading: Reading) -> None:
    page = versus_page(reading, "ada", "bob", "points", "week", dt.date(2026, 3, 4))
    assert sentences(page)[0] == "ada is 1st with 10 points, 5 above bob (2nd)."
    assert split(page, "by_rule") == [("first_solver", 5, 0, 5), ("task", 5, 5, 0)]


def test_on_boards_of_one_problem_tasks_are_counted(reading: Reading) -> None:
    page = versus_page(reading, "ada", "bob", "problem:collatz")
    assert sentences(page) == [
        "bob is 1st with 2 tasks completed, 1 above ada (3rd).",
        "bob completed 1 of the tasks that ada did not, ada 0 that bob did not, and both 1.",
    ]
    assert [(one["item"], one["because"]) for one in page.singles] == [("t3", "easy task of collatz")]


def test_a_tie_is_broken_in_a_sentence(ties: Reading) -> None:
    assert sentences(versus_page(ties, "bob", "ada", "points"))[0] == (
        "ada is 1st and bob 3rd: both have 10 points, and ada reached that on 2026-03-02T10:00:00Z, "
        "2 h 30 min before bob."
    )


def test_entries_that_nothing_tells_apart_share_their_place(ties: Reading) -> None:
    page = versus_page(ties, "cy", "ada", "points")
    assert page.decided_by is None
    assert sentences(page)[0] == (
        "ada and cy share the 1st place: both have 10 points, and nothing that the board looks at tells them apart."
    )


def test_accuracy_is_told_by_attempts_and_rejections(contest: Reading) -> None:
    page = versus_page(contest, "ada", "bob", "sure")
    assert sentences(page) == [
        "bob is 1st with 100.0 % accuracy, 33.3 percentage points above ada (3rd).",
        "bob completed 2 tasks in 2 attempts, ada completed 2 tasks in 3 attempts.",
    ]
    assert split(page, "by_verdict") == [("rejected", 0, 1, -1), ("completed", 2, 2, 0)]
    assert [(one["item"], one["event_id"]) for one in page.singles] == [("rejected t2", "event-a2")]


def test_where_the_fewest_rank_first_the_first_has_less(contest: Reading) -> None:
    page = versus_page(contest, "ada", "bob", "few")
    assert sentences(page)[0] == "bob is 2nd with 2 attempts, 1 below ada (3rd)."


def test_a_difference_of_shares_too_small_to_be_shown_is_not_said_to_be_none(reading: Reading) -> None:
    page = versus_page(reading, "ada", "bob", "points")
    rule = page.board.rule.model_copy(update={"order": (OrderBy(measure="accuracy", descending=True),)})
    board = dataclasses.replace(page.board, rule=rule)
    close = dataclasses.replace(
        page, board=board, decided_by="accuracy", ahead={**page.ahead, "score": 0.72381}, groups=(),
        behind={**page.behind, "score": 0.72362},
    )  # fmt: skip
    assert sentences(close)[0] == ("bob is 1st with 72.4 % accuracy, less than 0.1 percentage points above ada (2nd).")


def test_penalties_are_told_task_by_task(contest: Reading) -> None:
    page = versus_page(contest, "ada", "bob", "icpc")
    week = 7 * 24 * 60
    ada, bob = 600 + week + 660 + 20, 720 + week + 630
    assert sentences(page)[0] == (
        f"ada is 1st and bob 2nd: both have 2 tasks completed, and ada has {ada:,} penalty minutes against "
        f"{bob:,} penalty minutes of bob."
    )
    assert split(page, "by_task_alone") == [
        ("t2", week + 680, 0, week + 680),
        ("t3", 0, week + 630, -(week + 630)),
        ("t1", 600, 720, -120),
    ]
    reasons = {one["item"]: one["because"] for one in page.singles if one["measure"] == "penalty_minutes"}
    assert reasons["t2"] == f"minute {week + 660} and 1 rejected try of 20 minutes"


def test_teams_are_told_by_member(reading: Reading) -> None:
    page = versus_page(reading, "red", "blue", "team-points")
    assert sentences(page)[0] == "blue is 1st with 65 points, 38 above red (2nd)."
    assert split(page, "by_member") == [("bob", 40, 0, 40), ("ada", 0, 27, -27), ("eve", 25, 0, 25)]


def test_means_are_told_by_the_sums_and_the_members_behind_them(reading: Reading) -> None:
    page = versus_page(reading, "red", "blue", "team-points-mean")
    assert sentences(page)[:2] == [
        "blue is 1st with 32.50 points per member, 5.50 above red (2nd).",
        "blue has 65 points of 2 members, red has 27 points of 1 member.",
    ]
    assert sum(difference for *_, difference in split(page, "by_rule")) == 65 - 27


def test_xp_is_told_by_what_made_it_and_by_agent(calls: Reading) -> None:
    page = versus_page(calls, "ann", "bob", "xp-user")
    assert sentences(page) == [
        "ann is 1st with 140 XP, 59 above bob (2nd).",
        "The factors of its calls make 2.12 XP of each XP of base for ann, 1.03 for bob.",
    ]
    assert split(page, "by_kind") == [
        ("factors of calls", 45, 1, 44),
        ("base of calls", 40, 30, 10),
        ("bonus", 5, 0, 5),
        ("achievements", 50, 50, 0),
    ]
    assert split(page, "by_agent") == [("both", 60, 0, 60), ("python-pro", 30, 31, -1), ("(achievements)", 50, 50, 0)]
    assert (page.singles[0]["item"], page.singles[0]["difference"]) == ("agent_call:c3", 60)


def test_a_pair_is_named_as_boards_show_it(calls: Reading) -> None:
    page = versus_page(calls, "bob with python-pro", "ann with both", "xp-user-agent")
    assert sentences(page)[0] == "ann with both is 1st with 60 XP, 29 above bob with python-pro (2nd)."
    by_id = versus_page(page.board.reading, '["bob","python-pro"]', '["ann","both"]', "xp-user-agent")
    assert sentences(by_id) == sentences(page)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        (("ada", "bo", "points"), "There is no entry of this board named `bo`. Did you mean `bob`?"),
        (("ada", "ada", "points"), "`ada` is compared with itself: name two entries of the board."),
        (("ada", "bob", "pionts"), "There is no board `pionts`. Did you mean `points`?"),
        (("ada", "bob", "points", "year"), "The board `points` has no window `year`"),
    ],
)
def test_what_does_not_exist_is_answered_with_what_does(reading: Reading, asked: Any, sentence: str) -> None:
    with pytest.raises(Misuse) as misuse:
        versus_page(reading, *asked)
    assert sentence in str(misuse.value)


def test_of_a_long_split_the_others_are_summed(tmp_path: Path) -> None:
    records = [
        called(f"{user}{agent}{n}", user, f"agent-{agent:02}", f"{WEEK_1}T{9 + n:02}:00:00Z")
        for user, most in (("ann", 12), ("bob", 11))
        for agent in range(most)
        for n in range(1 + agent % 3 if user == "ann" else 1)
    ]
    publish(tmp_path, records)
    page = versus_page(Reading.open(settings_of(tmp_path)), "ann", "bob", "xp-user")
    rows = next(group for group in page.groups if group.by == "by_agent").rows
    lines = [line.split() for line in text_of(page).splitlines()]
    rest = next(line for line in lines if line[1:2] == ["others"])
    assert [int(word.replace(",", "")) for word in (rest[0], *rest[2:])] == [
        len(rows) - 8, *(sum(row[side] for row in rows[8:]) for side in ("ahead", "behind", "difference"))
    ]  # fmt: skip


def test_hostile_names_are_shown_harmless(tmp_path: Path) -> None:
    one, other = "\u202e[red]x[/red] " + "long" * 40, "a\x1b[31mb"
    records = [task(one), tried("s1", one, one, f"{WEEK_1}T10:00:00Z"), tried("s2", other, one, f"{WEEK_1}T11:00:00Z")]
    publish(tmp_path, records)
    text = text_of(versus_page(Reading.open(settings_of(tmp_path)), one, other, "points"), 80)
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "\\u202e[red]x[/red]" in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_places_are_read_as_ordinals() -> None:
    assert [place(n) for n in (1, 2, 3, 4, 11, 12, 13, 21, 111, 1002)] == [
        "1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th", "1,002nd",
    ]  # fmt: skip


NONE: st.SearchStrategy[list[Any]] = st.just([])


@settings(max_examples=max(4, settings.default.max_examples // 5))
@given(logs(), st.data())
def test_law_every_split_of_two_entries_adds_up_to_both_and_to_their_difference(log: Log, data: st.DataObject) -> None:
    rulebook = parse_rulebook(rulebook_content(log.rules), "the law's rules")
    with tempfile.TemporaryDirectory() as folder:
        reading = Reading(publish(Path(folder), log.records, rules=rulebook, as_of=log.as_of), rulebook)
        for asked in data.draw(st.lists(st.sampled_from(pairs), max_size=5) if (pairs := pairs_of(reading)) else NONE):
            one, other, board, window, on, scope_id = asked
            page = versus_page(reading, one, other, board, window, on, scope_id)
            assert (page.decided_by is None) == (page.ahead["rank"] == page.behind["rank"])
            for group in page.groups:
                adds_up(page, group)
            for measure in {group.measure for group in page.groups} - {"attempts"}:
                singles = sum(one["difference"] for one in page.singles if one["measure"] == measure)
                assert singles == page.ahead[measure] - page.behind[measure]


def adds_up(page: VersusPage, group: Group) -> None:
    sums = {side: sum(row[side] for row in group.rows) for side in ("ahead", "behind", "difference")}
    measured = [entry[group.measure] for entry in (page.ahead, page.behind)]
    assert [sums["ahead"], sums["behind"], sums["difference"]] == [*measured, measured[0] - measured[1]], group


def pairs_of(reading: Reading) -> list[tuple[Any, ...]]:
    """All neighbours of all boards in all windows."""
    entries = reading.collect(reading.table("leaderboards")).to_dicts()
    same = ("board", "window", "window_start_on", "scope_id")
    found = []
    for one, other in pairwise(entries):
        if all(one[name] == other[name] for name in same):
            rule = reading.board_rule(one["board"])
            is_pair = rule is not None and rule.subject == "user_agent"
            names = [f"{e['user_id']} with {e['agent_id']}" if is_pair else e["subject_id"] for e in (one, other)]
            on = one["window_start_on"] if one["window"] in ("day", "week", "month") else None
            found.append((*names, one["board"], one["window"], on, one["scope_id"]))
    return found
