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
# # Where do an agent's points come from?
# We take the agent that leads the board of points, or another one that you name, and follow its points down to the
# lines of the logs: by rule, by award, by event. At the end the same total is reckoned on five ways that must agree.

# %%
import polars as pl

from pipelines import open_season

pl.Config.set_tbl_rows(30)
pl.Config.set_fmt_str_lengths(200)
season = open_season()
season

# %% [markdown]
# Put another agent's id here to follow that one.

# %%
AGENT = None

leaders = season.board("points")
assert leaders.height, "No agent has points in this season: notebook 05 looks at agents that are called."
agent = AGENT or leaders["subject_id"][0]
place = leaders.filter(pl.col("subject_id") == agent)
ledger = season.ledger(agent)
assert ledger.height, f"{agent} has no points in this season: name an agent that has."
total = ledger["points"].sum()
print(f"{agent}: rank {place['rank'][0]} of {leaders.height}, {ledger.height:,} awards, {total:,} points.")

# %% [markdown]
# ## By rule
# What the rulebook paid for, and how much of the whole that is.

# %%
by_rule = (
    ledger.group_by("rule")
    .agg(awards=pl.len(), points=pl.col("points").sum(), provisional=pl.col("is_provisional").sum())
    .with_columns(share=(pl.col("points") / pl.col("points").sum()).round(3))
    .sort("points", descending=True)
)
by_rule

# %%
first = by_rule.row(0, named=True)
n_provisional = by_rule["provisional"].sum()
print(f"The rule `{first['rule']}` made {first['share']:.1%} of the points, in {first['awards']:,} awards.")
print(f"{n_provisional:,} of all {ledger.height:,} awards are provisional: a verdict to come can take them away.")

# %%
season.figures.badges_earned(agent)

# %% [markdown]
# ## By award
# The largest awards, why each was given, and the line of the log that holds its event.

# %%
largest = ledger.sort(["points", "earned_at", "entry_id"], descending=[True, False, False]).head(10)
largest.select("earned_at", "rule", "points", "because", "event_id", "path", "line")

# %%
award = largest.row(0, named=True)
print(f"{award['points']} points, because: {award['because']}")
print(f"The event is {award['event_id']}, earned at {award['earned_at']:%Y-%m-%d %H:%M:%S} UTC.")
if award["path"] is None:
    print("This season was published before sources were kept: `podium recompute` adds them.")
else:
    print(f"It stands in {award['path']}, line {award['line']:,}.")

# %% [markdown]
# The record of that event, as it was taken:

# %%
season.scan("submissions").filter(pl.col("event_id") == award["event_id"]).collect()

# %% [markdown]
# ## The same total, five ways
# A ledger is worth its name only if every total is a sum over it.

# %%
days = season.scan("agent_days").filter(pl.col("agent_id") == agent).collect()
months = season.scan("leaderboards").filter(
    (pl.col("board") == "points") & (pl.col("window") == "month") & (pl.col("subject_id") == agent)
)
totals = {
    "sum of the ledger": total,
    "board of all time": place["points"][0],
    "boards of the months, added up": months.select(pl.col("points").sum()).collect().item(),
    "profile": season.agent(agent)["points"],
    "days, added up": days["points"].sum(),
}
for way, reckoned in totals.items():
    print(f"{reckoned:>8,}  {way}")
assert len(set(totals.values())) == 1, "the totals disagree: please report it, with the output of `podium doctor`"
print("All five agree.")

# %% [markdown]
# ## What one may not conclude
# - Points measure what this rulebook pays for, no more. Under other rules the order may be another (notebook 04).
# - A provisional award is not earned for good, and a verdict that is corrected later takes points away from here.
# - That an event stands in a file says where it was read, not that what it says is true.
