"""Podium: raw logs of agents at work, turned into a game people trust."""
