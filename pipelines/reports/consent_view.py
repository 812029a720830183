"""Who shares what since when, and what a new word on it has done: as plain data and on a terminal.

Not here: what is in force (arena/consents.py), recording a new word (consenting.py), what leaves (arena_preview.py).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.text import Text

from pipelines.arena.consents import AGGREGATES, FIRST_POLICY, in_force
from pipelines.game.records import CONSENT_SCOPES
from pipelines.reports.arena_words import SCOPES, grant, preview, revoke
from pipelines.reports.choices import one_of
from pipelines.reports.columns import column, fits, table_of
from pipelines.reports.machine import to_second
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen

if TYPE_CHECKING:
    from pipelines.reports.consenting import Said

SHARED, WITHDRAWN, OTHER_POLICY, NOT_YET, NEVER = "shared", "withdrawn", "other_policy", "not_yet", "never"
NARROWEST = 12  # cells of a name that a table leaves room for
MAX_VERSION = 16  # cells of what is said of another policy
_ENDED = {
    WITHDRAWN: "Withdrawn at",
    OTHER_POLICY: "Granted for another policy, which does not count, at",
    NOT_YET: "Granted from a moment that is yet to come:",
}


@dataclass(frozen=True)
class Standing:
    """How an owner stands to a scope. `at`: since when, as naive UTC; null if nothing was ever said."""

    state: str
    at: dt.datetime | None = None
    event_id: str | None = None
    policy_version: str | None = None

    def for_machines(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "state": self.state,
            "since": self.at,
            "event_id": self.event_id,
            "policy_version": self.policy_version,
        }


NOTHING_SAID = Standing(NEVER)


@dataclass(frozen=True)
class ConsentPage:
    """Owners who said something about sharing, each scope by scope. `n_silent`: owners who never did."""

    policy_version: str
    owners: dict[str, dict[str, Standing]]
    n_silent: int
    asked: str | None = None

    def for_machines(self) -> dict[str, Any]:
        """The page as plain data."""
        return {
            "policy_version": self.policy_version,
            "n_silent": self.n_silent,
            "owners": {
                owner_id: {scope: standing.for_machines() for scope, standing in scopes.items()}
                for owner_id, scopes in self.owners.items()
            },
        }


def consent_page(
    events: pl.DataFrame,
    owners: Sequence[str],
    policy_version: str,
    now: dt.datetime,
    owner_id: str | None = None,
) -> ConsentPage:
    """Who shares what at `now` (naive UTC), given all consent records (columns of consents.EVENTS) and all owners.

    With `owner_id` of that one alone. Raises Misuse if nothing is known of them.
    """
    asked = None
    if owner_id is not None:
        asked = one_of(owner_id, sorted({*owners, *events["owner_id"]}), "owner")
        events = events.filter(pl.col("owner_id") == asked)
    began = dict(events.select("event_id", "at").iter_rows())
    told: dict[str, dict[str, Standing]] = {}
    for event in events.sort("owner_id", "at", "event_id").to_dicts():
        of_one = told.setdefault(event["owner_id"], dict.fromkeys(CONSENT_SCOPES, NOTHING_SAID))
        of_one[event["scope"]] = _standing(event, policy_version)
    for owner, scope, event_id in in_force(events, policy_version, now).iter_rows():
        told[owner][scope] = Standing(SHARED, began[event_id], event_id, policy_version)
    if asked is not None:
        told.setdefault(asked, dict.fromkeys(CONSENT_SCOPES, NOTHING_SAID))
        return ConsentPage(policy_version, told, 0, asked)
    return ConsentPage(policy_version, told, len(set(owners) - set(told)))


def _standing(event: dict[str, Any], policy_version: str) -> Standing:
    """What the newest record says of a scope that is not in force."""
    version = event["policy_version"] or FIRST_POLICY
    state = WITHDRAWN if not event["granted"] else NOT_YET if version == policy_version else OTHER_POLICY
    return Standing(state, event["at"], event["event_id"], version)


def show_consents(page: ConsentPage, screen: Screen) -> None:
    """Show the page: of one owner every scope with the command that changes it, of all a table."""
    screen.say()
    if page.asked is not None:
        return _show_one(page.asked, page.owners[page.asked], screen)
    if not page.owners:
        screen.say("Nobody has ever said that anything may be shared: nothing leaves.")
        return None
    _show_all(page, screen)
    if page.n_silent:
        verb = "has" if page.n_silent == 1 else "have"
        screen.say(f"{counted(page.n_silent, 'other owner')} {verb} shared nothing: nothing of theirs leaves.", "dim")
    if any(standing.state == OTHER_POLICY for scopes in page.owners.values() for standing in scopes.values()):
        screen.say(f"A grant for another version of the policy than {page.policy_version} does not count.", "dim")
    return None


def _show_all(page: ConsentPage, screen: Screen) -> None:
    """A row for each owner; where there is no room for every scope, a line for each that something was said of."""
    scopes = [
        column(scope, [_cell(of_one[scope], screen) for of_one in page.owners.values()]) for scope in CONSENT_SCOPES
    ]
    if fits(screen, [column("owner", ["w" * NARROWEST]), *scopes]):
        screen.show(table_of(screen, column("owner", list(page.owners), least=NARROWEST), *scopes))
        return
    for owner_id, of_one in page.owners.items():
        screen.say(owner_id, "bold")
        for scope, standing in of_one.items():
            if standing.state != NEVER:
                screen.show(Text.assemble(f"  {scope}  ", _cell(standing, screen)))


def _show_one(owner_id: str, scopes: dict[str, Standing], screen: Screen) -> None:
    screen.say(owner_id, "bold")
    if not any(standing.state == SHARED for standing in scopes.values()):
        screen.say("Shares nothing: nothing leaves.")
    for scope, standing in scopes.items():
        is_shared = standing.state == SHARED
        screen.say()
        screen.show(Text.assemble((scope, "bold"), "  ", _cell(standing, screen)))
        if not is_shared and standing.at is not None:
            screen.say(f"  {_ENDED[standing.state]} {to_second(standing.at)}.")
        for line in wrap(SCOPES[scope].shares, max(screen.width - 2, 1)):
            screen.say(f"  {line}", "dim")
        screen.say(f"  {(revoke if is_shared else grant)(owner_id, scope)}")


def _cell(standing: Standing, screen: Screen) -> Text:
    """Since when it is shared, or why it is not, in a few cells."""
    day = to_second(standing.at)[:10] if standing.at else ""
    if standing.state == SHARED:
        return Text(f"{screen.signs.ok} {day}", style="green")
    if standing.state == WITHDRAWN:
        return Text("withdrawn", style="yellow")
    if standing.state == NOT_YET:
        return Text(f"from {day}", style="yellow")
    if standing.state == OTHER_POLICY:
        return Text(screen.cut(f"policy {standing.policy_version}", MAX_VERSION), style="yellow")
    return Text(screen.signs.dash, style="dim")


def said_for_machines(said: "Said") -> dict[str, Any]:
    """What was recorded, as plain data."""
    return asdict(said)


def show_said(said: "Said", screen: Screen) -> None:
    """Show what was recorded, what is shared from now on, and what that does not undo."""
    screen.say(f"{said.owner_id} {'shares' if said.granted else 'withdraws'} {_listed(said.scopes)}.", "bold")
    if not said.is_read:
        screen.say("Another run is at work in this home: the word is written down, and read before the next export.")
    elif set(said.shares) != set(said.scopes) or not said.granted:
        rest = f"shares {_listed(said.shares)}" if said.shares else "shares nothing"
        screen.say(f"From now on {said.owner_id} {rest}.")
    if not said.is_known:
        screen.say("Nobody of that name has a record yet: look whether it is spelled as in the log.", "yellow")
    if said.granted:
        screen.say(f"Nothing leaves before the next export. What would: {preview(said.owner_id)}")
    elif set(said.scopes) - {AGGREGATES}:
        screen.say(
            "The next export no longer holds it, and tells everyone who reads bundles to delete the old pseudonym. "
            "Copies that are already out cannot be recalled."
        )
    if not said.granted and AGGREGATES in said.scopes:
        screen.say("Sums that were released stay; later ones are made without this owner.")


def _listed(scopes: Sequence[str]) -> str:
    return ", ".join(scopes)
