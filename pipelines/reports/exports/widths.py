"""How wide texts are, without a font at hand: by East Asian width and the shape of letters.

In cells of a sheet (`columns_of`), and in pixels of a sans-serif font (`pixels`), rather too wide than too
narrow: of the fonts that a picture asks for it is the widest, DejaVu Sans. Not here: pictures (picture.py).
"""

import re
import unicodedata

ELLIPSIS = "…"
_NARROW, _WIDE = frozenset("iljtfrI.,:;!'|()[]{}/\\- "), frozenset("mwMWQ@%—")
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2: no document holds them


def columns_of(text: str) -> int:
    """Character cells of a text: wide signs take two, combining ones none."""
    return sum(_cells(sign) for sign in text)


def pixels(text: str, size: float, *, bold: bool = False) -> float:
    """Pixels of a text in a font of `size` pixels."""
    return sum(_ems(sign) for sign in text) * size * (1.12 if bold else 1)


def cut(text: str, most: float, size: float, *, bold: bool = False) -> str:
    """`text`, with an ellipsis at its end where it is wider than `most` pixels."""
    if pixels(text, size, bold=bold) <= most:
        return text
    room, end = most - pixels(ELLIPSIS, size, bold=bold), 0
    while end < len(text) and pixels(text[: end + 1], size, bold=bold) <= room:
        end += 1
    return text[:end].rstrip() + ELLIPSIS


def for_xml(text: str) -> str:
    """`text` with a replacement sign for each that no XML document can hold."""
    return _NO_XML.sub("\ufffd", text)


def _cells(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _ems(sign: str) -> float:
    cells = _cells(sign)
    if cells != 1:
        return cells * 0.7  # emoji are wider than a square
    if sign in _NARROW:
        return 0.42
    if sign in _WIDE or ord(sign) > 0x2E80:
        return 1.02
    if ord(sign) >= 0x2000:
        return 0.92  # arrows, stars and the like
    return 0.72 if sign.isupper() or ord(sign) > 0x2AF else 0.64
