"""Figures: frames with the columns of published tables in, a Plotly figure out. Nothing else knows Plotly.

Here: one module a subject, `style.py` for how figures look and leave the house, `canvas.py` for what they share,
`rows.py` for rows with names, and `spans.py` for how finely time is told. Every figure has a title, axes with units,
and in `layout.meta` the `title` and a `summary` for whoever cannot see it. Names are strangers' texts and appear as
they are, never as markup. Not here: which figures a page shows (`site/`), and reading tables (`reading.py`).
"""
