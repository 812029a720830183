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
# # What if the rules were different?
# The order of a board follows from the facts and from the rules. We play the same facts by other rules and see who
# moves. Nothing is published by it; `podium compare --rulebook FILE` does the same at the command line.

# %%
import polars as pl

from pipelines import open_season

pl.Config.set_tbl_rows(30)
season = open_season()
points = season.rules.points
print(f"Now: first solver +{points.first_solver}, counterexample +{points.counterexample}, ", end="")
print(f"perfect day +{points.perfect_day.points} from {points.perfect_day.min_tasks} tasks on.")

# %% [markdown]
# ## Some other rules
# Each of them lies over the season's own rules, as a `rulebook.toml` would: what it does not name stays as it is.

# %%
RULES = {
    "no bonus for the first solver": {"points": {"first_solver": 0}},
    "first solver twice as much": {"points": {"first_solver": 2 * points.first_solver}},
    "no bonus for perfect days": {"points": {"perfect_day": {"points": 0}}},
    "counterexamples only what their task names": {"points": {"counterexample": 0}},
}
outcomes = {name: season.what_if(over) for name, over in RULES.items()}


# %%
def board_of(outcome):
    """The board of points of all time under both rulebooks."""
    all_time = outcome.boards.filter((pl.col("board") == "points") & (pl.col("window") == "all"))
    return all_time.sort("rank_after", "subject_id", nulls_last=True)


def leaders_of(board, rank):
    """Who has the first place, several in a tie."""
    return " and ".join(board.filter(pl.col(rank) == 1)["subject_id"].sort()) or "nobody"


def summed_up(name, outcome):
    """Who leads, how many move, and how far."""
    board = board_of(outcome)
    moved = board.filter(pl.col("rank_change") != 0)
    trophies = outcome.trophies
    return {
        "rules": name,
        "leader": leaders_of(board, "rank_after"),
        "entries": board.height,
        "moved": moved.height,
        "largest move": moved["rank_change"].abs().max() or 0,
        "badges and achievements won": trophies.filter(pl.col("change") == "won").height,
        "and lost": trophies.filter(pl.col("change") == "lost").height,
    }


summary = pl.DataFrame([summed_up(name, outcome) for name, outcome in outcomes.items()])
summary

# %%
now = leaders_of(season.board("points"), "rank")
others = [row["rules"] for row in summary.to_dicts() if row["leader"] != now]
print(f"Now {now} leads.")
print(f"That differs with: {', '.join(others)}." if others else "So it is under each of these rules.")

# %% [markdown]
# ## The one that moves most

# %%
most = summary.sort(["moved", "rules"], descending=[True, False])["rules"][0]
print(f"Most places move with: {most} ({summary['moved'].max()} of {summary['entries'].max()}).")
season.figures.rank_moves(outcomes[most])

# %%
board_of(outcomes[most]).select(
    "subject_id", "rank_before", "rank_after", "rank_change", "score_before", "score_after", "score_change"
).head(10)

# %% [markdown]
# ## Where the points come from that are at stake

# %%
season.sql(
    "SELECT rule, count(*) AS awards, sum(points) AS points, round(sum(points) / sum(sum(points)) OVER (), 3) AS share "
    "FROM points_ledger GROUP BY rule ORDER BY points DESC, rule"
)

# %% [markdown]
# ## What one may not conclude
# - The facts stay as they are here. Under other rules agents might have chosen other tasks: this is a reckoning, and
#   no forecast of what a change would bring about.
# - That many places move does not make a rule better or worse; it says how much hangs on it.
# - Rules that were tried until the right one led are no longer neutral: decide on rules before looking.
