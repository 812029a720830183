"""CLICS contest feeds (ICPC, DOMjudge, Kattis): the objects of one contest -> records of the input contract.

Here: which problems become tasks, and what records a submission and its judgements make. Not here: reading
lines (`clics_feed.py`), what a contest's own terms mean (`clics_rules.py`), deciding which contest a piece of
a feed belongs to, and keeping objects and records (`store/feeds.py`). The records of a contest are always
made anew from all that is known of it, so the order of arrival leaves no trace.

Ids: task and problem `clics:<contest>:<problem id>`, submission `clics:<contest>:<submission id>`. An agent
is its team's name, without a prefix, so that a team is one agent over all its contests; where ranked teams of
a contest share a name, each becomes `<name> (<team id>)`. Difficulty is told, as the feed has none; a task
record of one's own with a later `at` overrides it task by task.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from pipelines.game.events import Record, Refusal, check_record
from pipelines.game.faults import PodiumError
from pipelines.game.records import DIFFICULTIES, VERDICTS, Reason
from pipelines.sources.clics_feed import FeedObject, FeedVersion, current_objects, key_of
from pipelines.sources.clics_rules import (
    agent_names,
    duration_of,
    finished_judgements,
    instant_of,
    is_ranked,
    rfc3339,
    verdict_of,
)

DEFAULT_DIFFICULTY: Final = "medium"


@dataclass(frozen=True, slots=True)
class FeedOptions:
    """What the user tells that a feed does not: None and an empty mapping mean not told.

    `verdicts` maps judgement type ids to verdicts and goes before what the feed says; `contest_id` names the
    contest of a piece that does not. Raises PodiumError for an unknown word.
    """

    contest_id: str | None = None
    difficulty: str | None = None
    verdicts: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.difficulty is not None and self.difficulty not in DIFFICULTIES:
            raise PodiumError(f"The difficulty '{self.difficulty}' is not one of {', '.join(DIFFICULTIES)}.")
        for judgement_type, verdict in self.verdicts.items():
            if verdict not in VERDICTS:
                raise PodiumError(
                    f"Judgement type {judgement_type} cannot mean '{verdict}': say one of {', '.join(VERDICTS)}."
                )

    def overlaid(self, later: "FeedOptions") -> "FeedOptions":
        """These options with what `later` tells over them."""
        return FeedOptions(
            later.contest_id or self.contest_id,
            later.difficulty or self.difficulty,
            {**self.verdicts, **later.verdicts},
        )


@dataclass(frozen=True, slots=True)
class Derived:
    """A record, or why there is none, and the feed line that it comes from."""

    record: Record | Refusal
    file: int
    line: int


@dataclass(frozen=True, slots=True)
class Derivation:
    """All that a contest's objects give: records and refusals, and sentences about what still waits."""

    derived: list[Derived]
    notes: list[str]


def derive(contest_id: str, versions: Iterable[FeedVersion], options: FeedOptions, ingested_at: int) -> Derivation:
    """The records of one contest from all versions of its objects, in any order.

    One `task` for each problem, known at the contest's start; for each submission of a ranked team within the
    contest one `pending` record, known when it was made, and one for each finished judgement, known when that
    ended: so the last finished judgement is in force, and a cut at the freeze shows the frozen board.
    Submissions and judgements whose team or submission has not arrived wait without a record.
    `ingested_at` (UTC microseconds) bounds `at` as everywhere.
    """
    objects = current_objects(versions)
    contest = objects.get("contest", {}).get(contest_id)
    if contest is not None and contest.data is None:  # the contest itself was deleted
        return Derivation([], [])
    maker = _RecordMaker(contest_id, contest, objects, options, ingested_at)
    for problem in maker.of_type("problems"):
        maker.task(problem)
    for submission in maker.of_type("submissions"):
        maker.submission(submission)
    return Derivation(maker.derived, maker.notes())


class _RecordMaker:
    """One contest's objects while its records are made."""

    def __init__(
        self,
        contest_id: str,
        contest: FeedObject | None,
        objects: Mapping[str, Mapping[str, FeedObject]],
        options: FeedOptions,
        ingested_at: int,
    ) -> None:
        data = (contest.data if contest is not None else None) or {}
        self.id, self.objects, self.options, self.ingested_at = contest_id, objects, options, ingested_at
        self.start, self.duration = rfc3339(data.get("start_time")), duration_of(data.get("duration"))
        self.types = objects.get("judgement-types", {})
        groups, main_group = objects.get("groups", {}), key_of(data.get("main_scoreboard_group_id"))
        ranked = [team for team in self.of_type("teams") if is_ranked(team, groups, main_group)]
        self.agents = agent_names(contest_id, ranked)
        self.judgements: dict[str | None, list[FeedObject]] = {}
        for judgement in self.of_type("judgements"):
            of = key_of((judgement.data or {}).get("submission_id"))
            self.judgements.setdefault(of, []).append(judgement)
        self.derived: list[Derived] = []
        self.undefined: Counter[str] = Counter()
        self.n_teamless = 0

    def of_type(self, type_: str) -> list[FeedObject]:
        """The objects of a type that were not deleted."""
        return [o for o in self.objects.get(type_, {}).values() if o.data is not None]

    def task(self, problem: FeedObject) -> None:
        name = (problem.data or {}).get("name")
        task_id = f"clics:{self.id}:{problem.id}"
        fields: dict[str, object] = {
            "type": "task",
            "event_id": f"clics:{self.id}:problem:{problem.id}",
            "at": self.start,
            "task_id": task_id,
            "problem": task_id,
            "task_type": "compute",
            "difficulty": self.options.difficulty or DEFAULT_DIFFICULTY,
            "title": name if isinstance(name, str) else None,
        }
        self._add(problem, fields, "The contest's `start_time`")

    def submission(self, submission: FeedObject) -> None:
        """The pending record of a submission and one for each of its finished judgements."""
        data = submission.data or {}
        team = key_of(data.get("team_id")) or ""
        if team not in self.agents:
            self.n_teamless += team not in self.objects.get("teams", {})
            return
        made, problem = rfc3339(data.get("time")), key_of(data.get("problem_id"))
        if not self._is_within(data.get("contest_time"), instant_of(made)):
            return
        fields: dict[str, object] = {
            "type": "submission",
            "event_id": f"clics:{self.id}:submission:{submission.id}",
            "at": made,
            "submission_id": f"clics:{self.id}:{submission.id}",
            "agent_id": self.agents[team],
            "task_id": None if problem is None else f"clics:{self.id}:{problem}",
            "submitted_at": made,
            "verdict": "pending",
            "source": f"clics:{self.id}",
        }
        finished = finished_judgements(self.judgements.get(submission.id, []))
        # Of two records known at one instant the one with the greater event id is in force, which would be
        # the pending one; and what was judged at once was never seen pending.
        judged_at_once = instant_of(made) is not None and any(
            instant_of(end) == instant_of(made) for _, _, end in finished
        )
        if judged_at_once or self._add(submission, fields, "The submission's `time`"):
            for judgement, type_, end in finished:
                self._judgement(fields, judgement, type_, end)

    def _judgement(self, fields: dict[str, object], judgement: FeedObject, type_: str, end: object) -> None:
        verdict = verdict_of(type_, self.types, self.options.verdicts)
        self.undefined[type_] += verdict is None
        judged = {
            "event_id": f"clics:{self.id}:judgement:{judgement.id}",
            "at": end,
            "judged_at": end,
            "verdict": verdict or "pending",
        }
        self._add(judgement, fields | judged, "The judgement's `end_time`")

    def _is_within(self, contest_time: object, made: int | None) -> bool:
        """Whether a submission was made in the contest, by contest time: the clock of the start may lie."""
        since = duration_of(contest_time)
        start = instant_of(self.start)
        if since is None and made is not None and start is not None:
            since = made - start
        return since is None or (since >= 0 and (self.duration is None or since < self.duration))

    def _add(self, source: FeedObject, fields: dict[str, object], instant: str) -> bool:
        """Keep the record made of `fields`, or why it is refused; whether it stands."""
        record: Record | Refusal
        if fields["at"] is None:
            record = Refusal(Reason.BAD_TIMESTAMP, f"{instant} is missing, so the instant is not known.")
        else:
            record = check_record(fields, self.ingested_at)
        self.derived.append(Derived(record, source.file, source.line))
        return isinstance(record, Record)

    def notes(self) -> list[str]:
        """What waits, in sentences for the reader."""
        notes = []
        if self.n_teamless:
            notes.append(f"Contest {self.id}: submissions that wait for a team not named yet: {self.n_teamless}.")
        for type_, n in sorted(self.undefined.items()):
            if n:
                notes.append(f"Contest {self.id}: judgements '{type_}' pending, as no feed says what that means: {n}.")
        return notes
