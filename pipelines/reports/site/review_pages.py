"""The review page: what is worth a look, with its events, and what each detector looked at and cannot see.

Not here: what is looked for and how surprising it is (insight/review/anomalies.py).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from pipelines.insight.evidence import CALL
from pipelines.insight.review.anomalies import ANOMALY_DETECTORS, ANOMALY_FLAGS, NOTHING
from pipelines.insight.review.looks import INVITES
from pipelines.reports.quantities import counted, share
from pipelines.reports.site.held import published_before
from pipelines.reports.site.profile_parts import command
from pipelines.reports.site.rendering import Page, Renderer
from pipelines.reports.terminal import safe

TOO_LITTLE = "too little to test"
MOST = 60  # flags that stand in the page; the table has all
TITLES = {
    "burst": "Bursts",
    "verifier_concentration": "One verifier for most of the work",
    "self_verification": "Judged by whoever did it",
    "duplicate_answers": "The same answers",
    "short_durations": "Very short runs",
    "claimed_complexity": "Claimed to be harder than measured",
    "easy_points": "Points from sure tasks",
    "perfect_quality": "Always a perfect score",
}


@dataclass(frozen=True)
class Flag:
    """A row of the queue: what was looked for, of whom, the sentence, how surprising, its events, how to look."""

    title: str
    who: Sequence[tuple[str, str]]
    about: tuple[str, str, str] | None
    row: Mapping[str, Any]
    sentence: str
    chance: str
    event_ids: Sequence[str]
    command: str


def pages(made: Renderer) -> Iterator[Page]:
    """The one page, also where nothing was looked for."""
    held = made.held
    if held.has("anomaly_flags") and held.has("anomaly_detectors"):
        yield review_page(made, held.frame("anomaly_flags"), held.frame("anomaly_detectors"))
    else:
        yield review_page(made, None, ANOMALY_DETECTORS.empty())


def review_page(made: Renderer, flags: pl.DataFrame | None, detectors: pl.DataFrame) -> Page:
    """The page of these flags and detectors. `flags` None: published by a version that looked for nothing."""
    queue = ANOMALY_FLAGS.empty() if flags is None else flags
    by_q = queue.sort("q_value", "p_value", *ANOMALY_FLAGS.sort_by, nulls_last=[False] * 2 + [True] * 6)
    return made.page(
        "review.html.j2",
        "review.html",
        sentence=sentence(flags, detectors),
        figures=figures(queue, detectors) if detectors.height else [],
        flags=[flag(row) for row in by_q.head(MOST).to_dicts()],
        n_flags=queue.height,
        most=MOST,
        detectors=[
            row | {"title": TITLES[row["detector"]], "said": looked_at(row)}
            for row in detectors.sort("n_flagged", "n_tested", "detector", descending=[True, True, False]).to_dicts()
        ],
        false_flags=share(detectors["false_flags"][0]) if detectors.height else None,
    )


def sentence(flags: pl.DataFrame | None, detectors: pl.DataFrame) -> str:
    """What there is to look at; where there is nothing, whether that says anything."""
    if flags is None:
        return published_before("looked for nothing")
    if detectors.is_empty():
        return "Nothing was looked for: the rulebook switches insight off."
    looked = detectors.filter(pl.col("n_tested") > 0).height
    if flags.height:
        return (
            f"{counted(flags.height, 'thing')} to look at, facts first, then the most surprising. A flag is a "
            "question, not an answer: no point, badge or place depends on it."
        )
    if looked:
        return (
            f"Nothing stands out: {looked} of {detectors.height} detectors had something to test and raised no flag. "
            "That is no proof of anything; what each cannot see stands beneath."
        )
    return (
        "Nothing could be tested yet: the log does not tell enough, or has too few events. What each detector needs "
        "stands beneath."
    )


def looked_at(detector: Mapping[str, Any]) -> str:
    """Whether it tested anything; if not, whether it found nothing that it needs, or too little."""
    return TOO_LITTLE if detector["status"] == NOTHING and detector["n_events"] else str(detector["status"])


def figures(flags: pl.DataFrame, detectors: pl.DataFrame) -> list[tuple[str, str, str]]:
    """Flags, agents among them, and how much was tested by how many detectors."""
    looked = detectors.filter(pl.col("n_tested") > 0).height
    return [
        (f"{flags.height:,}", "flag" if flags.height == 1 else "flags", ""),
        (f"{flags['agent_id'].n_unique():,}", "agents in them", ""),
        (f"{int(detectors['n_tested'].sum()):,}", "tests made", "of agents, users and pairs"),
        (f"{looked} of {detectors.height}", "detectors had something to test", ""),
    ]


def flag(row: Mapping[str, Any]) -> Flag:
    """A row of `anomaly_flags` as the page tells it."""
    who = [(kind, row[f"{kind}_id"]) for kind in ("agent", "user", "team") if row[f"{kind}_id"] is not None]
    about = None
    if row["about"] is not None:
        is_pair = row["detector"] == "duplicate_answers"
        about = ("with", "agent", row["about"]) if is_pair else ("verifier", "verifier", row["about"])
    ids = [safe(event_id) for event_id in row["event_ids"]]
    said = row["sentence"].removeprefix(INVITES)
    return Flag(
        TITLES[row["detector"]], who, about, row, said[:1].upper() + said[1:], chance(row["q_value"]), ids, way(row)
    )


def way(row: Mapping[str, Any]) -> str:
    """The command that leads to what was earned, and from there to the events: of calls that of the user."""
    if row["kind"] == CALL and row["user_id"] is not None:
        return safe(command("explain", row["user_id"], options=("--user",)))
    return safe(command("explain", row["agent_id"]))


def chance(q_value: float | None) -> str:
    """How many flags no less surprising are expected to mean nothing."""
    if q_value is None:
        return "a fact of the log: no chance is weighed"
    return f"q {'< 0.001' if q_value < 0.001 else f'{q_value:.3f}'}"
