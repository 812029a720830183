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

from pipelines.arena import aggregates, budget, bundles_folder, conversations, disclosure, owners, releases
from pipelines.arena.anchor import Anchor, refuse_behind, write_anchor
from pipelines.arena.bundle import Contents, Written, write_bundle
from pipelines.arena.bundles_folder import strip_older
from pipelines.arena.consents import AGGREGATES, CONVERSATIONS, in_force, sharing
from pipelines.arena.keys import Keyring
from pipelines.arena.leaving import Leaving
from pipelines.arena.naming import identities, in_order, named
from pipelines.arena.periods import last_closed_day, week_of
from pipelines.arena.policy import Policy
from pipelines.arena.profile_bounds import Told
from pipelines.arena.pseudonyms import Pseudonyms
from pipelines.arena.reasons import withheld_rows
from pipelines.arena.standing import Standing
from pipelines.arena.tables import USAGE
from pipelines.arena.verify import Bundle, read_signed
from pipelines.engines.chosen import product_a
from pipelines.engines.local import Progress, quiet
from pipelines.game.calls import AGENT_CALLS
from pipelines.game.faults import PodiumError
from pipelines.game.rules import Rulebook
from pipelines.game.submissions import SUBMISSIONS
from pipelines.store.consent_log import catch_up, consent_events
from pipelines.store.generation import Generation
from pipelines.store.replay import scan
from pipelines.store.warehouse import SCRATCH, Warehouse

METRICS_COUNTS = ("profiles", "agent_statistics")  # what tells how much an owner did


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
    def cursor(self) -> dt.datetime:
        """The instant by which weeks and months must be over to be told of, naive UTC: by the clock, not by the log.

        It is when the log was last played, or the `as_of` that was then asked for, if that is earlier. The greatest
        `at` in the log would let one person's record decide what is told of all.
        """
        manifest = self.generation.manifest
        asked = (manifest.get("made_from") or {}).get("asked_as_of")
        played = dt.datetime.fromisoformat(manifest["created_at"]).astimezone(dt.UTC).replace(tzinfo=None)
        return min(played, dt.datetime.fromisoformat(asked)) if asked else played

    @property
    def bundles(self) -> Path:
        """Where bundles are written."""
        return self.arena / bundles_folder.FOLDER

    @property
    def conversations(self) -> Path:
        """Where the conversations that owners share lie."""
        return self.arena / conversations.FOLDER

    @property
    def ledger(self) -> Path:
        """Where the releases of aggregates and what they cost are kept."""
        return self.arena / budget.FILE


@dataclass(frozen=True)
class Exported:
    """What came of an export: the bundle, and what was about to leave, with whom it speaks of."""

    written: Written
    leaving: Leaving
    n_stripped: int


def leaving(house: House, keyring: Keyring, progress: Progress = quiet) -> Leaving:
    """All that would leave now. Draws salts for who has none yet and drops those of who withdrew, so that pseudonyms
    are those that will be told.

    Of the aggregates it holds what was told before; nothing is drawn and nothing is charged.

    Raises PodiumError: a generation of an older version, consents that cannot be read, keys that cannot be used.
    """
    about, _ = _prepared(house, keyring, Standing.of(house.bundles, house.ledger, keyring), progress)
    return about


def export(house: House, keyring: Keyring, progress: Progress = quiet) -> Exported:
    """Write the bundle of all that leaves now; the last one stands if nothing has changed since.

    First the noise of months that are due is drawn and charged, then everything is looked over, then the bundle is
    written and made visible by one rename. Killed in between, the next export goes on: what was drawn is not drawn
    again. Where the ledger was lost nothing is drawn, and what was told before stays; withdrawals leave all the same.

    Raises Refused with every reason if anything does not keep the policy, ChainBroken for a home that is behind what
    was written, and PodiumError as `leaving` does.
    """
    standing = Standing.of(house.bundles, house.ledger, keyring)
    refuse_behind(standing.anchor, standing.last, house.bundles)
    about, counts = _prepared(house, keyring, standing, progress)
    about = replace(about, tables=_with_sums(about, counts, standing))
    head, spent = standing.head, standing.spent_micro_rho
    write_anchor(keyring.folder, replace(standing.anchor or Anchor(), ledger_head=head))
    contents = Contents(about.tables, about.conversations, about.week, about.rulebook, about.policy, spent, head)
    written = write_bundle(house.bundles, contents, keyring, standing.last)
    newest = read_signed(written.path)
    write_anchor(keyring.folder, Anchor(newest.manifest["sequence"], newest.sha256, head))
    return Exported(written, about, strip_older(house.bundles))


def _with_sums(about: Leaving, counts: pl.DataFrame, standing: Standing) -> dict[str, pl.DataFrame]:
    """The tables with the releases that are due, looked over. Raises Refused."""
    policy, people, n_others = about.policy, about.allowing_aggregates, about.n_others
    bundles = [Told(last.manifest["week"], *map(last.table, METRICS_COUNTS))] if (last := standing.last) else []
    told_before, withheld = about.tables["usage"], [about.tables["withheld"]]
    if standing.ledger is None:
        usage = told_before
        withheld.append(releases.without_ledger(told_before, about.months, policy.aggregates))
    else:
        every, not_released = releases.usage(counts, people, about.profiled, about.months, policy, standing.ledger)
        new = every.join(told_before, on=["kind", "month"], how="anti")
        new, too_few = disclosure.without_few(new, people.len(), n_others, policy.aggregates)
        new, narrow = disclosure.without_narrow(new, [*bundles, disclosure.told_now(about.tables)], n_others, policy)
        usage = in_order("usage", [told_before, new])
        withheld += [not_released, too_few, narrow]
    tables = {**about.tables, "usage": usage, "withheld": in_order("withheld", withheld)}
    refusals = disclosure.refusals(tables, people.len(), n_others, policy, told_before=told_before, bundles=bundles)
    if refusals:
        raise Refused("Nothing left. " + " ".join(refusals))
    return tables


def _prepared(house: House, keyring: Keyring, standing: Standing, progress: Progress) -> tuple[Leaving, pl.DataFrame]:
    """What would leave, and what those who allow aggregates did in the months that are due, exact, as in COUNTS."""
    policy, rules, zone, last = house.policy, house.rules, house.rules.timezone, standing.last
    consents = _consents(house)
    calls, submissions = (owners.owned(scan(house.generation, table)) for table in (AGENT_CALLS, SUBMISSIONS))
    everybody, allowing = owners.all_owners(calls, submissions), sharing(consents, AGGREGATES)
    enrolled = allowing.filter(allowing.is_in(everybody.implode()))
    months = aggregates.months_to_release(house.cursor, zone, policy.aggregates)
    counts = aggregates.monthly_counts(calls, submissions, enrolled, months, policy.words, zone)
    last_day = last_closed_day(house.cursor, zone)
    rows = product_a(house.generation, rules, policy, consents, last_day, house.home / SCRATCH, progress)
    pseudonyms = _pseudonyms(keyring, consents, rows, last)
    shared, files, n_damaged = conversations.rows(
        conversations.shared(house.conversations), house.conversations, sharing(consents, CONVERSATIONS), pseudonyms
    )
    tables = {name: named(name, frame, pseudonyms) for name, frame in rows.items()}
    tables["usage"] = last.table("usage") if last else USAGE.empty()
    tables["conversations"] = shared
    if n_damaged:
        damaged = withheld_rows([("conversations", None, None, "damaged")], policy.aggregates)
        tables["withheld"] = in_order("withheld", [tables["withheld"], damaged])
    about = Leaving(
        week=week_of(last_day),
        rulebook=rules.game_fingerprint,
        policy=policy,
        owners=everybody,
        tables=tables,
        identities=identities(rows, consents, pseudonyms),
        allowing_aggregates=enrolled,
        counted=aggregates.clipped(counts, policy.aggregates.max_norm),
        conversations=files,
        months=months,
        is_ledger_whole=standing.ledger is not None,
    )
    return about, counts


def _consents(house: House) -> pl.DataFrame:
    """What is shared at this moment, after every word that was written down here is read: columns of IN_FORCE."""
    now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
    with Warehouse.open(house.home) as warehouse:
        catch_up(warehouse, now)
        return in_force(consent_events(warehouse), house.policy.consent.policy_version, now)


def _pseudonyms(
    keyring: Keyring, consents: pl.DataFrame, rows: Mapping[str, pl.DataFrame], last: Bundle | None
) -> Pseudonyms:
    """The pseudonyms of all who share.

    One that was withdrawn stays withdrawn: who shares again what had left the bundle (a conversation, an agent whose
    verdicts were void for a while) does so under a new one.
    """
    pseudonyms = keyring.pseudonyms(consents)
    if last is None:
        return pseudonyms
    is_withdrawn = pl.col("pseudonym").is_in(last.table("tombstones")["pseudonym"].implode())
    again = identities(rows, consents, pseudonyms).filter(is_withdrawn).select("owner_id", "scope").unique()
    return pseudonyms if again.is_empty() else keyring.renew(consents, set(again.iter_rows()))
