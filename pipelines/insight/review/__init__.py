"""The review queue: what is worth a look, with its events; never a deduction."""
