"""Names of files for exports, made of letters, digits, `-`, `_` and `.` only, whatever a board is called.

Names of boards and teams hold other people's text (`problem:../../x`). Not here: the formats (formats.py).
"""

import hashlib
import re
import unicodedata

from pipelines.reports.board_page import BoardPage

MAX_PART = 60  # characters of one part of a name


def stem(page: BoardPage, *, with_dates: bool = True) -> str:
    """`points-week-2026-11-09`: board, team or project, window, and with `with_dates` the window's first day."""
    parts = [part(page.board.replace(":", "-", 1), page.board)]
    if page.scope_id is not None:
        parts.append(part(page.scope_id))
    parts.append(part(page.window))
    if with_dates and page.start_on is not None and page.window in ("day", "week", "month"):
        parts.append(page.start_on.isoformat())
    return "-".join(parts)


def part(text: str, whole: str | None = None) -> str:
    """A text as part of a name; where signs had to go, 8 hexadecimal digits of a hash of `whole` tell it apart."""
    if re.fullmatch(r"[a-z0-9][a-z0-9_-]*(\.[a-z0-9_-]+)*", text) and len(text) <= MAX_PART:
        return text
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    kept = re.sub(r"[^a-z0-9]+", "-", plain)[:MAX_PART].strip("-")
    mark = hashlib.sha256((whole or text).encode()).hexdigest()[:8]
    return f"{kept}-{mark}".lstrip("-")
