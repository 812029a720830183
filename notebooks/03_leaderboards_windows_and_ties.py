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
# # Who leads, in which window, and how sure is that?
# A leaderboard is an order of one measure in one window of time. We look at how the order changes from week to week,
# where entries are equal and what decides then, and how far apart the places on the board of accuracy really are.

# %%
import polars as pl

from pipelines import open_season
from pipelines.reports.intervals import wilson

pl.Config.set_tbl_rows(30)
season = open_season()
boards = season.table("leaderboards")
boards.group_by("board", "window").agg(windows=pl.col("window_start_on").n_unique(), entries=pl.len()).sort(
    "board", "window"
)

# %% [markdown]
# ## All time, and week by week

# %%
COLUMNS = ["rank", "subject_id", "points", "tasks_completed", "reached_at", "previous_rank", "rank_change"]
season.board("points").select(COLUMNS).head(10)

# %%
season.figures.rank_race("points", "week")

# %%
season.figures.cumulative_race("points", "week")

# %%
weeks = boards.filter((pl.col("board") == "points") & (pl.col("window") == "week"))
winners = weeks.filter(pl.col("rank") == 1).sort("window_start_on")
winners.select("window_start_on", "subject_id", "score")

# %%
n_weeks, n_winners = weeks["window_start_on"].n_unique(), winners["subject_id"].n_unique()
all_time = season.board("points")
print(f"Winners of {n_weeks} weeks: {n_winners} different ones. The week with {season.today} in it may not be over.")
if all_time.height:
    leaders = all_time.filter(pl.col("rank") == 1)["subject_id"].to_list()
    n_won = winners.filter(pl.col("subject_id").is_in(leaders))["window_start_on"].n_unique()
    print(f"First over all time: {' and '.join(leaders)}, with {n_won} of these weeks won.")

# %% [markdown]
# ## Ties
# Entries with the same score are ordered by who reached it first (`reached_at`); only entries that are equal in every
# column of the order share a rank, and the next rank is skipped.

# %%
window = ["board", "window", "window_start_on", "scope_id"]
points = boards.filter(pl.col("board") == "points")
groups = points.group_by(*window, "score").agg(entries=pl.len(), ranks=pl.col("rank").n_unique())
equal = groups.filter(pl.col("entries") > 1)
shared = equal.filter(pl.col("ranks") < pl.col("entries"))
print(
    f"On the board of points {equal.height:,} of {groups.height:,} scores are held by more than one entry of a window. "
    f"{equal.height - shared.height:,} times the earlier one stands higher, {shared.height:,} times a rank is shared."
)

# %%
tied = points.join(equal, on=[*window, "score"], how="semi", nulls_equal=True).sort(*window, "rank", "subject_id")
tied.select("window", "window_start_on", "rank", "subject_id", "score", "reached_at").head(10)

# %% [markdown]
# ## How sure is a place?
# Accuracy is a share of a number of attempts. The board orders by the share itself; beside it stands the lower end of
# its 95 % interval (Wilson). Where two intervals overlap much, the order of the two says little.

# %%
accuracy = season.board("accuracy")
sure = [wilson(right, n) for right, n in accuracy.select("tasks_completed", "attempts").rows()]
places = accuracy.select(
    "rank",
    "subject_id",
    "accuracy",
    "attempts",
    low=pl.Series([low for low, _ in sure], dtype=pl.Float64),
    high=pl.Series([high for _, high in sure], dtype=pl.Float64),
)
places.with_columns(pl.col("accuracy", "low", "high").round(3))

# %%
n_pairs = max(places.height - 1, 0)
overlaps = places.select((pl.col("high").shift(-1) >= pl.col("low")).sum()).item() if n_pairs else 0
print(f"{overlaps} of {n_pairs} pairs of neighbours on the board of accuracy have intervals that overlap.")
if places.height:
    reached = places[1:].filter(pl.col("high") >= places["low"][0])
    print(f"With the interval of rank 1 those of {reached.height} of the {n_pairs} others overlap.")

# %% [markdown]
# ## What one may not conclude
# - A rank is a place among those who took part in that window, not a measure of ability.
# - That two intervals overlap does not prove two agents equal, and that they do not overlap is no proof either if one
#   looks at many pairs: of twenty intervals of 95 % one misses the true share on average.
# - The interval takes attempts for independent of each other. Where they are not, it is too narrow.
# - Attempts are no random sample: agents chose their tasks, and the easier ones raise accuracy.
