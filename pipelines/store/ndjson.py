"""The fast strict reader: lines of NDJSON that are plainly right, in bulk.

Here: the search for the shapes of a block's lines, and what is read by them. A line is accepted only where
`game.events.check_line` is known to accept it with the same values: every byte of it is compared (cutting.py) or
belongs to a value that is spelled plainly (plain_values.py). All other lines go to `check_line` one by one, which alone
knows reasons. Not here: which lines are blank or refused (reading.py), and which are repeated (duplicates.py).
"""

from typing import Final

import numpy as np
import pyarrow as pa

from pipelines.store.cutting import Places, Quoted
from pipelines.store.plain_values import typed
from pipelines.store.shapes import N_SAMPLES, shape_of

Plain = tuple[str, pa.Table]

MOST_SHAPES: Final = 12  # several programs may have written one log, each with an order of its own for each type


def plain_records(text: bytes, starts: Places, ends: Places, latest: int) -> tuple[list[Plain], Places]:
    """The records of the lines that are plainly right, by type, and the places of all other lines.

    Lines are `text[start:end]`, newline included, without a gap. `latest`: the last `at` that is not from the
    future, in UTC microseconds. A record's `n` is the place of its line in the block.
    """
    block = Quoted(text, starts, ends)
    found: list[Plain] = []
    is_taken = np.zeros(len(starts), np.bool_)
    left = block.plain_lines
    for _ in range(MOST_SHAPES):
        some = left[np.linspace(0, len(left) - 1, min(len(left), N_SAMPLES), dtype=np.int64)]
        shape = shape_of([text[starts[n] : ends[n]] for n in some.tolist()])
        if shape is None:
            break
        cuts = block.cut(left, shape)
        if not len(cuts.lines):
            break
        found.append((shape.kind, typed(block, cuts, shape.kind, latest)))
        is_taken[found[-1][1]["n"].to_numpy()] = True
        is_of_shape = np.zeros(len(starts), np.bool_)
        is_of_shape[cuts.lines] = True
        left = left[~is_of_shape[left]]
    return found, np.flatnonzero(~is_taken)
