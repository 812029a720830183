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
# # Who works steadily, and who in bursts?
# Two agents can have the same points, one from a little every day, the other from one great week. We look at how points
# grew, how much of them fell on each agent's best days, and at the streaks.

# %%
import polars as pl

from pipelines import open_season

pl.Config.set_tbl_rows(30)
season = open_season()
days = season.table("agent_days").filter(pl.col("points") > 0)
leaders = season.board("points")["subject_id"].head(5).to_list()
assert leaders, "No agent has points in this season: notebook 05 looks at agents that are called."
print(f"As of {season.as_of:%Y-%m-%d %H:%M} UTC; days are those of {season.rules.timezone}.")

# %%
season.figures.growth(leaders)

# %% [markdown]
# ## How points are spread over days
# For each agent: on how many of the days since its first point it earned any, and what share of its points fell on its
# three best days. For one who works evenly that share is small, unless there are few days: of three days it is all.

# %%
BEST_DAYS = 3

spread = (
    days.group_by("agent_id")
    .agg(
        points=pl.col("points").sum(),
        active_days=pl.len().cast(pl.Int64),  # days with points
        days_since_first=(pl.lit(season.today) - pl.col("day").min()).dt.total_days() + 1,
        best_days_share=pl.col("points").top_k(BEST_DAYS).sum() / pl.col("points").sum(),
    )
    .with_columns(
        active_share=pl.col("active_days") / pl.col("days_since_first"),
        even_share=BEST_DAYS / pl.max_horizontal("active_days", BEST_DAYS),  # of the best days, were all days alike
    )
    .sort(["points", "agent_id"], descending=[True, False])
)
spread.head(10).with_columns(pl.col("^.*_share$").round(3))

# %%
among = spread.head(10)
times_even = pl.col("best_days_share") / pl.col("even_share")
steady = among.sort(times_even, "agent_id").row(0, named=True)
bursts = among.sort([times_even, "agent_id"], descending=[True, False]).row(0, named=True)
for words, row in (("most evenly", steady), ("most in bursts", bursts)):
    n_best = min(BEST_DAYS, row["active_days"])
    print(f"Of the {among.height} with the most points {row['agent_id']} earned them {words}:")
    print(
        f"  {row['best_days_share']:.1%} of {row['points']:,} on its {n_best} best of {row['active_days']} days with "
        f"points; were they all alike, it would be {row['even_share']:.1%}."
    )

# %% [markdown]
# ## Streaks
# A streak is a run of days with at least one completed task; it is alive if it reaches today or yesterday.

# %%
streaks = season.table("streaks").sort(["daily_best", "agent_id"], descending=[True, False])
streaks.select("agent_id", "daily_current", "daily_best", "daily_last_on", "accuracy_best").head(10)

# %%
longest = streaks.row(0, named=True)
n_as_long = streaks.filter(pl.col("daily_best") == longest["daily_best"]).height
n_alive = streaks.filter(pl.col("daily_current") > 0).height
print(f"The longest run is of {longest['daily_best']} days; so long was that of {longest['agent_id']}, drawn below,")
print(f"and of {n_as_long - 1} more of {streaks.height} agents.")
print(f"Of {streaks.height} agents {n_alive} have a streak that is alive on {season.today}.")

# %%
season.figures.calendar(longest["agent_id"])

# %% [markdown]
# ## Users
# The same for users: their XP, achievements included, and the levels that it makes.

# %%
season.figures.growth_of_users()

# %%
users = season.table("user_stats").filter(pl.col("xp") > 0).sort(["xp", "user_id"], descending=[True, False])
if users.height:
    user = users.row(0, named=True)
    print(f"{user['user_id']} leads with {user['xp']:,} XP: level {user['level']}, {user['title']}.")
else:
    print("No user has XP in this season.")

# %%
season.figures.levels(users["user_id"][0]) if users.height else None

# %% [markdown]
# ## What one may not conclude
# - A line that rises says what was done, not what will be: nothing here is a forecast.
# - The three best days hold a larger share where there are fewer days: agents that began lately look more uneven.
# - An agent can be idle because nobody ran it. The log does not say which.
# - A day without a completed task breaks a streak even if the task was solved and is still to be judged.
# - Points are paid by difficulty: a steep line can be hard tasks or many tasks.
