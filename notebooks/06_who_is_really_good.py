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
# # Who is really good?
# An agent's share of successes says something of the agent, of the work that it got, of luck, and of when one looked.
# We put three answers side by side: the raw share, Wilson's lower bound of it, and the model's expected success if all
# had the same work. Then we look at what could mislead each of them, on this season and, where a season cannot tell
# because nobody knows its truth, on small synthetic worlds whose truth is known.

# %%
from dataclasses import replace

import numpy as np
import polars as pl

from pipelines import open_season
from pipelines.game.records import COMPLEXITIES, DIFFICULTIES
from pipelines.insight.clusters import mean
from pipelines.insight.doubts.agreement import kendall
from pipelines.insight.doubts.dependence import design_effect
from pipelines.insight.doubts.reversals import Reversals
from pipelines.insight.doubts.thresholds import at_least, ever
from pipelines.insight.doubts.trial_order import TABLES_OF_TRIALS, trials_in_order
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.ratings import AVERAGE_RATING, RATING_PER_LOGIT
from pipelines.insight.skill.trials import Trials
from pipelines.insight.worlds.play import play, tables_of
from pipelines.insight.worlds.world import STRONG_SELECTION, world
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import share, sure

pl.Config.set_tbl_rows(30)
pl.Config.set_fmt_str_lengths(200)
season = open_season()
models = season.table("skill_models").sort("n_trials", "kind", descending=[True, False])
assert models.height, "Nobody has called an agent or tried a task, or the rules turn insight off: no skill."
for sentence in models["sentence"]:
    print(sentence)


# %%
def said(right, n):
    """A share with its 95 % interval (Wilson) and n, as words."""
    return sure(right / n, *wilson(right, n), n) if n else "none"


def over_worlds(numbers, digits=2):
    """The mean over worlds with its 90 % interval (Student's t), as words."""
    told = mean(np.array(numbers), np.arange(len(numbers)))
    return f"{told.value:.{digits}f} (90 %: {told.low:.{digits}f} to {told.high:.{digits}f}, n = {told.n} worlds)"


# %% [markdown]
# Skill at calls and skill at tasks are never mixed. Put `"call"` or `"submission"` here; without, it is the kind with
# more trials.

# %%
KIND = None

kind = KIND or models["kind"][0]
trials = trials_in_order({name: season.scan(name) for name in TABLES_OF_TRIALS}, kind)
levels, context = (COMPLEXITIES, "user") if kind == CALL else (DIFFICULTIES, "task")
least = season.rules.insight.min_attempts
print(f"{trials.height:,} trials ({kind}s) of {trials['agent_id'].n_unique()} agents.")

# %% [markdown]
# ## Three answers

# %%
board = season.table("leaderboard_rated").filter(pl.col("board") == kind)
firm = board.filter(~pl.col("is_provisional")).sort("score", "agent_id", descending=[True, False])
answers = ["raw_accuracy", "wilson_low", "mix_adjusted_accuracy", "mix_adjusted_lo90", "mix_adjusted_hi90"]
firm.select("agent_id", "attempts", pl.col(answers).round(3), "raw_rank", "rank").head(30)

# %%
print(f"{firm.height} of {board.height} agents have {least} trials or more; the others say too little to be ordered.")
by_raw, by_bound, by_model = (firm[name].to_numpy() for name in answers[:3])
for name, order in zip(answers, (by_raw, by_bound, by_model), strict=False):
    if firm.height:
        first = firm.row(int(order.argmax()), named=True)
        adjusted, low, high = (share(first[answer]) for answer in answers[2:])
        print(f"First by {name}: {first['agent_id']}, as counted {said(first['successes'], first['attempts'])};")
        print(f"  on the same work as all {adjusted} (90 % interval {low} to {high}).")
if firm.height > 1:
    print(f"Kendall's tau with the model's order: of raw shares {kendall(by_raw, by_model):.2f}, of Wilson's bounds")
    print(f"{kendall(by_bound, by_model):.2f} (n = {firm.height} agents).")

# %%
season.figures.raw_and_adjusted(kind)

# %% [markdown]
# ## Who got which work, and for whom
# Nobody drew lots. `hard_share` is the share of the two hardest of four levels among an agent's trials of known
# difficulty, `largest_context` that of one single user (of submissions: task) among all of them.

# %%
size = pl.len().over("agent_id", "context")
work = (
    trials.with_columns(of_context=size, is_hard=pl.col("difficulty").is_in(levels[2:]))
    .group_by("agent_id")
    .agg(n=pl.col("is_hard").count(), n_hard=pl.col("is_hard").sum(), largest=pl.col("of_context").max() / pl.len())
    .filter(pl.col("n") >= least)
    .select("agent_id", "n", "n_hard", hard_share=pl.col("n_hard") / pl.col("n"), largest_context="largest")
    .sort("hard_share", "agent_id")
)
work.with_columns(pl.col("hard_share", "largest_context").round(3))

# %%
print("Succeeded, by difficulty:")
for level in levels:
    right, n = trials.filter(pl.col("difficulty") == level).select(pl.col("success").sum(), n=pl.len()).row(0)
    print(f"{level:>8}: {said(right, n)}")
if work.height > 1 and work["n_hard"].sum():
    (easy, n_easy, hard_of_easy), (hard, n_hard, hard_of_hard) = work.select("agent_id", "n", "n_hard")[[0, -1]].rows()
    print(f"The least hard work has {easy}: {said(hard_of_easy, n_easy)}.")
    print(f"The most hard work has {hard}: {said(hard_of_hard, n_hard)}.")
    is_apart = wilson(hard_of_easy, n_easy)[1] < wilson(hard_of_hard, n_hard)[0]
    print("Their intervals do not overlap: the work was not the same." if is_apart else "Their intervals overlap.")
model = models.row(by_predicate=pl.col("kind") == kind, named=True)
print(f"As the model estimates, {context}s differ by {model['sd_context']:.2f} logits (n = {model['n_contexts']}), and")
print(f"agents by {model['sd_agent']:.2f} (n = {model['n_agents']}): standard deviations of what each adds to success.")

# %% [markdown]
# ## Simpson's paradox
# One agent can be nowhere above another at a level of difficulty, and yet above it over all, if it got more of the easy
# work. We look at every pair, at the levels at which both have five trials or more, two levels at least; and at how
# many pairs would turn like that by chance if at each level all agents were alike.

# %%
pairs = Reversals.of(trials, levels)
by_chance = pairs.by_chance(200, season.rules.insight.seed)
low, high = np.quantile(by_chance, [0.05, 0.95])
print(f"{len(pairs.found)} of {pairs.is_compared.sum()} pairs turn. Were all agents alike at each level, so many would")
print(f"on average: {by_chance.mean():.1f} (90 % of 200 draws: {low:.0f} to {high:.0f}).")
for pair in pairs.found[:1]:
    both = [(pairs.agents[who], pairs.right[who], pairs.n[who]) for who in (pairs.first[pair], pairs.second[pair])]
    for column in np.flatnonzero(pairs.is_seen[pair]):
        shares = [f"{agent} {share(right[column] / n[column])} of {n[column]}" for agent, right, n in both]
        print(f"{levels[column]:>8}: {', '.join(shares)}")
    for agent, right, n in both:
        print(f"    over all: {agent} {said(int(right.sum()), int(n.sum()))}")

# %% [markdown]
# ## Where the truth is known
# In 12 small synthetic worlds, each of 15 agents and 1,500 calls, good agents get the hard work. Their true skills are
# known, so each answer can be held against them: Kendall's tau with the truth, mean over worlds and its 90 % interval.
# In the same worlds we do what a caller could do: declare all work of the middling agent one level harder than it is.

# %%
SHAPE = replace(STRONG_SELECTION, n_agents=15, n_users=12, n_categories=4, n_events=1500, n_days=120)

agreed, gained = [], []
for seed in range(12):
    made = world(seed, SHAPE)
    held = Trials.of(Evidence(tables_of(play(made)), season.rules, made.as_of), CALL)
    counts, fitted = held.counts, SkillModel.of(held)
    n, right = (np.bincount(counts.agent, each, held.agents.len()) for each in (counts.n, counts.successes))
    bound = np.array([wilson(*both)[0] for both in zip(right, n, strict=True)])
    truth = made.true_skill(SHAPE.n_days - 1)[[made.agents.index(agent) for agent in held.agents]]
    skill = fitted.overall().mean
    agreed.append([kendall(answer, truth) for answer in (right / n, bound, skill)])

    middling = int(np.argsort(truth)[truth.size // 2])
    harder = pl.when(pl.col("agent") == middling).then(pl.col("level").clip(upper_bound=2) + 1).otherwise("level")
    declared = replace(held, events=held.events.with_columns(level=harder).sort(pl.all()))
    gained.append(RATING_PER_LOGIT * (SkillModel.of(declared, fitted.fit.spreads).overall().mean - skill)[middling])

# %%
raw, bounds, skills = np.array(agreed).T
for words, taus in (("raw shares", raw), ("Wilson's bounds", bounds), ("the model", skills)):
    print(f"{words:>15}: tau {over_worlds(taus)}")
print(f"The model is ahead of raw shares by {over_worlds(skills - raw)}.")
for rival in (raw, bounds):
    assert mean(skills - rival, np.arange(len(raw))).low > 0, "the model is not ahead where good agents get hard work"
print("Wilson's bound repairs small numbers, not the mix of work: no interval around a biased share removes the bias.")

# %% [markdown]
# ## Goodhart: what is declared can be declared otherwise
# Complexity and quality of calls are what the caller says they are. Whoever says that all is hard gains in a measure
# that allows for hardness.

# %%
assert mean(np.array(gained), np.arange(len(gained))).low > 0
print("In these worlds the middling agent gains, with not one success more,")
print(f"{over_worlds(gained, 0)} rating points: the model guards against luck, not against this.")
is_perfect, is_derived = pl.col("response_quality") >= 1, pl.col("success_source") == "derived"
told = season.scan("agent_calls").select(
    pl.len(), pl.count("complexity"), pl.count("response_quality"), perfect=is_perfect.sum(), derived=is_derived.sum()
)
n_calls, n_declared, n_quality, n_perfect, n_derived = told.collect().row(0)
if n_calls:
    print(f"In this season {n_declared:,} of {n_calls:,} calls declare a complexity and {n_quality:,} a quality,")
    print(f"{n_perfect:,} of these the best there is. Of {n_derived:,} success was derived from how the run ended.")

# %% [markdown]
# What is declared harder should succeed less often in the average agent's hands, as the model estimates:

# %%
measured = season.table("work_difficulty").filter(pl.col("kind") == kind, pl.col("difficulty").is_not_null())
expected = (pl.col("p_average") * pl.col("attempts")).sum() / pl.col("attempts").sum()
by_level = measured.group_by("difficulty").agg(n=pl.col("attempts").sum(), p_average=expected.round(3))
by_level.sort(pl.col("difficulty").cast(pl.Enum(levels)))

# %% [markdown]
# ## Who lies outside of what chance gives
# Of few trials shares scatter widely, so the best and the worst shares are nearly always those of few. The limits are
# what chance alone would give if all succeeded equally often. Lying outside says that something differs, the work
# perhaps.

# %%
season.figures.funnel(kind)

# %% [markdown]
# ## The threshold, and looking again and again
# A badge or a board asks for a share and for a fewest number of attempts. Whoever stands at the threshold may have
# skill, or luck at the right moment; who looks after each attempt gives luck many moments, and who looks at many agents
# gives it many agents. Exact numbers for an agent that in truth succeeds in 85 % of independent attempts.

# %%
assert round(at_least(0.95, 20, 0.85), 2) == 0.18
asked = [(badge.threshold, badge.min_attempts) for badge in season.rules.badge if badge.metric == "accuracy"]
threshold, fewest = max(asked, default=(0.95, 20))
lucky, n_agents = at_least(threshold, fewest, 0.85), max(firm.height, 1)
some = 1 - (1 - lucky) ** n_agents
print(f"Chance of an 85 % agent to show {threshold:.0%} or more at {fewest} attempts: {share(lucky)}.")
print(f"Of {n_agents} such agents {n_agents * lucky:.1f} would on average, one or more with a chance of {share(some)}.")
for begin in sorted({5, 10, fewest, 50, 100}):
    print(f"  at some look from attempt {begin} to 200: {share(ever(threshold, begin, max(begin, 200), 0.85))}")

# %%
so_far = {"n": pl.int_range(1, pl.len() + 1).over("agent_id"), "right": pl.col("success").cum_sum().over("agent_id")}
running = trials.select("agent_id", **so_far).filter(pl.col("n") >= fewest)
is_there = pl.col("right") >= threshold * pl.col("n") - 1e-9
stood = running.group_by("agent_id").agg(pl.col("n", "right").last(), ever=is_there.any(), now=is_there.last())
n_ever, n_now = stood["ever"].sum(), stood["now"].sum()
print(f"Of {stood.height} agents with {fewest} trials or more {n_ever} have stood at {threshold:.0%}; now do: {n_now}.")
for agent, right, n in stood.filter("ever").sort("agent_id").select("agent_id", "right", "n").rows():
    print(f"  {agent}: {said(right, n)}")

# %% [markdown]
# ## Tries that hang together
# Intervals take trials for independent of each other. A second try at a failed task, or one user's ten calls of an
# agent, need not be. The design effect compares the variance of sums over whole groups (an agent with one user, or with
# one task) with that of independent trials, which would give 1.

# %%
effect = design_effect(trials)
if effect is not None:
    print(
        f"Design effect {effect.value:.2f} (90 %: {effect.low:.2f} to {effect.high:.2f}, {effect.n_clusters:,} groups):"
    )
    print(f"by that, an interval of a raw share should be {max(effect.value, 1) ** 0.5:.2f} times as wide as Wilson's.")
tries = trials.with_columns(before=pl.col("success").shift(1).over("agent_id", "context"))
print(f"Of the trials of an agent with one {context} succeeded")
for words, chosen in (("the first", pl.col("before").is_null()), ("those after a failure", ~pl.col("before"))):
    print(f"  {words}: {said(*tries.filter(chosen).select(pl.col('success').sum(), n=pl.len()).row(0))}")

# %% [markdown]
# ## The answer

# %%
for each in models["kind"].sort():
    rated = season.table("leaderboard_rated").filter(pl.col("board") == each, ~pl.col("is_provisional"))
    if rated.is_empty():
        print(
            f"{each}: nobody has {least} trials, so nobody is shown to be good. See what the first cell says of them."
        )
        continue
    above = rated.filter(pl.col("score_lo90") > AVERAGE_RATING).sort("score", "agent_id", descending=[True, False])
    print(f"{each}: {above.height} of {rated.height} agents with {least} trials or more are shown to be above average:")
    print(f"the 90 % interval lies above 1500. Were all alike, about {rated.height * 0.05:.1f} or fewer would.")
    for agent, score, low, high, n in above.select("agent_id", "score", "score_lo90", "score_hi90", "attempts").rows():
        print(f"  {agent}: {score:.0f} (90 %: {low:.0f} to {high:.0f}, n = {n:,})")

# %% [markdown]
# ## What one may not conclude
# - That an agent would have done another one's work as well. Work is alike here if category and difficulty are; who
#   chose whom for what else, nobody has written down.
# - That who is not shown to be better is not better: of few trials nothing is shown.
# - That a pair which turns, or a point outside the funnel, is a finding: among many some are so by chance.
# - That a declared difficulty is a true one. Where callers are rewarded for what they declare, expect it to drift.
# - That the model is right because it is ahead in worlds that are made as it believes the world to be.
# - That these intervals are wide enough where tries hang together in ways that are not in the data.
