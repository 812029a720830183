"""How agents spread through teams: literal calls in, literal rows out."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.insight.teams.adoption import AGENT_ADOPTION, agent_adoption
from pipelines.insight.teams.success_around import MIN_CALLS, PRIOR_CALLS
from pipelines.insight.teams.use import TeamUse
from pipelines.reports.intervals import wilson
from tests.insight.team_calls import AS_OF, START, Row, call, evidence

USAGE = ("team_id", "agent_id", "n_users", "calls", "is_small", "first_at", "is_reused", "sentence")


def rows(calls: list[Row], **asked: Any) -> dict[tuple[str, str], Row]:
    held = evidence(calls, **asked)
    frame = agent_adoption(held, TeamUse.of(held))
    assert AGENT_ADOPTION.is_kept_by(frame)
    assert not any(value != value for row in frame.rows() for value in row)
    found = {(row["team_id"], row["agent_id"]): row for row in frame.to_dicts()}
    assert list(found) == sorted(found)
    return found


def followed(before: str, after: str, **work: str) -> list[Row]:
    """Calls of `scout` for `red`: by ann before, by three users from day 10 on; + succeeded, - failed."""
    calls = [call("red", "ann", "scout", n / 100, success=sign == "+", **work) for n, sign in enumerate(before)]
    users = ("bob", "ann", "cyd")
    later = [
        call("red", users[n % 3], "scout", 10 + n / 100, success=sign == "+", **work) for n, sign in enumerate(after)
    ]
    return calls + later


def test_a_row_tells_first_and_second_user_the_days_between_and_the_spread() -> None:
    calls = [
        call("red", "bob", "scout", 2.5),
        call("red", "ann", "scout", 0),
        call("red", "cyd", "smith", 40),
        call("red", "cyd", "scout", 31),
        call("blue", "dan", "smith", 39),
    ]
    found = rows(calls)
    scout, smith = found["red", "scout"], found["red", "smith"]
    assert (scout["first_user_id"], scout["second_user_id"]) == ("ann", "bob")
    assert (scout["first_at"], scout["second_at"]) == (START, START + dt.timedelta(days=2.5))
    assert (scout["days_to_second"], scout["n_users_30d"], scout["n_users_90d"]) == (2.5, 2, 3)
    assert scout["spread_share"] == pytest.approx(2 / 3, abs=1e-6)
    assert (scout["spread_lo95"], scout["spread_hi95"]) == pytest.approx(wilson(2, 3), abs=1e-6)
    assert (smith["second_user_id"], smith["second_at"], smith["days_to_second"]) == (None, None, None)
    assert (scout["is_reused"], smith["is_reused"], found["blue", "smith"]["is_reused"]) == (False, True, False)
    assert smith["sentence"] == "1 user called it for this team (n = 1 call). Nobody has followed the first one yet."


def test_users_after_so_many_days_are_told_only_once_these_are_over() -> None:
    calls = [call("red", user, "scout", day) for user, day in (("ann", 0), ("bob", 29.9), ("cyd", 30))]
    for day, told in ((29.9, (None, None)), (30, (2, None)), (90, (2, 3))):
        row = rows(calls, as_of=START + dt.timedelta(days=day))["red", "scout"]
        assert (row["n_users_30d"], row["n_users_90d"]) == told


def test_a_small_team_tells_counts_and_nothing_of_who_when_and_how_well() -> None:
    row = rows(followed("+++++", "-----"), small_group=4)["red", "scout"]
    assert {name for name in row if row[name] is not None} == set(USAGE)
    assert row["sentence"] == (
        "3 users called it for this team (n = 10 calls). In a team of fewer than 4 users it is not told who was first, "
        "when others followed and how success went."
    )


def test_success_before_and_after_the_second_user_has_intervals_and_says_what_it_is() -> None:
    row = rows(followed("++---", "+++++++-"))["red", "scout"]
    assert (row["n_before"], row["n_after"]) == (5, 8)
    before, after = wilson(2, 5), wilson(7, 8)
    for side, share, ends in (("before", 2 / 5, before), ("after", 7 / 8, after)):
        told = [row[f"success_{side}_{end}"] for end in ("share", "lo95", "hi95")]
        assert told == pytest.approx([share, *ends], abs=1e-6)
    low = 0.475 - ((7 / 8 - after[0]) ** 2 + (before[1] - 2 / 5) ** 2) ** 0.5
    high = 0.475 + ((after[1] - 7 / 8) ** 2 + (2 / 5 - before[0]) ** 2) ** 0.5
    change = [row[f"success_change{end}"] for end in ("", "_lo95", "_hi95")]
    assert change == pytest.approx([0.475, low, high], abs=1e-6)
    assert row["mix_change"] == 0  # one kind of work
    assert [row[f"adjusted_change{end}"] for end in ("", "_lo95", "_hi95")] == change
    assert row["sentence"].endswith(
        "Success was 40 % before the second user (n = 5, 95 %: 12 to 77 %) and 88 % from then on (n = 8, 95 %: 53 to "
        "98 %). That is +48 percentage points (95 %: −3 to +78); with the mix of category and complexity accounted for "
        "+48 (95 %: −3 to +78). An association: users, work and time differ, too."
    )


def test_newcombes_interval_is_that_of_his_paper() -> None:
    """Table II, case (a) of Newcombe 1998: 56 of 70 less 48 of 80 is 0.2, method 10 gives 0.0524 to 0.3339."""
    before, after = "+" * 48 + "-" * 32, "+" * 56 + "-" * 14
    row = rows(followed(before, after))["red", "scout"]
    ends = [row["success_change"], row["success_change_lo95"], row["success_change_hi95"]]
    assert ends == pytest.approx([0.2, 0.0524, 0.3339], abs=5e-5)


def test_a_row_that_tells_success_names_nobody_for_before_the_second_it_is_the_firsts_own() -> None:
    told, untold = (rows(followed(before, "+++++"))["red", "scout"] for before in ("+++++", "++++"))
    assert (told["success_before_share"], told["first_user_id"], told["second_user_id"]) == (1, None, None)
    assert (untold["success_before_share"], untold["first_user_id"], untold["second_user_id"]) == (None, "ann", "bob")


@pytest.mark.parametrize(("before", "after"), [("++++", "+++++"), ("+++++", "+++-")])
def test_of_fewer_than_five_calls_on_a_side_success_is_not_compared(before: str, after: str) -> None:
    row = rows(followed(before, after))["red", "scout"]
    assert (row["n_before"], row["n_after"]) == (len(before), len(after))
    assert {row[name] for name in row if name.startswith(("success", "adjusted", "mix"))} == {None}
    few = f"{len(before)} before the second user and {len(after)} from then on, of each {MIN_CALLS} are needed."
    assert row["sentence"].endswith(few)


def test_success_is_told_only_of_agents_that_enough_users_of_the_team_have_called() -> None:
    calls = [*followed("+++++", "+++++"), *(call("red", "ab"[day % 2], "smith", day) for day in range(18))]
    found = rows([*calls, *(call("red", "ann", "smith", -n) for n in range(1, 9))])
    assert found["red", "scout"]["success_change"] == 0
    assert found["red", "smith"]["n_users"] == 3
    two = rows([*calls, *(call("red", "a", "smith", -n) for n in range(1, 9))])["red", "smith"]
    assert (two["n_users"], two["n_before"], two["success_change"]) == (2, None, None)
    assert two["sentence"].endswith("Success before and after is told from 3 users of the agent on.")


def test_harder_work_after_the_second_user_is_accounted_for() -> None:
    easy, hard = {"complexity": "simple"}, {"complexity": "expert"}
    others = [
        call("blue", "x", "smith", n / 9, success=n % 10 < right, **work)
        for right, work in ((9, easy), (3, hard))
        for n in range(300)
    ]
    scout = followed("+" * 9 + "-", "", **easy) + followed("", "+++-------", **hard)
    row = rows([*others, *scout])["red", "scout"]
    overall = (9 + 3 + 270 + 90) / 620
    ease = [(right + PRIOR_CALLS * overall) / (310 + PRIOR_CALLS) for right in (279, 93)]
    assert row["success_change"] == pytest.approx(-0.6)
    assert row["mix_change"] == pytest.approx(ease[1] - ease[0], abs=1e-6)
    assert row["adjusted_change"] == pytest.approx(-0.6 - (ease[1] - ease[0]), abs=1e-6)
    assert row["adjusted_change_lo95"] < 0 < row["adjusted_change_hi95"]
    assert row["success_change_hi95"] < 0  # which the plain difference is, beyond chance


@given(st.randoms(), st.text("+-", min_size=5, max_size=9), st.text("+-", min_size=6, max_size=9))
def test_the_order_of_calls_does_not_matter(chance: Any, before: str, after: str) -> None:
    calls = [*followed(before, after, category="web"), call("blue", "dan", "scout", 3)]
    shuffled = list(calls)
    chance.shuffle(shuffled)
    assert rows(shuffled) == rows(calls)


def test_no_calls_for_a_team_are_no_rows() -> None:
    assert rows([]) == rows([call(None, "ann", "scout", 0)], as_of=AS_OF) == {}
