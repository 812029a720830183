"""How rare badges and achievements are. Not here: who holds them, and how far the others are."""

from collections.abc import Mapping

import polars as pl

from pipelines.reports.figures.canvas import Canvas, Titles, canvas, nothing, rows_height, whole_axis
from pipelines.reports.figures.rows import count_bars, label_right, name_rows
from pipelines.reports.figures.style import BLUE, cut, plain
from pipelines.reports.quantities import share

_WHOSE = {"agent": ("badge", "agents"), "user": ("achievement", "users")}


def holders(badges: pl.DataFrame, names: Mapping[str, str], n_subjects: int, subject_type: str = "agent") -> Canvas:
    """How many agents hold each badge (or users each achievement), the commonest first, those of nobody too.

    `badges`: rows of `badges`. `names`: what they are called, by slug, all that can be earned. `n_subjects`: how many
    could have earned one. A badge with tiers counts once for each holder.
    """
    one, whose = _WHOSE[subject_type]
    titles = Titles(f"How many {whose} hold each {one}", f"{whose.capitalize()} that hold it", one.capitalize())
    earned = badges.filter(subject_type=subject_type).group_by("badge").agg(pl.col("subject_id").n_unique())
    held = dict(earned.rows())
    slugs = sorted({*names, *held}, key=lambda slug: (-held.get(slug, 0), names.get(slug, slug)))
    if not slugs or not n_subjects:
        return nothing(titles, f"No {one}s yet")
    n_held = [held.get(slug, 0) for slug in slugs]
    shown = [names.get(slug, slug) for slug in slugs]
    told = "; ".join(f"{cut(name)} {n:,}" for name, n in zip(shown, n_held, strict=True))
    figure = canvas(titles, f"Of {n_subjects:,} {whose} hold: {told}.", rows_height(len(slugs)))
    said = [
        f"<b>{plain(name)}</b><br>{n:,} of {n_subjects:,} {whose}: {share(n / n_subjects)}"
        for name, n in zip(shown, n_held, strict=True)
    ]
    count_bars(figure, n_held, BLUE, said)
    label_right(figure, [f"{n:,} ({share(n / n_subjects)})" for n in n_held])
    name_rows(figure, shown)
    whole_axis(figure, max(1, *n_held))
    return figure
