"""The default rulebook as plain numbers, the codes of words, and the columns of the tables that rivals make.

Stated here once, for all rivals but ours, which reads its rulebook. Clock submitted_at, zone UTC. Instants are
microseconds. Not here: how anything is computed.
"""

# --- words of the facts: a word's code is its place ------------------------------------------------------------------
VERDICTS = PENDING, VERIFIED, REJECTED, VOID = range(4)
TASK_TYPES = ("compute", "verify", "search", "pattern", "extend")
SEARCH, PATTERN = TASK_TYPES.index("search"), TASK_TYPES.index("pattern")

# --- points ----------------------------------------------------------------------------------------------------------
RULES = TASK, PATTERN_INSIGHT, COUNTEREXAMPLE, FIRST_SOLVER, PERFECT_DAY = range(5)
LEAST_BY_DIFFICULTY = (5, 10, 20, 40)  # easy, medium, hard, extreme
MOST_BY_DIFFICULTY = (5, 15, 30, 50)
INSIGHT_LEAST, INSIGHT_MOST = 25, 50
COUNTEREXAMPLE_LEAST = 100
FIRST_SOLVER_POINTS = 5
PERFECT_DAY_POINTS, PERFECT_DAY_TASKS = 10, 5

# --- badges ----------------------------------------------------------------------------------------------------------
BADGES = (
    FIRST_BLOOD, ON_FIRE, SHARPSHOOTER, ERDOS_STRAUS_MASTER, COLLATZ_CRAWLER, COUNTEREXAMPLE_HUNTER, SPEED_DEMON,
    SCHOLAR, CHAMPION, RISING_STAR,
) = range(10)  # fmt: skip
DAY_US = 86_400_000_000
ON_FIRE_TASKS, ON_FIRE_US = 10, DAY_US
SHARP_PERCENT, SHARP_ATTEMPTS = 95, 20
MASTER_TASKS, MASTERED = 100, {"erdos-straus": ERDOS_STRAUS_MASTER, "collatz": COLLATZ_CRAWLER}
FAST_US = 300_000_000
RISING_TASKS = 10

# --- tables: `day` and `daily_last_on` are dates, `*_at` instants, all else whole numbers; types may be narrow -------
TABLES = {
    "points_ledger": ("agent", "task", "submission", "rule", "points", "earned_at", "is_provisional"),
    "agent_days": ("agent", "day", "tasks_completed", "rejected", "points"),
    "streaks": (
        "agent", "daily_current", "daily_best", "daily_last_on", "accuracy_current", "accuracy_best",
        "problem_current", "problem_current_length", "problem_best", "problem_best_length",
    ),
    "agent_stats": ("agent", "points", "tasks_completed", "attempts", "last_active_at"),
    "badges": ("agent", "badge", "earned_at", "submission"),
}  # fmt: skip
