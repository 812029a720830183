"""Real transcripts of Claude Code 1.0 to 2.1, and generated ones with their true account, from end to end."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from pipelines.reports.choices import logs_in
from pipelines.sources.recognise import kind_of
from pipelines.store.quality import data_quality
from pipelines.store.warehouse import Warehouse
from tests.end_to_end.seasons import publish
from tests.store.transcript_homes import Home, ids
from tests.transcript_rows import (
    SESSION,
    agent_rows,
    at,
    call,
    completed,
    launched,
    notification,
    notified,
    result,
    row,
    said,
    tool,
    write,
)

GENERATOR = Path(__file__).parents[2] / "benchmarks" / "transcripts.py"
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")
# Of the calls whose result reports totals, the runs of these are not whole in the folder.
EXCERPTS = {
    "toolu_dedup_task": "4 rows of its run are in dedup_agent.jsonl",
    "toolu_01JA2mLseQCAW3MdwPE4qWEk": "3 rows of its run are in sidechain_agent.jsonl",
    "toolu_01MmDqMXjZLvzbNFLGH2ZA3k": "agent-c8d9b115.jsonl has not the first row, which holds the prompt",
}


@pytest.fixture(scope="module")
def real(real_logs: Path) -> Path:
    return real_logs / "claude-code-transcripts"


@pytest.fixture(scope="module")
def landed(real: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with all real transcripts in it, read as a folder."""
    home = Home(tmp_path_factory.mktemp("real") / "home")
    reports = home.land(*logs_in(real))
    assert [report.error for report in reports if report.error] == []
    return home


def transcripts(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*.jsonl"))


def test_every_real_transcript_is_recognised(real):
    files = transcripts(real)
    assert len(files) > 100
    assert {kind_of(file) for file in files} == {"claude-code"}


def test_of_the_real_transcripts_only_the_lines_that_are_no_objects_are_refused(landed):
    refused = landed.rows(
        """SELECT parse_filename(path), line, reason FROM quarantine JOIN ingested_files USING (file)
        WHERE source = 'claude-code' ORDER BY ALL""".replace("path)", "ingested_files.path)")
    )
    assert refused == [("edge_cases.jsonl", line, "not_an_object") for line in (13, 15, 16)]


def test_reading_a_few_files_at_a_time_backwards_leads_to_the_same_state_as_the_folder(real, landed, tmp_path):
    home, backwards = Home(tmp_path / "home"), transcripts(real)[::-1]
    for first in range(0, len(backwards), 4):
        assert {report.error for report in home.land(*backwards[first : first + 4])} == {None}
    assert home.state() == landed.state()


def test_what_the_own_rows_add_up_to_agrees_with_what_the_results_report(landed):
    reported = landed.rows("""SELECT DISTINCT tool_use_id, duration_ms / 1000, tool_uses FROM transcript_results
        SEMI JOIN transcript_calls ON tool_use_id = call_id WHERE duration_ms IS NOT NULL ORDER BY 1""")
    assert {call_id for call_id, *_ in reported} >= EXCERPTS.keys()
    whole = [told for told in reported if told[0] not in EXCERPTS]
    assert len(whole) == 8
    for call_id, duration_s, tool_uses in whole:
        ((counted, span),) = landed.rows(f"""
            SELECT (SELECT count(DISTINCT tool_key) FROM transcript_call_runs JOIN transcript_tools
                    USING (run_id, session_id) WHERE call_id = '{call_id}'),
                   (SELECT epoch(max(last_at)) - epoch(min(first_at)) FROM transcript_call_runs JOIN transcript_runs
                    USING (run_id, session_id) WHERE call_id = '{call_id}')""")
        assert counted == tool_uses, call_id
        assert span == pytest.approx(duration_s, rel=0.02), call_id


def test_sums_go_by_message_where_others_count_every_row(real, tmp_path):
    home, naive = Home(tmp_path / "home"), json.loads((real / "sniffly-1.0.17/official_baseline.json").read_text())
    home.land(*logs_in(real / "sniffly-1.0.17"))
    with Warehouse.open(home.place) as warehouse:
        (found,) = data_quality(warehouse).to_dicts()
    assert (found["output_tokens"], found["cache_read_tokens"]) == (19_313, 4_302_385)
    assert (naive["total_tokens"]["output"], naive["total_tokens"]["cache_read"]) == (19_443, 5_238_726)


def test_real_calls_in_the_background_wait_for_their_notification(real, tmp_path):
    folder = real / "claude-code-log-1.0-2.1.128" / "async_agents"
    (session,) = folder.glob("*.jsonl")
    lines, home = session.read_text().splitlines(), Home(tmp_path / "home")
    grown = write(tmp_path / session.name, lines[:5])
    home.land(grown, *folder.rglob("agent-*.jsonl"))
    assert home.records() == []
    home.land(write(grown, lines))
    assert (home.record()["agent"], home.record()["duration_s"], home.record()["success"]) == ("Explore", 120.0, True)


def test_the_real_calls_are_these(landed):
    found = landed.records()
    told = zip(ids(found), *([record[of] for record in found] for of in ("agent", "duration_s")), strict=True)
    assert list(told) == [
        ("toolu_0151DrVyXBXfb63SXGNF1qDb", "general-purpose", 202.248),
        ("toolu_016neBD9WjCCZqzRTP3afGDT", "general-purpose", 773.932),
        ("toolu_017y4gSjMWeQ3L2DAKiygU2y", "general-purpose", 227.081),
        ("toolu_01EaAN7bPNQrMTGoKhbEjVrx", "general-purpose", 447.008),
        ("toolu_01GmrK6tgdD9D5xD6W5X9UUy", "general-purpose", 802.753),
        ("toolu_01HD7PpSCWhP2gP8dXvJiyZN", "Plan", 40.843),
        ("toolu_01JA2mLseQCAW3MdwPE4qWEk", "general-purpose", 119.249),
        ("toolu_01MmDqMXjZLvzbNFLGH2ZA3k", "Explore", 37.428),
        ("toolu_01N26s4U6vDxE1NRAH5CyCNf", "general-purpose", 208.554),
        ("toolu_01SXaWzD5YZ73zGwchbcxeWi", "Explore", 67.437),
        ("toolu_dedup_task", "general-purpose", 119.249),
        ("tu_Task_alice", "general-purpose", 120.0),
        ("tu_Task_async_001", "Explore", 120.0),
        ("tu_Task_bob", "general-purpose", 120.0),
    ]  # fmt: skip


# Generated transcripts, whose true account is known


def generate(out: Path, *options: str) -> dict[str, dict]:
    subprocess.run([sys.executable, str(GENERATOR), str(out), *options], check=True, capture_output=True)
    return {call["call_id"]: call for call in map(json.loads, (out / "truth-calls.jsonl").open())}


def as_told(records: list[dict]) -> dict[str, tuple]:
    """What is compared of a record: agent, success, instant, duration, tools, tokens, model."""
    return {
        name: (
            record["agent"], record["success"], record["at"].isoformat(timespec="milliseconds") + "Z",
            round(record["duration_s"] * 1000) if record["duration_s"] is not None else None, record["tool_uses"],
            [record[of] for of in TOKENS], record["model"],
        )
        for name, record in zip(ids(records), records, strict=True)
    }  # fmt: skip


def check_truth(records: list[dict], truth: dict[str, dict]) -> None:
    finished = {name: call for name, call in truth.items() if not call["ending"].startswith("pending")}
    found = as_told(records)
    assert found.keys() == finished.keys()
    for name, told in finished.items():
        agent, success, ended_at, duration_ms, tool_uses, tokens, model = found[name]
        assert (agent, success, ended_at) == (told["agent_type"], told["ending"] == "completed", told["ended_at"]), told
        assert [count or 0 for count in tokens] == told["tokens"], told
        assert told["duration_ms"] in (None, duration_ms), told
        assert told["tool_uses"] in (None, tool_uses), told
        assert told["n_requests"] == 0 or model == told["model"], told


def test_generated_transcripts_give_exactly_the_calls_they_were_made_of_also_when_they_grow(tmp_path):
    home, out = Home(tmp_path / "home"), tmp_path / "out"
    truth = generate(out, "--sessions", "60", "--bytes", "12000000", "--seed", "11")
    home.land(*logs_in(out / "projects"))
    check_truth(home.records(), truth)
    truth = generate(out, "--append", "5")
    n_grown = len(home.land(*logs_in(out / "projects")))
    assert 5 <= n_grown < 40
    check_truth(home.records(), truth)
    whole = Home(tmp_path / "whole")
    whole.land(*logs_in(out / "projects"))
    assert home.state() == whole.state()
    assert home.land(*logs_in(out / "projects")) == []


# Privacy

CANARY = "canary"


def conversation(folder: Path) -> list[Path]:
    """Transcripts with a canary in everything that somebody wrote or said, and in lines that cannot be read."""
    text = {"type": "text", "text": CANARY}
    thinking = {"type": "thinking", "thinking": CANARY, "signature": CANARY}
    bash = tool("u", "Bash", command=CANARY, description=CANARY)
    asked = {"description": f"Fix {CANARY}", "prompt": CANARY}
    ended = completed("a1", prompt=CANARY, content=[text])
    rows = [
        {"type": "summary", "summary": CANARY, "leafUuid": "u"},
        {"type": "last-prompt", "lastPrompt": CANARY, "sessionId": SESSION},
        {"type": f"the {CANARY} sings", "sessionId": SESSION},
        row("user", "1", "08:00:00", message={"role": "user", "content": CANARY}, slug=CANARY, gitBranch=CANARY),
        row("system", "2", "08:00:01", content=CANARY),
        row("progress", "3", "08:00:02", data={"message": CANARY}),
        row("attachment", "4", "08:00:03", attachment={"type": "queued_command", "prompt": CANARY}),
        {**row("queue-operation", "5", "08:00:04"), "content": CANARY},
        said("6", "08:00:05", [text, thinking, bash], message="m6"),
        result("u", "08:00:06", told={"stdout": CANARY}, content=CANARY),
        *(call("t1", **asked), result("t1", told=ended, content=[text])),
        *(call("t2", **asked), result("t2", told=f"Error: {CANARY}", is_error=True, content=CANARY)),
        *(call("t3", **asked), result("t3", told=launched("a3")), notified(notification("a3").replace("it", CANARY))),
        *(call("t4", subagent_type="night\u202eingale"), result("t4", told=completed("a4"))),
        *(call("t5", model=f"a {CANARY}"), result("t5", told=completed("a5", status=CANARY))),
        *(CANARY, f'"{CANARY}"', f'{{"half": "{CANARY}', f'["{CANARY}"]'),
    ]
    own = [{**of, "cwd": f"/{CANARY}/podium"} for of in agent_rows(prompt=CANARY)]
    agent = write(folder / SESSION / "subagents" / "agent-a1.jsonl", own)
    agent.with_suffix(".meta.json").write_text(json.dumps({"agentType": "x", "description": CANARY}))
    write(folder / SESSION / "tool-results" / "long.json", [{"content": CANARY}])
    write(folder / "sessions-index.json", [{"firstPrompt": CANARY}])
    return [write(folder / f"{SESSION}.jsonl", rows), agent]


def published_text(home: Home) -> str:
    tables = publish(home.place, at("23:00:00"))
    with Warehouse.open(home.place) as warehouse:
        tables["data_quality"] = data_quality(warehouse)
    assert tables["quarantine"].height == 5
    assert tables["agent_calls"].height == 4
    return json.dumps({name: table.to_dicts() for name, table in tables.items()}, default=str)


def test_nothing_that_anybody_wrote_is_in_any_published_table(tmp_path):
    home = Home(tmp_path / "home")
    conversation(tmp_path / "projects")
    home.land(*logs_in(tmp_path / "projects"))
    assert CANARY not in published_text(home)
    assert CANARY.encode() not in b"".join(path.read_bytes() for path in home.place.rglob("*.parquet"))
    assert CANARY.encode() not in (home.place / "warehouse.duckdb").read_bytes()


def test_descriptions_and_nothing_else_are_kept_where_that_is_asked_for(tmp_path):
    home = Home(tmp_path / "home")
    conversation(tmp_path / "projects")
    home.land(*logs_in(tmp_path / "projects"), keeps_descriptions=True)
    text = published_text(home)
    assert text.count(CANARY) == text.count(f"Fix {CANARY}") > 0


# The command line


def test_a_run_over_the_projects_of_claude_code_publishes_their_calls(tmp_path):
    projects = tmp_path / ".claude" / "projects" / "-home-ada-podium"
    write(projects / f"{SESSION}.jsonl", [call("t1"), result("t1", told=completed())])
    write(projects / SESSION / "subagents" / "agent-a1.jsonl", agent_rows())
    write(tmp_path / ".claude" / "history.jsonl", [{"display": CANARY}])
    home = tmp_path / "home"
    for command, n_files in (["run", "--no-report"], 2), (["ingest"], 0):
        words = [*command, str(tmp_path / ".claude"), "--home", str(home), "--json", "--user", "ada", "--team", "dawn"]
        done = subprocess.run([sys.executable, "-m", "pipelines.cli", *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert len(json.loads(done.stdout)["files"]) == n_files
    (calls,) = pl.read_parquet(home / "published" / "current" / "agent_calls.parquet").to_dicts()
    assert (calls["user_id"], calls["team_id"], calls["output_tokens"]) == ("ada", "dawn", 47)
