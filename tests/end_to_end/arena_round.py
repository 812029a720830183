"""Three teams share for three weeks, and an arena merges what they give it: all by the command line, done once.

`many` is of enough people for sums, of whom four share profiles and one withdraws after the first week; after the
second a verdict of October is reversed. `few` begins a new epoch after the second week. `late` shares nothing in the
first. Not here: what must come of it (test_arena_round.py).
"""

import datetime as dt
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.arena.consents import in_force
from pipelines.arena.keys import Keyring
from pipelines.store.consent_log import consent_events
from pipelines.store.warehouse import Warehouse
from tests.end_to_end.arena_homes import Row, Team, rows, team
from tests.end_to_end.test_cli import Ended, podium

MONDAYS = {1: "2020-11-02", 2: "2020-11-09", 3: "2020-11-16"}
PROFILE = ("metrics", "achievements")
WITHDRAWN = "u-willow"
CORRECTED, ITS_OWNER = "ideal-crane", "u-maple"  # October's only solve of this agent is taken back in November
REVERSED = json.dumps(
    {
        "type": "submission",
        "event_id": "late-1",
        "at": "2020-11-10T09:00:00Z",
        "submission_id": "s241",
        "agent_id": CORRECTED,
        "user_id": ITS_OWNER,
        "task_id": "cz-021",
        "submitted_at": "2020-10-23T10:44:55Z",
        "verdict": "rejected",
    }
)
# A dozen people are lost in the noise of the default price. This one hides nobody: it lets a test see popularity.
PRICE = 160_000_000
LOUD = f"[aggregates]\nmax_norm = 100\nrelease_micro_rho = {PRICE}\nbudget_micro_rho = {6 * PRICE}\n"


@dataclass(frozen=True)
class Round:
    """What three weeks came to. In `inbox/<week>/<team>` lies what the arena was given, in `board/<week>` its board."""

    place: Path
    teams: Mapping[str, Team]
    exported: Mapping[tuple[str, int], Row]
    verified: Mapping[tuple[str, int], Ended]
    merged: Mapping[int, Ended]
    gone: frozenset[str]  # under which WITHDRAWN and their agents were told of in the first week
    corrected: str  # the pseudonym of CORRECTED

    def bundle(self, name: str, week: int) -> Path:
        return self.place / "inbox" / str(week) / name

    def publisher(self, name: str) -> str:
        told: str = self.exported[name, 1]["publisher"]
        return told

    def board(self, week: int = 3) -> Path:
        return self.place / "board" / str(week)

    def known(self, week: int) -> Path:
        return self.place / f"known-{week}.json"


def play(place: Path) -> Round:
    """Three weeks in a folder."""
    sharing = {"*": ("aggregates",), ITS_OWNER: PROFILE, "u-quartz": PROFILE, "u-yarrow": PROFILE}
    teams = {
        "many": team(place / "many", agents=24, seed=1, consents=sharing),
        "few": team(place / "few", agents=12, seed=2, consents={"*": ("aggregates",), "u-hazel": PROFILE}),
        "late": team(place / "late", agents=12, seed=3, consents={}),
    }
    (teams["many"].home / "arena.toml").write_text(LOUD)
    teams["many"].told("consent", "grant", WITHDRAWN, *PROFILE)
    exported, verified, merged = {}, {}, {}
    told = Round(place, teams, exported, verified, merged, frozenset(), "")
    for week, monday in MONDAYS.items():
        for name, one in teams.items():
            one.publishes(monday)
            exported[name, week] = one.told("arena", "export")
            bundle = shutil.copytree(exported[name, week]["path"], told.bundle(name, week))
            verified[name, week] = one.podium("arena", "verify", bundle)
        known = place / "known.json"
        merged[week] = podium("arena", "merge", bundle.parent, "--out", told.board(week), "--known", known, cwd=place)
        shutil.copy(known, told.known(week))
        if week == 1:
            gone = frozenset(_told_of(teams["many"], WITHDRAWN, told.bundle("many", 1)))
            teams["many"].told("consent", "revoke", WITHDRAWN)
            teams["late"].told("consent", "grant", "u-nettle", *PROFILE, "aggregates")
        elif week == 2:
            [owner] = _owner(teams["many"], ITS_OWNER, "metrics")
            teams["many"].reads("correction", REVERSED)
            teams["few"].told("arena", "rotate")
    [corrected] = {
        row["pseudonym"]
        for row in rows(told.bundle("many", 2), "leaderboard_entries")
        if row["owner_pseudonym"] == owner and row["subject_type"] == "agent"
    }
    return Round(place, teams, exported, verified, merged, gone, corrected)


def _owner(one: Team, owner: str, *scopes: str) -> list[str]:
    """The pseudonyms of an owner in some scopes, by the team's own keys."""
    with Warehouse.open(one.home) as warehouse:
        consents = in_force(consent_events(warehouse), "1", dt.datetime.now(dt.UTC).replace(tzinfo=None))
    pseudonyms = Keyring.open(one.keys, one.home).pseudonyms(consents)
    return [pseudonyms.owners(scope, consents["owner_id"].filter(consents["owner_id"] == owner))[0] for scope in scopes]


def _told_of(one: Team, owner: str, bundle: Path) -> list[str]:
    """Every pseudonym under which a bundle tells of an owner, and of the owner's agents."""
    owned = _owner(one, owner, *PROFILE)
    boards = rows(bundle, "leaderboard_entries")
    return [*owned, *(row["pseudonym"] for row in boards if row["owner_pseudonym"] in owned)]
