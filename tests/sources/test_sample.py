"""Sample seasons: same seed, same bytes; good lines are good, broken ones are refused for the reason meant."""

import gzip
import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.game.events import Refusal, check_line
from pipelines.game.faults import PodiumError
from pipelines.game.records import DIFFICULTIES, TASK_TYPES, Reason
from pipelines.sources.sample import MAX_AGENTS, SampleReport, write_season
from pipelines.sources.sample_lines import STORED_BLOCK_BYTES, stored_gzip
from pipelines.sources.sample_world import ANIMALS, WORDS, Dice, agent_names

TRACKED = Path(__file__).parents[2] / "data" / "sample"
INGESTED_AT = int(datetime(2026, 11, 16, tzinfo=UTC).timestamp()) * 1_000_000


@pytest.fixture(scope="module")
def season(tmp_path_factory: pytest.TempPathFactory) -> SampleReport:
    return write_season(tmp_path_factory.mktemp("season") / "logs", agents=24, days=42, seed=7)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def lines_of(folder: Path) -> list[tuple[str, int, bytes]]:
    """(file, line number, line) of every line, unpacked."""
    out = []
    for name, content in contents(folder).items():
        text = gzip.decompress(content) if name.endswith(".gz") else content
        assert not text or text.endswith(b"\n")
        out += [(name, number, line) for number, line in enumerate(text.split(b"\n")[:-1], start=1)]
    return out


def records_of(folder: Path, record_type: str) -> list[dict[str, object]]:
    """Good records of a type, each once."""
    seen: dict[object, dict[str, object]] = {}
    for _, _, line in lines_of(folder):
        if isinstance(check_line(line, INGESTED_AT), Refusal):
            continue
        record = json.loads(line)
        if record["type"] == record_type:
            seen.setdefault(record["event_id"], record)
    return list(seen.values())


def test_the_tracked_season_is_what_its_readme_says_how_to_make(season: SampleReport) -> None:
    assert contents(TRACKED) == contents(season.out)
    assert sum(file.n_bytes for file in season.files) < 1_650_000


@pytest.mark.parametrize(("agents", "days"), [(1, 1), (5, 40), (60, 3)])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path, agents: int, days: int) -> None:
    for folder, seed in (("a", 3), ("b", 3), ("c", 4)):
        write_season(tmp_path / folder, agents=agents, days=days, seed=seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


@pytest.mark.parametrize(("agents", "days"), [(24, 42), (1, 1), (2, 9), (150, 2)])
def test_good_lines_are_accepted_and_broken_ones_refused_for_the_reason_meant(
    tmp_path: Path, agents: int, days: int
) -> None:
    report = write_season(tmp_path / "logs", agents=agents, days=days, seed=7)
    meant = {(one.file, one.line): one.reason for one in report.refused}
    refused: dict[tuple[str, int], Reason] = {}
    n_blank, accepted = 0, []
    for file, number, line in lines_of(report.out):
        if not line:
            n_blank += 1
            continue
        outcome = check_line(line, INGESTED_AT)
        if isinstance(outcome, Refusal):
            refused[file, number] = outcome.reason
        else:
            accepted.append(line)
    assert refused == meant
    assert (len(set(meant.values())), len(meant)) == (10, 15)
    assert (len(set(accepted)), n_blank) == (report.n_records, report.n_blank)
    assert len(accepted) - len(set(accepted)) == report.n_duplicates
    assert sum(file.n_lines for file in report.files) == len(accepted) + len(refused) + n_blank


def test_an_event_id_names_one_content_only(season: SampleReport) -> None:
    records = [record for kind in ("task", "submission", "agent_call") for record in records_of(season.out, kind)]
    lines = {line for _, _, line in lines_of(season.out)}
    good = [line for line in lines if line and not isinstance(check_line(line, INGESTED_AT), Refusal)]
    assert len(good) == len(records) == season.n_records


def test_the_tracked_season_has_a_submission_and_a_call_twice_one_blank_line_and_ends_on_a_sunday(
    season: SampleReport,
) -> None:
    assert (season.n_duplicates, season.n_blank) == (2, 1)
    assert season.last_at.date() == date(2026, 11, 15)
    assert season.last_at.strftime("%A") == "Sunday"


def test_all_task_types_and_difficulties_and_both_famous_problems_are_played(season: SampleReport) -> None:
    tasks = records_of(season.out, "task")
    assert {task["task_type"] for task in tasks} == set(TASK_TYPES)
    assert {task["difficulty"] for task in tasks} == set(DIFFICULTIES)
    problems = {task["problem"] for task in tasks}
    assert problems >= {"erdos-straus", "collatz"}
    assert 6 <= len(problems) <= 8


def test_few_agents_do_most_and_every_agent_does_something(season: SampleReport) -> None:
    counts: dict[object, set[object]] = {}
    for record in records_of(season.out, "submission"):
        counts.setdefault(record["agent_id"], set()).add(record["submission_id"])
    n = sorted((len(some) for some in counts.values()), reverse=True)
    assert len(n) == 24
    assert sum(n[:4]) > sum(n) / 2
    assert n[-1] >= 1


def test_nights_at_home_are_quieter_than_mornings(season: SampleReport) -> None:
    at_home = [
        datetime.fromisoformat(str(record["submitted_at"]))
        for record in records_of(season.out, "submission")
        if not str(record["submitted_at"]).endswith("Z")
    ]
    nights = sum(1 for at in at_home if at.hour < 6)
    mornings = sum(1 for at in at_home if 8 <= at.hour < 14)
    assert mornings > 4 * nights > 0


def test_verdicts_come_late_stay_out_and_are_reversed_once_and_back(season: SampleReport) -> None:
    stories: dict[object, list[str]] = {}
    for record in sorted(records_of(season.out, "submission"), key=lambda one: str(one["at"])):
        stories.setdefault(record["submission_id"], []).append(str(record["verdict"]))
    told = {tuple(story) for story in stories.values()}
    assert {("pending",), ("pending", "verified"), ("pending", "rejected")} <= told
    assert {("verified", "rejected"), ("rejected", "void")} <= told
    assert any(story[-3:] == ("verified", "rejected", "verified") for story in told)


def test_a_task_is_corrected_some_are_announced_late_and_one_never(season: SampleReport) -> None:
    announced: dict[object, list[str]] = {}
    for task in records_of(season.out, "task"):
        announced.setdefault(task["task_id"], []).append(str(task["at"]))
    assert sum(1 for instants in announced.values() if len(instants) == 2) == 1
    tried = records_of(season.out, "submission")
    assert any(record["task_id"] not in announced for record in tried)
    in_utc = [record for record in tried if str(record["submitted_at"]).endswith("Z")]
    assert any(str(record["submitted_at"]) < min(announced.get(record["task_id"], [""])) for record in in_utc)


def test_names_are_pairs_of_listed_words_and_never_repeat() -> None:
    names = agent_names(MAX_AGENTS, Dice(1, "names"))
    assert len(set(names)) == MAX_AGENTS
    assert {name.split("-")[0] for name in names} <= set(WORDS)
    assert {name.split("-")[1] for name in names} <= set(ANIMALS)
    assert all(re.fullmatch(r"[a-z]+", word) for word in WORDS + ANIMALS)


def test_dice_fall_the_same_on_every_machine() -> None:
    dice = Dice(7, "a topic")
    assert [dice.whole(1, 6) for _ in range(8)] == [3, 2, 1, 4, 5, 2, 3, 4]
    assert dice.shuffled("abcdef") == list("edfbac")


@pytest.mark.parametrize("size", [0, 1, STORED_BLOCK_BYTES, STORED_BLOCK_BYTES + 1, 200_000])
def test_the_packed_file_unpacks_and_bears_no_date(size: int) -> None:
    content = bytes(i % 251 for i in range(size))
    packed = stored_gzip(content)
    assert gzip.decompress(packed) == content
    assert packed[4:8] == bytes(4)


@pytest.mark.parametrize(
    ("agents", "days", "start", "sentence"),
    [
        (0, 1, None, "A sample season has 1 to 2000 agents, not 0."),
        (2001, 1, None, "A sample season has 1 to 2000 agents, not 2001."),
        (1, 0, None, "A sample season lasts 1 to 730 days, not 0."),
        (1, 731, None, "A sample season lasts 1 to 730 days, not 731."),
        (1, 1, date(9999, 12, 31), "A sample season starts in a year from 1970 to 2200, not on 9999-12-31."),
    ],
)
def test_numbers_out_of_range_get_a_sentence(
    tmp_path: Path, agents: int, days: int, start: date | None, sentence: str
) -> None:
    with pytest.raises(PodiumError, match=f"^{re.escape(sentence)}$"):
        write_season(tmp_path / "logs", agents=agents, days=days, seed=1, start=start)
    assert not (tmp_path / "logs").exists()


def test_a_season_that_cannot_be_written_leaves_nothing_half_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: bytes) -> bytes:
        raise OSError(28, "No space left on device")

    write_season(tmp_path, agents=2, days=2, seed=1)
    before = contents(tmp_path)
    monkeypatch.setattr("pipelines.sources.sample_files.stored_gzip", full)
    with pytest.raises(PodiumError, match="No space left on device"):
        write_season(tmp_path, agents=2, days=2, seed=2)
    assert contents(tmp_path) == before


def test_a_season_is_written_over_an_earlier_one_but_never_over_somebody_elses_logs(tmp_path: Path) -> None:
    again, own, file = tmp_path / "again", tmp_path / "own", tmp_path / "file"
    for _ in range(2):
        write_season(again, agents=2, days=2, seed=1)
    own.mkdir()
    (own / "tasks.jsonl").write_text('{"type":"task"}\n')
    file.write_text("mine")
    (again / "notes.txt").write_text("mine")
    for folder, said in ((own, "already holds logs"), (again, "already holds notes.txt"), (file, "is a file")):
        with pytest.raises(PodiumError, match=said):
            write_season(folder, agents=2, days=2, seed=2)
    assert (own / "tasks.jsonl").read_text() == '{"type":"task"}\n'
    assert file.read_text() == "mine"


def test_a_start_of_ones_own_is_kept(tmp_path: Path) -> None:
    report = write_season(tmp_path / "logs", agents=9, days=3, seed=1, start=date(2025, 12, 30))
    assert [file.name for file in report.files] == [
        "tasks.jsonl",
        "submissions-2025-12.jsonl",
        "submissions-2026-01.jsonl",
        "calls-2025-12.jsonl",
        "calls-2026-01.jsonl",
        "corrections.jsonl.gz",
    ]
    assert report.last_at.date() == date(2026, 1, 1)


def test_progress_is_told_after_each_day(tmp_path: Path) -> None:
    days: list[int] = []
    write_season(tmp_path / "logs", agents=1, days=5, seed=1, progress=days.append)
    assert days == [1, 2, 3, 4, 5]
