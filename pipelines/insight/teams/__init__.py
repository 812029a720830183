"""How teams work together: shared agents, their spread, and what hangs on few people."""
