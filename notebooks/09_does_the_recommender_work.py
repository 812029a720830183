# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Does the recommender work?
# What would have come of advice that nobody followed cannot be seen in a log. So we ask three times. In synthetic
# worlds the truth is known: there we hold the first choice of each rule against it, and the backtest itself too. On
# this season we read that backtest: advice given anew on days past, by what was known then. And then what no backtest
# knows.

# %%
from dataclasses import replace

import numpy as np
import polars as pl

from pipelines import open_season
from pipelines.game.rulebook import load_rulebook
from pipelines.insight.advice.choosing import EXPLORE, Z_80, Asked, choices
from pipelines.insight.backtests.policies import (
    BASELINES,
    MOST_USED,
    OURS,
    POLICIES,
    RAW_RATE,
    WILSON_BY_CATEGORY,
    Work,
    chosen,
)
from pipelines.insight.backtests.recommender import LEAST_EVIDENCE, recommender_backtest, recommender_gate
from pipelines.insight.backtests.rolling import Rolling
from pipelines.insight.clusters import mean
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.guards import GUARDS
from pipelines.insight.keys import NOT_THERE
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.trials import Trials
from pipelines.insight.worlds.play import play, tables_of
from pipelines.insight.worlds.world import FIRST_DAY, WorldShape, world
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import counted, share, sure

pl.Config.set_tbl_rows(30)
pl.Config.set_fmt_str_lengths(600)
season = open_season()
backtest = season.table("recommender_backtest")
assert backtest.height, "Nobody has called an agent in this season, or its rules turn insight off: nothing was advised."
verdicts = {guard.name: guard.gate(season.table(guard.table)) for guard in GUARDS}
for name, gate in verdicts.items():
    print(f"{name}: {gate.verdict}. {gate.sentence}")

# %% [markdown]
# ## Where the truth is known
# Small worlds of agents with skills by category and difficulty, tastes of users, drift, and easy work for some. In the
# first kind the logit of success is a sum, as the model believes; in the second it is not: some agents fall off a
# cliff on hard work, and in some categories the order of skill is turned round there. `truth` is the true chance of
# success of what a rule chooses for work of the last 30 days, `claimed` what it promised itself; means over worlds.

# %%
WORLDS, WORKS = 5, 200
SHAPE = WorldShape(n_agents=20, n_users=15, n_categories=5, n_events=2000)


RULES = load_rulebook()  # those that Podium comes with


class Known:
    """A world seen by those who advise: its trials, and the truth in their codes."""

    def __init__(self, seed, shape):
        self.world = world(seed, shape)
        self.evidence = Evidence(tables_of(play(self.world)), RULES, self.world.as_of)
        self.trials = Trials.of(self.evidence, CALL)
        ids = ((self.trials.agents, self.world.agents), (self.trials.contexts, self.world.users))
        self.agents, self.users = (np.array([names.index(word) for word in words]) for words, names in ids)
        self.categories = np.array([self.world.categories.index(word) for word in self.trials.categories])

    def truth(self, work, agent, day):
        """The true chance of success of agents for work, row by row."""
        where = (self.users[work.context], self.agents[agent], self.categories[work.category], work.level)
        return self.world.p_success(*where, day)

    def lately(self):
        """Work of the last 30 days."""
        late = self.trials.events.filter(pl.col("day") >= pl.col("day").max() - pl.duration(days=30))
        return work_of(late[np.random.default_rng(self.world.seed).integers(0, late.height, WORKS)])


def work_of(events):
    """The kinds of work of events."""
    return Work(*(events[column].to_numpy() for column in ("context", "category", "level")))


def over_worlds(numbers, digits=3):
    """The mean over worlds with its 90 % interval (Student's t), as words."""
    told = mean(np.array(numbers, dtype=np.float64), np.arange(len(numbers)))
    return f"{told.value:.{digits}f} (90 %: {told.low:.{digits}f} to {told.high:.{digits}f}, n = {told.n} worlds)"


def first_choices(known):
    """Of each rule, and of the best and a random agent: the truth, what was claimed; and the coverage of intervals."""
    model, work, day = SkillModel.of(known.trials), known.lately(), known.world.shape.n_days - 1
    born = np.flatnonzero(known.world.is_born(day)[known.agents])
    found = {
        policy: (known.truth(work, choice.agent, day).mean(), choice.claimed.mean())
        for policy, choice in chosen(model, work, born).items()
    }
    agent, row = np.tile(born, WORKS), np.repeat(np.arange(WORKS), born.size)
    every = Work(work.context[row], work.category[row], work.level[row])
    truth, told = known.truth(every, agent, day), model.success(agent, every.context, every.category, every.level)
    held = (told.quantile(-Z_80) <= truth) & (truth <= told.quantile(Z_80))
    by_row = truth.reshape(WORKS, -1)
    return found | {"best": (by_row.max(axis=1).mean(), held.mean()), "random": (by_row.mean(), np.nan)}


worlds = [Known(seed, SHAPE) for seed in range(WORLDS)]
additive = [first_choices(known) for known in worlds]
twisted = [first_choices(Known(seed, replace(SHAPE, is_additive=False))) for seed in range(WORLDS)]

# %%
LEADS = {MOST_USED: 0.10, RAW_RATE: 0.05, WILSON_BY_CATEGORY: 0.02}

for words, seen in (("The sum holds", additive), ("The sum does not hold", twisted)):
    print(f"{words}:")
    for policy in ("random", *BASELINES, OURS, "best"):
        truth, claimed = np.array([found[policy] for found in seen]).T
        promised = f", claimed {claimed.mean():.3f}" if policy in POLICIES else ""
        print(f"  {policy:>20}: truth {over_worlds(truth)}{promised}")
    for policy, least in LEADS.items():
        lead = np.mean([found[OURS][0] - found[policy][0] for found in seen])
        assert lead >= least, f"our first choice is ahead of {policy} by {lead:.3f} only"
    over = [found[OURS][1] - found[OURS][0] for found in seen]
    assert abs(np.mean(over)) <= 0.08, "our first choice promises what it does not keep"
    print(f"  Ours promises more than it keeps by {over_worlds(over)};")
    print(f"  its intervals of 80 % hold in a share of {over_worlds([found['best'][1] for found in seen])}.")

# %% [markdown]
# Where the sum does not hold the intervals are too narrow. The model cannot see this from inside; the coverage measured
# on the season, further down, can.
#
# ## Is the backtest to be believed?
# In the first kind of worlds, the backtest that every season gets: its value of a policy (doubly robust) beside the
# true chance of what the policy chose, and its verdict beside the truth.

# %%
told, judged = [], []
for known in worlds[:4]:
    rolling = Rolling.of(known.trials)
    table = recommender_backtest(known.evidence, rolling)
    true = {policy: [] for policy in POLICIES}
    for origin in rolling.origins:
        work, day = work_of(origin.tested), (origin.tested["day"] - FIRST_DAY).dt.total_days().to_numpy()
        for policy, choice in chosen(origin.model, work, origin.candidates).items():
            true[policy].append(known.truth(work, choice.agent, day))
    truth = {policy: np.concatenate(parts).mean() for policy, parts in true.items()}
    rows = table.filter(pl.col("policy").is_in(POLICIES)).to_dicts()
    told += [(row["policy"], row["value"], row["lo90"], row["hi90"], row["ess"], truth[row["policy"]]) for row in rows]
    best = table.filter("is_best_baseline")["policy"][0]
    gate = recommender_gate(table)
    judged.append((gate.verdict, truth[OURS] - truth[best], gate.figures["diff"]))
seen = pl.DataFrame(told, schema=["policy", "value", "lo90", "hi90", "ess", "truth"], orient="row")
seen.group_by("policy", maintain_order=True).agg(
    n_worlds=pl.len(),
    value=pl.col("value").mean().round(3),
    truth=pl.col("truth").mean().round(3),
    off=(pl.col("value") - pl.col("truth")).mean().round(3),
    ess=pl.col("ess").mean().round(0),
    n_held=((pl.col("lo90") <= pl.col("truth")) & (pl.col("truth") <= pl.col("hi90"))).sum(),
)

# %%
n_held, n_ends = ((seen["lo90"] <= seen["truth"]) & (seen["truth"] <= seen["hi90"])).sum(), seen["lo90"].count()
print(f"Intervals of 90 % that hold the truth: {sure(n_held / n_ends, *wilson(n_held, n_ends), n_ends)};")
print("those of one world hang together. They draw users and leave out what the outcome model gets wrong.")
assert n_held < 0.9 * n_ends, "the intervals hold the truth as often as they claim: say so below"
raw = seen.filter(pl.col("policy").str.starts_with("raw_rate"))
flattered = 100 * (raw["value"] - raw["truth"]).mean()
print(
    f"The rules by raw rates are flattered, by {flattered:+.1f} points on average (n = {raw.height} values): the model"
)
print("of outcomes learned from the same calls. So the bar that our advice has to pass may lie too high.")
assert not [true for verdict, true, _ in judged if verdict == "failed" and true > 0], "failed, though it was better"
for verdict, true, estimated in judged:
    print(f"{verdict:>12}: beside the best simple rule {100 * estimated:+.1f} points, in truth {100 * true:+.1f}")
n_better = sum(true > 0 for _, true, _ in judged)
n_open = sum(true > 0 and verdict == "inconclusive" for verdict, true, _ in judged)
print(f"Our advice was truly better in {n_better} of {len(judged)} worlds; for {n_open} of these the gate cannot tell.")

# %% [markdown]
# So "inconclusive" does not mean "no better": it means that this log cannot tell. A gate says "failed" only where
# advice is shown to be worse, by an interval of 90 %: were it just as good, one log in twenty or more would show so.
#
# ## This season's backtest
# `n` calls came after the days on which was chosen anew. `ess` says as how many calls those count in which a policy
# chose the agent that was really called; under 50 no verdict is given, and the value rests mostly on an outcome model.

# %%
season.figures.policy_values(CALL)

# %%
for sentence in backtest["sentence"]:
    print(sentence)
shares = ["value", "lo90", "hi90", "claimed", "diff", "diff_lo90", "diff_hi90"]
backtest.select("policy", "n", "n_users", pl.col(shares).round(3), pl.col("ess").round(0), "verdict")

# %%
ours = backtest.row(by_predicate=pl.col("is_ours"), named=True)
if ours["diff_lo90"] is None:
    print("There is no interval, so nothing is shown either way.")
else:
    reach = (ours["diff_hi90"] - ours["diff_lo90"]) / 2
    print(f"The interval reaches {100 * reach:.1f} points to each side: a smaller difference would hardly show here.")
if ours["claimed"] is not None and ours["lo90"] is not None:
    is_in = ours["lo90"] <= ours["claimed"] <= ours["hi90"]
    value = f"{share(ours['value'])} (90 %: {share(ours['lo90'])} to {share(ours['hi90'])}, n = {ours['n']:,})"
    print(f"Its value is {value}; it promised itself {share(ours['claimed'])},")
    print("which the interval holds." if is_in else "which the interval does not hold: one of the two is off.")

# %% [markdown]
# ## Do chances come true?
# Predictions made on days past, by tenths, beside what came. On the diagonal they are right.

# %%
season.figures.reliability(CALL)

# %%
scores = season.table("recommender_scores")
for sentence in scores.filter(model=OURS)["sentence"]:
    print(sentence)
gains = scores.filter(pl.col("brier_gain").is_not_null())
for row in gains.to_dicts():
    low, high = row["brier_gain_lo90"], row["brier_gain_hi90"]
    ends = "" if low is None else f" (90 %: {low:+.4f} to {high:+.4f})"
    beside = f"{row['kind']}: beside {row['model']} the Brier score is better by"
    print(f"{beside} {row['brier_gain']:+.4f}{ends}, n = {row['n']:,}.")

# %% [markdown]
# Coverage of ranges: for the share in which an agent later succeeds, and for the next level, another kind of prediction
# with the same question (notebook 10).

# %%
season.figures.coverage()

# %% [markdown]
# ## What no backtest knows: verdicts that are not ripe
# A verdict may come long after the work. Learning from what was not yet known would flatter every model, so an origin
# knows only verdicts that had come. But late verdicts may differ from prompt ones, and of the latest work only the
# prompt ones are there.

# %%
LATE = pl.duration(hours=1)

call_rows = season.scan("agent_calls").select(
    pl.lit("calls").alias("trials"), "success", is_late=pl.col("known_at") - pl.col("at") > LATE
)
submissions = season.scan("submissions")
submission_rows = submissions.filter(pl.col("verdict").is_in(["verified", "rejected"])).select(
    pl.lit("submissions").alias("trials"),
    success=pl.col("verdict") == "verified",
    is_late=pl.col("judged_at") - pl.col("submitted_at") > LATE,
)
ripeness = pl.concat([call_rows, submission_rows]).group_by("trials", "is_late")
for what, is_late, n, right in (
    ripeness.agg(pl.len(), pl.col("success").sum()).sort("trials", "is_late").collect().rows()
):
    when = "later than" if is_late else "within"
    print(f"{what}, verdict {when} an hour: {sure(right / n, *wilson(right, n), n)} succeeded.")
n_pending = submissions.filter(pl.col("verdict") == "pending").select(pl.len()).collect().item()
n_judged, n_right = submission_rows.select(pl.len(), pl.col("success").sum()).collect().row(0)
if n_pending:
    low, high = n_right / (n_judged + n_pending), (n_right + n_pending) / (n_judged + n_pending)
    print(f"{n_pending} submissions wait for theirs: whatever it will be, the share of all {n_judged + n_pending:,}")
    print(f"will lie between {share(low)} and {share(high)}.")

# %% [markdown]
# ## What no backtest knows: a new version under the old name
# A name is all that a log has. In four of the worlds we make the most called agent worse by 1.5 logits overnight, with
# its name kept, and ask what the model claims of it as the days go by, against the truth of that agent now.

# %%
DROP, CHANGED_ON = 1.5, 120
AFTER = (0, 10, 30, 59)


def claims_after(known):
    """By how much success of the changed agent is overstated, so many days after the change."""
    change = FIRST_DAY + pl.duration(days=CHANGED_ON)
    changed = known.trials.events.filter(pl.col("day") >= change)
    agent = int(changed["agent"].mode().sort()[0])
    its = changed.filter(agent=agent)
    work, whose = work_of(its), its["agent"].to_numpy()
    before = known.truth(work, whose, (its["day"] - FIRST_DAY).dt.total_days().to_numpy())
    now = 1 / (1 + (1 - before) / before * np.exp(DROP))
    drawn = np.random.default_rng(known.world.seed).random(its.height) < now
    events = pl.concat([
        known.trials.events.filter((pl.col("day") < change) | (pl.col("agent") != agent)),
        its.with_columns(success=pl.Series(drawn.astype(np.int64))),
    ]).sort(pl.all())  # fmt: skip
    days = [pl.select(change + pl.duration(days=after)).item() for after in AFTER]
    models = [SkillModel.of(replace(known.trials, events=events).known_before(day)) for day in days]
    return [(model.success(whose, work.context, work.category, work.level).p() - now).mean() for model in models]


late = np.array([claims_after(known) for known in worlds[:4]])
for after, over in zip(AFTER, late.T, strict=True):
    print(f"{after:>3} days after the change success is overstated by {over_worlds(over, 2)}.")
assert late[:, 0].mean() > 0.1, "a change of version was foreseen"
assert late[:, -1].mean() < late[:, 0].mean(), "a change of version is not followed"

# %%
models = season.scan("agent_calls").filter(pl.col("model").is_not_null()).group_by("agent_id", "model")
of_models = models.agg(n=pl.len(), right=pl.col("success").sum()).sort("agent_id", "model").collect()
several = of_models.filter(pl.len().over("agent_id") > 1)
n_several, n_known = several["agent_id"].n_unique(), of_models["agent_id"].n_unique()
if n_known:
    print(f"In this season {n_several} of {n_known} agents whose calls name a model were called with several.")
else:
    print("No call of this season names a model: whether a name has stood for several cannot be seen.")
for agent, name, n, right in several.head(20).rows():
    print(f"  {agent} with {name}: {sure(right / n, *wilson(right, n), n)} succeeded.")

# %% [markdown]
# ## What no backtest knows: feedback from our own advice
# Who is advised is called more, and whoever is not is never heard of again. In small worlds users follow all advice for
# some rounds, and the model learns from what came: once the first choice always, once the one that is worth a try for a
# fifth of the calls.

# %%
LOOPED = WorldShape(n_agents=20, n_users=10, n_categories=3, n_events=300, n_days=60, births=0)
ROUNDS, CALLS, LOOPS, EXPLORED = 3, 200, 3, 0.2


def followed(known, explored):
    """After all rounds: agents with 5 advised calls or more; the true success of the advised calls; and how unsure, in
    logits, the model is of the agents."""
    rng, day = np.random.default_rng(known.world.seed), known.world.shape.n_days - 1
    trials, n_agents = known.trials, known.trials.agents.len()
    taken, came = [], []
    for _ in range(ROUNDS):
        model, some = SkillModel.of(trials), trials.events[rng.integers(0, known.trials.events.height, CALLS)]
        work, nothing = work_of(some), np.zeros(CALLS, np.int64)
        asked = Asked(work.context, work.category, work.level, nothing, nothing + NOT_THERE, rng.random(CALLS),
                      np.array([0, 0]), np.array([], np.int64))  # fmt: skip
        n_trials = np.bincount(trials.events["agent"], minlength=n_agents)
        agent = np.zeros(CALLS, np.int64)
        is_tried = rng.random(CALLS) < explored
        for piece in choices(model, asked, np.arange(n_agents), n_trials):
            wanted = piece.slot == np.where(is_tried, EXPLORE, 0)[piece.row]
            agent[piece.row[wanted]] = piece.agent[wanted]
        truth = known.truth(work, agent, day)
        fresh = some.with_columns(
            agent=pl.Series(agent), day=trials.today, known_on=trials.today,
            success=pl.Series((rng.random(CALLS) < truth).astype(np.int64)),
        )  # fmt: skip
        trials = replace(trials, events=pl.concat([trials.events, fresh]).sort(pl.all()))
        taken.append(agent)
        came.append(truth.mean())
    n_heard = (np.bincount(np.concatenate(taken), minlength=n_agents) >= 5).sum()
    return n_heard, np.mean(came), SkillModel.of(trials).overall().sd.mean()


loops = [Known(seed, LOOPED) for seed in range(LOOPS)]
greedy, exploring = (np.array([followed(known, explored) for known in loops]) for explored in (0.0, EXPLORED))
for words, ends in (("the first choice always", greedy), (f"a try for {100 * EXPLORED:.0f} % of calls", exploring)):
    print(f"{words}, of {ROUNDS * CALLS} advised calls:")
    print(f"  agents with 5 or more of them: {over_worlds(ends[:, 0], 1)}, of {LOOPED.n_agents};")
    print(f"  true success of them: {over_worlds(ends[:, 1])};")
    print(f"  how unsure, in logits, the model is of an agent at the end: {over_worlds(ends[:, 2], 2)}.")
assert mean(exploring[:, 0] - greedy[:, 0], np.arange(LOOPS)).low > 0, "exploring reaches no more agents"
print(f"Exploring costs {over_worlds(greedy[:, 1] - exploring[:, 1])} of success in these rounds.")

# %% [markdown]
# No call of a log says whether it was advised. So success of advised agents in later seasons holds both: that they were
# chosen well, and what the advice did to who was called for what. The propensity in `agent_recommendations` is kept so
# that calls which followed the slot "explore" can be weighed by it.
#
# ## What no backtest knows: selection of users and of work
# The backtest speaks of users who call, for work that they brought, and it sees a policy only where users did by
# themselves what it says.

# %%
calls = season.scan("agent_calls").select("user_id", "at").collect()
by_user = calls["user_id"].value_counts(sort=True)
n_all, top = calls.height, by_user["count"][0]
print(f"{sure(top / n_all, *wilson(int(top), n_all), n_all)} of the calls are those of one user of {by_user.height}.")
if ours["ess"] is not None:
    part = share(min(ours["ess"] / ours["n"], 1))
    print(
        f"The {ours['n']:,} calls of the backtest are of {counted(ours['n_users'], 'user')}. Those that went as advised"
    )
    print(f"weigh as much as {ours['ess']:,.0f} ({part}); of the others only a model of outcomes speaks.")
first = season.table("agent_recommendations").filter(slot="1", subject_type="user")
if first.height:
    n_new = (first["n_own"] == 0).sum()
    never = sure(n_new / first.height, *wilson(n_new, first.height), first.height)
    print(f"Of the first choices for users {never} name an agent that the user never called.")
work = season.scan("agent_calls").select("success", declared=pl.col("complexity").is_not_null()).collect()
for is_declared, n, right in work.group_by("declared").agg(pl.len(), pl.col("success").sum()).sort("declared").rows():
    print(
        f"Calls {'with' if is_declared else 'without'} a complexity: {sure(right / n, *wilson(right, n), n)} succeeded."
    )

# %% [markdown]
# ## The answer

# %%
gate = verdicts["advice_beats_simple_rules"]
words = {
    "passed": "On this season advice is shown to be worth more than the best simple rule, as far as a log can show it",
    "failed": "On this season advice is shown to be worth less than the best simple rule: do not follow it",
    "inconclusive": "This season cannot tell whether advice is worth more than the best simple rule",
}
print(f"{words[gate.verdict]}.")
if ours["diff"] is not None:
    low, high = ours["diff_lo90"], ours["diff_hi90"]
    ends = "" if low is None else f" (90 %: {100 * low:+.1f} to {100 * high:+.1f})"
    print(f"{100 * ours['diff']:+.1f} points{ends}, n = {ours['n']:,} calls of {counted(ours['n_users'], 'user')},")
    print(f"effective n {ours['ess']:,.0f}; a verdict takes {LEAST_EVIDENCE}.")
if ours["lo90"] is not None and not ours["lo90"] <= ours["claimed"] <= ours["hi90"]:
    print("But value and promise do not agree: take the order for more certain than the size.")
lead = [found[OURS][0] - found[WILSON_BY_CATEGORY][0] for found in additive]
print(f"In worlds of known truth it is ahead of Wilson's bound by category by {over_worlds(lead)}.")

# %% [markdown]
# ## What one may not conclude
# - That following advice raises success. The values say what was to be expected by a model of who is called for what;
#   a trial in which lots decide who is advised would tell.
# - That a value is what success will be. It is the least certain where few calls were as advised (`ess`).
# - That a gate which passed will pass next season, or that one which is inconclusive says that advice is useless.
# - That intervals hold all there is to be unsure of. They draw users, not what the outcome model gets wrong; in the
#   worlds above fewer of them held the truth than they claim.
# - That the worlds are like yours. They are made as the model believes the world to be, or in one way otherwise.
# - That success was judged well. A verdict that is wrong is learned like any other.
