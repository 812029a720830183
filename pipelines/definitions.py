"""The Dagster code location of Podium: `dagster dev` finds it here. Not here: what is in it (defs/)."""

from pipelines.defs.location import definitions
from pipelines.settings import settings

defs = definitions(settings())
