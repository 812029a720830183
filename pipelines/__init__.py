"""Podium: raw logs of agents at work, turned into a game people trust.

`from pipelines import open_season` is where analysts begin (docs/notebooks.md).
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipelines.analysis.season import OpenSeason

# Of Polars' allocator: memory that is given back and wanted again within three seconds needs no new pages from the
# system, which takes a tenth of the time of scoring. It is read when Polars is imported, so it is said here, before.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:3000,muzzy_decay_ms:3000")


def open_season(home: str | Path | None = None) -> "OpenSeason":
    """The published season of a home, held open for reading: tables as Polars frames, SQL, pages, figures.

    Without `home` PODIUM_HOME, else the first of ./data, ./data/demo, ../data and ../data/demo in which a season is
    published. Raises PodiumError with a sentence where there is none.
    """
    from pipelines.analysis.season import OpenSeason

    return OpenSeason.of_home(home)
