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
# # Which agent should I use?
# For a user and a kind of work (category and difficulty) the table `agent_recommendations` names three agents with the
# highest chance of success, and one more that is worth a try. We take one user, open the sum behind a chance, see what
# is said of an agent when it was new and to a user of hardly any calls, and then why the agent with the best raw rate
# is not the one that is advised. Advice is made from measured success alone: no point and no XP has a part in it.

# %%
from math import comb

import numpy as np
import polars as pl

from pipelines import open_season
from pipelines.game.rulebook import load_rulebook
from pipelines.insight.advice.choosing import EXPLORED, Z_80
from pipelines.insight.advice.exploring import BOLDNESS, SURE
from pipelines.insight.advice.recommend import MIN_DIRECT, MIN_KNOWN, recent
from pipelines.insight.backtests.policies import OURS, POLICIES, RAW_BY_CATEGORY, Work, chosen
from pipelines.insight.backtests.rolling import Rolling
from pipelines.insight.clusters import mean
from pipelines.insight.evidence import CALL, Evidence
from pipelines.insight.skill.estimates import Estimate
from pipelines.insight.skill.model import NOBODY, SkillModel
from pipelines.insight.skill.terms import HARDNESS
from pipelines.insight.skill.trials import ACTIVE_DAYS, Trials
from pipelines.insight.worlds.play import play, tables_of
from pipelines.insight.worlds.world import WorldShape, world
from pipelines.reports.intervals import wilson
from pipelines.reports.quantities import counted, share, sure

pl.Config.set_tbl_rows(30)
pl.Config.set_fmt_str_lengths(400)
season = open_season()
advice = season.table("agent_recommendations")
assert advice.height, "Nobody was advised: nobody has called an agent lately, or the rules turn insight off."
of_users = advice.filter(pl.col("subject_type") == "user")
n_users, n_named = of_users["subject_id"].n_unique(), of_users["agent_id"].n_unique()
n_firsts = of_users.filter(slot="1").height
print(f"{counted(n_users, 'user')} had {counted(n_firsts, 'kind')} of work to be advised on;")
print(f"{counted(n_named, 'agent is', 'agents are')} named to them.")

# %% [markdown]
# ## One user
# Put a user in quotes here; without one it is the user with the most calls, and the most frequent kind of its work.
# `season.recommend(user=..., category=..., difficulty=...)` answers for any other.

# %%
USER = None

calls = season.scan("agent_calls").select("user_id", "agent_id", "category", "complexity", "success", "at").collect()
by_calls = (
    calls.group_by("user_id").agg(calls=pl.len().cast(pl.Int64)).sort("calls", "user_id", descending=[True, False])
)
user = USER or by_calls["user_id"][0]
its_kinds = calls.filter(user_id=user).group_by("category", difficulty="complexity").len("calls")
to_user = of_users.filter(subject_id=user)
assert to_user.height, f"{user} is not advised: it has called no agent."
kinds = to_user.filter(slot="1").join(its_kinds, on=["category", "difficulty"], nulls_equal=True)
kind = kinds.sort("calls", "category", "difficulty", descending=[True, False, False]).row(0, named=True)
work = {"category": kind["category"], "difficulty": kind["difficulty"]}
told = to_user.filter(pl.all_horizontal(pl.col(column).eq_missing(pl.lit(word)) for column, word in work.items()))
asked_for = f"{user}, for {work['difficulty'] or 'undeclared'} work in {work['category'] or 'no category'}"
print(f"{asked_for} ({kind['calls']} of its calls):")
for slot, reason in told.select("slot", "reason_text").rows():
    print(f"{slot:>7}: {reason}")

# %%
chances = ["p_success", "p_lo80", "p_hi80", "p_beats_current"]
lifts = ["lift_pp", "lift_lo80", "lift_hi80"]
counts = ["n_own", "n_category", "n_difficulty", "n_agent"]
numbers = [pl.col(chances).round(3), pl.col(lifts).round(1), *counts, "evidence", pl.col("propensity").round(3)]
told.select("slot", "agent_id", *numbers)

# %%
season.figures.rating_forest(CALL, work["category"])

# %% [markdown]
# ## The sum behind a chance
# The logit of success is a sum of terms, and "because" in a reason speaks of these terms and of nothing else. 0 is the
# average agent, an unknown user. A term is named if it stands out: more than its own standard deviation (`sd`) and more
# than .1 logits. The chance is the sum with its uncertainty averaged out, so it lies nearer to one half than the sum.

# %%
trials = Trials.of(Evidence({"agent_calls": season.scan("agent_calls")}, season.rules, season.as_of), CALL)
model = SkillModel.of(trials)
place = {name: {word: code for code, word in enumerate(ids)} for name, ids in
         (("agent", trials.agents), ("user", trials.contexts), ("category", trials.categories))}  # fmt: skip
levels = ["simple", "medium", "complex", "expert", None]


def coded(agent, whom, category, difficulty):
    """The codes of one row, as the model takes them."""
    codes = (
        place["agent"][agent],
        place["user"].get(whom, NOBODY),
        place["category"][category],
        levels.index(difficulty),
    )
    return tuple(np.array([code]) for code in codes)


def terms(agent, whom, category, difficulty):
    """Each term of the sum for one agent, user and kind of work: logit and standard deviation."""
    a, u, c, d = coded(agent, whom, category, difficulty)
    tilt, skill_sd = model.tilt(), np.sqrt(model.fit.certainty.covariance[a, 0, 0])
    parts = {
        "ease of the kind of work": model.ease(c, d),
        "skill of the agent, whatever the category": Estimate(model.fit.terms.skill[a, 0], skill_sd),
        "what the category adds to the agent": model.own(a, c),
        "what the difficulty adds to the agent": Estimate(tilt.mean[a] * HARDNESS[d], tilt.sd[a] * abs(HARDNESS[d])),
        "category and difficulty together": model.spot(a, c, d),
        "the user": model.context(u),
        "the user with this agent": model.pair(a, u),
    }
    return pl.DataFrame([(name, float(part.mean[0]), float(part.sd[0])) for name, part in parts.items()],
                        schema=["term", "logit", "sd"], orient="row")  # fmt: skip


first = told.row(0, named=True)
behind = terms(first["agent_id"], user, **work)
whole = model.success(*coded(first["agent_id"], user, **work))
assert np.isclose(behind["logit"].sum(), whole.mean[0]), "the terms are not the sum"
assert np.isclose(whole.p()[0], first["p_success"], atol=2e-6), (
    "This season was published by a version of Podium with another model: `podium recompute` publishes it anew."
)
assert np.isclose(whole.quantile(-Z_80)[0], first["p_lo80"], atol=2e-6)
n_firm = behind.filter((pl.col("logit").abs() > pl.col("sd")) & (pl.col("logit").abs() >= 0.1))["term"].to_list()
chance = f"{share(first['p_success'])} (80 %: {share(first['p_lo80'])} to {share(first['p_hi80'])})"
print(f"{first['agent_id']}: {behind['logit'].sum():.2f} logits, sd {whole.sd[0]:.2f}: {chance},")
print(f"from {first['n_agent']} calls of the agent, {first['n_category']} of them in the category (n).")
print(f"Larger than its own sd is: {', '.join(n_firm) or 'nothing'}.")
behind.with_columns(pl.col("logit", "sd").round(2))

# %% [markdown]
# ## Well known, and new
# The agent advised first, as it was seen on earlier days, by the calls whose outcome was known then: for the same work,
# of a user of whom nothing is known. `direct` is said from 5 calls in the category on; `borrowed` where it is judged by
# its other work; `prior` where it has fewer than 3 calls at all, so that it is hardly more than the average agent.

# %%
its = trials.events.filter(agent=place["agent"][first["agent_id"]]).sort("known_on")
asked = coded(first["agent_id"], None, **work)
seen = []
for n in (0, 3, 10, 30, 100):
    if n < its.height:
        known = trials.known_before(its["known_on"][n])
        if known.events.height >= 30:
            seen.append((known, SkillModel.of(known)))
rows = []
for known, then in [*seen, (trials, model)]:
    own = known.events.filter(agent=int(asked[0][0]))
    n_there = own.filter(category=int(asked[2][0])).height
    word = "direct" if n_there >= MIN_DIRECT else "borrowed" if own.height >= MIN_KNOWN else "prior"
    p = then.success(*asked)
    rows.append((known.today, own.height, n_there, word, p.p()[0], p.quantile(-Z_80)[0], p.quantile(Z_80)[0]))
course = pl.DataFrame(rows, schema=["before", "n_agent", "n_category", "evidence", *chances[:3]], orient="row")
course = course.unique("n_agent", keep="last").sort("n_agent")
for n, low, high in course.select("n_agent", "p_lo80", "p_hi80").rows():
    print(f"With n = {n:>3} calls of its own the 80 % interval spans {100 * (high - low):.0f} percentage points.")
course.with_columns(pl.col(chances[:3]).round(3))

# %%
has_few = pl.col("n_category") < MIN_DIRECT
should = pl.when(~has_few).then(pl.lit("direct")).when(pl.col("n_agent") >= MIN_KNOWN).then(pl.lit("borrowed"))
said = advice.select(told=pl.col("evidence"), should=should.otherwise(pl.lit("prior")))
assert (said["told"] == said["should"]).all(), "a word of evidence is not what the counts say"
print(dict(advice["evidence"].value_counts(sort=True).rows()), "rows of advice, to users and teams.")
order = ["n_agent", "n_category", "subject_type", "subject_id", "category", "difficulty", "slot"]
thin = advice.sort(order).row(0, named=True)
print(f"The least known agent that is advised ({thin['evidence']}): {thin['reason_text']}")

# %% [markdown]
# ## A user of hardly any calls
# The user whose number of calls is closest to three. What the model knows of a user is one term, which moves all
# chances of that user up or down alike, and a term for each agent that the user has called. Where these are small
# everybody is advised the same agents for the same work.

# %%
few = by_calls.sort((pl.col("calls") - 3).abs(), "user_id").row(0, named=True)
u = np.array([place["user"][few["user_id"]]])
learned = 1 - float(model.context(u).sd[0]) ** 2 / model.spreads.context**2
print(f"{few['user_id']} has n = {few['calls']} calls: they tell {learned:.0%} of the variance between users;")
busiest, n_most = by_calls.row(0)
most = 1 - float(model.context(np.array([place["user"][busiest]])).sd[0]) ** 2 / model.spreads.context**2
if busiest != few["user_id"]:
    print(f"the {n_most} calls of {busiest} tell {most:.0%}.")
to_few = of_users.filter(subject_id=few["user_id"])
n_own = (to_few["n_own"] > 0).sum()
print(f"Rows of advice to it: {to_few.height}; of these with an agent that it has called itself: {n_own}.")
for slot, reason in to_few.head(4).select("slot", "reason_text").rows():
    print(f"{slot:>7}: {reason}")

# %%
first_ones = of_users.filter(slot="1").group_by("category", "difficulty")
firsts = first_ones.agg(n_users=pl.len(), n_agents=pl.col("agent_id").n_unique()).filter(pl.col("n_users") > 1)
n_same = firsts.filter(n_agents=1).height
spreads = model.spreads
print(f"{firsts.height} kinds of work had two users or more; for {n_same} all are advised the same agent first.")
print(f"As estimated from {trials.events.height:,} calls, pairs of user and agent differ by {spreads.pair:.2f} logits,")
print(f"agents by {spreads.agent:.2f}, and by {spreads.category:.2f} more from category to category.")

# %% [markdown]
# ## Over the agent in use
# `current_agent_id` is the one that the user has called most in that category lately. The lift is the difference of
# both chances. Its interval is that of the difference of the two skills, for what is not known of the work and the user
# belongs to both; so it leaves out 0 where the probability that the advised one is better is beyond .1 or .9.

# %%
compared = of_users.filter(pl.col("lift_pp").is_not_null(), slot="1")
of_all = advice.filter(pl.col("lift_pp").is_not_null())
off = 100 * (of_all["p_success"] - of_all["p_current"]) - of_all["lift_pp"]
assert off.abs().max() is None or off.abs().max() < 0.001, "a lift is not the difference of its two chances"
is_apart = (pl.col("lift_lo80") > 0) | (pl.col("lift_hi80") < 0)
clear = of_all.filter(((pl.col("p_beats_current") - 0.5).abs() - 0.4).abs() > 1e-4)
assert clear.filter(is_apart != ((pl.col("p_beats_current") - 0.5).abs() > 0.4)).is_empty(), "interval and p disagree"
already = of_users.filter(pl.col("agent_id") == pl.col("current_agent_id"), slot="1").height
better = compared.filter(pl.col("lift_lo80") > 0)
print(f"Of {counted(n_firsts, 'first choice')} {already} name the agent in use, and {compared.height} another one.")
if compared.height:
    low, middle, high = np.quantile(compared["lift_pp"].to_numpy(), [0.1, 0.5, 0.9])
    wrong = (1 - better["p_beats_current"]).sum()
    print(f"The median lift is {middle:+.1f} points (80 % of the {compared.height}: {low:+.1f} to {high:+.1f}).")
    if better.height:
        print(f"{better.height} of the 80 % intervals lie above 0: these are shown to be better, by the model's own")
        print(f"account {wrong:.1f} of them wrongly. Of the others chance is enough to explain the difference.")
    else:
        print("None of the 80 % intervals lies above 0: chance is enough to explain the differences.")

# %% [markdown]
# ## Worth a try
# If all took the best, most agents would never be called again, and nothing would be learned of them. So one more is
# drawn: each agent that is not among the best three draws a skill from what is known of it, with half the uncertainty,
# and the highest is named (Thompson's rule). `propensity` is its chance to be drawn. We draw the same way many times
# and hold the share against the table.

# %%
DRAWS = 20_000

tried = told.filter(slot="explore")
best = told.filter(pl.col("slot") != "explore")["agent_id"].to_list()
if tried.height:
    candidates = recent(trials)
    n = candidates.size
    nobody, category, level = (np.repeat(code, n) for code in coded(first["agent_id"], None, **work)[1:])
    ease, someone = model.ease(category, level), model.context(nobody)
    pair = model.pair(candidates, nobody)
    success = model.success(candidates, nobody, category, level)
    skill = success.mean - ease.mean - someone.mean - pair.mean
    sd = np.sqrt(np.maximum(success.sd**2 - ease.sd**2 - someone.sd**2 - pair.sd**2, 0))
    hopeful = np.argsort(-(skill + Z_80 * sd), kind="stable")[:EXPLORED]
    open_to = np.array([code for code in hopeful if trials.agents[int(candidates[code])] not in best])
    spread = np.maximum(BOLDNESS * sd[open_to], SURE)
    rng = np.random.default_rng(season.rules.insight.seed)
    highest = (skill[open_to] + spread * rng.standard_normal((DRAWS, open_to.size))).argmax(axis=1)
    named = [trials.agents[int(candidates[code])] for code in open_to]
    shares = np.bincount(highest, minlength=open_to.size) / DRAWS
    drawn_as, found = tried["propensity"][0], shares[named.index(tried["agent_id"][0])]
    error = 5 * np.sqrt(drawn_as * (1 - drawn_as) / DRAWS) + 0.002
    assert abs(found - drawn_as) < error, "the propensity is not the share of draws"
    print(f"{tried['agent_id'][0]}: propensity {drawn_as:.3f}; drawn in {found:.3f} of {DRAWS:,} draws by hand.")
    print(f"{(shares > 0.01).sum()} of {open_to.size} agents have a chance above 1 % to be the one.")
reach = {"first": ["1"], "among the best three": ["1", "2", "3"], "with the one to try": ["1", "2", "3", "explore"]}
print(f"Agents called in the last {ACTIVE_DAYS} days: {recent(trials).size}. Of these are named to some user")
for words, slots in reach.items():
    print(f"  {words}: {of_users.filter(pl.col('slot').is_in(slots))['agent_id'].n_unique()}")

# %% [markdown]
# ## Why not the agent with the best raw rate?
# Because among many agents the best rate is the luckiest as much as the best: the winner's curse. First the work above:
# the agent of the best raw rate in its category, and what the model expects of it.

# %%
in_category = place["category"][work["category"]]
held = trials.events.filter(pl.col("agent").is_in(recent(trials)), category=in_category)
raw = (
    held.group_by("agent")
    .agg(right=pl.col("success").sum(), n=pl.len())
    .with_columns(rate=pl.col("right") / pl.col("n"))
)
raw = raw.sort("rate", "n", "agent", descending=[True, True, False])
top = raw.row(0, named=True)
name = trials.agents[top["agent"]]
expected = model.success(*coded(name, user, **work))
low, high = (share(expected.quantile(z)[0]) for z in (-Z_80, Z_80))
raw_rate = sure(top["rate"], *wilson(top["right"], top["n"]), top["n"])
print(f"Best raw rate in {work['category'] or 'no category'}: {name}, {raw_rate}.")
print(f"The model expects {share(expected.p()[0])} of it for this user and work (80 %: {low} to {high}),")
print(f"and of {first['agent_id']}, advised first, {chance}.")

# %% [markdown]
# Then the whole season: on days past each rule chose an agent for the calls that came next, by what was known then.
# `claimed` is the chance that it promised itself. `observed` is what came of the calls that really went to the agent
# that it had chosen (n; Wilson's 95 % interval, which takes calls as independent). Users sent these calls there, so
# they are no fair sample of the work: this holds a rule to its word, it does not compare rules.

# %%
picked = {policy: [] for policy in POLICIES}
for origin in Rolling.of(trials).origins:
    agent, whom, category, level, success = (
        origin.column(column) for column in ("agent", "context", "category", "level", "success")
    )
    for policy, choice in chosen(origin.model, Work(whom, category, level), origin.candidates).items():
        is_taken = choice.agent == agent
        picked[policy].append(np.column_stack([choice.claimed, success])[is_taken])
rows = []
for policy, parts in picked.items():
    claimed, success = (np.vstack(parts) if parts else np.zeros((0, 2))).T
    if claimed.size:
        rows.append((policy, claimed.size, claimed.mean(), success.mean(), *wilson(int(success.sum()), claimed.size)))
kept = pl.DataFrame(rows, schema=["policy", "n", "claimed", "observed", "low", "high"], orient="row")
for policy, n, claimed, observed, low, high in kept.rows():
    word = "too much" if claimed > high else "too little" if claimed < low else "not shown to be wrong"
    print(f"{policy:>20}: claimed {share(claimed)}, observed {sure(observed, low, high, n)}: {word}.")
if not kept.height:
    print("Too few calls to look back on.")

# %% [markdown]
# ## The curse alone
# What remains if there is nothing to choose. Exactly: the best raw rate among agents that all succeed with 80 %, after
# n calls each, on average. And by simulation: small worlds in which all agents are alike, with easy and hard work;
# there the agent of the best raw rate in a category promises far more than it can keep, and the model's first choice a
# little.


# %%
def best_share(k, n, p):
    """The expected highest share among k agents that each succeed in n independent calls with probability p."""
    upto = np.cumsum([comb(n, right) * p**right * (1 - p) ** (n - right) for right in range(n + 1)]) ** k
    return float((np.diff(upto, prepend=0) * np.arange(n + 1)).sum() / n)


assert np.isclose(best_share(1, 20, 0.8), 0.8)
assert np.isclose(best_share(2, 1, 0.8), 1 - 0.2**2)
n_agents = recent(trials).size
print(f"The best of {counted(n_agents, 'agent')} of 80 % shows, on average:")
print(", ".join(f"{share(best_share(n_agents, n, 0.8))} after {n} calls" for n in (5, 20, 100, 500)))

# %%
WORLDS = 8
ALIKE = WorldShape(
    n_users=20, n_events=1500, n_days=90, mean_logit=1.4, births=0, sd_agent=0, sd_category=0, sd_hard=0, sd_taste=0,
    sd_drift=0,
)  # fmt: skip

promises = []
for seed in range(WORLDS):
    made = world(seed, ALIKE)
    alike = Trials.of(Evidence(tables_of(play(made)), load_rulebook(), made.as_of), CALL)
    lately = alike.events.tail(300)
    whom, category, level = (lately[column].to_numpy() for column in ("context", "category", "level"))
    choices = chosen(SkillModel.of(alike), Work(whom, category, level), np.arange(alike.agents.len()))
    users, kinds = ([ids.index(word) for word in words] for ids, words in
                    ((made.users, alike.contexts), (made.categories, alike.categories)))  # fmt: skip
    truth = made.p_success(np.array(users)[whom], 0, np.array(kinds)[category], level, ALIKE.n_days - 1).mean()
    promises.append([choices[policy].claimed.mean() - truth for policy in (RAW_BY_CATEGORY, OURS)])
told_too_much = [mean(np.array(promises)[:, column], np.arange(WORLDS)) for column in (0, 1)]
chosen_by = ("the best raw rate in the category", "our first choice")
for words, over in zip(chosen_by, told_too_much, strict=True):
    interval = f"90 %: {100 * over.low:+.1f} to {100 * over.high:+.1f}; n = {over.n} worlds of {ALIKE.n_events:,} calls"
    print(f"{words:>33} promises {100 * over.value:+.1f} points more than it keeps ({interval}).")
raw_curse, our_curse = told_too_much
assert raw_curse.low > 0.1, "the best raw rate is not cursed"
assert abs(our_curse.value) <= 0.08, "our first choice promises what it does not keep"

# %% [markdown]
# ## The answer

# %%
print(f"{asked_for}: {first['agent_id']}, {chance},")
print(f"by {first['evidence']} evidence: {first['n_category']} calls in the category, {first['n_agent']} in all.")
if first["lift_pp"] is None:
    in_use = first["current_agent_id"]
    print("It is the agent in use." if in_use else "There is no agent in use to hold it against.")
else:
    verdict = "shown to be better" if first["lift_lo80"] > 0 else "not shown to be better"
    print(f"Beside {first['current_agent_id']}, which is in use, it is {verdict}: {first['lift_pp']:+.1f} points")
    print(f"(80 %: {first['lift_lo80']:+.1f} to {first['lift_hi80']:+.1f}).")

# %% [markdown]
# ## What one may not conclude
# - That the call would have ended otherwise with the agent advised. Users chose agents and work, nobody drew lots;
#   notebook 09 asks how far the advice can be tested all the same.
# - That an agent named first is the best. Where the interval of a lift holds 0, chance explains the difference, and of
#   many pieces of advice some stand out by chance.
# - That "borrowed" is weak or "direct" is strong. They say where the evidence is from; the interval, how much it is.
# - That the sum says why an agent succeeds. Its terms say what went together with success in these calls.
# - That success is all: time, tokens and quality are not in the chance (notebook 05).
# - From "worth a try": that the agent is good. It is named since too little is known of it to pass it over.
