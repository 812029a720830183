"""The report site: a folder of static pages that opens from a file, with no request to any network.

`publishing.py` writes the pages, `folder.py` puts them in place of the old ones; `rendering.py` makes pages of
templates, for which `templating.py` is the environment; `held.py` keeps what all pages read, `subjects.py` what
profiles read; `links.py` names files.
`home_page.py` and `*_pages.py` say what pages hold, with `neighbours.py`, `board_charts.py`, `profile_parts.py`,
`call_figures.py`, `advised.py`, `agent_skills.py`, `gains.py` and `race_steps.py` for parts of them. `grids.py` is a
large table as pages and script know it; `charts.py`, `cell_maps.py`, `icons.py` and `sparks.py` draw. `templates/` and
`static/` say how all of it looks.
Not here: the numbers (game/), charts (reports/figures/), the pages in a terminal (reports/*_view.py).
"""
