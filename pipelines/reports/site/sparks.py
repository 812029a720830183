"""Small drawings inside a line of text: how an amount went from day to day. Not here: charts (reports/figures/)."""

from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 116, 28, 3  # user units of the drawing


def line_of(values: Sequence[float]) -> str:
    """The `d` of an SVG path through the values, left to right in the box of WIDTH x HEIGHT; empty for fewer than two.

    The axis begins at zero: a quiet time lies at the bottom, and equal values are a level line.
    """
    if len(values) < 2:
        return ""
    most = max(*values, 1)
    step = (WIDTH - 2 * MARGIN) / (len(values) - 1)
    points = [
        f"{MARGIN + n * step:.1f} {HEIGHT - MARGIN - value / most * (HEIGHT - 2 * MARGIN):.1f}"
        for n, value in enumerate(values)
    ]
    return "M" + "L".join(points)


def end_of(values: Sequence[float]) -> tuple[str, str] | None:
    """Where the line ends: x and y of its last point."""
    path = line_of(values)
    if not path:
        return None
    x, _, y = path.rpartition("L")[2].partition(" ")
    return x, y
