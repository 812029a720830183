"""Texts of strangers in spreadsheets: what a program could take for a formula gets a `'` in front.

Spreadsheets read a cell as a formula if it begins with = + - or @, some also after white space or a quote, and some
also in the full-width forms (OWASP, "CSV Injection"). Numbers are never touched. Not here: the files.
"""

import unicodedata

MARK = "'"
_BEGINS_FORMULA = frozenset("=+-@")
_BEGINS_CELL = frozenset("\t\r\n")
_QUOTES = frozenset("'\"`´‘’‚“”„«»＇＂")


def guarded(text: str) -> str:
    """`text`, with MARK in front if it could be taken for a formula."""
    return MARK + text if is_dangerous(text) else text


def unguarded(text: str) -> str:
    """What a text was before it was guarded: no guarded text is that of two."""
    return text[1:] if text.startswith(MARK) and is_dangerous(text[1:]) else text


def is_dangerous(text: str) -> bool:
    """Whether a spreadsheet could take it for a formula, or whether it looks like such a text that was guarded."""
    begin = text.lstrip(MARK)[:1]
    if begin in _BEGINS_CELL:
        return bool(begin)
    first = next((sign for sign in text if not (sign.isspace() or sign in _QUOTES)), "")
    return bool(_BEGINS_FORMULA.intersection(unicodedata.normalize("NFKC", first)[:1]))
