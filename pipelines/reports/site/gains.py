"""Who gained how much and when, as the charts and tables of all pages take it: by day, or in a short season by instant.

Not here: which season is short (figures/spans.py), what one profile or team takes from its own rows.
"""

import polars as pl

from pipelines.reports.figures.growth import gains
from pipelines.reports.figures.spans import column, is_short
from pipelines.reports.site.held import Held


def gains_of(held: Held, key: str, measure: str) -> pl.DataFrame:
    """Sums by `key` (agent_id, user_id) and `day`, or `at` in a short season: only gains, and none after `as_of`."""
    until = held.until(measure)
    if key == "agent_id" and not is_short(until):
        rows = held.frame("agent_days").select(key, "day", measure)
    else:
        ledger = held.collect(held.table(f"{measure}_ledger").select(key, "earned_at", measure))
        rows = gains(ledger, key, held.rules.timezone, until)
    return rows.filter((pl.col(measure) > 0) & (pl.col(column(until)) <= until))
