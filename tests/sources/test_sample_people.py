"""The people of the tracked sample season: who they are, and what their work makes of them, by simple loops."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from math import prod, trunc

from tests.sources.sample_log import Record, calls, calls_by, in_force, mean_score, owners

ACTIONS = {
    "task_completion": 10, "error_resolution": 20, "speed_bonus": 5, "quality_bonus": 15, "complexity_bonus": 25,
    "streak_bonus": 10, "first_use": 50, "milestone": 100,
}  # fmt: skip
HARDNESS = {"simple": 1.0, "medium": 1.5, "complex": 2.0, "expert": 3.0}
EXPECTED_S = {"simple": 30, "medium": 120, "complex": 300, "expert": 600}
EVIDENCE = {
    "speed_improvement": 0.3, "bug_resolution": 0.5, "code_quality": 0.4, "user_satisfaction": 0.2,
    "complexity_handling": 0.6, "innovation": 0.8,
}  # fmt: skip
REWARDS = {
    "first-steps": 50, "agent-explorer": 100, "centurion": 150, "quick-hands": 200, "quality-master": 250,
    "bug-hunter": 300, "streak-warrior": 400, "elite-trainer": 500, "perfectionist": 750, "agent-whisperer": 1000,
}  # fmt: skip


def active_days(called: list[Record]) -> set[date]:
    return {call["at"].date() for call in called if call["success"]}


def run_to(day: date, active: set[date]) -> int:
    """How many active days in a row end on that day."""
    n = 0
    while day - timedelta(days=n) in active:
        n += 1
    return n


def xp_of(call: Record, n: int) -> int:
    """XP of a call on the n-th active day in a row."""
    score, took = mean_score(call), call.get("duration_s", 0)
    quality = 1.0 if score is None else 2.0 if score >= 0.9 else 1.5 if score >= 0.7 else 1.0 if score >= 0.5 else 0.7
    expected = EXPECTED_S.get(call.get("complexity"), 120)
    used = round(took / expected, 6)
    slow = max(0.8, 1 - 0.2 * (took - expected) / expected)
    speed = 1.0 if took == 0 else 1.5 if used <= 0.5 else 1.25 if used <= 0.75 else 1.0 if used <= 1 else slow
    streak = 2.0 if n >= 30 else 1.5 if n >= 14 else 1.3 if n >= 7 else 1.1 if n >= 3 else 1.0
    base = call.get("base_points") or ACTIONS.get(call["action_type"], 10)
    hardness = HARDNESS.get(call.get("complexity"), 1.0)
    success = 1.0 if call["success"] else 0.3
    main = trunc(round(base * hardness * quality * speed * prod(call.get("multipliers", [])) * streak * success, 6))
    evidence = 0
    if "evidence" in call:
        evidence = trunc(round(call["base_points"] * EVIDENCE[call["evidence_type"]], 6))
        evidence = trunc(round(evidence * min(call.get("improvement_factor", 1), 2), 6))
    return main + call.get("bonus_points", 0) + evidence


def xp_by_agent(user: str) -> Counter[str]:
    called, sums = calls_by("user_id")[user], Counter[str]()
    active = active_days(called)
    for call in called:
        sums[call["agent_id"]] += xp_of(call, 1 + run_to(call["at"].date() - timedelta(days=1), active))
    return sums


def achievements(user: str) -> set[str]:
    """What a user has earned by the end, Arena Legend aside."""
    called = calls_by("user_id")[user]
    well = [call for call in called if call["success"]]
    active = active_days(called)
    counts = {
        "first-steps": (len(well), 1),
        "agent-explorer": (len({call["agent_id"] for call in called}), 5),
        "centurion": (len(well), 100),
        "quick-hands": (sum(0 < call.get("duration_s", 0) < 30 for call in well), 10),
        "quality-master": (sum((mean_score(call) or 0) >= 0.95 for call in well), 20),
        "bug-hunter": (sum(call["action_type"] == "error_resolution" for call in well), 25),
        "streak-warrior": (max(run_to(day, active) for day in active), 7),
        "elite-trainer": (max(xp_by_agent(user).values()), 1000),
        "perfectionist": (sum(call.get("complexity") == "expert" and mean_score(call) == 1 for call in well), 5),
        "agent-whisperer": (len({call["agent_id"] for call in well}), 20),
    }
    return {slug for slug, (value, threshold) in counts.items() if value >= threshold}


def badges_but_champion() -> Counter[str]:
    """How many badges of the competition each owner's agents have, Champion left out."""
    tasks, owner = in_force("task", "task_id"), owners()
    made = in_force("submission", "submission_id").values()
    judged = [one for one in made if one["verdict"] in ("verified", "rejected") and one["task_id"] in tasks]
    won: dict[str, list[Record]] = {}
    done: set[tuple[str, str]] = set()
    n_tries, solved, sharp, first = Counter[str](), set[str](), set[str](), set[str]()
    for one in sorted(judged, key=lambda one: (one["submitted_at"], one["submission_id"])):
        agent, task = one["agent_id"], one["task_id"]
        if (agent, task) in done:
            continue
        n_tries[agent] += 1
        if one["verdict"] == "verified":
            done.add((agent, task))
            won.setdefault(agent, []).append(one | {"task": tasks[task]})
            if task not in solved:
                first.add(agent)
            solved.add(task)
        if n_tries[agent] >= 20 and len(won.get(agent, [])) / n_tries[agent] >= 0.95:
            sharp.add(agent)
    n: Counter[str] = Counter()
    for agent, some in won.items():
        at = [one["submitted_at"] for one in some]
        problems = Counter(one["task"]["problem"] for one in some)
        n[owner.get(agent, "")] += sum(
            (
                agent in first,
                agent in sharp,
                len(some) >= 10,
                any(late - early <= timedelta(days=1) for early, late in zip(at, at[9:], strict=False)),
                problems["erdos-straus"] >= 100,
                problems["collatz"] >= 100,
                any(one["task"]["task_type"] == "search" and one.get("found") for one in some),
                any(one["submitted_at"] - one.get("claimed_at", datetime.min.replace(tzinfo=UTC))
                    <= timedelta(minutes=5) for one in some),
                any(one["task"]["task_type"] == "pattern" for one in some),
            )
        )  # fmt: skip
    return n


def level(xp: int) -> int:
    return max(level for level in range(1, 100) if 50 * level * (level - 1) <= xp)


def test_people_who_call_own_agents_and_two_owners_call_nobody() -> None:
    people, owning = set(calls_by("user_id")), set(owners().values())
    assert people < owning
    assert (len(people), len(owning)) == (12, 14)


def test_people_work_in_four_teams_that_compete_too_and_one_works_alone() -> None:
    teams = {submission.get("team_id") for submission in in_force("submission", "submission_id").values()}
    members = {user: {call.get("team_id") for call in called} for user, called in calls_by("user_id").items()}
    assert all(len(some) == 1 for some in members.values())
    told = Counter(next(iter(some)) for some in members.values())
    assert (len(told), told[None]) == (5, 1)
    assert set(told) - {None} < teams
    assert len(calls_by("project_id")) == 2 * 4 + 1


def test_every_achievement_is_earned_by_somebody_and_some_people_are_far_from_most() -> None:
    earned = {user: achievements(user) for user in calls_by("user_id")}
    assert Counter(slug for some in earned.values() for slug in some) == {
        "first-steps": 12, "agent-explorer": 11, "centurion": 8, "quick-hands": 10, "quality-master": 3,
        "bug-hunter": 4, "streak-warrior": 8, "elite-trainer": 7, "perfectionist": 1, "agent-whisperer": 3,
    }  # fmt: skip
    assert earned["u-vetch"] == set(REWARDS)
    assert earned["u-pumice"] == set(REWARDS) - {"perfectionist"}
    assert earned["u-dune"] == {"first-steps", "agent-explorer"}
    assert earned["u-ochre"] == {"first-steps"}


def test_two_people_are_arena_legends_and_one_lacks_a_single_trophy() -> None:
    badges = badges_but_champion()
    reached, lacking = set(), set()
    for user in calls_by("user_id"):
        own = achievements(user)
        xp = sum(xp_by_agent(user).values()) + sum(REWARDS[slug] for slug in own)
        trophies = len(own) + badges[user]
        if level(xp) >= 10:
            reached |= {user} if trophies >= 15 else set()
            lacking |= {user} if trophies == 13 else set()  # with Champion 14
    assert reached == {"u-vetch", "u-pumice"}
    assert "u-willow" in lacking


def test_one_called_once_one_stopped_weeks_ago_one_came_late_and_one_works_at_weekends() -> None:
    by_user = calls_by("user_id")
    assert len(by_user["u-ochre"]) == 1
    assert max(call["at"] for call in by_user["u-ember"]).date() < date(2026, 10, 25)
    assert len(by_user["u-ember"]) > 150
    assert min(call["at"] for call in by_user["u-amber"]).date() > date(2026, 10, 29)
    assert sum(call["at"].weekday() >= 5 for call in by_user["u-rowan"]) > 0.7 * len(by_user["u-rowan"])


def test_streaks_are_long_short_and_broken() -> None:
    best, broken = {}, 0
    for user, called in calls_by("user_id").items():
        active = active_days(called)
        best[user] = max(run_to(day, active) for day in active)
        broken += any(day - timedelta(days=1) not in active and day != min(active) for day in active)
    assert best["u-pumice"] >= 30
    assert best["u-willow"] >= 14
    assert best["u-cinder"] < 7
    assert broken >= 9


def test_people_get_to_know_more_sub_agents_as_time_goes_by() -> None:
    half = datetime(2026, 10, 26, tzinfo=UTC)
    for user in ("u-pumice", "u-vetch", "u-hazel"):
        called = calls_by("user_id")[user]
        early = {call["agent_id"] for call in called if call["at"] < half}
        assert len(early) < len({call["agent_id"] for call in called}) - 3


def test_first_uses_come_first_and_milestones_are_every_hundredth_call() -> None:
    for called in calls_by("user_id").values():
        seen: set[str] = set()
        for call in called:
            assert call["action_type"] != "first_use" or call["agent_id"] not in seen
            seen.add(call["agent_id"])
    marks = Counter(call["user_id"] for call in calls() if call["action_type"] == "milestone")
    assert {user: len(called) // 100 for user, called in calls_by("user_id").items() if len(called) >= 100} == marks
