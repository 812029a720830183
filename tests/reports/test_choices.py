"""What a reader may choose, and the sentences for what does not exist."""

import datetime as dt
from pathlib import Path

import pytest

from pipelines.reports import choices
from pipelines.reports.choices import Misuse

UTC_END = dt.datetime(2026, 3, 1, 23, 59, 59, 999999)  # noqa: DTZ001 - naive UTC inside


@pytest.mark.parametrize(
    ("text", "zone", "instant"),
    [
        ("2026-03-01T12:00:00Z", "UTC", dt.datetime(2026, 3, 1, 12)),  # noqa: DTZ001
        ("2026-03-01T12:00:00+02:00", "UTC", dt.datetime(2026, 3, 1, 10)),  # noqa: DTZ001
        ("2026-03-01", "UTC", UTC_END),
        ("2026-03-01", "Europe/Berlin", dt.datetime(2026, 3, 1, 22, 59, 59, 999999)),  # noqa: DTZ001
        ("2026-03-29", "Europe/Berlin", dt.datetime(2026, 3, 29, 21, 59, 59, 999999)),  # noqa: DTZ001 - summer time
        (None, "UTC", None),
    ],
)
def test_as_of_is_an_instant_with_its_offset_or_the_end_of_a_local_day(
    text: str | None, zone: str, instant: dt.datetime | None
) -> None:
    assert choices.instant(text, zone) == instant


@pytest.mark.parametrize("text", ["yesterday", "", "2026-02-30", "2026-03-01T12:00:00", "2026-03-01T25:00:00Z", "1"])
def test_a_wrong_as_of_is_told_how_to_be_written(text: str) -> None:
    with pytest.raises(Misuse, match="write one with its offset, such as 2026-03-01T12:00:00Z"):
        choices.instant(text, "UTC")


def test_a_name_that_does_not_exist_is_answered_with_the_closest_ones() -> None:
    with pytest.raises(Misuse, match=r"There is no agent `Octal-Duv`. Did you mean `octal-dove`\?"):
        choices.one_of("Octal-Duv", ["kernel-pika", "octal-dove"], "agent")


def test_where_there_are_no_names_that_is_said() -> None:
    with pytest.raises(Misuse, match=r"There is no user `ann`. There is none yet.$"):
        choices.one_of("ann", [], "user")


def test_a_name_like_no_other_is_answered_with_what_exists() -> None:
    with pytest.raises(Misuse, match=r"There is no board `xyz`. There are points, accuracy.$"):
        choices.one_of("xyz", ["points", "accuracy"], "board")


def test_a_name_is_found_in_any_normal_form_and_with_spaces_around() -> None:
    assert choices.one_of(" e\u0301 ", ["é"], "agent") == "é"


def test_a_folder_stands_for_the_logs_in_it(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.ndjson.gz", "deep/c.CSV", "deep/d.parquet", "README.md", ".hidden.jsonl", "x.gz"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in choices.files([tmp_path])]
    assert found == ["a.ndjson.gz", "b.jsonl", "deep/c.CSV", "deep/d.parquet"]


def test_a_file_named_in_two_ways_is_taken_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jsonl").touch()
    monkeypatch.chdir(tmp_path)
    assert len(choices.files([Path("a.jsonl"), tmp_path])) == 1


SESSION = "5e551011-0000-4000-8000-000000000001"


def test_beside_transcripts_only_they_are_logs(tmp_path: Path) -> None:
    logs = [f"p/{SESSION}.jsonl", f"p/{SESSION}/subagents/agent-a1.jsonl", f"p/{SESSION}/subagents/w/journal.jsonl"]
    others = ["p/sessions-index.json", f"p/{SESSION}/subagents/agent-a1.meta.json", f"p/{SESSION}/tool-results/x.json"]
    others += [f"p/{SESSION}/tool-results/{name}" for name in ("x.csv", "x.jsonl")]
    for name in (*logs, *others, "other/feed.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = {path.relative_to(tmp_path).as_posix() for path in choices.files([tmp_path])}
    assert found == {*logs, "other/feed.json"}


def test_of_the_settings_of_claude_code_only_the_projects_are_read_and_being_hidden_is_no_hindrance(
    tmp_path: Path,
) -> None:
    names = ("history.jsonl", "settings.json", "todos/x.json", f"projects/-home-ada/{SESSION}.jsonl")
    for name in names:
        (tmp_path / ".claude" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / ".claude" / name).touch()
    transcript = tmp_path / ".claude" / names[-1]
    assert choices.files([tmp_path / ".claude"]) == choices.files([tmp_path / ".claude" / "projects"]) == [transcript]


def test_whose_transcripts_are_is_told_or_the_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "machine")
    assert choices.transcript_options(None, None, keep_descriptions=False) == {"account": "machine"}
    assert choices.transcript_options("ada", "dawn", keep_descriptions=True) == {
        "account": "machine", "user_id": "ada", "team_id": "dawn", "keeps_descriptions": True,
    }  # fmt: skip


def test_a_file_that_is_named_is_taken_whatever_its_suffix(tmp_path: Path) -> None:
    (tmp_path / "log").touch()
    assert choices.files([tmp_path / "log", tmp_path / "log"]) == [tmp_path / "log"]


def test_a_folder_without_logs_and_a_path_to_nothing_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="holds no logs"):
        choices.files([tmp_path])
    with pytest.raises(Misuse, match="There is no file or folder"):
        choices.files([tmp_path / "nothing"])


@pytest.mark.parametrize("pair", ["a", "a=", "=b", "="])
def test_a_map_needs_both_names(pair: str) -> None:
    with pytest.raises(Misuse, match="write it as"):
        choices.pairs([pair], "--map", "--map their_column=our_field")


def test_what_is_told_about_a_feed_is_checked() -> None:
    assert choices.feed_options("c1", "hard", ["CE=rejected"]) == {
        "contest_id": "c1", "difficulty": "hard", "verdicts": {"CE": "rejected"},
    }  # fmt: skip
    assert choices.feed_options(None, None, []) == {}
    with pytest.raises(Misuse, match="There is no difficulty `brutal`"):
        choices.feed_options(None, "brutal", [])
    with pytest.raises(Misuse, match="There is no verdict `wrong`"):
        choices.feed_options(None, None, ["CE=wrong"])


def test_a_date_since_which_something_is_asked_for_means_its_beginning() -> None:
    since = choices.beginning("2026-03-02", "Europe/Berlin")
    assert since == dt.datetime(2026, 3, 1, 23)  # noqa: DTZ001 - naive UTC inside
    assert choices.beginning("2026-03-02T01:00:00+01:00", "UTC") == dt.datetime(2026, 3, 2)  # noqa: DTZ001
    assert choices.beginning(None, "UTC") is None
    with pytest.raises(Misuse, match=r"^--since `soon` is no instant: .* the beginning of that day in UTC"):
        choices.beginning("soon", "UTC")
