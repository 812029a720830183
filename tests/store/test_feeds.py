"""Contest feeds in the warehouse: whole, twice, or in pieces in any order, the facts are the same."""

import dataclasses
import datetime as dt
import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.game.events import parse_instant
from pipelines.game.faults import PodiumError
from pipelines.store.feeds import FeedCounts, land_feed, retry_feeds
from pipelines.store.landing import land
from pipelines.store.warehouse import Warehouse

REAL_FEEDS = Path(__file__).parents[3] / "shared" / "data"
INGESTED = dt.datetime(2030, 1, 1)  # noqa: DTZ001 - naive UTC
NOW = parse_instant("2030-01-01T00:00:00Z") or 0
Line = dict[str, object] | str


class Landing:
    """A warehouse that lands feeds as the real landing does: one transaction a file, with its manifest row."""

    def __init__(self, warehouse: Warehouse, folder: Path) -> None:
        self.con, self.folder, self.file = warehouse.con, folder, -1

    def land(self, lines: list[Line], ingested_at: int = NOW, **told: object) -> FeedCounts:
        self.file += 1
        path = self.folder / f"piece-{self.file}.ndjson"
        path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines), "utf-8")
        self.con.begin()
        try:
            counts = land_feed(self.con, path, self.file, ingested_at, told)
            self.con.execute(
                """INSERT INTO ingested_files BY NAME SELECT $1 AS file, $2 AS path, $3 AS n_lines,
                $4 AS n_accepted, $5 AS n_duplicates, $6 AS n_quarantined, $7 AS n_blank""",
                [self.file, str(path), *dataclasses.astuple(counts)[:5]],
            )
        except BaseException:
            self.con.rollback()
            raise
        self.con.commit()
        assert self.account_is_right()
        return counts

    def rows(self, query: str) -> list[tuple[object, ...]]:
        return self.con.execute(query).fetchall()

    def account_is_right(self) -> bool:
        """Lines = accepted + duplicates + quarantined + blank for every file, and quarantine has its rows."""
        wrong = self.rows("""SELECT * FROM ingested_files f WHERE n_accepted < 0 OR n_duplicates < 0
            OR n_lines <> n_accepted + n_duplicates + n_quarantined + n_blank
            OR n_quarantined <> (SELECT count(*) FROM quarantine q WHERE q.file = f.file)""")
        return wrong == []

    def facts(self) -> dict[str, list[tuple[object, ...]]]:
        """Everything that scores are made of, codes resolved, and the names taken."""
        return {
            "tasks": self.rows("""SELECT r.event_id, r.at, t.id, p.id, r.task_type, r.difficulty, r.title
                FROM task_records r JOIN tasks t ON t.code = r.task JOIN problems p ON p.code = r.problem
                ORDER BY ALL"""),
            "submissions": self.rows("""SELECT r.event_id, r.at, r.submission_id, a.id, t.id, r.submitted_at,
                r.verdict::VARCHAR, r.judged_at, r.source, r.team, r."user"
                FROM submission_records r JOIN agents a ON a.code = r.agent JOIN tasks t ON t.code = r.task
                ORDER BY ALL"""),
            "names": self.rows("""SELECT event_id FROM task_records
                UNION ALL SELECT event_id FROM submission_records ORDER BY ALL"""),
            "revised": self.rows("SELECT * FROM revised_submissions ORDER BY ALL"),
        }

    def verdicts(self) -> dict[object, object]:
        """The verdict in force of each submission."""
        return dict(
            self.rows("""SELECT submission_id, arg_max(verdict::VARCHAR, ("at", event_id)) FROM submission_records
            GROUP BY submission_id ORDER BY submission_id""")
        )

    def counts(self, column: str) -> list[object]:
        return [row[0] for row in self.rows(f"SELECT {column} FROM ingested_files ORDER BY file")]


@pytest.fixture
def landing(tmp_path: Path) -> Iterator[Landing]:
    with Warehouse.open(tmp_path / "home") as warehouse:
        yield Landing(warehouse, tmp_path)


def feed(contest: str = "c1", prefix: str = "cd<") -> list[Line]:
    """A contest with two teams, two tasks, three submissions: one verified at last, one rejected, one pending."""
    start = {"start_time": "2024-05-01T10:00:00Z", "duration": "5:00:00"}
    objects: list[tuple[str, dict[str, object]]] = [
        ("contest", {"id": contest, "name": "draft"}),
        ("problems", {"id": "p1", "name": "Apples"}),
        ("problems", {"id": "p2", "name": "Pears"}),
        ("teams", {"id": "t1", "name": "Adda"}),
        ("teams", {"id": "t1", "name": "Ada"}),
        ("teams", {"id": "t2", "name": "Bob"}),
        ("judgement-types", {"id": "AC", "solved": True, "penalty": False}),
        ("judgement-types", {"id": "WA", "solved": False, "penalty": True}),
        ("contest", {"id": contest, "name": "final", **start}),
        ("submissions", _submission("s1", "t1", 10)),
        ("judgements", _judgement("j1", "s1", None, None)),
        ("judgements", _judgement("j1", "s1", "WA", 11)),
        ("submissions", _submission("s2", "t2", 12)),
        ("judgements", _judgement("j2", "s2", "WA", 13)),
        ("submissions", _submission("s3", "t2", 14)),
        ("judgements", _judgement("j3", "s1", "AC", 15)),
        ("state", {"started": "2024-05-01T10:00:00Z"}),
    ]
    return [
        {"type": type_, "id": data.get("id"), "token": f"{prefix}{n}", "data": data}
        for n, (type_, data) in enumerate(objects, 8)
    ]


def _submission(id_: str, team: str, minute: int) -> dict[str, object]:
    times = {"time": f"2024-05-01T10:{minute}:00Z", "contest_time": f"0:{minute}:00"}
    return {"id": id_, "team_id": team, "problem_id": "p1", **times}


def _judgement(id_: str, of: str, type_: str | None, minute: int | None) -> dict[str, object]:
    end = None if minute is None else f"2024-05-01T10:{minute}:00Z"
    return {"id": id_, "submission_id": of, "judgement_type_id": type_, "end_time": end}


def test_a_feed_gives_its_contests_tasks_and_submissions(landing: Landing) -> None:
    counts = landing.land([*feed(), "", "   "])
    assert (counts.n_lines, counts.n_accepted, counts.n_blank) == (19, 17, 2)
    assert landing.verdicts() == {"clics:c1:s1": "verified", "clics:c1:s2": "rejected", "clics:c1:s3": "pending"}
    facts = landing.facts()
    assert [row[2:] for row in facts["tasks"]] == [
        (f"clics:c1:{p}", f"clics:c1:{p}", "compute", "medium", title)
        for p, title in [("p1", "Apples"), ("p2", "Pears")]
    ]
    assert {row[3] for row in facts["submissions"]} == {"Ada", "Bob"}
    assert [len(facts[name]) for name in ("submissions", "names")] == [6, 8]
    assert facts["revised"] == [("clics:c1:s1",), ("clics:c1:s2",)]


def test_a_feed_ingested_twice_changes_nothing_but_the_duplicates(landing: Landing) -> None:
    landing.land(feed())
    before = landing.facts()
    again = landing.land([*reversed(feed()), *feed()[:3], ""])
    assert (again.n_accepted, again.n_duplicates, again.n_blank) == (0, 20, 1)
    assert landing.facts() == before


@pytest.mark.parametrize("seed", range(4))
def test_three_shuffled_pieces_in_any_order_give_the_facts_of_the_whole(tmp_path: Path, seed: int) -> None:
    with Warehouse.open(tmp_path / "whole") as warehouse:
        whole = Landing(warehouse, tmp_path)
        whole.land(feed())
        wanted = whole.facts()
    lines, dice = feed(), random.Random(seed)
    dice.shuffle(lines)
    pieces = [lines[0::3], lines[1::3], lines[2::3] + lines[:2]]
    with Warehouse.open(tmp_path / "pieces") as warehouse:
        landing = Landing(warehouse, tmp_path)
        for piece in pieces:
            landing.land(piece)
        assert landing.facts() == wanted
        assert sum(landing.counts("n_accepted")) == 17  # type: ignore[arg-type]
        assert sum(landing.counts("n_duplicates")) == 2  # type: ignore[arg-type]
        assert landing.rows("FROM quarantine") == []


def test_a_piece_before_its_contest_waits_and_says_so(landing: Landing) -> None:
    lines = feed()
    counts = landing.land(lines[9:])
    assert landing.facts()["submissions"] == []
    assert counts.n_accepted == 8
    assert "names no contest" in counts.notes[0]
    assert landing.land(lines[:9]).notes == []
    assert len(landing.facts()["submissions"]) == 6


def test_a_piece_that_may_be_of_two_contests_waits_until_its_contest_is_told(landing: Landing) -> None:
    piece = feed("c1")[9:]
    landing.land(feed("c1")[:9])
    landing.land(piece)
    assert len(landing.facts()["submissions"]) == 6
    landing.land(feed("c2")[:9])  # now the prefix is no longer c1's alone
    assert landing.facts()["submissions"] == []
    assert len(landing.facts()["tasks"]) == 4
    told = landing.land(piece, contest_id="c1")
    assert (told.n_duplicates, told.n_accepted) == (8, 0)
    assert set(landing.verdicts()) == {"clics:c1:s1", "clics:c1:s2", "clics:c1:s3"}


def test_two_contests_with_equal_lines_keep_their_own_and_share_agents_by_name(landing: Landing) -> None:
    first = landing.land(feed("c1"))
    second = landing.land(feed("c2"))
    assert first.n_accepted == second.n_accepted == 17
    assert len(landing.verdicts()) == 6
    assert landing.rows("SELECT id FROM agents ORDER BY id") == [("Ada",), ("Bob",)]


def test_a_file_that_names_two_contests_is_refused_with_a_sentence_and_changes_nothing(landing: Landing) -> None:
    with pytest.raises(PodiumError, match=r"speaks of 2 contests \(c1, c2\): split it"):
        landing.land([*feed("c1"), *feed("c2")])
    with pytest.raises(PodiumError, match="is a feed of contest c1, not of c9"):
        landing.land(feed("c1"), contest_id="c9")
    assert landing.rows("FROM quarantine") == landing.rows("FROM task_records") == []


def test_what_was_told_for_a_contest_is_kept_until_something_else_is_told(landing: Landing) -> None:
    landing.land(feed(), difficulty="hard", verdicts={"WA": "void"})
    landing.land(feed())
    assert landing.verdicts()["clics:c1:s2"] == "void"
    assert {row[5] for row in landing.facts()["tasks"]} == {"hard"}
    landing.land(feed(), difficulty="easy")
    assert landing.verdicts()["clics:c1:s2"] == "void"
    assert {row[5] for row in landing.facts()["tasks"]} == {"easy"}


def test_bad_lines_go_to_quarantine_with_their_place_and_text(landing: Landing) -> None:
    lines = [*feed()[:2], "{", '{"type":"teams"}', '{"id":"1","data":null}', "x" * (1 << 20) + "y", *feed()[2:]]
    counts = landing.land(lines)
    assert (counts.n_lines, counts.n_accepted, counts.n_quarantined) == (21, 17, 4)
    offset = sum(len(json.dumps(line)) + 1 for line in lines[:2])
    rows = landing.rows("SELECT line, byte_offset, raw, reason FROM quarantine ORDER BY line")
    assert rows[:3] == [
        (3, offset, "{", "not_json"),
        (4, offset + 2, '{"type":"teams"}', "missing_field"),
        (5, offset + 19, '{"id":"1","data":null}', "unknown_type"),
    ]
    assert (rows[3][0], rows[3][3]) == (6, "oversized")


def test_a_judgement_before_its_submission_is_quarantined_until_a_later_piece_puts_it_right(landing: Landing) -> None:
    bad = {"type": "judgements", "id": "j9", "token": "cd<90", "data": _judgement("j9", "s3", "AC", 13)}
    counts = landing.land([*feed(), bad])
    assert (counts.n_accepted, counts.n_quarantined) == (17, 1)
    assert landing.rows("SELECT line, raw, reason FROM quarantine") == [(18, json.dumps(bad), "time_travel")]
    assert landing.verdicts()["clics:c1:s3"] == "pending"
    landing.land([bad | {"token": "cd<91", "data": _judgement("j9", "s3", "AC", 16)}])
    assert landing.rows("FROM quarantine") == []
    assert landing.counts("n_accepted") == [18, 1]
    assert landing.verdicts()["clics:c1:s3"] == "verified"


def test_lines_without_a_start_of_the_contest_are_quarantined_until_it_is_known(landing: Landing) -> None:
    lines = feed()
    counts = landing.land(lines[:8])
    assert (counts.n_accepted, counts.n_quarantined) == (6, 2)
    assert landing.rows("SELECT line, reason FROM quarantine ORDER BY line") == [
        (2, "bad_timestamp"),
        (3, "bad_timestamp"),
    ]
    landing.land(lines[8:])
    assert landing.counts("n_accepted") == [8, 9]
    assert len(landing.facts()["tasks"]) == 2


def test_deleted_and_changed_objects_take_their_records_with_them(landing: Landing) -> None:
    landing.land(feed())
    landing.land(
        [
            {"type": "submissions", "id": "s1", "token": "cd<100", "data": None},
            {"type": "teams", "id": "t2", "token": "cd<101", "data": {"id": "t2", "name": "Bobby"}},
        ]
    )
    assert landing.verdicts() == {"clics:c1:s2": "rejected", "clics:c1:s3": "pending"}
    facts = landing.facts()
    assert {row[3] for row in facts["submissions"]} == {"Bobby"}
    assert len(facts["names"]) == 5
    assert facts["revised"] == [("clics:c1:s2",)]


def test_a_feed_without_tokens_may_return_to_an_earlier_state_and_be_read_twice(landing: Landing) -> None:
    plain: list[Line] = [{**line, "token": None} for line in feed() if isinstance(line, dict)]
    ac, wa = ({"type": "judgements", "id": "j2", "data": _judgement("j2", "s2", type_, 13)} for type_ in ("AC", "WA"))
    lines = [*plain, ac, wa]
    counts = landing.land(lines)
    assert (counts.n_accepted, counts.n_duplicates) == (18, 1)
    assert landing.verdicts()["clics:c1:s2"] == "rejected"
    landing.land([*lines, ac])
    landing.land(lines)
    assert landing.verdicts()["clics:c1:s2"] == "verified"


def test_lines_from_the_future_are_good_once_their_time_has_come(landing: Landing) -> None:
    early = parse_instant("2024-04-28T00:00:00Z") or 0
    assert landing.land(feed(), early).n_quarantined == 5  # two tasks, three submissions
    assert landing.facts()["tasks"] == []
    assert retry_feeds(landing.con, NOW) == 5
    assert landing.account_is_right()
    assert landing.counts("n_accepted") == [17]
    assert len(landing.verdicts()) == 3


@pytest.mark.parametrize(
    ("folder", "n_lines", "n_submissions", "n_pending"),
    [
        ("icpc-wf47-feed", 11806, 1606, 545),
        ("icpc-euc2025", 2800, 856, 0),
        ("icpc-swerc2022-frozen", 6395, 1322, 315),
    ],
)
def test_real_feeds_land_whole_and_twice_with_the_known_counts(
    landing: Landing, folder: str, n_lines: int, n_submissions: int, n_pending: int
) -> None:
    found = sorted((REAL_FEEDS / folder).glob("*.ndjson")) if (REAL_FEEDS / folder).is_dir() else []
    if not found:
        pytest.skip(f"the real feed {folder} is not on this machine")
    lines: list[Line] = list(found[0].read_text("utf-8").splitlines())
    first = landing.land(lines)
    assert (first.n_lines, first.n_accepted, first.n_quarantined) == (n_lines, n_lines, 0)
    verdicts = list(landing.verdicts().values())
    assert (len(verdicts), verdicts.count("pending")) == (n_submissions, n_pending)
    before = landing.facts()
    random.Random(3).shuffle(lines)
    again = landing.land(lines)
    assert (again.n_accepted, again.n_duplicates) == (0, n_lines)
    assert landing.facts() == before


def test_feeds_and_records_of_ones_own_share_one_name_space_of_events(tmp_path: Path) -> None:
    own = {
        "type": "task",
        "event_id": "clics:c1:problem:p1",
        "at": "2024-05-01T09:00:00Z",
        "task_id": "mine",
        "problem": "mine",
        "task_type": "verify",
        "difficulty": "easy",
    }
    harder = own | {"event_id": "h", "at": "2024-05-02T09:00:00Z", "task_id": "clics:c1:p2", "difficulty": "hard"}
    (tmp_path / "own.jsonl").write_text(f"{json.dumps(own)}\n{json.dumps(harder)}\n", "utf-8")
    (tmp_path / "feed.ndjson").write_text("".join(json.dumps(line) + "\n" for line in feed()), "utf-8")
    with Warehouse.open(tmp_path / "home") as warehouse:
        reports = land(warehouse, [tmp_path / "own.jsonl", tmp_path / "feed.ndjson"], INGESTED)
        again = land(warehouse, [tmp_path / "feed.ndjson"], INGESTED + dt.timedelta(days=1))
        landing = Landing(warehouse, tmp_path)
        assert [(r.source, r.n_accepted, r.n_quarantined) for r in reports] == [("native", 2, 0), ("clics", 16, 1)]
        assert (again[0].n_accepted, again[0].n_duplicates) == (0, 17)
        assert landing.rows("SELECT line, reason FROM quarantine") == [(2, "conflicting_duplicate")]
        assert [(row[0], row[5]) for row in landing.facts()["tasks"]] == [
            ("clics:c1:problem:p1", "easy"),
            ("clics:c1:problem:p2", "medium"),
            ("h", "hard"),
        ]


def test_options_can_be_told_for_a_file_that_was_landed_before(tmp_path: Path) -> None:
    path = tmp_path / "feed.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in feed()), "utf-8")
    with Warehouse.open(tmp_path / "home") as warehouse:
        land(warehouse, [path], INGESTED)
        land(warehouse, [path], INGESTED, feed_options={"difficulty": "extreme"})
        assert {row[5] for row in Landing(warehouse, tmp_path).facts()["tasks"]} == {"extreme"}
