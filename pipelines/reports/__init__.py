"""From frames to what people look at.

`reading.py` opens a published season. `*_page.py` and `checkup.py` say what a page holds, as plain data, `*_part.py`,
`places.py`, `board_company.py` and `quality_checks.py` parts of it; `*_view.py` how it looks in a terminal, with
`columns.py` (tables that fit), `quantities.py` and `formula.py` (how numbers read). `terminal.py` and `machine.py` are
the two ways out: text and JSON. `options.py`, `choices.py` and `endings.py` are the edge of the command line: what may
be asked, what was meant, how it ends.
`*_words.py` and `reasons.py` say things in sentences, `trophies_part.py` and `versus_parts.py` are parts of pages, too.
`arena_*.py` show what would leave the house, what its privacy costs and what an arena makes of bundles;
`consent_view.py` and `consenting.py` who shares what. `standalone.py` makes pages that stand alone, `shown_anew.py`
makes report and exports anew once somebody is forgotten.
Beside the terminal: `site/` (the report, as pages for a browser), `figures/` (Plotly), `exports/` (boards as files).
`table_docs.py` writes `docs/tables.md`.
Not here: the commands (commands/), the numbers (game/), what the web UI is told (defs/pages.py).
"""
