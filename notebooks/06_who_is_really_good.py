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
from math import ceil, comb

import numpy as np
import polars as pl

from pipelines import open_season
from pipelines.game.records import COMPLEXITIES, DIFFICULTIES
from pipelines.insight.clusters import mean
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.skill import RATING_PER_LOGIT
from pipelines.insight.skill_model import SkillModel
from pipelines.insight.trials import Trials
from pipelines.insight.world import STRONG_SELECTION, world
from pipelines.insight.world_play import play, tables_of
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import sure

pl.Config.set_tbl_rows(30)
pl.Config.set_fmt_str_lengths(400)
season = open_season()
models = season.table("skill_models").sort("n_trials", "kind", descending=[True, False])
assert models.height, "Nobody has called an agent or tried a task in this season: there is nothing to be good at."
for sentence in models["sentence"]:
    print(sentence)


# %%
def said(right, n):
    """A share with its 95 % interval (Wilson) and n, as words."""
    return sure(right / n, *wilson(right, n), n) if n else "nothing to go by"


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
least = season.rules.insight.min_attempts
if kind == CALL:
    rows = season.scan("agent_calls").select(
        "agent_id", "success", "at", "event_id", context="user_id", difficulty="complexity"
    )
else:
    difficulty = season.scan("tasks").select("task_id", "difficulty")
    counted = season.scan("submissions").filter("is_counted").join(difficulty, on="task_id", how="left")
    rows = counted.select(
        "agent_id",
        "difficulty",
        "event_id",
        success=pl.col("verdict") == "verified",
        at="counted_at",
        context="task_id",
    )
trials = rows.sort("at", "event_id").collect()
levels = COMPLEXITIES if kind == CALL else DIFFICULTIES
context = "user" if kind == CALL else "task"
print(f"{trials.height:,} trials ({kind}s) of {trials['agent_id'].n_unique()} agents.")

# %% [markdown]
# ## Three answers


# %%
def tau(x, y):
    """How far two orders agree: Kendall's, from -1 (turned round) over 0 (nothing to do with each other) to 1."""
    i, j = np.triu_indices(len(x), 1)
    return float((np.sign(x[i] - x[j]) * np.sign(y[i] - y[j])).mean()) if len(i) else float("nan")


board = season.table("leaderboard_rated").filter(pl.col("board") == kind)
firm = board.filter(~pl.col("is_provisional")).sort("score", "agent_id", descending=[True, False])
answers = ["raw_accuracy", "wilson_low", "mix_adjusted_accuracy", "mix_adjusted_lo90", "mix_adjusted_hi90"]
firm.select("agent_id", "attempts", pl.col(answers).round(3), "raw_rank", "rank").head(30)

# %%
print(f"{firm.height} of {board.height} agents have {least} trials or more; the others say too little to be ordered.")
orders = {name: firm[name].to_numpy() for name in answers[:3]}
for name, order in orders.items():
    if firm.height:
        first = firm.row(int(order.argmax()), named=True)
        print(f"First by {name}: {first['agent_id']}, as counted {said(first['successes'], first['attempts'])};")
        low, high = first["mix_adjusted_lo90"], first["mix_adjusted_hi90"]
        print(f"  on the same work {first['mix_adjusted_accuracy']:.1%} (90 % interval {low:.1%} to {high:.1%}).")
if firm.height > 1:
    print(f"Kendall's tau of raw shares with the model's order: {tau(orders[answers[0]], orders[answers[2]]):.2f}, of")
    print(f"Wilson's bounds with it {tau(orders[answers[1]], orders[answers[2]]):.2f} (n = {firm.height} agents).")

# %%
season.figures.raw_and_adjusted(kind)

# %% [markdown]
# ## Who got which work, and for whom
# Nobody drew lots. `hard_share` is the share of an agent's trials on the two hardest of four levels, with its 95 %
# interval (Wilson); `largest_context` the share of its trials that one single user (of submissions: task) makes up.

# %%
by_context = trials.group_by("agent_id", "context").agg(n=pl.len())
work = (
    trials.group_by("agent_id")
    .agg(n=pl.len(), n_hard=pl.col("difficulty").is_in(levels[2:]).sum())
    .join(by_context.group_by("agent_id").agg(most=pl.col("n").max()), on="agent_id")
    .filter(pl.col("n") >= least)
    .sort("agent_id")
)
ends = [wilson(n_hard, n) for n_hard, n in work.select("n_hard", "n").rows()]
work = work.select(
    "agent_id",
    "n",
    hard_share=pl.col("n_hard") / pl.col("n"),
    low=pl.Series([low for low, _ in ends], dtype=pl.Float64),
    high=pl.Series([high for _, high in ends], dtype=pl.Float64),
    largest_context=pl.col("most") / pl.col("n"),
).sort("hard_share", "agent_id")
work.with_columns(pl.exclude("agent_id", "n").round(3))

# %%
for level in levels:
    right, n = trials.filter(difficulty=level).select(pl.col("success").sum(), n=pl.len()).row(0)
    print(f"{level:>8}: {said(right, n)} succeeded.")
if work.height > 1:
    for words, one in (("least", work.row(0, named=True)), ("most", work.row(-1, named=True))):
        share = sure(one["hard_share"], one["low"], one["high"], one["n"])
        print(f"The {words} hard work has {one['agent_id']}: {share}.")
    is_selected = work["high"][0] < work["low"][-1]
    print("Their intervals do not overlap: the work was not the same." if is_selected else "Their intervals overlap.")
model = models.row(by_predicate=pl.col("kind") == kind, named=True)
print(f"As the model estimates, {context}s differ by {model['sd_context']:.2f} logits (n = {model['n_contexts']}), and")
print(f"agents by {model['sd_agent']:.2f} (n = {model['n_agents']}): standard deviations of what each adds to success.")

# %% [markdown]
# ## Simpson's paradox
# One agent can have the lower share at every level of difficulty, and yet the higher one over all, if it got more of
# the easy work. We look at every pair, at the levels at which both have five trials or more, two levels at least; and
# at how many pairs would turn like that by chance if at each level all agents were alike.

# %%
FEWEST, MOST_AGENTS, DRAWS = 5, 40, 200

busy = trials.group_by("agent_id").len().sort("len", "agent_id", descending=[True, False])["agent_id"].head(MOST_AGENTS)
kinds = {level: column for column, level in enumerate([*levels, None])}
cells = trials.filter(pl.col("agent_id").is_in(busy.implode())).group_by("agent_id", "difficulty")
n_of, right_of = (np.zeros((busy.len(), len(kinds)), dtype=int) for _ in range(2))
for agent, level, n, right in cells.agg(n=pl.len(), right=pl.col("success").sum()).rows():
    place = busy.index_of(agent), kinds[level]
    n_of[place], right_of[place] = n, right
first, second = np.triu_indices(busy.len(), 1)
is_seen = (n_of[first] >= FEWEST) & (n_of[second] >= FEWEST) & (np.arange(len(kinds)) < len(levels))


def turned(right):
    """Which pairs turn: nowhere above at any level and below somewhere, but above over all, or the other way."""
    share = right / np.maximum(n_of, 1)
    gap = share[..., first, :] - share[..., second, :]
    over_all = right.sum(axis=-1) / n_of.sum(axis=-1)
    above = over_all[..., first] - over_all[..., second]
    lowest = np.where(is_seen, gap, np.inf).min(axis=-1, initial=np.inf)
    highest = np.where(is_seen, gap, -np.inf).max(axis=-1, initial=-np.inf)
    down, up = (highest <= 0) & (lowest < 0) & (above > 0), (lowest >= 0) & (highest > 0) & (above < 0)
    return (down | up) & (is_seen.sum(axis=-1) >= 2)


n_pairs = int((is_seen.sum(axis=-1) >= 2).sum())
found = np.flatnonzero(turned(right_of))
alike = right_of.sum(axis=0) / np.maximum(n_of.sum(axis=0), 1)
drawn = np.random.default_rng(season.rules.insight.seed).binomial(n_of, alike, (DRAWS, *n_of.shape))
by_chance = turned(drawn).sum(axis=-1)
low, high = np.quantile(by_chance, [0.05, 0.95])
print(
    f"{found.size} of {n_pairs} pairs turn. Were all agents alike at each level, {by_chance.mean():.1f} would, on average"
)
print(f"(90 % of {DRAWS} draws: {low:.0f} to {high:.0f}): a pair that turns is no proof that its agents differ.")
if found.size:
    pair = found[np.lexsort((-n_of[first[found]].sum(axis=1), -is_seen[found].sum(axis=1)))[0]]
    one, two = int(first[pair]), int(second[pair])
    for level, column in kinds.items():
        if is_seen[pair, column]:
            counts = [(busy[who], int(right_of[who, column]), int(n_of[who, column])) for who in (one, two)]
            print(f"{level:>8}: " + ", ".join(f"{who} {right} of {n} ({right / n:.1%})" for who, right, n in counts))
    for who in (one, two):
        print(f"     all: {busy[who]} {said(int(right_of[who].sum()), int(n_of[who].sum()))}")
else:
    print("This season shows none. The worlds that follow are made so that they do.")

# %% [markdown]
# ## Where the truth is known
# In 12 small synthetic worlds, each of 15 agents and 1,500 calls, good agents get the hard work. Their true skills are
# known, so each answer can be held against them: Kendall's tau with the truth, mean over worlds and its 90 % interval.
# In the same worlds we do what a caller could do: declare all work of the middling agent one level harder than it is.

# %%
WORLDS = 12
SHAPE = replace(STRONG_SELECTION, n_agents=15, n_users=12, n_categories=4, n_events=1500, n_days=120)

agreed, gained = [], []
for seed in range(WORLDS):
    made = world(seed, SHAPE)
    calls = play(made)
    held = Trials.of(Evidence(tables_of(calls), season.rules, made.as_of), CALL)
    fitted = SkillModel.of(held)
    n, right = (np.bincount(held.counts.agent, of, held.agents.len()) for of in (held.counts.n, held.counts.successes))
    truth = made.true_skill(SHAPE.n_days - 1)[[made.agents.index(agent) for agent in held.agents]]
    bounds = np.array([wilson(int(r), int(k))[0] for r, k in zip(right, n, strict=True)])
    rating = fitted.overall().mean
    agreed.append([tau(measure, truth) for measure in (right / n, bounds, rating)])

    middling = int(np.argsort(truth)[truth.size // 2])
    harder = pl.col("level").clip(upper_bound=2) + 1
    events = held.events.with_columns(level=pl.when(agent=middling).then(harder).otherwise("level")).sort(pl.all())
    inflated = SkillModel.of(replace(held, events=events), fitted.fit.spreads).overall().mean
    gained.append(RATING_PER_LOGIT * (inflated - rating)[middling])
by_raw, by_wilson, by_model = np.array(agreed).T
for words, taus in (("raw shares", by_raw), ("Wilson's bounds", by_wilson), ("the model", by_model)):
    print(f"{words:>15}: tau {over_worlds(taus)}")
print(f"The model is ahead of raw shares by {over_worlds(by_model - by_raw)}.")
for rival in (by_raw, by_wilson):
    assert mean(by_model - rival, np.arange(WORLDS)).low > 0, "the model is not ahead where good agents get hard work"
print("Wilson's bound repairs small numbers, not the mix of work: no interval around a biased share removes the bias.")

# %% [markdown]
# ## Goodhart: what is declared can be declared otherwise
# Complexity and quality of calls are what the caller says they are. Whoever says that all is hard gains in a measure
# that allows for hardness.

# %%
assert mean(np.array(gained), np.arange(WORLDS)).low > 0
print("In these worlds the middling agent gains, with not one success more,")
print(f"{over_worlds(gained, 0)} rating points: the model guards against luck, not against this.")
n_calls, n_declared, n_quality, n_perfect, n_derived = (
    season.scan("agent_calls")
    .select(
        pl.len(),
        declared=pl.col("complexity").is_not_null().sum(),
        quality=pl.col("response_quality").is_not_null().sum(),
        perfect=(pl.col("response_quality") >= 1).sum(),
        derived=(pl.col("success_source") == "derived").sum(),
    )
    .collect()
    .row(0)
)
if n_calls:
    print(f"In this season {n_declared:,} of {n_calls:,} calls declare a complexity and {n_quality:,} a quality,")
    print(
        f"{n_perfect:,} of these the best there is. Of {n_derived:,} calls success was derived from how the run ended."
    )
measured = season.table("work_difficulty").filter(pl.col("kind") == kind, pl.col("difficulty").is_not_null())
expected = measured.group_by("difficulty").agg(
    n=pl.col("attempts").sum(), p_average=(pl.col("p_average") * pl.col("attempts")).sum() / pl.col("attempts").sum()
)
expected = expected.sort(pl.col("difficulty").cast(pl.Enum(levels)))
is_ordered = expected["p_average"].is_sorted(descending=True)
print(
    f"Expected of the average agent, what is declared harder succeeds less often: {'yes' if is_ordered else 'not always'}."
)
expected.with_columns(pl.col("p_average").round(3))

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
# skill, or luck at the right moment; whoever looks after each attempt gives luck many moments, and whoever looks at many
# agents gives it many agents. Exact numbers for an agent that in truth succeeds in 85 % of independent attempts.


# %%
def at_least(share, n, p):
    """P(a share of `share` or more in n attempts, each a success with probability p)."""
    return sum(comb(n, right) * p**right * (1 - p) ** (n - right) for right in range(ceil(share * n - 1e-9), n + 1))


def ever(share, first, last, p):
    """P(such a share at one or more of the looks after attempt `first`, `first` + 1, ..., `last`)."""
    chance, reached = np.zeros(last + 2), 0.0
    chance[0] = 1
    for n in range(1, last + 1):
        chance[1:] = p * chance[:-1] + (1 - p) * chance[1:]
        chance[0] *= 1 - p
        if n >= first:
            enough = ceil(share * n - 1e-9)
            reached += chance[enough:].sum()
            chance[enough:] = 0
    return reached


rule = next((badge for badge in season.rules.badge if badge.metric == "accuracy" and badge.enabled), None)
share, fewest = (rule.threshold, rule.min_attempts) if rule else (0.95, 20)
assert round(at_least(0.95, 20, 0.85), 2) == 0.18
assert np.isclose(ever(0.95, 20, 20, 0.85), at_least(0.95, 20, 0.85))
print(f"Chance of an 85 % agent to show {share:.0%} or more at {fewest} attempts: {at_least(share, fewest, 0.85):.0%}.")
for begin in sorted({5, 10, fewest, 50, 100}):
    print(f"  at some look from attempt {begin} to 200: {ever(share, begin, max(begin, 200), 0.85):.1%}")
n_agents = firm.height
some = 1 - (1 - at_least(share, fewest, 0.85)) ** n_agents
print(
    f"Of {n_agents} such agents {n_agents * at_least(share, fewest, 0.85):.1f} on average, and one or more with {some:.0%}."
)

# %%
running = trials.with_columns(
    n=pl.int_range(1, pl.len() + 1).over("agent_id"), right=pl.col("success").cast(pl.Int64).cum_sum().over("agent_id")
).filter(pl.col("n") >= fewest)
reached = (
    running.with_columns(is_there=pl.col("right") >= share * pl.col("n") - 1e-9)
    .group_by("agent_id")
    .agg(
        ever=pl.col("is_there").any(), now=pl.col("is_there").last(), n=pl.col("n").last(), right=pl.col("right").last()
    )
    .sort("agent_id")
)
n_ever, n_now = reached["ever"].sum(), reached["now"].sum()
print(
    f"Of {reached.height} agents with {fewest} trials or more {n_ever} have stood at {share:.0%}, and {n_now} do so now:"
)
for agent, n, right in reached.filter("ever").select("agent_id", "n", "right").rows():
    print(f"  {agent}: {said(right, n)}")

# %% [markdown]
# ## Tries that hang together
# Intervals take trials for independent of each other. A second try at a failed task, or one user's ten calls of an
# agent, need not be. The design effect (Kish 1965) says how much variance is left out: that of sums over whole groups
# (an agent with one user, or with one task) beside what independent trials would give; 1 is independence.

# %%
size, left = pl.len().over("agent_id"), pl.col("success").cast(pl.Float64) - pl.col("success").mean().over("agent_id")
groups = (
    trials.select("agent_id", "context", left=left, size=size, variance=left.var().over("agent_id"))
    .group_by("agent_id", "context")
    .agg(pl.col("left").sum(), pl.col("variance", "size").first(), n=pl.len())
    .filter(pl.col("size") > 1)
    .select(
        "n", together=pl.col("left") ** 2, alone=pl.col("variance") * pl.col("n") * (1 - pl.col("n") / pl.col("size"))
    )
    .sort(pl.all())
)
together, alone = groups["together"].to_numpy(), groups["alone"].to_numpy()
if alone.sum() > 0:
    effect = together.sum() / alone.sum()
    error = 1.645 * np.sqrt(((together - effect * alone) ** 2).sum()) / alone.sum()
    low, high = max(effect - error, 0), effect + error
    print(
        f"Design effect {effect:.2f} (90 %: {low:.2f} to {high:.2f}; {groups.height:,} groups of {groups['n'].sum():,} trials):"
    )
    print(f"by that, an interval of a raw share should be {max(effect, 1) ** 0.5:.2f} times as wide as Wilson's.")
tries = trials.sort("agent_id", "context", "at", "event_id").with_columns(
    before=pl.col("success").shift(1).over("agent_id", "context")
)
print(f"Trials of the same agent with the same {context}, of which succeeded")
for words, chosen in (("the first", pl.col("before").is_null()), ("those after a failure", ~pl.col("before"))):
    print(f"  {words}: {said(*tries.filter(chosen).select(pl.col('success').sum(), n=pl.len()).row(0))}")

# %% [markdown]
# ## The answer

# %%
for each in models["kind"].sort():
    rated = season.table("leaderboard_rated").filter(pl.col("board") == each, ~pl.col("is_provisional"))
    above = rated.filter(pl.col("score_lo90") > 1500).sort("score", descending=True)
    print(
        f"{each}: of {rated.height} agents with {least} trials or more {above.height} are shown to be above average: the 90 %"
    )
    print(
        f"interval of the rating lies above 1500. Were all alike, about {rated.height * 0.05:.1f} or fewer would do so."
    )
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
