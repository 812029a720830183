"""A withdrawal is heard whatever was lost, refused or dated wrongly; and nobody's record decides for anybody else."""

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

from pipelines.store.runlock import run_lock
from pipelines.store.warehouse import FILE as WAREHOUSE
from tests.end_to_end.arena_homes import Team, granted, rows, withdrawn

CALLS = [
    json.dumps({
        "type": "agent_call", "event_id": f"c-{user}-{n}", "at": f"2026-10-{day:02}T10:{n:02}:00Z", "user_id": user,
        "agent_id": "python-pro", "action_type": "task_completion", "success": True, "category": "backend",
    })
    for user, day in (("ann", 20), ("bob", 21))
    for n in range(10)
]  # fmt: skip


def said(owner: str, scope: str, *, grants: bool, at: dt.datetime, event: str = "e") -> str:
    told = {"at": at.isoformat().replace("+00:00", "Z"), "owner_id": owner, "scope": scope, "granted": grants}
    return json.dumps({"type": "consent", "event_id": event, **told})


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Team:
    """Ann, who shares metrics, and Bob, who shares nothing, up to a Monday; one bundle is out."""
    team = Team(tmp_path_factory.mktemp("told") / "ours")
    team.home.mkdir(parents=True)
    (team.home / "rulebook.toml").write_text("[insight]\nenabled = false\n")
    team.reads("log", *CALLS, granted("ann", "metrics"))
    team.publishes("2026-11-02")
    assert exported(team, 1) == {"profiles": 1, "tombstones": 0}
    return team


@pytest.fixture
def ours(told: Team, tmp_path: Path) -> Team:
    """The same, to go on with."""
    return told.copied(tmp_path / "ours")


def exported(team: Team, sequence: int) -> dict[str, int]:
    """Rows of a bundle that was just written."""
    told = team.told("arena", "export")
    assert told["sequence"] == sequence
    bundle = team.bundles / f"{sequence:06}"
    return {name: len(rows(bundle, name)) for name in ("profiles", "tombstones")}


def test_a_word_that_was_written_down_is_read_into_a_warehouse_that_is_made_anew(ours: Team) -> None:
    assert ours.podium("consent", "revoke", "ann").returncode == 0
    (ours.home / WAREHOUSE).unlink()
    ours.reads("again", *CALLS, granted("ann", "metrics"))
    ours.publishes("2026-11-02")
    assert exported(ours, 2) == {"profiles": 0, "tombstones": 1}


def test_a_withdrawal_while_another_run_is_at_work_is_written_down_and_heard(ours: Team) -> None:
    with run_lock(ours.home):
        told = ours.told("consent", "revoke", "ann", "metrics")
    assert told["is_read"] is False
    assert exported(ours, 2) == {"profiles": 0, "tombstones": 1}


def test_a_grant_dated_ahead_does_not_outlive_a_withdrawal(ours: Team) -> None:
    ours.reads("ahead", said("ann", "metrics", grants=True, at=now() + dt.timedelta(hours=12)))
    told = ours.told("consent", "revoke", "ann")
    assert told["shares"] == []
    assert exported(ours, 2) == {"profiles": 0, "tombstones": 1}


@pytest.mark.parametrize(
    "spoilt", [{"at": "2026-11-01T00:00:00"}, {"scope": "all"}, {"event_id": "consent-ann-metrics"}]
)
def test_a_refused_line_that_grants_nothing_is_taken_for_a_withdrawal(ours: Team, spoilt: dict[str, str]) -> None:
    line = json.loads(said("ann", "metrics", grants=False, at=now() - dt.timedelta(hours=1)))
    ours.reads("spoilt", json.dumps(line | spoilt))
    assert exported(ours, 2) == {"profiles": 0, "tombstones": 1}
    assert ours.told("consent", "grant", "ann", "metrics")["shares"] == ["metrics"]
    assert exported(ours, 3) == {"profiles": 1, "tombstones": 1}


def test_a_withdrawal_is_recorded_also_of_what_does_not_count_now(ours: Team) -> None:
    (ours.home / "arena.toml").write_text('[consent]\npolicy_version = "2"\n')
    assert ours.told("consent", "revoke", "ann")["shares"] == []
    (ours.home / "arena.toml").unlink()
    assert exported(ours, 2) == {"profiles": 0, "tombstones": 1}


@pytest.mark.parametrize("harm", ["lost", "damaged"])
def test_without_its_ledger_a_publisher_draws_nothing_more_and_withdraws_all_the_same(
    tmp_path: Path, harm: str
) -> None:
    team = Team(tmp_path / "ours")
    team.home.mkdir(parents=True)
    (team.home / "rulebook.toml").write_text("[insight]\nenabled = false\n")
    (team.home / "arena.toml").write_text('[aggregates]\nk = 2\nmonths_back = 1\nkinds = ["calls"]\n')
    others = [granted(user, "aggregates") for user in ("ann", "bob")]
    of_september = [line.replace("2026-10-", "2026-09-") for line in CALLS]
    team.reads("log", *of_september, granted("ann", "achievements"), *others)
    team.publishes("2026-10-09")
    exported(team, 1)
    before = (team.bundles / "000001" / "usage.jsonl").read_bytes()
    assert before
    team.ledger.unlink() if harm == "lost" else team.ledger.write_text("{}\n")
    team.podium("consent", "revoke", "ann", "achievements")
    team.publishes("2026-11-09")
    assert exported(team, 2)["tombstones"] == 1
    ended = team.podium("arena", "budget")
    assert ended.returncode == 1
    assert ("The ledger was lost or set back: " if harm == "lost" else "is not a release") in ended.stderr
    assert (team.bundles / "000002" / "usage.jsonl").read_bytes() == before
    withheld = [(row["kind"], row["period"], row["reason"]) for row in rows(team.bundles / "000002", "withheld")]
    assert ("calls", "2026-10", "ledger") in withheld
    assert team.podium("arena", "verify", team.bundles / "000002").returncode == 0


def test_a_withdrawal_does_not_wait_for_a_policy_that_is_broken_and_a_grant_does(ours: Team) -> None:
    (ours.home / "arena.toml").write_text("[aggregates]\nkk = 3\n")
    ended = ours.podium("consent", "revoke", "ann")
    assert ended.returncode == 1
    assert ended.stderr.startswith("podium: The withdrawal is written down, and read before the next export. ")
    assert "`aggregates.kk`: this key is not known" in ended.stderr
    assert ours.podium("consent", "grant", "bob", "metrics").returncode == 1
    (ours.home / "arena.toml").unlink()
    assert exported(ours, 2) == {"profiles": 0, "tombstones": 1}


def test_a_word_of_nobody_is_not_written_down(ours: Team) -> None:
    before = sorted(ours.home.glob("consents/*"))
    ended = ours.podium("consent", "grant", " ", "metrics")
    assert (ended.returncode, ended.stderr) == (2, "podium: Name an owner: an id is not empty.\n")
    assert sorted(ours.home.glob("consents/*")) == before


def test_a_home_put_back_from_a_backup_does_not_write_another_bundle_of_the_same_number(
    ours: Team, tmp_path: Path
) -> None:
    backup = shutil.copytree(ours.home, tmp_path / "backup", symlinks=True)
    ours.podium("consent", "revoke", "ann")
    assert exported(ours, 2)["tombstones"] == 1
    shutil.rmtree(ours.home)
    shutil.copytree(backup, ours.home, symlinks=True)
    ended = ours.podium("arena", "export")
    assert ended.returncode == 1
    assert "This publisher has written bundle 2, and" in ended.stderr
    shutil.rmtree(ours.bundles)
    assert "holds none" in ours.podium("arena", "export").stderr


def test_records_of_others_move_neither_the_week_nor_a_row(ours: Team) -> None:
    before = {path.name: path.read_bytes() for path in (ours.bundles / "000001").glob("*.jsonl")}
    ours.reads(
        "late",
        CALLS[-1].replace('"c-bob-9"', '"c-late"').replace("2026-10-21", "2026-11-16"),
        json.dumps({
            "type": "submission", "event_id": "s", "at": "2026-10-20T00:00:00Z", "submission_id": "s", "agent_id": "a",
            "task_id": "t", "submitted_at": "2026-10-20T00:00:00Z", "verdict": "verified", "user_id": "bob",
        }),
    )  # fmt: skip
    ours.publishes("2026-11-02")
    assert ours.told("arena", "export")["is_new"] is False
    assert {path.name: path.read_bytes() for path in (ours.bundles / "000001").glob("*.jsonl")} == before


def test_weeks_and_months_end_by_the_clock_not_by_an_as_of_that_is_yet_to_come(ours: Team) -> None:
    ours.publishes("2031-06-10")
    told = ours.told("arena", "export")
    year, week, _ = (now() - dt.timedelta(days=7)).isocalendar()
    assert told["week"] in {f"{year}-W{week:02}", f"{now().isocalendar()[0]}-W{now().isocalendar()[1]:02}"}
    assert withdrawn(ours.bundles / "000002") == set()
