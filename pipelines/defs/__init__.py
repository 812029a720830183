"""Dagster: names, order and metadata; no arithmetic."""
