"""The published tables of insight, and with those of the game all that a generation holds.

Here: the lists. Not here: the tables; each stands in the module that makes it.
"""

from pipelines.game.contract import Table
from pipelines.game.tables import TABLES

INSIGHT_TABLES: dict[str, Table] = {}
PUBLISHED_TABLES: dict[str, Table] = {**TABLES, **INSIGHT_TABLES}
