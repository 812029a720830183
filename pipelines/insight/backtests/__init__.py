"""Backtests: advice and predictions made anew for days past, and held against what came."""
