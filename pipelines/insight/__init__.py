"""Statistics over the game's tables: how good agents are, what to use next, when the next level comes, how sure we are.

Pure: frames in, frames out. Points are a game, skill is a measurement: no points and no XP ever enter a model of skill.
"""
