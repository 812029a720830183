"""Podium: raw logs of agents at work, turned into a game people trust."""

import os

# Of Polars' allocator: memory that is given back and wanted again within three seconds needs no new pages from the
# system, which takes a tenth of the time of scoring. It is read when Polars is imported, so it is said here, before.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:3000,muzzy_decay_ms:3000")
