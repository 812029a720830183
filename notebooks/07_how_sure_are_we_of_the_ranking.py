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
# # How sure are we of the ranking?
# A ranking by skill is an order of estimates, and each of them could be otherwise. We look at how wide the ratings'
# intervals are, which places can be told apart, who may be the best, how few results would change it, and how much the
# first one owes to luck. At the end we measure on synthetic worlds, whose truth is known, whether intervals of ranks
# hold as often as they say.

# %%
import numpy as np
import polars as pl

from pipelines import open_season
from pipelines.insight.clusters import mean
from pipelines.insight.doubts.trial_order import TABLES_OF_TRIALS, trials_in_order
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.normal import Z_90, normal_share
from pipelines.insight.skill.adjusted import mix_adjusted
from pipelines.insight.skill.model import SkillModel
from pipelines.insight.skill.ranks import rank_intervals
from pipelines.insight.skill.trials import N_LEVELS, Trials
from pipelines.insight.worlds.play import play, tables_of
from pipelines.insight.worlds.world import WorldShape, world
from pipelines.reports.quantities import counted, share

pl.Config.set_tbl_rows(30)
pl.Config.set_fmt_str_lengths(200)
season = open_season()
models = season.table("skill_models").sort("sd_agent", "kind", descending=[True, False])
assert models.height, "Nobody has called an agent or tried a task, or the rules turn insight off: no ranking."
for sentence in models["sentence"]:
    print(sentence)

# %% [markdown]
# Put `"call"` or `"submission"` here; without, it is the kind in which agents differ more.

# %%
KIND = None

kind = KIND or models["kind"][0]
best_first = {"by": ["score", "agent_id"], "descending": [True, False]}
board = season.table("leaderboard_rated").filter(pl.col("board") == kind).sort(**best_first)
first = board.row(0, named=True)
n_few = board["is_provisional"].sum()
print(f"{counted(board.height, 'agent')}, {n_few} with fewer trials than make a rating firm.")

# %% [markdown]
# ## Ratings and ranks
# A rating of 1500 is the average agent of that kind; 400 points more are odds ten times as good. Intervals are of 90 %.
# Agents whose intervals overlap may share a rank: it is 1 + the number of agents that are wholly above.

# %%
ratings = board.select("rank", "agent_id", "attempts", pl.col("score", "score_lo90", "score_hi90").round(0))
places = board.select("rank_lo90", "rank_hi90", pl.col("p_top1", "p_top3").round(3), "is_provisional")
pl.concat([ratings, places], how="horizontal").head(30)

# %%
season.figures.rating_forest(kind)

# %%
season.figures.rank_ladder(kind)

# %%
n_first = board.filter(pl.col("rank") == 1).height
width = board.select((pl.col("rank_hi90") - pl.col("rank_lo90") + 1).median()).item()
print(
    f"{n_first} of {board.height} agents share rank 1. In the middle an interval holds {counted(round(width), 'rank')}."
)
low, high = first["score_lo90"], first["score_hi90"]
print(f"The highest rating has {first['agent_id']}: {first['score']:.0f} ({low:.0f} to {high:.0f},")
print(f"n = {first['attempts']:,}), and with 90 % a place from {first['rank_lo90']} to {first['rank_hi90']}.")

# %% [markdown]
# ## Who may be the best?
# The probability of each to be the best, and to be among the best three. Over all agents they add up to 1 and to 3.

# %%
assert abs(board["p_top1"].sum() - 1) < 0.02
assert abs(board["p_top3"].sum() - min(board.height, 3)) < 0.06
likely = board.sort("p_top1", "agent_id", descending=[True, False])
enough = likely.filter(pl.col("p_top1").cum_sum().shift(1, fill_value=0) < 0.9)
print(f"With 90 % the best is one of {enough.height} of {board.height} agents:")
for agent, top1, top3, n in enough.select("agent_id", "p_top1", "p_top3", "attempts").head(12).rows():
    print(f"  {agent}: the best with {share(top1)}, among three with {share(top3)} (n = {n:,})")

# %% [markdown]
# ## Many comparisons
# Of n agents there are n (n - 1) / 2 pairs, and one looks at those that lie farthest apart. For each pair the model
# gives the probability that its order is wrong. Their sum over the pairs that one chooses to order is the number of
# wrong ones to be expected (Mueller et al., JASA 99, 2004). Intervals that do not overlap ask for more.

# %%
seen = board.sort(-pl.col("attempts"), "agent_id").head(200)
one, two = np.triu_indices(seen.height, 1)
score, low, high = (seen[name].to_numpy() for name in ("score", "score_lo90", "score_hi90"))
sd = (high - low) / (2 * Z_90)
doubt = np.sort(normal_share(-np.abs(score[one] - score[two]) / np.hypot(sd[one], sd[two])))
n_alone = int((doubt < 0.05).sum())
n_together = int((np.cumsum(doubt) <= 0.05 * np.arange(1, doubt.size + 1)).sum())
n_apart = int(((low[one] > high[two]) | (low[two] > high[one])).sum())
print(f"Of {doubt.size:,} pairs {n_alone:,} have a chance of less than 5 % to be in the wrong order;")
print(f"in the surest {n_together:,} together 5 % are expected to be; {n_apart:,} have intervals that do not overlap.")
print(f"Of the whole order, taken at its word, {doubt.sum():,.0f} pairs would be expected to be wrong.")

# %% [markdown]
# ## How few results would change the first place?
# An estimate: the fewest successes of the first, or failures of one rival, without which another one would lead.

# %%
if first["fragility"] is None:
    print(f"No removal of one agent's results would put another before {first['agent_id']}.")
else:
    removed, rival = first["fragility"], first["fragility_by"]
    print(f"Without {removed} of all results {rival} would stand before {first['agent_id']} (estimated).")

# %% [markdown]
# ## The first one's luck
# Who stands first has skill or luck, mostly both; the luck does not come again. So the best of the first half of a
# season fall back in its second half, and the worst rise, though nobody has changed: regression to the mean. Here each
# agent's trials are cut in two by time, and the third with the best raw share in the first half is followed.

# %%
least = season.rules.insight.min_attempts
trials = trials_in_order({name: season.scan(name) for name in TABLES_OF_TRIALS}, kind)
is_second = pl.int_range(pl.len()).over("agent_id") >= pl.len().over("agent_id") / 2
halves = (
    trials.with_columns(is_second=is_second, n=pl.len().over("agent_id"))
    .filter(pl.col("n") >= least)
    .group_by("agent_id", "n")
    .agg(
        before=pl.col("success").filter(~pl.col("is_second")).mean(),
        after=pl.col("success").filter("is_second").mean(),
    )
    .sort("before", "agent_id", descending=[True, False])
    .with_columns(pl.col("before", "after") - pl.col("before", "after").mean())
)
top = halves.head(halves.height // 3)
if top.height > 1:
    for name, words in (("before", "first"), ("after", "second")):
        told = mean(100 * top[name].to_numpy(), np.arange(top.height))
        print(f"Percentage points above the mean of all {halves.height} in the {words} half: {told.value:.1f}")
        print(f"  (90 %: {told.low:.1f} to {told.high:.1f}, n = {told.n} agents)")
    print("The first of these intervals is of numbers that were chosen for being high: believe the second.")
else:
    print(f"Fewer than six agents have {least} trials or more: too few to follow a third of them.")

# %% [markdown]
# ## Do intervals of ranks hold what they say?
# 12 synthetic worlds, each of 20 agents and 2,000 calls, whose true ranks are known. Beside the model: what a bootstrap
# would have claimed that draws each agent's events anew and ranks raw shares each time, or shares less what the mix of
# difficulty gives. A bootstrap repeats the luck that was, and the bias; it knows nothing of what was not drawn.

# %%
SHAPE = WorldShape(n_agents=20, n_users=12, n_categories=4, n_events=2000, n_days=120)
FIRST_DAYS = np.array([0, 31, 59, 90])  # of the months of these worlds
WAYS = ("the model", "a bootstrap of raw shares", "a bootstrap of adjusted shares")


def bootstrapped(right, n, rng):
    """200 seasons drawn from the events (agents x levels): raw shares, and the same less what their mix gives."""
    of_each = n.sum(axis=1, dtype=int)
    odds = np.hstack([right, n - right]) / of_each[:, None]
    drawn = np.stack([rng.multinomial(size, each, 200) for size, each in zip(of_each, odds, strict=True)], axis=1)
    right, n = drawn[..., :N_LEVELS], drawn[..., :N_LEVELS] + drawn[..., N_LEVELS:]
    of_level = right.sum(axis=1, keepdims=True) / np.maximum(n.sum(axis=1, keepdims=True), 1)
    raw = right.sum(axis=2) / of_each
    return raw, raw - (n * of_level).sum(axis=2) / of_each


def ends_90(draws):
    """Between which ranks each agent lies in 90 % of draws."""
    ranks = 1 + np.argsort(np.argsort(-draws, axis=1), axis=1)
    return np.quantile(ranks, [0.05, 0.95], axis=0, method="nearest")


# %%
held, spans = np.zeros((2, 3, 12, SHAPE.n_agents))
claims, told_apart = [], []
for seed in range(12):
    made = world(seed, SHAPE)
    trials = Trials.of(Evidence(tables_of(play(made)), season.rules, made.as_of), CALL)
    assert [*trials.agents, *trials.contexts] == [*made.agents, *made.users], "somebody does nothing in this world"
    counts, fitted = trials.counts, SkillModel.of(trials)
    skill, truth = fitted.overall(), made.true_skill(SHAPE.n_days - 1)
    true_rank = 1 + (truth[:, None] < truth).sum(axis=1)

    place, size = counts.agent * N_LEVELS + counts.level, SHAPE.n_agents * N_LEVELS
    right, n = (np.bincount(place, each, size).reshape(-1, N_LEVELS) for each in (counts.successes, counts.n))
    drawn = bootstrapped(right, n, np.random.default_rng(seed))
    intervals = [rank_intervals(skill.mean, skill.sd, seed), *(ends_90(draws) for draws in drawn)]
    for way, (low, high) in enumerate(intervals):
        held[way, seed], spans[way, seed] = (low <= true_rank) & (true_rank <= high), high - low + 1

    one, two = np.triu_indices(SHAPE.n_agents, 1)
    gap = skill.mean[one] - skill.mean[two]
    is_apart = np.abs(gap) > Z_90 * (skill.sd[one] + skill.sd[two])
    told_apart.append((is_apart.sum(), (gap * (truth[one] - truth[two]) < 0)[is_apart].sum()))

    work = counts.context, counts.category, counts.level
    then = FIRST_DAYS[len(FIRST_DAYS) - counts.age]
    true_there = made.p_success(work[0], counts.agent, *work[1:], then)
    at_own = np.bincount(counts.agent, counts.n * true_there) / n.sum(axis=1)
    at_all = counts.n @ made.p_all(*work, np.full(counts.n.size, SHAPE.n_days - 1)) / counts.n.sum()
    shown = right.sum(axis=1) / n.sum(axis=1)
    adjusted = mix_adjusted(fitted, np.arange(SHAPE.n_agents), skill.sd).share
    lucky, best = shown.argmax(), skill.mean.argmax()
    claims.append((shown[lucky] - at_own[lucky], shown[lucky] - at_all[lucky], adjusted[best] - at_all[best]))


# %%
def over_worlds(numbers, by=1.0, digits=2):
    """The mean over worlds (rows) with its 90 % interval (Student's t over worlds), as words."""
    numbers = by * np.asarray(numbers, float).reshape(12, -1)
    told = mean(numbers.ravel(), np.repeat(np.arange(12), numbers.shape[1]))
    return f"{told.value:.{digits}f} (90 %: {told.low:.{digits}f} to {told.high:.{digits}f}, n = {told.n} in 12 worlds)"


for way, is_held, span in zip(WAYS, held, spans, strict=True):
    print(f"{way}: intervals of 90 % hold the true rank of {over_worlds(is_held)}; they span {span.mean():.1f} ranks.")
n_apart, n_wrong = np.sum(told_apart, axis=0)
print(f"Of {n_apart} pairs that the model's intervals tell apart {n_wrong} are in the wrong order.")
in_all = [mean(is_held.ravel(), np.repeat(np.arange(12), SHAPE.n_agents)) for is_held in held]
assert in_all[0].high >= 0.9, "the model's intervals of ranks hold less than they say"
assert max(in_all[1].high, in_all[2].high) < min(in_all[0].low, 0.9), "a bootstrap would do as well"

# %% [markdown]
# The first one's luck in the same worlds, in percentage points: what it shows less what is true.

# %%
by_luck, by_work, of_model = np.array(claims).T
print(f"First by raw share, against the truth at its own work: {over_worlds(by_luck, 100, 1)};")
print(f"against its truth at the same work as all: {over_worlds(by_work, 100, 1)}.")
print(f"First by the model, adjusted share against that truth: {over_worlds(of_model, 100, 1)}.")
assert mean(by_luck, np.arange(12)).low > 0, "no winner's curse, where there must be one"
assert abs(of_model.mean()) < 0.08, "the model claims too much for its winner"

# %% [markdown]
# ## The answer

# %%
for each in models["kind"].sort():
    rated = season.table("leaderboard_rated").filter(pl.col("board") == each).sort("p_top1", descending=True)
    n_first = rated.filter(pl.col("rank") == 1).height
    n_best = rated.filter(pl.col("p_top1").cum_sum().shift(1, fill_value=0) < 0.9).height
    middle = rated.select((pl.col("rank_hi90") - pl.col("rank_lo90") + 1).median()).item()
    told = "Some" if n_first < rated.height else "No two"
    print(
        f"{each}: {n_first} of {rated.height} agents share rank 1; with 90 % the best is one of {n_best}; in the middle"
    )
    print(f"an agent's place is known to {counted(round(middle), 'rank')}. {told} can be told apart.")

# %% [markdown]
# ## What one may not conclude
# - That agents who share a rank are equal: the data cannot tell them apart, which is something else.
# - That the highest rating is the best agent. It is the best bet, often one that loses.
# - That an interval holds under what is not in the model: agents that change within a month under one name, users who
#   answer each other, results that depend on each other (notebook 06).
# - That coverage measured in synthetic worlds is coverage here: these are made as the model believes the world to be.
# - That many trials of one kind of work rank an agent at another.
# - That who fell back since has become worse: who was chosen for being high falls back without any change.
