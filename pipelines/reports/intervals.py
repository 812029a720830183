"""How sure a share is: Wilson's interval. Not here: how it reads (quantities.py)."""

from pipelines.game.leaderboards import Z_95


def wilson(n_right: int, n: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share, without continuity correction (Wilson, JASA 22, 1927). `n` > 0."""
    share, z2 = n_right / n, Z_95 * Z_95
    middle = share + z2 / (2 * n)
    spread = Z_95 * (share * (1 - share) / n + z2 / (4 * n * n)) ** 0.5
    return max((middle - spread) / (1 + z2 / n), 0.0), min((middle + spread) / (1 + z2 / n), 1.0)
