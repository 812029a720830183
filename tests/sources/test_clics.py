"""CLICS contest feeds: what the lines say, and which records of the input contract they make."""

import json
import random
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipelines.game.events import Record, Refusal, parse_instant
from pipelines.game.faults import PodiumError
from pipelines.game.records import Reason
from pipelines.sources.clics import Derivation, FeedOptions, derive
from pipelines.sources.clics_feed import FeedLine, FeedObject, FeedVersion, read_line
from pipelines.sources.clics_rules import agent_names, duration_of, rfc3339

REAL_FEEDS = Path(__file__).parents[3] / "shared" / "data"
NOW = 1_900_000_000_000_000
CONTEST = {"id": "c1", "start_time": "2024-05-01T10:00:00Z", "duration": "5:00:00", "penalty_time": 20}


def upsert(type_: str, data: dict[str, object], token: str | None = None) -> dict[str, object]:
    return {"type": type_, "id": data["id"], "token": token, "data": data}


def small_feed(*more: dict[str, object]) -> list[dict[str, object]]:
    """A contest with one problem, two teams and one submission; `more` lines follow."""
    return [
        upsert("contest", CONTEST),
        upsert("problems", {"id": "p1", "label": "A", "name": "Apples"}),
        upsert("teams", {"id": "t1", "name": "Ada"}),
        upsert("teams", {"id": "t2", "name": "Bob"}),
        upsert("judgement-types", {"id": "AC", "solved": True, "penalty": False}),
        upsert("judgement-types", {"id": "WA", "solved": False, "penalty": True}),
        upsert("judgement-types", {"id": "CE", "solved": False, "penalty": False}),
        submission(),
        *more,
    ]


def submission(id_: str = "s1", **other: object) -> dict[str, object]:
    data = {"id": id_, "team_id": "t1", "problem_id": "p1"}
    times = {"time": "2024-05-01T10:30:00Z", "contest_time": "0:30:00"}
    return upsert("submissions", {**data, **times, **other})


def judgement(id_: str, type_: str | None, end: str | None, **other: object) -> dict[str, object]:
    data = {"id": id_, "submission_id": "s1", "judgement_type_id": type_, "end_time": end}
    return upsert("judgements", {**data, **other})


def versions_of(lines: Iterable[object]) -> list[FeedVersion]:
    versions = []
    for number, line in enumerate(lines, 1):
        read = read_line(line if isinstance(line, str | bytes) else json.dumps(line))
        assert isinstance(read, FeedLine), read
        versions.append(FeedVersion(read.type, read.id, read.data, read.seq or 0, 0, number))
    return versions


def derived(*more: dict[str, object], **options: object) -> Derivation:
    return derive("c1", versions_of(small_feed(*more)), FeedOptions(**options), NOW)


def records(derivation: Derivation, type_: str = "submission") -> list[dict[str, object]]:
    return [d.record.values for d in derivation.derived if isinstance(d.record, Record) and d.record.type == type_]


def verdicts(derivation: Derivation) -> list[tuple[object, object]]:
    """Verdicts of submission s1 with the end of their event id, in the order in which they came into force."""
    found = sorted(records(derivation), key=lambda r: (r["at"], r["event_id"]))
    return [(str(r["event_id"]).removeprefix("clics:c1:"), r["verdict"]) for r in found]


def refusals(derivation: Derivation) -> list[tuple[Reason, int]]:
    return [(d.record.reason, d.line) for d in derivation.derived if isinstance(d.record, Refusal)]


# What records are made


def test_a_problem_becomes_a_task_known_at_the_start_of_the_contest() -> None:
    (task,) = records(derived(), "task")
    wanted = {
        "event_id": "clics:c1:problem:p1",
        "at": parse_instant("2024-05-01T10:00:00Z"),
        "task_id": "clics:c1:p1",
        "problem": "clics:c1:p1",
        "task_type": "compute",
        "difficulty": "medium",
        "title": "Apples",
    }
    assert {name: task[name] for name in wanted} == wanted
    assert records(derived(difficulty="hard"), "task")[0]["difficulty"] == "hard"


def test_a_submission_is_pending_when_it_is_made_and_judged_when_its_judgement_ends() -> None:
    pending, judged = records(derived(judgement("j1", "AC", "2024-05-01T10:31:00Z")))
    made, end = parse_instant("2024-05-01T10:30:00Z"), parse_instant("2024-05-01T10:31:00Z")
    both = {
        "submission_id": "clics:c1:s1",
        "agent_id": "Ada",
        "task_id": "clics:c1:p1",
        "submitted_at": made,
        "source": "clics:c1",
        "team_id": None,
    }
    first = {"event_id": "clics:c1:submission:s1", "at": made, "verdict": "pending", "judged_at": None}
    then = {"event_id": "clics:c1:judgement:j1", "at": end, "verdict": "verified", "judged_at": end}
    assert {name: pending[name] for name in both | first} == both | first
    assert {name: judged[name] for name in both | then} == both | then


def test_the_last_finished_judgement_is_in_force_and_an_unfinished_one_says_nothing() -> None:
    derivation = derived(
        judgement("j3", None, None),
        judgement("j2", "AC", "2024-05-01T12:00:00Z"),
        judgement("j1", "WA", "2024-05-01T10:31:00Z"),
        judgement("j4", "WA", None),
    )
    assert verdicts(derivation) == [
        ("submission:s1", "pending"),
        ("judgement:j1", "rejected"),
        ("judgement:j2", "verified"),
    ]


def test_a_rejudging_that_was_called_off_does_not_overrule_the_judgement_in_force() -> None:
    derivation = derived(
        judgement("j1", "WA", "2024-05-01T10:31:00Z", current=False),
        judgement("j2", "AC", "2024-05-01T11:00:00Z", current=True),
        judgement("j3", "WA", "2024-05-01T12:00:00Z", valid=False),
    )
    assert verdicts(derivation)[1:] == [("judgement:j1", "rejected"), ("judgement:j2", "verified")]


def test_a_judgement_in_the_instant_of_the_submission_is_in_force() -> None:
    assert verdicts(derived(judgement("j1", "AC", "2024-05-01T10:30:00Z"))) == [("judgement:j1", "verified")]


@pytest.mark.parametrize(
    ("judgement_type", "told", "verdict"),
    [
        ("AC", {}, "verified"),
        ("WA", {}, "rejected"),
        ("CE", {}, "void"),
        ("CE", {"CE": "rejected"}, "rejected"),
        ("TLE", {}, "rejected"),  # not defined by this feed, but well known
        ("JE", {}, "void"),
        ("XYZ", {}, "pending"),
        ("XYZ", {"XYZ": "verified"}, "verified"),
    ],
)
def test_what_a_judgement_type_means_is_told_or_defined_by_the_feed_or_well_known(
    judgement_type: str, told: dict[str, str], verdict: str
) -> None:
    derivation = derived(judgement("j1", judgement_type, "2024-05-01T10:31:00Z"), verdicts=told)
    assert verdicts(derivation)[-1] == ("judgement:j1", verdict)
    assert bool(derivation.notes) == (verdict == "pending")


def test_options_with_unknown_words_are_refused_with_a_sentence() -> None:
    with pytest.raises(PodiumError, match="'tricky' is not one of easy, medium"):
        FeedOptions(difficulty="tricky")
    with pytest.raises(PodiumError, match="CE cannot mean 'wrong'"):
        FeedOptions(verdicts={"CE": "wrong"})


# Who and what counts


def test_only_submissions_within_the_contest_by_contest_time_are_taken() -> None:
    derivation = derived(
        submission("before", contest_time="-0:00:00.001"),
        submission("first", contest_time="0:00:00.000"),
        submission("last", contest_time="4:59:59.999"),
        submission("late", contest_time="5:00:00.000"),
        # The clock of the start may lie: contest time goes before the time of day.
        submission("early clock", time="2024-05-01T09:59:00Z", contest_time="0:11:00"),
        submission("no contest time", time="2024-05-01T09:59:00Z", contest_time=None),
    )
    assert {r["submission_id"] for r in records(derivation)} == {
        "clics:c1:s1",
        "clics:c1:first",
        "clics:c1:last",
        "clics:c1:early clock",
    }


def test_only_teams_of_the_ranked_groups_are_taken() -> None:
    groups = [
        upsert("groups", {"id": "in", "name": "Teams"}),
        upsert("groups", {"id": "staff", "name": "Staff", "hidden": True}),
    ]
    teams = [
        upsert("teams", {"id": "t1", "name": "Ada", "group_ids": ["staff", "in"]}),
        upsert("teams", {"id": "t2", "name": "Bob", "group_ids": ["staff"]}),
        upsert("teams", {"id": "t3", "name": "Cy", "group_ids": ["in"], "hidden": True}),
        upsert("teams", {"id": "t4", "name": "Di", "group_ids": []}),
        upsert("teams", {"id": "t5", "name": "Ed"}) | {"data": None},
    ]
    made = [submission(f"s{n}", team_id=f"t{n}") for n in range(1, 6)]
    assert {r["agent_id"] for r in records(derived(*groups, *teams, *made))} == {"Ada", "Di"}
    main = upsert("contest", {**CONTEST, "main_scoreboard_group_id": "in"})
    assert {r["agent_id"] for r in records(derived(*groups, *teams, *made, main))} == {"Ada"}


def test_submissions_of_a_team_that_has_not_arrived_wait_without_a_record() -> None:
    derivation = derived(submission("s2", team_id="t9"))
    assert {r["submission_id"] for r in records(derivation)} == {"clics:c1:s1"}
    assert refusals(derivation) == []
    assert derivation.notes == ["Contest c1: submissions that wait for a team not named yet: 1."]


def test_agents_are_called_by_their_teams_names_and_by_team_ids_too_where_names_are_shared() -> None:
    names = {"1": "Ada", "2": "Bob", "3": " Bob ", "4": "Bob (2)", "5": "", "6": "Em\u200doji\tTeam", "7": None}
    teams = [FeedObject(id_, {"id": id_, "name": name}, 0, 1) for id_, name in names.items()]
    assert agent_names("c1", teams) == {
        "1": "Ada",
        "2": "Bob (2) (2)",
        "3": "Bob (3)",
        "4": "Bob (2) (4)",
        "5": "clics:c1:5",
        "6": "Emoji Team",
        "7": "clics:c1:7",
    }


# What is refused


def test_a_judgement_that_ends_before_its_submission_is_refused_and_the_submission_stays_pending() -> None:
    derivation = derived(judgement("j1", "AC", "2024-05-01T10:29:59Z"))
    assert verdicts(derivation) == [("submission:s1", "pending")]
    assert refusals(derivation) == [(Reason.TIME_TRAVEL, 9)]


def test_a_missing_or_bad_instant_is_refused_with_the_line_it_comes_from() -> None:
    no_start = upsert("contest", {**CONTEST, "start_time": None})
    derivation = derived(submission("s2", time=None), submission("s3", time="yesterday"), no_start)
    assert refusals(derivation) == [
        (Reason.BAD_TIMESTAMP, 2),  # the problem, whose task is known at the start
        (Reason.BAD_TIMESTAMP, 9),
        (Reason.BAD_TIMESTAMP, 10),
    ]


def test_deleted_objects_make_no_records() -> None:
    gone = [{"type": t, "id": i, "token": None, "data": None} for t, i in [("problems", "p1"), ("submissions", "s1")]]
    assert derived(*gone).derived == []
    assert derived({"type": "contest", "id": "c1", "token": None, "data": None}).derived == []


# The dialects


def test_the_three_dialects_and_shuffled_lines_say_the_same() -> None:
    feed = small_feed(judgement("j1", "WA", "2024-05-01T10:31:00Z"), judgement("j1", "AC", "2024-05-01T10:32:00Z"))
    by_token = [{**line, "token": f"cd<{n}"} for n, line in enumerate(feed, 1)]
    by_op = [
        {"type": line["type"], "id": f"e{n}", "op": "create" if n < 10 else "update", "data": line["data"]}
        for n, line in enumerate(feed, 1)
    ]
    collections = [
        {"type": type_, "id": None, "token": f"x{n}", "data": [f["data"] for f in feed[:9] if f["type"] == type_]}
        for n, type_ in enumerate(dict.fromkeys(str(f["type"]) for f in feed), 1)
    ] + [{**feed[-1], "token": "x99"}]
    wanted = verdicts(derive("c1", versions_of(by_token), FeedOptions(), NOW))
    assert wanted == [("submission:s1", "pending"), ("judgement:j1", "verified")]
    for lines in (by_token, by_op, collections):
        versions = versions_of(lines)
        random.Random(7).shuffle(versions)
        assert verdicts(derive("c1", versions, FeedOptions(), NOW)) == wanted


def test_an_operation_deletes_by_the_id_in_its_data_and_null_data_by_the_id_of_the_line() -> None:
    by_op = read_line('{"id":"evt-12","type":"teams","op":"delete","data":{"id":"t1"}}')
    by_null = read_line('{"id":"t1","type":"teams","token":"evt-12","data":null}')
    assert by_op == by_null == FeedLine("teams", "t1", "evt-12", "evt-", 12, None)


def test_an_array_replaces_the_whole_collection_and_later_lines_change_it_again() -> None:
    derivation = derived(
        {"type": "teams", "id": None, "token": "9", "data": [{"id": "t2", "name": "Bob"}, {"id": "t3", "name": "Cy"}]},
        upsert("teams", {"id": "t3", "name": "Cleo"}, "10"),
        upsert("teams", {"id": "t2", "name": "old news"}, "8"),
        *(submission(f"s{n}", team_id=f"t{n}") for n in (1, 2, 3)),
    )
    assert {r["agent_id"] for r in records(derivation)} == {"Bob", "Cleo"}


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", Reason.NOT_JSON),
        ('{"type":"teams","id":"1","data":{"id":"1","x":NaN}}', Reason.NOT_JSON),
        ("[]", Reason.NOT_AN_OBJECT),
        ('{"type":"teams","id":"1","id":"2","data":null}', Reason.DUPLICATE_KEY),
        ('{"id":"1","data":null}', Reason.UNKNOWN_TYPE),
        ('{"type":5,"id":"1","data":null}', Reason.UNKNOWN_TYPE),
        ('{"type":"teams","id":"1"}', Reason.MISSING_FIELD),
        ('{"type":"teams","id":"1","op":"delete"}', Reason.MISSING_FIELD),
        ('{"type":"teams","id":"1","op":"replace","data":{"id":"1"}}', Reason.BAD_VALUE),
        ('{"type":"teams","id":"1","op":"delete","data":{}}', Reason.BAD_VALUE),
        ('{"type":"teams","id":"1","data":"x"}', Reason.BAD_VALUE),
        ('{"type":"teams","id":true,"data":{"id":"1"}}', Reason.BAD_VALUE),
        ('{"type":"teams","id":null,"data":[{"name":"x"}]}', Reason.BAD_VALUE),
        ('{"type":"teams","id":null,"data":{"name":"x"}}', Reason.BAD_VALUE),
        ('{"type":"teams","id":"1","data":[{"id":"1"}]}', Reason.BAD_VALUE),
    ],
)
def test_a_bad_line_is_refused_with_its_reason(line: str, reason: Reason) -> None:
    refusal = read_line(line)
    assert isinstance(refusal, Refusal)
    assert refusal.reason == reason
    assert refusal.sentence


def test_object_types_that_are_not_needed_are_understood() -> None:
    assert read_line('{"type":"state","token":"cdi0","data":{}}') == FeedLine("state", None, "cdi0", "cdi", 0, {})
    assert isinstance(read_line('{"type":"clarifications","id":"7","token":"a","data":null}'), FeedLine)


def test_lines_that_say_the_same_have_the_same_digest_however_they_are_spelt() -> None:
    one = read_line('{"type":"teams","id":"1","token":"a1","data":{"id":"1","name":"\\u00e9"}}')
    same = read_line('{"token":"a1", "id":"1", "type":"teams", "data":{"name":"é", "id":"1"}}')
    other = read_line('{"type":"teams","id":"1","token":"a2","data":{"id":"1","name":"é"}}')
    assert isinstance(one, FeedLine)
    assert isinstance(same, FeedLine)
    assert isinstance(other, FeedLine)
    assert one.digest == same.digest != other.digest


def test_relative_times_and_short_offsets_are_read() -> None:
    assert duration_of("5:00:00.000") == 18_000_000_000
    assert duration_of("-0:00:01.5") == -1_500_000
    assert duration_of("100:00:00") == 360_000_000_000
    assert [duration_of(bad) for bad in (20, None, "5:00", "x", "1:2:3")] == [None] * 5
    assert rfc3339("2014-06-25T11:22:05.034+01") == "2014-06-25T11:22:05.034+01:00"
    assert rfc3339("2014-06-25T11:22:05.034+01:00") == "2014-06-25T11:22:05.034+01:00"


# Real feeds


def real(folder: str, contest_id: str) -> tuple[Derivation, list[dict[str, object]]]:
    found = sorted((REAL_FEEDS / folder).glob("*.ndjson")) if (REAL_FEEDS / folder).is_dir() else []
    if not found:
        pytest.skip(f"the real feed {folder} is not on this machine")
    lines = found[0].read_text(encoding="utf-8").splitlines()
    versions = versions_of(lines)
    random.Random(1).shuffle(versions)
    return derive(contest_id, versions, FeedOptions(), NOW), [json.loads(line) for line in lines]


def in_force(derivation: Derivation) -> dict[object, dict[str, object]]:
    newest = sorted(records(derivation), key=lambda r: (r["at"], r["event_id"]))
    return {r["submission_id"]: r for r in newest}


@pytest.mark.parametrize(
    ("folder", "contest_id", "n_teams", "n_problems", "n_submissions", "n_pending"),
    [
        ("icpc-wf47-feed", "wf47_finals", 130, 11, 1606, 545),
        ("icpc-euc2025", "euc2025", 53, 11, 856, 0),
        ("icpc-swerc2022-frozen", "swerc2022", 120, 12, 1322, 315),
    ],
)
def test_real_feeds_give_the_counts_that_are_known_of_them(
    folder: str, contest_id: str, n_teams: int, n_problems: int, n_submissions: int, n_pending: int
) -> None:
    derivation, _ = real(folder, contest_id)
    newest = in_force(derivation)
    assert refusals(derivation) == []
    assert len(records(derivation, "task")) == n_problems
    assert len(newest) == n_submissions
    assert sum(r["verdict"] == "pending" for r in newest.values()) == n_pending
    assert len({r["agent_id"] for r in newest.values()}) <= n_teams
    assert len({r["event_id"] for r in records(derivation)}) == len(records(derivation))


def test_the_earliest_accepted_submissions_are_the_official_first_to_solve_awards() -> None:
    derivation, lines = real("icpc-euc2025", "euc2025")
    names = {line["data"]["id"]: line["data"]["name"] for line in lines if line["type"] == "teams"}
    official = {
        str(line["id"]).removeprefix("first-to-solve-"): names[line["data"]["team_ids"][0]]
        for line in lines
        if line["type"] == "awards"
    }
    verified = [r for r in in_force(derivation).values() if r["verdict"] == "verified"]
    verified.sort(key=lambda r: (r["submitted_at"], r["submission_id"]), reverse=True)
    first = {str(r["task_id"]).removeprefix("clics:euc2025:"): r["agent_id"] for r in verified}
    assert len(official) == 11
    assert first == official
