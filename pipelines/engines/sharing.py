"""From a published season to a bundle for the arena: what would leave, and its way out.

Two steps: `leaving` says what would leave and about whom (the preview shows it), `export` draws what noise is due,
looks everything over and writes the signed bundle. Consent is asked at this moment, of the whole log as it is known
now; everything else is that of the generation. Both run under the run lock of the home. Not here: what each part is
(arena/), playing a season among a few (subseason.py).
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from pipelines.arena import aggregates, conversations, disclosure, owners, profiles, releases
from pipelines.arena.budget import Ledger
from pipelines.arena.bundle import Contents, Written, write_bundle
from pipelines.arena.bundles_folder import last_bundle, strip_older
from pipelines.arena.consents import ACHIEVEMENTS, AGGREGATES, CONVERSATIONS, METRICS, in_force, sharing
from pipelines.arena.keys import Keyring
from pipelines.arena.leaving import COUNTS, IDENTITIES, Leaving
from pipelines.arena.periods import last_closed_day, week_of
from pipelines.arena.policy import Policy
from pipelines.arena.pseudonyms import Pseudonyms
from pipelines.arena.tables import BUNDLE_TABLES
from pipelines.engines.local import Progress, quiet
from pipelines.engines.subseason import SubSeason, among
from pipelines.game.calls import AGENT_CALLS
from pipelines.game.faults import PodiumError
from pipelines.game.rules import Rulebook
from pipelines.game.submissions import SUBMISSIONS
from pipelines.game.windows import end_of
from pipelines.store.consent_log import consent_events
from pipelines.store.generation import Generation
from pipelines.store.replay import scan
from pipelines.store.warehouse import Warehouse

BUNDLES, LEDGER, SHARED = "bundles", "budget.jsonl", "conversations"  # in the arena's folder of a home
_NO_WORDS = "Boards of problems that are no public words of the policy are left out."


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
    about, _ = _prepared(house, keyring, _months(house), progress)
    return about


def export(house: House, keyring: Keyring, progress: Progress = quiet) -> Exported:
    """Write the bundle of all that leaves now; the last one stands if nothing has changed since.

    First the noise of months that are due is drawn and charged, then everything is looked over, then the bundle is
    written and made visible by one rename. Killed in between, the next export goes on: what was drawn is not drawn
    again.

    Raises Refused with every reason if anything does not keep the policy, and PodiumError as `leaving` does.
    """
    policy, months = house.policy, _months(house)
    about, counts = _prepared(house, keyring, months, progress)
    ledger = Ledger.open(house.ledger)
    enrolled, profiled = about.allowing_aggregates, _profiled(about)
    usage, withheld = releases.usage(counts, enrolled, profiled, months, policy, ledger)
    tables = {**about.tables, "usage": usage, "withheld": _in_order("withheld", [about.tables["withheld"], withheld])}
    about = replace(about, tables=tables)
    n_others = enrolled.filter(~enrolled.is_in(profiled.implode())).len()
    if refusals := disclosure.refusals(tables, enrolled.len(), n_others, policy):
        raise Refused("Nothing left: " + " ".join(refusals))
    contents = Contents(
        tables, about.conversations, about.week, about.rulebook, policy, ledger.spent_micro_rho, ledger.head
    )
    written = write_bundle(house.arena / BUNDLES, contents, keyring)
    return Exported(written, about, strip_older(house.arena / BUNDLES))


def _prepared(
    house: House, keyring: Keyring, months: Sequence[str], progress: Progress
) -> tuple[Leaving, pl.DataFrame]:
    """What would leave, and what those who allow aggregates did in `months`, exact: columns of COUNTS."""
    with Warehouse.open(house.home) as warehouse:
        consents = in_force(consent_events(warehouse), house.policy.consent.policy_version)
    pseudonyms = keyring.pseudonyms(consents)
    calls, submissions = scan(house.generation, AGENT_CALLS), scan(house.generation, SUBMISSIONS)
    unnamed = owners.unnamed_owners(calls, submissions)
    owned = (owners.of_calls(calls), owners.of_submissions(submissions, unnamed))
    everybody = owners.all_owners(*owned)
    told = _ProductA(house, everybody, consents, unnamed, progress)
    enrolled = _within(sharing(consents, AGGREGATES), everybody)
    counts = aggregates.monthly_counts(*owned, enrolled, months, house.policy.words, house.rules.timezone)
    shared, files = conversations.rows(
        conversations.shared(house.arena / SHARED), house.arena / SHARED, sharing(consents, CONVERSATIONS), pseudonyms
    )
    rows = {**told.tables(), "usage": releases.released_so_far(Ledger.open(house.ledger))}
    about = Leaving(
        week=week_of(told.last_day),
        rulebook=house.rules.fingerprint,
        policy=house.policy,
        owners=everybody,
        tables={**{name: _named(name, frame, pseudonyms) for name, frame in rows.items()}, "conversations": shared},
        identities=_identities(rows, consents, pseudonyms),
        allowing_aggregates=enrolled,
        counted=aggregates.clipped(counts, house.policy.aggregates.max_norm).select(COUNTS.keys()),
        conversations=files,
        months=months,
    )
    return about, counts


class _ProductA:
    """Profiles by choice, from a season for each scope among those who share it; one for both if they are the same."""

    def __init__(
        self, house: House, everybody: pl.Series, consents: pl.DataFrame, unnamed: pl.DataFrame, progress: Progress
    ) -> None:
        self._house = house
        self.last_day = last_closed_day(house.as_of, house.rules.timezone)
        until = end_of(self.last_day, house.rules.timezone)
        self._of_metrics, self._of_achievements = (
            _within(sharing(consents, scope), everybody) for scope in (METRICS, ACHIEVEMENTS)
        )
        self._metrics = among(house.generation, house.rules, self._of_metrics, unnamed, until, progress)
        self._achievements = (
            self._metrics
            if self._of_metrics.equals(self._of_achievements)
            else among(house.generation, house.rules, self._of_achievements, unnamed, until, progress)
        )

    def tables(self) -> dict[str, pl.DataFrame]:
        """Its tables, and what of them is withheld; with owner_id and agent_id in the place of pseudonyms."""
        limits, words, zone = self._house.policy.profiles, self._house.policy.words, self._house.rules.timezone
        season, trophies = self._metrics, self._achievements
        held = season.tables
        return {
            "profiles": profiles.profiles(self._of_metrics, held["user_stats"], season.agents, limits, zone),
            "agent_statistics": profiles.agent_statistics(held["user_agents"], words, limits),
            "leaderboard_entries": profiles.leaderboard_entries(
                held["leaderboards"], season.owners_of_agents, words, limits, self.last_day
            ),
            "achievements": profiles.achievements(
                trophies.tables["badges"], trophies.tables["level_ups"], trophies.owners_of_agents, words, zone
            ),
            "withheld": self._withheld(season),
        }

    def _withheld(self, season: SubSeason) -> pl.DataFrame:
        boards = season.tables["leaderboards"]["board"].unique()
        problems = [board.partition(":")[2] for board in boards if board.startswith("problem:")]
        is_told = set(problems) <= set(self._house.policy.words.problems)
        if is_told or "problem" not in self._house.policy.profiles.boards:
            return BUNDLE_TABLES["withheld"].empty()
        told = {"table": "leaderboard_entries", "kind": None, "period": None, "reason": "no_words"}
        return pl.DataFrame([{**told, "sentence": _NO_WORDS}], schema=BUNDLE_TABLES["withheld"].schema)


def _named(table: str, rows: pl.DataFrame, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Rows as the bundle holds them: pseudonyms in the place of ids, columns and order of the contract."""
    if "owner_id" in rows.columns:
        scope = ACHIEVEMENTS if table == "achievements" else METRICS
        whose = pseudonyms.owners(scope, rows["owner_id"])
        rows = rows.with_columns(pseudonym=whose)
        if "agent_id" in rows.columns:
            is_agent = rows["agent_id"].is_not_null()
            agents = rows.filter(is_agent)
            named = pseudonyms.agents(scope, agents["owner_id"], agents["agent_id"])
            rows = rows.with_columns(
                owner_pseudonym=whose, pseudonym=whose.zip_with(~is_agent, _spread(named, is_agent))
            )
    return _in_order(table, [rows])


def _spread(values: pl.Series, where: pl.Series) -> pl.Series:
    """`values` one after another in the rows where `where` holds, null elsewhere."""
    place = pl.select(pl.when(where).then(where.cum_sum() - 1)).to_series()
    return values.gather(place)


def _in_order(table: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    contract = BUNDLE_TABLES[table]
    return contract.shape(pl.concat([contract.shape(part) for part in parts])).sort(contract.sort_by, nulls_last=False)


def _identities(rows: dict[str, pl.DataFrame], consents: pl.DataFrame, pseudonyms: Pseudonyms) -> pl.DataFrame:
    """Who stands behind each pseudonym: everyone who shares a scope that has one, and agents on boards."""
    parts = [pl.DataFrame(schema=IDENTITIES)]
    for scope in (METRICS, ACHIEVEMENTS, CONVERSATIONS):
        who = sharing(consents, scope)
        parts.append(
            _identity(who, pl.Series([None] * who.len(), dtype=pl.String), scope, pseudonyms.owners(scope, who))
        )
    agents = (
        rows["leaderboard_entries"].filter(pl.col("agent_id").is_not_null()).select("owner_id", "agent_id").unique()
    )
    of_agents = pseudonyms.agents(METRICS, agents["owner_id"], agents["agent_id"])
    parts.append(_identity(agents["owner_id"], agents["agent_id"], METRICS, of_agents))
    return pl.concat(parts).sort("owner_id", "scope", "agent_id")


def _identity(owner_ids: pl.Series, agent_ids: pl.Series, scope: str, named: pl.Series) -> pl.DataFrame:
    columns = {"owner_id": owner_ids, "agent_id": agent_ids, "pseudonym": named}
    return pl.DataFrame(columns).with_columns(scope=pl.lit(scope)).select(IDENTITIES.keys())


def _months(house: House) -> list[str]:
    """The months whose aggregates are due."""
    return aggregates.months_to_release(house.as_of, house.rules.timezone, house.policy.aggregates)


def _profiled(about: Leaving) -> pl.Series:
    """The owners who have a public profile."""
    told = about.tables["profiles"]["pseudonym"].implode()
    return about.identities.filter(pl.col("pseudonym").is_in(told))["owner_id"].unique()


def _within(some: pl.Series, all_of_them: pl.Series) -> pl.Series:
    return some.filter(some.is_in(all_of_them.implode()))
