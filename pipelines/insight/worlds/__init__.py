"""Synthetic worlds whose truth is known, on which all of insight is tried."""
