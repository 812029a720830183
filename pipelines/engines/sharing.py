"""From a published season to a bundle for the arena: what would leave, and its way out.

Two steps: `leaving` says what would leave and about whom (the preview shows it), `export` draws what noise is due,
looks everything over and writes the signed bundle. Consent is asked at this moment, of the whole log as it is known
now; everything else is that of the generation. Both run under the run lock of the home. Not here: profiles by choice
(chosen.py), and what each part is (arena/).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.arena import aggregates, conversations, disclosure, owners, releases
from pipelines.arena.budget import Ledger
from pipelines.arena.bundle import Contents, Written, write_bundle
from pipelines.arena.bundles_folder import last_bundle, strip_older
from pipelines.arena.consents import AGGREGATES, CONVERSATIONS, in_force, sharing
from pipelines.arena.keys import Keyring
from pipelines.arena.leaving import COUNTS, Leaving
from pipelines.arena.naming import identities, in_order, named
from pipelines.arena.periods import last_closed_day, week_of
from pipelines.arena.policy import Policy
from pipelines.arena.profile_bounds import Told
from pipelines.arena.pseudonyms import Pseudonyms
from pipelines.arena.verify import Bundle
from pipelines.engines.chosen import product_a
from pipelines.engines.local import Progress, quiet
from pipelines.game.calls import AGENT_CALLS
from pipelines.game.faults import PodiumError
from pipelines.game.rules import Rulebook
from pipelines.game.submissions import SUBMISSIONS
from pipelines.store.consent_log import consent_events
from pipelines.store.generation import Generation
from pipelines.store.replay import scan
from pipelines.store.warehouse import Warehouse

BUNDLES, LEDGER = "bundles", "budget.jsonl"  # in the arena's folder of a home
_LEDGER_SET_BACK = (
    "Nothing left. The last bundle was written with releases that the ledger no longer holds: noise drawn anew beside "
    "what is out would give people away. Put the ledger back from a copy."
)


class Refused(PodiumError):
    """Something that would have left does not keep the policy: nothing left."""


@dataclass(frozen=True)
class House:
    """What both steps work on: the published season, its rules, the policy, and the folders of keys and arena."""

    home: Path
    arena: Path
    keys: Path
    generation: Generation
    rules: Rulebook
    policy: Policy

    @property
    def as_of(self) -> dt.datetime:
        """The instant for which the generation holds, naive UTC."""
        return dt.datetime.fromisoformat(self.generation.manifest["as_of"]).replace(tzinfo=None)

    @property
    def bundles(self) -> Path:
        """Where bundles are written."""
        return self.arena / BUNDLES

    @property
    def conversations(self) -> Path:
        """Where the conversations that owners share lie."""
        return self.arena / conversations.FOLDER

    @property
    def ledger(self) -> Path:
        """Where the releases of aggregates and what they cost are kept."""
        return self.arena / LEDGER


@dataclass(frozen=True)
class Exported:
    """What came of an export: the bundle, and what was about to leave, with whom it speaks of."""

    written: Written
    leaving: Leaving
    n_stripped: int


def leaving(house: House, keyring: Keyring, progress: Progress = quiet) -> Leaving:
    """All that would leave now. Draws salts for who has none yet, so that pseudonyms are those that will be told.

    Of the aggregates it holds what was released before; nothing is drawn and nothing is charged.

    Raises PodiumError: a generation of an older version, keys or ledger that cannot be used.
    """
    about, _ = _prepared(house, keyring, progress)
    return about


def export(house: House, keyring: Keyring, progress: Progress = quiet) -> Exported:
    """Write the bundle of all that leaves now; the last one stands if nothing has changed since.

    First the noise of months that are due is drawn and charged, then everything is looked over, then the bundle is
    written and made visible by one rename. Killed in between, the next export goes on: what was drawn is not drawn
    again.

    Raises Refused with every reason if anything does not keep the policy, and PodiumError as `leaving` does.
    """
    last = last_bundle(house.bundles, keyring.publisher)
    ledger = Ledger.open(house.ledger)
    if last is not None and not ledger.holds(last.manifest["ledger_head"]):
        raise Refused(_LEDGER_SET_BACK)
    about, counts = _prepared(house, keyring, progress)
    about = replace(about, tables=_with_sums(about, counts, ledger, last))
    written = write_bundle(house.bundles, _contents(about, ledger), keyring)
    return Exported(written, about, strip_older(house.bundles))


def _with_sums(about: Leaving, counts: pl.DataFrame, ledger: Ledger, last: Bundle | None) -> dict[str, pl.DataFrame]:
    """The tables with the releases that are due, looked over. Raises Refused."""
    policy, enrolled, profiled = about.policy, about.allowing_aggregates, _profiled(about)
    n_others = enrolled.filter(~enrolled.is_in(profiled.implode())).len()
    bundles = (
        [] if last is None else [Told(last.manifest["week"], last.table("profiles"), last.table("agent_statistics"))]
    )
    usage, withheld = releases.usage(counts, enrolled, profiled, about.months, policy, ledger)
    usage, narrow = disclosure.without_narrow(usage, [*bundles, disclosure.told_now(about.tables)], n_others, policy)
    every_withheld = in_order("withheld", [about.tables["withheld"], withheld, narrow])
    tables = {**about.tables, "usage": usage, "withheld": every_withheld}
    told_before = about.tables["usage"]
    refusals = disclosure.refusals(tables, enrolled.len(), n_others, policy, told_before=told_before, bundles=bundles)
    if refusals:
        raise Refused("Nothing left. " + " ".join(refusals))
    return tables


def _contents(about: Leaving, ledger: Ledger) -> Contents:
    return Contents(
        tables=about.tables,
        conversations=about.conversations,
        week=about.week,
        rulebook=about.rulebook,
        policy=about.policy,
        spent_micro_rho=ledger.spent_micro_rho,
        ledger_head=ledger.head,
    )


def _prepared(house: House, keyring: Keyring, progress: Progress) -> tuple[Leaving, pl.DataFrame]:
    """What would leave, and what those who allow aggregates did in the months that are due, exact, as in COUNTS."""
    policy, rules, generation = house.policy, house.rules, house.generation
    with Warehouse.open(house.home) as warehouse:
        consents = in_force(consent_events(warehouse), policy.consent.policy_version)
    calls, submissions = scan(generation, AGENT_CALLS), scan(generation, SUBMISSIONS)
    unnamed = owners.unnamed_owners(calls, submissions)
    owned = (owners.of_calls(calls), owners.of_submissions(submissions, unnamed))
    everybody = owners.all_owners(*owned)
    allowing = sharing(consents, AGGREGATES)
    enrolled = allowing.filter(allowing.is_in(everybody.implode()))
    months = aggregates.months_to_release(house.as_of, rules.timezone, policy.aggregates)
    counts = aggregates.monthly_counts(*owned, enrolled, months, policy.words, rules.timezone)
    last_day = last_closed_day(house.as_of, rules.timezone)
    rows = {
        **product_a(generation, rules, policy, consents, unnamed, last_day, progress),
        "usage": releases.released_so_far(Ledger.open(house.ledger)),
    }
    pseudonyms = _pseudonyms(house, keyring, consents, rows)
    shared, files = conversations.rows(
        conversations.shared(house.conversations), house.conversations, sharing(consents, CONVERSATIONS), pseudonyms
    )
    about = Leaving(
        week=week_of(last_day),
        rulebook=rules.fingerprint,
        policy=policy,
        owners=everybody,
        tables={**{name: named(name, frame, pseudonyms) for name, frame in rows.items()}, "conversations": shared},
        identities=identities(rows, consents, pseudonyms),
        allowing_aggregates=enrolled,
        counted=aggregates.clipped(counts, policy.aggregates.max_norm).select(COUNTS.keys()),
        conversations=files,
        months=months,
    )
    return about, counts


def _pseudonyms(house: House, keyring: Keyring, consents: pl.DataFrame, rows: Mapping[str, pl.DataFrame]) -> Pseudonyms:
    """The pseudonyms of all who share.

    One that was withdrawn stays withdrawn: who shares again what had left the bundle (a conversation, an agent whose
    verdicts were void for a while) does so under a new one.
    """
    pseudonyms = keyring.pseudonyms(consents)
    last = last_bundle(house.bundles, keyring.publisher)
    if last is None:
        return pseudonyms
    is_withdrawn = pl.col("pseudonym").is_in(last.table("tombstones")["pseudonym"].implode())
    again = identities(rows, consents, pseudonyms).filter(is_withdrawn).select("owner_id", "scope").unique()
    return pseudonyms if again.is_empty() else keyring.renew(consents, set(again.iter_rows()))


def _profiled(about: Leaving) -> pl.Series:
    """The owners who have a public profile."""
    told = about.tables["profiles"]["pseudonym"].implode()
    return about.identities.filter(pl.col("pseudonym").is_in(told))["owner_id"].unique()
