"""The rules of the game: pure functions of (log, rulebook, as_of). No database, no clock, no screen."""
