"""A contest's own terms, as its feed states them: who is ranked, agents' names, verdicts, times.

Here: pure readings of single CLICS objects. Not here: reading lines (`clics_feed.py`),
making records (`clics.py`).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Final

from pipelines.game.events import parse_instant
from pipelines.sources.clics_feed import FeedObject, key_of

# The well-known judgement types of the CLICS specification, for feeds that do not define their own.
# Compile errors are void as in most ICPC contests; an error of the judging system is nobody's fault.
_WELL_KNOWN: Final[dict[str, str]] = {
    **dict.fromkeys(("AC", "APE"), "verified"),
    **dict.fromkeys(("CE", "CTL", "JE", "SE", "CS"), "void"),
    **dict.fromkeys(("RE", "WA", "OLE", "PE", "EO", "IO", "NO"), "rejected"),
    **dict.fromkeys(("TLE", "WTL", "ILE", "TCO", "TWA", "TPE", "TEO", "TIO", "TNO"), "rejected"),
    **dict.fromkeys(("RTE", "MLE", "SV", "IF", "RCO", "RWA", "RPE", "REO", "RIO", "RNO"), "rejected"),
}
_RELTIME: Final = re.compile(r"(-?)([0-9]{1,6}):([0-9]{2}):([0-9]{2})(?:\.([0-9]+))?")
_SHORT_OFFSET: Final = re.compile(r":[0-9.]+[+-][0-9]{2}\Z")
_MAX_NAME: Final = 120  # leaves room for team ids within the length of an id


def duration_of(reltime: object) -> int | None:
    """Microseconds of a CLICS RELTIME, `(-)h:mm:ss(.uuu)`; None for anything else."""
    parts = _RELTIME.fullmatch(reltime) if isinstance(reltime, str) else None
    if parts is None:
        return None
    sign, hours, minutes, seconds, fraction = parts.groups()
    whole = (int(hours) * 60 + int(minutes)) * 60 + int(seconds)
    micros = whole * 1_000_000 + int(((fraction or "") + "000000")[:6])
    return -micros if sign else micros


def rfc3339(time: object) -> object:
    """A CLICS TIME as RFC 3339: CLICS lets an offset be hours alone (`+01`). All else stays as it is."""
    return f"{time}:00" if isinstance(time, str) and _SHORT_OFFSET.search(time) else time


def instant_of(time: object) -> int | None:
    """UTC microseconds of a CLICS TIME; None for anything else."""
    text = rfc3339(time)
    return parse_instant(text) if isinstance(text, str) else None


def agent_names(contest_id: str, teams: Iterable[FeedObject]) -> dict[str, str]:
    """The agent id of each team, by team id: its name, with the team id behind it where names are shared.

    Characters that an id may not hold (controls, the joiners inside some emoji) are dropped from names; a
    team without any name is called `clics:<contest>:<team id>`.
    """
    names = {team.id: _clean_name(team) or f"clics:{contest_id}:{team.id}" for team in teams}
    for _ in range(3):  # a name made here may be another team's own name; three rounds settle even spite
        shared = {name for name, n in Counter(names.values()).items() if n > 1}
        names = {id_: f"{name} ({id_})" if name in shared else name for id_, name in names.items()}
    return names


def _clean_name(team: FeedObject) -> str:
    data = team.data or {}
    for name in (data.get("name"), data.get("display_name")):
        if isinstance(name, str):
            spaced = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in name)
            kept = "".join(c for c in spaced if unicodedata.category(c) not in ("Cf", "Cs"))
            clean = unicodedata.normalize("NFC", kept).strip()[:_MAX_NAME].strip()
            if clean:
                return clean
    return ""


def is_ranked(team: FeedObject, groups: Mapping[str, FeedObject], main_group: str | None) -> bool:
    """Whether a team is on the scoreboard: visible, in a visible group, and in the main one if named."""
    data = team.data
    if data is None or data.get("hidden") is True:
        return False
    listed = data.get("group_ids")
    group_ids = [key_of(g) for g in listed] if isinstance(listed, list) else []
    if main_group is not None:
        return main_group in group_ids
    hidden = {id_ for id_, g in groups.items() if g.data is not None and g.data.get("hidden") is True}
    return not group_ids or any(g not in hidden for g in group_ids)


def verdict_of(judgement_type: str, types: Mapping[str, FeedObject], told: Mapping[str, str]) -> str | None:
    """What a judgement type means: as told, else as the feed defines it, else well known, else None."""
    if judgement_type in told:
        return told[judgement_type]
    known = types.get(judgement_type)
    data = known.data if known is not None else None
    if data is None:
        return _WELL_KNOWN.get(judgement_type)
    if data.get("solved") is True:
        return "verified"
    if isinstance(data.get("penalty"), bool):
        return "rejected" if data["penalty"] else "void"
    # A contest without penalty time need not say: then a type that does not solve is a rejection.
    return _WELL_KNOWN.get(judgement_type, "rejected")


def finished_judgements(judgements: Iterable[FeedObject]) -> list[tuple[FeedObject, str, object]]:
    """The finished judgements of one submission: judgement, judgement type and end.

    Left out is one that is marked as not in force (`current` or DOMjudge's `valid` is false) and ended after
    one that is: a rejudging that was called off. Overruled earlier ones stay: they held in their time.
    """
    found = []
    for judgement in judgements:
        data = judgement.data or {}
        type_ = key_of(data.get("judgement_type_id")) or key_of(data.get("simplified_judgement_type_id"))
        if type_ is not None and data.get("end_time") is not None:
            found.append((judgement, type_, rfc3339(data["end_time"])))
    ends = [instant_of(end) for judgement, _, end in found if _is_current(judgement)]
    last = max((end for end in ends if end is not None), default=None)
    return [f for f in found if _is_current(f[0]) or last is None or (instant_of(f[2]) or 0) < last]


def _is_current(judgement: FeedObject) -> bool:
    data = judgement.data or {}
    return data.get("current") is not False and data.get("valid") is not False
