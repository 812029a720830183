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
# # Which sub-agent earns its keep?
# For each agent that is called: how often its calls succeed, how long they take and how many tokens a success costs.
# Shares stand with their number of calls and a 95 % interval (Wilson), for few calls prove little.

# %%
import polars as pl

from pipelines import open_season
from pipelines.reports.intervals import wilson

pl.Config.set_tbl_rows(30)
season = open_season()
calls = season.scan("agent_calls").select("agent_id", "user_id", "success", "success_source").collect()
assert calls.height, "No agent is called in this season: notebooks 01 to 04 look at agents that solve tasks."
n_right = calls["success"].sum()
low, high = wilson(n_right, calls.height)
overall = n_right / calls.height
print(f"{calls.height:,} calls of {calls['agent_id'].n_unique()} agents by {calls['user_id'].n_unique()} users;")
print(f"{overall:.1%} succeeded (95 % interval {low:.1%} to {high:.1%}).")
derived = (calls["success_source"].fill_null("given") == "derived").mean()
print(f"Of {derived:.1%} of the calls success was only derived from how the run ended, and judged by nobody.")

# %% [markdown]
# ## Success

# %%
MIN_CALLS = 5

stats = season.table("agent_stats").filter(pl.col("calls") >= MIN_CALLS)
sure = [wilson(right, n) for right, n in stats.select("successes", "calls").rows()]
agents = stats.select(
    "agent_id",
    "calls",
    "successes",
    "success_share",
    "median_duration_s",
    "p95_duration_s",
    "tokens_per_success",
    low=pl.Series([low for low, _ in sure], dtype=pl.Float64),
    high=pl.Series([high for _, high in sure], dtype=pl.Float64),
).sort(["calls", "agent_id"], descending=[True, False])
agents.with_columns(pl.col("success_share", "low", "high").round(3))

# %%
season.figures.success()

# %%
above = agents.filter(pl.col("low") > overall)["agent_id"].to_list()
below = agents.filter(pl.col("high") < overall)["agent_id"].to_list()
print(f"{agents.height} agents have {MIN_CALLS} calls or more. Against the {overall:.1%} of all calls:")
print(f"wholly above lie the intervals of {', '.join(above) or 'nobody'};")
print(f"wholly below those of {', '.join(below) or 'nobody'}.")
print(f"Were all agents alike, about {agents.height * 0.05:.1f} of {agents.height} would lie outside by chance.")

# %% [markdown]
# ## Time and tokens

# %%
season.figures.success_against("median_duration_s")

# %%
season.figures.success_against("tokens_per_success")

# %%
told = agents.filter(pl.col("tokens_per_success").is_not_null()).sort("tokens_per_success", "agent_id")
if told.height:
    cheap, dear = told.row(0, named=True), told.row(-1, named=True)
    print(f"Fewest tokens a success: {cheap['agent_id']}, {cheap['tokens_per_success']:,.0f} ({cheap['calls']} calls).")
    print(f"Most: {dear['agent_id']}, {dear['tokens_per_success']:,.0f} ({dear['calls']} calls).")
else:
    print("No agent with enough calls tells its tokens.")

# %% [markdown]
# ## Like with like
# Agents get different work. If one gets the hard calls, its share says more about the calls than about the agent. So we
# look at how often calls of each complexity succeed, and then hold each agent against what all calls of the same mix of
# complexity would give: each complexity's own share over all agents, as often as this agent has it.

# %%
season.figures.success_by("complexity")

# %%
season.figures.success_by("category")

# %%
mix = season.table("usage_mix")
within = (
    mix.with_columns(
        of_complexity=pl.col("successes").sum().over("complexity") / pl.col("calls").sum().over("complexity")
    )
    .join(agents.select("agent_id"), on="agent_id", how="semi")
    .group_by("agent_id")
    .agg(
        calls=pl.col("calls").sum(),
        success=pl.col("successes").sum() / pl.col("calls").sum(),
        expected_of_its_mix=(pl.col("of_complexity") * pl.col("calls")).sum() / pl.col("calls").sum(),
    )
    .join(agents.select("agent_id", "low", "high"), on="agent_id")
    .with_columns(difference=pl.col("success") - pl.col("expected_of_its_mix"))
    .sort(["difference", "agent_id"], descending=[True, False])
)
within.with_columns(pl.exclude("agent_id", "calls").round(3))

# %%
n_turned = within.filter((pl.col("difference") > 0) != (pl.col("success") > overall)).height
n_apart = within.filter(~pl.col("expected_of_its_mix").is_between("low", "high")).height
print(f"Of {within.height} agents {n_turned} are on the other side once their mix of complexity is counted in.")
print(f"Of {n_apart} the interval of success (low to high) does not hold what their mix would give.")

# %% [markdown]
# ## What one may not conclude
# - Nobody drew lots for who does which call. A difference between agents can be one between their calls, users,
#   models or months. Nothing here says that a call would have ended otherwise with another agent.
# - The intervals take calls for independent of each other. Calls of one session or user are not: they are too narrow.
# - Complexity is what the caller said it is, and it is not the only thing that differs.
# - Success that was derived says that a run ended without an error, not that its result was good.
# - Tokens are compared only among calls that tell them.
