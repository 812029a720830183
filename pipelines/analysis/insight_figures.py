"""The figures of statistics, drawn of one season: how good agents are, how hard tasks, and whether advice is right.

Here: which rows a figure takes. Not here: drawing them, and the statistics.
"""

from pipelines.analysis.season_rows import SeasonRows


class InsightFigures(SeasonRows):
    """Figures of the tables of insight. Every method raises Misuse for a name that does not exist."""
