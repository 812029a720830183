"""What leaves the house: consent, pseudonyms, disclosure control, noise, and the signed bundle.

Nothing leaves unless its owner has said so. Not here: the game that is told of (game/), and the way from a generation
to a bundle (engines/sharing.py).
"""
