"""Faults that a reader of Podium may meet, as sentences. Not here: Python's own errors, which are ours to mend."""


class PodiumError(Exception):
    """Something the user can mend: the message is a sentence that says what happened, where, and what to do."""
