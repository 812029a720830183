"""Somebody else's attacks on profiles by choice: `anonymeter` (Giomi and others, 2023), which wants an older numpy.

    python benchmarks/arena_recognised.py --rows DIR
    python3 -m uv run --no-project --with anonymeter python benchmarks/arena_anonymeter.py DIR

Half of a team shares. The attacker sees the rows told of them, and says of combinations of figures that exactly one
person of the house has them, or which halves of two rows are one person's. What it says as rightly of those who do not
share, the control, it does not have from the rows. Totals of the house are in the grains of the policy, which are
public. Not here: our own attackers (arena_profile_attacks.py), and anything of Podium: this runs without it.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from anonymeter.evaluators import LinkabilityEvaluator, SinglingOutEvaluator

WORK = ["level", "xp", "calls", "successes", "daily_best"]
CONTEST = ["points", "tasks_completed", "attempts"]
N_ATTACKS = 300


def main() -> None:
    folder = Path(sys.argv[1])
    sharing, others, told = (pd.read_parquet(folder / f"{name}.parquet") for name in ("sharing", "others", "told"))
    as_words = [frame.astype(str) for frame in (sharing, told, others)]  # else it asks for more or less, not for equal
    print("| attack | right | control | baseline, by lot |\n|---|--:|--:|--:|")
    for n_columns in (1, 2, 3, 4):
        np.random.seed(0)
        singling = SinglingOutEvaluator(*as_words[:2], n_attacks=N_ATTACKS, n_cols=n_columns, control=as_words[2])
        singling.evaluate(mode="univariate" if n_columns == 1 else "multivariate")
        shown(f"singling out by {n_columns} figure{'s' * (n_columns > 1)}", singling.results(confidence_level=0.95))
    np.random.seed(0)
    linking = LinkabilityEvaluator(
        sharing, told, n_attacks=len(others), aux_cols=(WORK, CONTEST), n_neighbors=1, control=others
    )
    linking.evaluate(n_jobs=1)
    shown("linking calls to contest", linking.results(confidence_level=0.95))


def shown(name: str, results: object) -> None:
    cells = [
        f"{100 * rate.value:.0f} ({100 * (rate.value - rate.error):.0f} to {100 * (rate.value + rate.error):.0f})"
        for rate in (results.attack_rate, results.control_rate, results.baseline_rate)
    ]
    print(f"| {name} | {' | '.join(cells)} |")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main()
