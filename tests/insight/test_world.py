"""The synthetic world: its history follows its truth, and misleads as it should."""

from dataclasses import replace
from io import BytesIO

import numpy as np
import polars as pl
import pytest

from pipelines.game.calls import AGENT_CALLS
from pipelines.game.facts import TASKS
from pipelines.game.faults import PodiumError
from pipelines.game.records import COMPLEXITIES, DIFFICULTIES
from pipelines.game.submissions import SUBMISSIONS, repeats
from pipelines.game.tables import TABLES
from pipelines.insight.worlds.play import play, play_submissions, tables_of
from pipelines.insight.worlds.world import FIRST_DAY, STRONG_SELECTION, World, WorldShape, month_of, sigmoid, world

SMALL = WorldShape(n_agents=12, n_users=10, n_events=4_000, n_submissions=1_500, n_tasks=40)


def numbers(column: pl.Series, words) -> np.ndarray:
    return column.replace_strict({word: n for n, word in enumerate(words)}, return_dtype=pl.Int64).to_numpy()


def days(column: pl.Series) -> np.ndarray:
    first = np.datetime64(FIRST_DAY, "us")
    return (column.dt.replace_time_zone(None).to_numpy() - first) / np.timedelta64(1, "D")


def trials(w: World, calls: pl.DataFrame) -> tuple[np.ndarray, ...]:
    return (
        numbers(calls["user_id"], w.users),
        numbers(calls["agent_id"], w.agents),
        numbers(calls["category"], w.categories),
        numbers(calls["complexity"], COMPLEXITIES),
        days(calls["at"]),
    )


def packed(frame: pl.DataFrame) -> bytes:
    file = BytesIO()
    frame.write_ipc(file)
    return file.getvalue()


def kendall(x: np.ndarray, y: np.ndarray) -> float:
    i, j = np.triu_indices(len(x), 1)
    return float((np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])).mean())


def test_one_seed_gives_the_same_bytes_and_another_another_world():
    first, again, other = (play(world(seed, SMALL)) for seed in (1, 1, 2))
    assert packed(first) == packed(again)
    assert not first.equals(other)
    tries, tries_again = (play_submissions(world(1, SMALL))["submissions"] for _ in range(2))
    assert packed(tries) == packed(tries_again)


def test_the_tables_keep_their_contracts_and_order_and_the_others_are_empty():
    w = world(3, SMALL)
    tables = {name: frame.collect() for name, frame in tables_of(play(w), **play_submissions(w)).items()}
    assert list(tables) == list(TABLES)
    for table, rows in ((AGENT_CALLS, 4_000), (SUBMISSIONS, 1_500), (TASKS, 40)):
        frame = tables[table.name]
        assert table.is_kept_by(frame)
        assert frame.height == rows
        assert frame.equals(frame.sort(table.sort_by, maintain_order=True))
        assert frame[table.columns[0].name].n_unique() == rows
    assert all(
        frame.is_empty() for name, frame in tables.items() if name not in ("agent_calls", "submissions", "tasks")
    )


def test_a_world_without_events_has_empty_tables():
    w = world(1, replace(SMALL, n_events=0, n_submissions=0))
    assert play(w).equals(AGENT_CALLS.empty())
    assert play_submissions(w)["submissions"].equals(SUBMISSIONS.empty())


@pytest.mark.parametrize("is_additive", [True, False])
def test_calls_succeed_as_often_as_the_truth_says(is_additive):
    w = world(4, replace(SMALL, n_events=40_000, is_additive=is_additive))
    calls = play(w)
    p, success = w.p_success(*trials(w, calls)), calls["success"].to_numpy()
    assert within_binomial_limits(p, success, np.digitize(p, np.linspace(0.1, 0.9, 9)))
    assert within_binomial_limits(p, success, numbers(calls["agent_id"], w.agents))


def test_tries_are_verified_as_often_as_the_truth_says():
    w = world(5, replace(SMALL, n_submissions=20_000))
    tries = play_submissions(w)["submissions"].filter(pl.col("verdict") != "pending")
    task = numbers(tries["task_id"], w.tasks)
    p = w.p_solve(numbers(tries["agent_id"], w.agents), task, days(tries["submitted_at"]))
    assert within_binomial_limits(p, (tries["verdict"] == "verified").to_numpy(), task)


def within_binomial_limits(p: np.ndarray, success: np.ndarray, group: np.ndarray) -> bool:
    """Whether each group's successes lie within 4.5 standard deviations of what was to be expected."""
    surplus, variance = np.bincount(group, success - p), np.bincount(group, p * (1 - p))
    return bool((np.abs(surplus) <= 4.5 * np.sqrt(variance) + 1e-9).all())


def test_the_truth_is_the_sum_of_its_terms():
    w = world(6, SMALL)
    u, a, c, d, day = 2, 5, 3, 1, 100.5
    terms = (w.base[c, d], w.skill[a], w.own[a, c], w.hard[a, d], w.taste[u, a], w.user[u], w.drift[a, 3])
    assert w.p_success(u, a, c, d, day) == pytest.approx(sigmoid(np.array(sum(terms))))
    assert w.p_all([u], [c], [d], day)[0, a] == pytest.approx(w.p_success(u, a, c, d, day))
    assert list(month_of([0, 30, 31, 58, 59, 179])) == [0, 0, 1, 1, 2, 5]


@pytest.mark.parametrize("is_additive", [True, False])
def test_true_skill_is_the_mean_logit_of_all_contexts(is_additive):
    w = world(7, replace(SMALL, is_additive=is_additive))
    u, a, c, d = np.ix_(range(10), range(12), range(6), range(4))
    p = w.p_success(u, a, c, d, 70)
    logits = np.log(p / (1 - p))
    assert w.true_skill(70) == pytest.approx(logits.mean(axis=(0, 2, 3)))
    assert w.true_skill(70, category=2) == pytest.approx(logits[:, :, 2].mean(axis=(0, 2)))


def test_nobody_works_before_birth_nor_after_the_end():
    w = world(8, replace(SMALL, births=0.5))
    calls, tries = play(w), play_submissions(w)["submissions"]
    assert (w.born_on > 0).any()
    for frame, instant in ((calls, "at"), (tries, "submitted_at")):
        born = w.born_on[numbers(frame["agent_id"], w.agents)]
        assert (days(frame[instant]) >= born).all()
        assert frame[instant].max() < w.as_of
    assert list(w.is_born(0)) == list(w.born_on == 0)
    assert w.is_born([0, 179]).shape == (2, 12)


def test_verdicts_come_after_the_work_some_of_them_days_after_and_none_after_the_end():
    w = world(9, replace(SMALL, late_verdicts=0.2))
    calls, tries = play(w), play_submissions(w)["submissions"]
    for frame, done, known in ((calls, "at", "known_at"), (tries, "submitted_at", "judged_at")):
        lag = (frame[known] - frame[done]).drop_nulls().dt.total_hours()
        assert lag.min() >= 0
        assert 0.05 < (lag >= 12).mean() < 0.2
        assert frame[known].max() <= w.as_of
    assert (tries["verdict"] == "pending").any()
    assert (
        tries.filter(pl.col("verdict") == "pending")["judged_at"].null_count() == (tries["verdict"] == "pending").sum()
    )


def test_a_try_counts_up_to_the_first_solve_as_the_game_counts():
    tries = play_submissions(world(10, SMALL))["submissions"]
    agent, task = (tries[name].rank("dense").cast(pl.UInt32) - 1 for name in ("agent_id", "task_id"))
    is_repeat = repeats(agent, task, tries["verdict"] == "verified")
    expected = ~is_repeat & (tries["verdict"] != "pending")
    assert tries["is_counted"].equals(expected, check_names=False)
    assert 0 < expected.sum() < tries.height


def test_mislabelled_tasks_bear_a_label_two_levels_off():
    w = world(11, replace(SMALL, mislabelled=0.3))
    tasks = play_submissions(w)["tasks"]
    assert list(numbers(tasks["difficulty"], DIFFICULTIES)) == list(w.task_label)
    assert 0 < w.is_mislabelled.sum() < 40
    assert set(np.abs(w.task_label - w.task_level)[w.is_mislabelled]) == {2}


def selection(seed: int, shape: WorldShape) -> tuple[float, float, float, float]:
    """Correlation of the easy share with popularity and with skill, of popularity with skill; tau of raw rates."""
    w = world(seed, replace(shape, n_events=8_000))
    calls = play(w)
    _, agent, _, difficulty, _ = trials(w, calls)
    n = np.bincount(agent, minlength=w.shape.n_agents)
    easy, raw = (np.bincount(agent, x, minlength=len(n)) / n for x in (difficulty == 0, calls["success"].to_numpy()))
    fame, skill = np.log(w.popularity), w.true_skill(179)
    pairs = ((easy, fame), (easy, skill), (fame, skill))
    return (*(float(np.corrcoef(x, y)[0, 1]) for x, y in pairs), kendall(raw, skill))


def test_selection_makes_raw_rates_tell_nothing_of_skill():
    none, by_fame, strong = (
        np.mean([selection(seed, shape) for seed in range(12)], axis=0)
        for shape in (
            WorldShape(self_selection=0),
            WorldShape(self_selection=2, good_get_hard=0, popular_is_easy=0.7),
            STRONG_SELECTION,
        )
    )
    assert np.abs(none[:3]).max() < 0.2
    assert none[3] > 0.7
    assert by_fame[0] > 0.5
    assert abs(by_fame[1]) < 0.2
    assert strong[1] < -0.5
    assert abs(strong[2]) < 0.2
    assert abs(strong[3]) < 0.15


def test_the_oracle_and_a_random_agent_succeed_as_often_as_the_page_of_methods_says():
    best, random = [], []
    for seed in range(8):
        w = world(seed, WorldShape(n_events=2_000))
        user, _, category, difficulty, day = trials(w, play(w))
        p = np.where(w.is_born(day), w.p_all(user, category, difficulty, day), np.nan)
        best.append(np.nanmax(p, axis=1).mean())
        random.append(np.nanmean(p))
    assert np.mean(best) == pytest.approx(0.92, abs=0.03)
    assert np.mean(random) == pytest.approx(0.60, abs=0.04)


def test_only_the_other_world_has_what_no_sum_of_terms_can_say():
    additive, other = (world(12, replace(SMALL, is_additive=flag)) for flag in (True, False))
    assert additive.skill == pytest.approx(other.skill)

    def interaction(w: World) -> float:
        p = w.p_success(0, *np.ix_(range(12), range(6), range(4)), 0)
        x = np.log(p / (1 - p))
        by_pairs = x - x.mean(0, keepdims=True) - x.mean(1, keepdims=True) - x.mean(2, keepdims=True)
        by_pairs += x.mean((0, 1), keepdims=True) + x.mean((0, 2), keepdims=True) + x.mean((1, 2), keepdims=True)
        return float((by_pairs - x.mean()).std())

    assert interaction(additive) < 1e-9
    assert interaction(other) > 0.5
    hard = other.skill + other.own[:, 0] + other.hard[:, 3] + other.twist[:, 0, 3]
    assert np.corrcoef(other.skill, hard)[0, 1] < 0.2  # the order of skill is turned round there


def test_an_impossible_shape_is_refused_in_a_sentence():
    with pytest.raises(PodiumError, match="at least one agent"):
        WorldShape(n_agents=0)
    with pytest.raises(PodiumError, match="at most 1"):
        WorldShape(good_get_hard=0.9, popular_is_easy=0.9)
