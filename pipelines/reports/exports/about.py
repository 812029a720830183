"""What an export says of itself: title, dates, and the facts that its numbers are a function of.

Not here: its columns (columns.py), its name as a file (file_names.py).
"""

import datetime as dt
from zoneinfo import ZoneInfo

from pipelines.reports.board_page import BoardPage
from pipelines.reports.machine import rfc3339

_WINDOWS = {"all": "all time", "day": "day", "week": "week", "month": "month"}


def window_name(page: BoardPage) -> str:
    """What the window is called: `week`, or the name of a named one."""
    named = next((window.name for window in page.reading.rules.window if window.slug == page.window), None)
    return named or _WINDOWS.get(page.window, page.window)


def dates(page: BoardPage) -> str:
    """The dates of the window as people write them: `9 to 15 November 2026`; empty for all time."""
    first, last = page.start_on, page.end_on
    if first is None or last is None:
        return ""
    if first == last:
        return _day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} to {_day(last)}"
    return f"{first.day} {first:%B} to {_day(last)}" if first.year == last.year else f"{_day(first)} to {_day(last)}"


def title(page: BoardPage) -> str:
    """Board, and team or project if it is of one."""
    return f"{page.name}, {page.scope_id}" if page.scope_id else page.name


def subtitle(page: BoardPage) -> str:
    """Window, dates and the instant for which it holds, to the minute, in the rulebook's time zone."""
    window = " ".join(part for part in (window_name(page), dates(page)) if part)
    return f"{window[:1].upper()}{window[1:]} · as of {as_of(page)}"


def as_of(page: BoardPage) -> str:
    """The instant for which the page holds, as people write it in the rulebook's time zone."""
    zone = page.reading.rules.timezone
    at = page.reading.as_of.astimezone(ZoneInfo(zone))
    return f"{_day(at.date())}, {at:%H:%M} {zone}"


def facts(page: BoardPage) -> dict[str, str]:
    """What the numbers are a function of, as texts by name; what a board has not is left out."""
    told = {
        "board": page.board,
        "name": page.name,
        "window": page.window,
        "window_start_on": page.start_on.isoformat() if page.start_on else None,
        "window_end_on": page.end_on.isoformat() if page.end_on else None,
        "scope_id": page.scope_id,
        "timezone": page.reading.rules.timezone,
        "as_of": rfc3339(page.reading.as_of),
        "rulebook": page.reading.fingerprint,
        "generation": page.reading.generation.id,
        "n_entries": str(page.n_entries),
    }
    return {name: value for name, value in told.items() if value is not None}


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%B} {day.year}"
