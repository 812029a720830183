"""Skill measured: the model, its fit, and the tables that it is told in."""
