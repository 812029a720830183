"""The report site: a folder of static pages that opens from a file, with no request to any network.

`publishing.py` writes the folder; `rendering.py` makes pages of templates; `held.py` keeps what all pages read;
`links.py` names their files; `grids.py` is a table as pages and the script of the site know it; `icons.py` and
`sparks.py` draw. `*_pages.py` say what the pages hold, `templates/` and `static/` how they look.
Not here: the numbers (game/), charts (reports/figures/), the pages in a terminal (reports/*_view.py).
"""
