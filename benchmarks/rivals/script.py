"""What makes a module a rival: `python benchmarks/rivals/NAME.py FACTS OUT`, one line of JSON with its own seconds.

Imports are done before the clock starts. Not here: what a rival computes.
"""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path


def play(score: Callable[[Path, Path], None]) -> None:
    """Run `score(facts, out)` with the folders of the command line, and say how long it took."""
    _, facts, out = sys.argv
    Path(out).mkdir(parents=True, exist_ok=True)
    begin = time.perf_counter()
    score(Path(facts), Path(out))
    print(json.dumps({"seconds": round(time.perf_counter() - begin, 3)}))
