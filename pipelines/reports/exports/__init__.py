"""Boards as files for other programs and for people: one module a format, one contract of columns for all.

Not here: what is on a board (board_page.py), the site (site/).
"""
