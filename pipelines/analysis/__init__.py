"""What analysts call: a published season as one object, its figures, other rules, and the notebooks.

It stands above reports (which draw) and engines (which play other rules). Not here: any number or figure of its own.
"""
