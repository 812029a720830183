"""Advice: which agent to use for which work, and which task to try next, with reasons."""
