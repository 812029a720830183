"""What changed since the generation before: who gained and who lost what, and why.

`telling.py` puts the table together, `table.py` is its contract; `points.py`, `xp.py`, `standing.py` and `places.py`
find what changed, with `awards.py` for both ledgers; `causes.py` and `reasons.py` say why. Not here: which generation
was the one before, and the feed (engines/, store/).
"""
