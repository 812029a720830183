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
# # How does the team work together?
# Which agents a team shares, how evenly it uses them, on how few users its calls rest, how agents spread from one user
# to the next, and how success went before and after. Everything is counted from calls that name the team. Of a team
# with fewer users than `insight.small_group` nothing is told that would point at one of them.

# %%
import polars as pl

from pipelines import open_season

pl.Config.set_tbl_rows(30)
pl.Config.set_fmt_str_lengths(400)
season = open_season()
small_group = season.rules.insight.small_group
teams = season.table("team_collaboration")
adoption = season.table("agent_adoption")
assert teams.height, "No call names a team, or the rules turn insight off: notebooks 01 to 05 do without."
n_small = teams["is_small"].sum()
print(f"{teams.height} teams made {teams['calls'].sum():,} calls; {n_small} of them are small (< {small_group} users).")
for team, sentence in teams.select("team_id", "sentence").rows():
    print(f"{team}: {sentence}")

# %% [markdown]
# ## What is shared
# An agent is shared if two users of the team or more have called it, and reused if another team had called it before.
# Shares stand with their 95 % interval (Wilson). The effective number of agents is 2 to the power of the entropy of the
# calls over agents (corrected after Miller and Madow, interval by the delta method): a team that calls ten agents alike
# has about ten, one that calls a single agent nearly always has about one.

# %%
teams.select(
    "team_id",
    "n_users",
    "calls",
    "n_agents",
    "n_shared_agents",
    pl.col("shared_share", "shared_lo95", "shared_hi95").round(2),
    "n_reused_agents",
    pl.col("effective_agents", "effective_lo95", "effective_hi95").round(1),
)

# %% [markdown]
# ## On whom it rests
# The bus factor is the fewest users who made more than half of the calls. Beside it: how many agents only one user of
# the team has called, and the share of calls by others than the first user of the agent. The first of them and the last
# are told of no small team.

# %%
teams.select(
    "team_id",
    "n_users",
    "bus_factor",
    "bus_factor_lo95",
    "bus_factor_hi95",
    "n_single_user_agents",
    pl.col("spread_share", "spread_lo95", "spread_hi95").round(2),
)

# %% [markdown]
# ## How agents spread
# The team with the most users. Each line is an agent, each step the first call of one more user.

# %%
largest = teams.sort("n_users", "calls", "team_id", descending=[True, True, False])["team_id"][0]
season.figures.adoption(largest)

# %%
season.figures.sharing(largest)

# %%
spread = adoption.filter(~pl.col("is_small") & (pl.col("n_users") > 1))
if spread.height:
    days, n = spread["days_to_second"].sort(), spread.height
    reach = 0.98 * n**0.5  # of the rank of the median, 95 %: binomial, by its normal approximation
    low, high = days[max(int(n / 2 - reach), 0)], days[min(int(n / 2 + reach), n - 1)]
    print(f"{n} times an agent has got a second user in a team that is not small,")
    print(f"in the middle after {days.median():.1f} days (95 %: {low:.1f} to {high:.1f}).")
    print("Agents that still wait for a second user are not in these numbers, so they lie too low.")
else:
    print("No team is large enough to say how long it takes until a second user follows.")

# %% [markdown]
# ## Success before and after the second user
# Compared where `insight.small_group` users of the team called the agent, with five calls or more on each side. The
# difference has Newcombe's interval. `mix_change` is what the mix of category and complexity alone would give, from how
# often all calls of the season of each kind succeed; `adjusted_change` is what is left.

# %%
told = adoption.filter(pl.col("success_change").is_not_null())
columns = ("success_change", "success_change_lo95", "success_change_hi95", "mix_change", "adjusted_change")
told.select("team_id", "agent_id", "n_before", "n_after", pl.col(*columns).round(2)).sort("n_before", descending=True)

# %%
if told.height:
    apart = told.filter((pl.col("adjusted_change_lo95") > 0) | (pl.col("adjusted_change_hi95") < 0)).height
    print(f"In {apart} of {told.height} comparisons the interval of the adjusted difference leaves out 0.")
    print(f"Were there no differences at all, about {told.height * 0.05:.1f} would do so by chance.")
else:
    print(f"Nothing to compare: no agent has {small_group} users in a team and five calls on both sides.")

# %% [markdown]
# ## What one may not conclude
# - Nobody drew lots for who calls which agent and when. Success before and after differs by users, work and time, and
#   the first user is often the one who knows the agent best. The mix of category and complexity, which callers declare
#   themselves, is accounted for; nothing else is.
# - An agent gets a second user when it has gone well, or when a deadline is near. So the calls before are a selection.
# - Intervals take calls for independent of each other. Calls of one user or session are not: they are too narrow.
# - A high bus factor does not say that others could step in, nor a low one that they could not. It counts calls.
# - An agent that comes with every installation is reused by all teams; that says nothing about who learned from whom.
# - Calls without a team are nobody's here, and a user of two teams is counted in both.
