"""What the commands of the arena say: real bundles, keys and conversations, from literal rows to lines and JSON."""

import datetime as dt
import hashlib
import io
import json
import re
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from pipelines.arena.bundle import Written, strip_older, write_bundle
from pipelines.arena.conversations import FOLDER, shared, unshare
from pipelines.arena.leaving import COUNTS, IDENTITIES, Leaving
from pipelines.arena.redaction import NO_PROOF
from pipelines.arena.verify import verify
from pipelines.reports import arena_sharing, arena_view
from pipelines.reports.arena_sharing import NotSharedYet, share_file
from pipelines.reports.choices import Misuse
from pipelines.reports.machine import to_json
from pipelines.reports.terminal import screen
from pipelines.settings import Settings
from pipelines.store.landing import land
from pipelines.store.warehouse import Warehouse
from tests.arena.bundles import ADA, ADAS_BADGES, BOB, BOBS_TALK, keyring, small_contents, without

HOSTILE = "eve\x1b[31m\u202e"
NOW = dt.datetime(2026, 11, 22, 23, 30)  # noqa: DTZ001 - naive UTC inside


def lines(show: Any, width: int = 400) -> list[str]:
    output = io.StringIO()
    show(screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines() if line.strip(" -")]


@dataclass(frozen=True)
class Exported:
    written: Written
    leaving: Leaving
    n_stripped: int = 0


def exported(tmp_path: Path, *gone: str, shares: bool = True, rows: dict[str, Any] | None = None) -> Exported:
    """An export of two owners and three who share nothing or only sums, without whoever has withdrawn."""
    contents = without(small_contents(tmp_path, rows), *gone)
    if not shares:
        contents = small_contents(tmp_path, {name: [] for name in contents.tables}, talk=None)
    identities = [
        ("ada", None, "metrics", ADA),
        ("ada", None, "achievements", ADAS_BADGES),
        ("bob", None, "metrics", BOB),
        ("bob", None, "conversations", BOBS_TALK),
    ]
    leaving = Leaving(
        week=contents.week,
        rulebook=contents.rulebook,
        policy=contents.policy,
        owners=pl.Series(["ada", "bob", "carl", "dora", "emil"]),
        tables=contents.tables,
        identities=pl.DataFrame(identities if shares else [], schema=IDENTITIES, orient="row"),
        allowing_aggregates=pl.Series(["ada", "bob", "carl"] if shares else [], dtype=pl.String),
        counted=pl.DataFrame(schema=COUNTS),
        conversations=contents.conversations,
        months=["2026-10"],
    )
    return Exported(write_bundle(tmp_path / "bundles", contents, keyring(tmp_path)), leaving, len(gone))


def told(done: Exported) -> list[str]:
    return lines(lambda to: arena_view.show_exported(done, to))


def test_an_export_says_where_the_bundle_is_who_shares_and_what_is_withheld(tmp_path: Path) -> None:
    publisher = keyring(tmp_path).publisher
    said = told(exported(tmp_path))
    assert said[:5] == [
        f"Wrote bundle 1 of publisher {publisher}: {tmp_path}/bundles/000001",
        "It speaks up to the end of week 2026-W45.",
        "Owners who share: metrics 2, achievements 1, conversations 1, aggregates 3.",
        "Of 2 owners nothing leaves.",
        "table rows product",
    ]
    assert said[5:12] == [
        "profiles 2 profiles by choice",
        "agent_statistics 2 profiles by choice",
        "leaderboard_entries 4 profiles by choice",
        "achievements 3 profiles by choice",
        "usage 3 aggregates",
        "conversations 1 conversations",
        "withheld 1 about the bundle",
    ]
    assert said[12:] == [
        "Withheld: usage submissions 2026-10. Fewer people than k allow it.",
        "Privacy spent on sums so far: 0.1 of 1.2 rho, epsilon 2.142 at delta 1e-06.",
        "To publish it, copy the whole folder. What is copied cannot be recalled.",
    ]


def test_an_export_without_news_says_that_the_last_bundle_stands(tmp_path: Path) -> None:
    exported(tmp_path)
    said = told(exported(tmp_path))
    assert said[0] == f"Nothing has changed since bundle 1, which stands: {tmp_path}/bundles/000001"
    assert not any("To publish" in line for line in said)


def test_a_withdrawal_says_what_is_withdrawn_and_what_cannot_be(tmp_path: Path) -> None:
    exported(tmp_path)
    said = told(exported(tmp_path, ADAS_BADGES))
    assert (
        "1 pseudonym withdrawn so far: whoever has taken bundles in is told to delete what they said. Copies that are "
        "already out cannot be recalled." in said
    )


def test_where_nobody_shares_anything_the_export_tells_of_nobody(tmp_path: Path) -> None:
    said = told(exported(tmp_path, shares=False))
    assert said[2:] == [
        "Nobody shares anything: it tells of nobody.",
        "Privacy spent on sums so far: 0.1 of 1.2 rho, epsilon 2.142 at delta 1e-06.",
        "To publish it, copy the whole folder. What is copied cannot be recalled.",
    ]


def test_machines_are_told_of_an_export_without_a_name(tmp_path: Path) -> None:
    exported(tmp_path)
    done = exported(tmp_path, ADAS_BADGES)
    data = json.loads(to_json(arena_view.exported_for_machines(done)))
    assert data["n_owners"] == {"metrics": 2, "achievements": 1, "conversations": 1, "aggregates": 3, "nothing": 2}
    assert data["tables"]["tombstones"] == 1
    assert (data["path"], data["is_new"], data["sequence"], data["n_stripped"]) == (
        f"{tmp_path}/bundles/000002", True, 2, 1,
    )  # fmt: skip
    assert data["withheld"] == [
        {
            "table": "usage", "kind": "submissions", "period": "2026-10", "reason": "few_people",
            "sentence": "Fewer people than k allow it.",
        }
    ]  # fmt: skip
    text = json.dumps(data).replace(str(tmp_path), "")
    assert not [name for name in ("ada", "bob", "carl", "dora", "emil") if re.search(rf"\b{name}\b", text)]


def test_a_bundle_that_verifies_says_whose_it_is_and_what_no_check_can_tell(tmp_path: Path) -> None:
    done = exported(tmp_path)
    bundle = verify(done.written.path)
    n_files = len(bundle.manifest["files"])
    said = lines(lambda to: arena_view.show_verified(bundle, to))
    assert said[:3] == [
        f"ok Nothing is wrong with bundle 1 of publisher {keyring(tmp_path).publisher}.",
        f"Signed by the publisher's key; {n_files} files as listed; every row as podium-arena/1 says.",
        "It speaks up to the end of week 2026-W45, in epoch 1, with k 10.",
    ]
    assert "Withheld: usage submissions 2026-10. Fewer people than k allow it." in said
    assert said[-1].startswith("It is the first. Whether it is the newest")
    assert "compare the publisher" in said[-1]
    data = json.loads(to_json(arena_view.verified_for_machines(bundle)))
    assert data["manifest_sha256"] == hashlib.sha256((bundle.path / "manifest.json").read_bytes()).hexdigest()
    assert (data["sequence"], data["previous"], data["is_stripped"]) == (1, None, False)


def test_of_a_stripped_bundle_the_place_in_the_chain_is_told_and_no_row(tmp_path: Path) -> None:
    first = exported(tmp_path).written.path
    second = exported(tmp_path, ADAS_BADGES).written.path
    assert strip_older(first.parent) == 1
    said = lines(lambda to: arena_view.show_verified(verify(first), to))
    assert "It is stripped" in said[1]
    assert not [line for line in said if line.startswith(("profiles", "Withheld", "table"))]
    after = lines(lambda to: arena_view.show_verified(verify(second), to))
    assert after[-1].startswith(f"It follows the manifest {verify(first).manifest_sha256}.")


def test_a_rotation_says_what_it_does_not_protect_against(tmp_path: Path) -> None:
    keys = keyring(tmp_path).rotate()
    said = lines(lambda to: arena_view.show_rotated(keys, to))
    assert said[0] == f"Epoch 2 of publisher {keys.publisher} has begun."
    assert "may still recognise someone by figures" in said[-1]
    assert arena_view.rotated_for_machines(keys) == {"publisher": keys.publisher, "epoch": 2}


# Sharing a conversation, from the log and a file on.


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose log knows ada, who allows conversations, and bob, who allows nothing."""
    folder = tmp_path_factory.mktemp("home")
    call = {
        "type": "agent_call", "at": "2026-11-01T09:00:00Z", "agent_id": "python-pro", "action_type": "task_completion",
        "success": True, "complexity": "simple",
    }  # fmt: skip
    records = [
        {**call, "event_id": "c1", "user_id": "ada"},
        {**call, "event_id": "c2", "user_id": "bob"},
        {
            "type": "consent", "event_id": "k1", "at": "2026-11-02T09:00:00Z", "owner_id": "ada",
            "scope": "conversations", "granted": True,
        },
    ]  # fmt: skip
    log = folder / "log.jsonl"
    log.write_text("".join(json.dumps(record) + "\n" for record in records))
    with Warehouse.open(folder) as warehouse:
        assert land(warehouse, [log], NOW)[0].n_accepted == 3
    return folder


@pytest.fixture
def where(home: Path) -> Settings:
    """That home, in which nothing is shared."""
    settings = Settings(home)
    shutil.rmtree(settings.arena, ignore_errors=True)
    return settings


def sharing(where: Settings, owner: str, text: str, *, is_sure: bool = False) -> tuple[Any, list[str]]:
    """What share_file gives back, and what it says on the way."""
    file = where.home / "talk.jsonl"
    file.write_text(text)
    done = []
    said = lines(
        lambda to: done.append(share_file(where, file, owner, is_sure=is_sure, screen=to, now=NOW)),
    )
    return done[0], said


def test_a_conversation_in_which_nothing_is_found_is_shared_and_proves_nothing(where: Settings) -> None:
    done, said = sharing(where, "ada", "plain words\n")
    assert said == [f"Nothing was found. {NO_PROOF}"]
    digest = hashlib.sha256(b"plain words\n").hexdigest()
    assert lines(lambda to: arena_view.show_shared(done, to)) == [
        f"ada shares 12 bytes with the SHA-256 {digest}.",
        "It leaves byte for byte with the next export. What else would: podium arena preview --owner=ada",
    ]
    assert arena_view.shared_for_machines(done) == {
        "owner_id": "ada", "sha256": digest, "n_bytes": 12, "week": "2026-W47", "is_new": True, "is_allowed": True,
        "warnings": [],
    }  # fmt: skip


def test_who_does_not_allow_conversations_is_told_that_it_does_not_leave(where: Settings) -> None:
    done, _ = sharing(where, "bob", "plain words\n")
    assert lines(lambda to: arena_view.show_shared(done, to))[1:] == [
        "It does not leave yet, because this owner does not allow that conversations leave. To allow it:",
        "podium consent grant bob conversations",
    ]


def test_what_is_found_is_told_before_and_nothing_is_shared_while_nobody_can_be_asked(
    where: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(NotSharedYet, match=r"^Nothing is shared: 2 warnings, and nobody to ask. --yes shares it all"):
        sharing(where, "ada", "I am ada\ncall bobby@example.org\n")
    assert shared(where.arena / FOLDER).is_empty()
    done, said = sharing(where, "ada", "I am ada\ncall bobby@example.org\n", is_sure=True)
    assert said == ["Line 1: name of a known owner (a...).", "Line 2: e-mail address (b...).", NO_PROOF]
    assert arena_view.shared_for_machines(done)["warnings"] == said[:2]
    assert shared(where.arena / FOLDER)["owner_id"].to_list() == ["ada"]


@pytest.mark.parametrize(("answer", "n_shared"), [("n", 0), ("", 0), ("y", 1)])
def test_on_a_terminal_what_was_found_is_asked_about(
    where: Settings, monkeypatch: pytest.MonkeyPatch, answer: str, n_shared: int
) -> None:
    stdin = io.StringIO(f"{answer}\n")
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", stdin)
    if n_shared:
        sharing(where, "ada", "call bobby@example.org\n")
    else:
        with pytest.raises(NotSharedYet, match=r"^Nothing is shared\.$"):
            sharing(where, "ada", "call bobby@example.org\n")
    assert shared(where.arena / FOLDER).height == n_shared


def test_of_many_warnings_the_first_are_shown(where: Settings) -> None:
    done, said = sharing(where, "ada", "bobby@example.org\n" * 30, is_sure=True)
    assert len(done.warnings) == 30
    assert said[arena_sharing.MAX_WARNINGS] == "and 10 warnings more: --json holds all."


def test_nobody_shares_as_an_owner_whom_the_log_does_not_know(where: Settings) -> None:
    with pytest.raises(Misuse, match=r"^There is no owner `adda`\. Did you mean `ada`\?$"):
        sharing(where, "adda", "plain words\n")


def test_taking_back_says_what_it_does_not_undo_and_names_do_nothing_to_the_terminal(where: Settings) -> None:
    sharing(where, "ada", "plain words\n")
    again, _ = sharing(where, "ada", "plain words\n")
    assert "ada has shared since week 2026-W47 12 bytes" in lines(lambda to: arena_view.show_shared(again, to))[0]
    taken = unshare(where.arena / FOLDER, "ada", again.shared.sha256)
    said = lines(lambda to: arena_view.show_unshared(taken, to))
    assert said[0] == f"ada no longer shares the conversation with the SHA-256 {taken.sha256}."
    assert said[1].endswith("Copies that are already out cannot be recalled.")
    assert arena_view.unshared_for_machines(taken)["sha256"] == taken.sha256
    hostile = type(taken)(HOSTILE, taken.sha256, 1, "2026-W47")
    assert lines(lambda to: arena_view.show_unshared(hostile, to))[0].startswith(r"eve\x1b[31m\u202e no longer")
