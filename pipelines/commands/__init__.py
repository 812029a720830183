"""The commands of `podium`, one function each: arguments in, one call, a page or JSON out. No logic."""
