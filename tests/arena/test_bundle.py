"""Writing bundles: snapshots in an unbroken chain, the same bytes of the same input, withdrawals as tombstones."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipelines.arena import manifest
from pipelines.arena.bundle import BundleFault, ChainBroken, Contents, Written, strip_older, write_bundle
from pipelines.arena.merge import merge
from pipelines.arena.verify import BundleRefused, verify
from pipelines.game.contract import ContractBroken
from pipelines.store.durable import DiskFault
from tests.arena.bundles import (
    ADA,
    ADAS_AGENT,
    ADAS_BADGES,
    BOB,
    BOBS_TALK,
    ROWS,
    TALK,
    TALK_SHA256,
    bytes_of,
    keyring,
    small_contents,
    without,
)
from tests.arena.killed_writer import MOMENTS

ROOT = Path(__file__).parents[2]


def written(tmp_path: Path, contents: Contents | None = None) -> Written:
    contents = contents or small_contents(tmp_path)
    return write_bundle(tmp_path / "bundles", contents, keyring(tmp_path))


def test_the_first_bundle_is_number_one_and_follows_none(tmp_path):
    made = written(tmp_path)
    assert (made.path.name, made.is_new) == ("000001", True)
    assert (made.manifest["sequence"], made.manifest["previous"]) == (1, None)
    assert verify(made.path).manifest == made.manifest


def test_tables_come_back_as_they_were_written(tmp_path):
    contents = small_contents(tmp_path)
    bundle = verify(written(tmp_path, contents).path)
    assert all(bundle.table(name).equals(frame) for name, frame in contents.tables.items())
    assert (bundle.path / "conversations" / TALK_SHA256).read_bytes() == TALK
    assert not bundle.is_stripped
    assert not bundle.note


def test_the_same_input_changes_no_byte_and_makes_no_bundle(tmp_path):
    first = written(tmp_path)
    before = {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in (tmp_path / "bundles").rglob("*")}
    again = written(tmp_path)
    assert not again.is_new
    assert (again.path, again.manifest) == (first.path, first.manifest)
    assert before == {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in (tmp_path / "bundles").rglob("*")}


def test_a_last_bundle_that_was_read_already_is_not_read_again(tmp_path, monkeypatch):
    first = written(tmp_path)
    last = verify(first.path)
    fewer = without(small_contents(tmp_path), BOB)
    monkeypatch.setattr("pipelines.arena.bundle.last_bundle", None)
    made = write_bundle(tmp_path / "bundles", fewer, keyring(tmp_path), last)
    assert (made.manifest["sequence"], made.manifest["previous"]) == (2, last.manifest_sha256)


def test_the_same_input_and_state_give_the_same_bytes_elsewhere(tmp_path):
    contents, keys = small_contents(tmp_path), keyring(tmp_path)
    here, there = (write_bundle(tmp_path / name, contents, keys).path for name in ("here", "there"))
    assert bytes_of(here) == bytes_of(there)


def test_a_changed_row_makes_the_next_bundle_which_names_the_one_before(tmp_path):
    first = written(tmp_path)
    later = written(tmp_path, replace(small_contents(tmp_path), week="2026-W46"))
    manifest = hashlib.sha256((first.path / "manifest.json").read_bytes()).hexdigest()
    assert (later.path.name, later.manifest["sequence"], later.manifest["previous"]) == ("000002", 2, manifest)


def test_epsilon_is_never_told_smaller_than_it_is(tmp_path):
    assert written(tmp_path).manifest["epsilon"] == 2.142  # 2.14175...
    nothing = replace(small_contents(tmp_path), spent_micro_rho=0)
    assert write_bundle(tmp_path / "other", nothing, keyring(tmp_path)).manifest["epsilon"] == 0


def test_what_is_no_longer_named_is_withdrawn_and_stays_so(tmp_path):
    contents = small_contents(tmp_path)
    written(tmp_path, contents)
    second = written(tmp_path, replace(without(contents, ADA, ADAS_BADGES), week="2026-W46"))
    assert verify(second.path).table("tombstones").rows() == [
        (ADA, "2026-W46"),
        (ADAS_AGENT, "2026-W46"),
        (ADAS_BADGES, "2026-W46"),
    ]
    third = written(tmp_path, replace(without(contents, ADA, ADAS_BADGES, BOBS_TALK), week="2026-W47"))
    weeks = dict(verify(third.path).table("tombstones").rows())
    assert weeks == {ADA: "2026-W46", ADAS_AGENT: "2026-W46", ADAS_BADGES: "2026-W46", BOBS_TALK: "2026-W47"}
    assert not (third.path / "conversations").exists()


def test_a_pseudonym_that_is_named_again_is_withdrawn_no_more(tmp_path):
    contents = small_contents(tmp_path)
    written(tmp_path, contents)
    written(tmp_path, without(contents, BOB))
    assert verify(written(tmp_path, contents).path).table("tombstones").is_empty()


def test_older_bundles_keep_manifest_and_signature_alone(tmp_path):
    contents = small_contents(tmp_path)
    first = written(tmp_path, contents)
    second = written(tmp_path, without(contents, BOB))
    assert strip_older(tmp_path / "bundles") == 1
    assert strip_older(tmp_path / "bundles") == 0
    assert sorted(bytes_of(first.path)) == ["manifest.json", "manifest.sig"]
    old = verify(first.path)
    assert old.manifest_sha256 == verify(second.path).manifest["previous"]
    assert old.note.startswith("It is stripped: ")
    with pytest.raises(BundleRefused, match="It is stripped"):
        old.table("profiles")
    assert written(tmp_path, contents).manifest["sequence"] == 3


def test_a_bundle_that_was_being_stripped_when_the_process_died_is_stripped_by_the_next_one(tmp_path):
    contents = small_contents(tmp_path)
    first = written(tmp_path, contents).path
    written(tmp_path, without(contents, BOB))
    (first / "datapackage.json").unlink()
    (first / "profiles.jsonl").unlink()
    with pytest.raises(BundleRefused, match=r"a stripped one holds `manifest\.json` and `manifest\.sig` alone"):
        verify(first)
    assert merge([tmp_path / "bundles"]).refusals == ()  # the manifest is signed, and is a link of the chain
    assert strip_older(tmp_path / "bundles") == 1
    assert sorted(bytes_of(first)) == ["manifest.json", "manifest.sig"]


@pytest.mark.parametrize("is_stripped", [True, False])
def test_a_last_bundle_without_its_tables_is_not_followed(tmp_path, is_stripped):
    last = written(tmp_path).path
    for path in [path for path in last.iterdir() if not path.name.startswith("manifest")] if is_stripped else []:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (last / "datapackage.json").unlink(missing_ok=True)
    with pytest.raises(ChainBroken, match=r"It is stripped: |a stripped one holds .* put the folder back from a copy"):
        written(tmp_path, replace(small_contents(tmp_path), week="2026-W46"))


def test_a_table_that_is_larger_than_is_read_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "MAX_TABLE_BYTES", 400)
    why = r"larger than readers take in, so nothing was written. `profiles.jsonl` has 4\d\d bytes, and at most 400"
    with pytest.raises(BundleFault, match=why):
        written(tmp_path)
    assert list((tmp_path / "bundles").iterdir()) == []


def test_releases_of_months_after_its_week_are_left_to_a_later_bundle(tmp_path):
    """A season may be played up to an earlier week than before."""
    later = [(kind, "2026-12", *rest) for kind, _, *rest in ROWS["usage"]]
    contents = small_contents(tmp_path, {"usage": [*ROWS["usage"], *later]})
    assert verify(written(tmp_path, contents).path).table("usage").rows() == ROWS["usage"]
    then = replace(contents, week="2027-W01")
    assert verify(written(tmp_path, then).path).table("usage").height == 2 * len(ROWS["usage"])


def test_nothing_is_stripped_where_nothing_stands(tmp_path):
    assert strip_older(tmp_path / "none") == 0


def test_a_ledger_that_was_set_back_is_refused(tmp_path):
    written(tmp_path)
    with pytest.raises(BundleFault, match=r"set back: the last bundle, 000001, says that 100000 .* the ledger 99999"):
        written(tmp_path, replace(small_contents(tmp_path), spent_micro_rho=99_999))


def test_a_damaged_last_bundle_is_not_followed(tmp_path):
    last = written(tmp_path).path
    (last / "profiles.jsonl").write_bytes(b"")
    with pytest.raises(ChainBroken, match=r'000001` is refused. "profiles.jsonl" has 0 bytes'):
        written(tmp_path, replace(small_contents(tmp_path), week="2026-W46"))
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == ["000001"]


def test_another_publishers_bundle_is_not_followed(tmp_path):
    written(tmp_path)
    other = keyring(tmp_path, "two")
    with pytest.raises(ChainBroken, match=f"the keys are those of {other.publisher}"):
        write_bundle(tmp_path / "bundles", small_contents(tmp_path), other)


def test_a_bundle_in_a_folder_of_another_number_is_not_followed(tmp_path):
    written(tmp_path).path.rename(tmp_path / "bundles" / "000007")
    with pytest.raises(ChainBroken, match="holds the bundle number 1"):
        written(tmp_path)


@pytest.mark.parametrize(
    ("table", "row", "sentence"),
    [
        ("profiles", (BOB, 1, 0, 7, 0, None, 0, 0, 0, None, 0, None), "`profiles` has figures that are no multiples"),
        ("profiles", ("name of a person", *ROWS["profiles"][1][1:]), "profiles breaks .* line 2, `pseudonym`: it must"),
        ("agent_statistics", ("f" * 32, "other", 20, 15, 0.75, 90, None), "names an owner who has no row"),
        ("usage", ("calls", "2026-10", "secret\nword", None, 1, 1, float("nan")), "holds a number that JSON cannot"),
    ],
)
def test_what_breaks_the_format_is_not_written_nor_told(tmp_path, table, row, sentence):
    rows = {table: [*ROWS[table][:1], row]}
    with pytest.raises(ContractBroken, match=sentence) as refusal:
        written(tmp_path, small_contents(tmp_path, rows))
    assert not any(str(value) in str(refusal.value) for value in row if isinstance(value, str) and len(value) > 5)
    assert list((tmp_path / "bundles").iterdir()) == []


def test_columns_that_the_format_does_not_have_are_not_written(tmp_path):
    contents = small_contents(tmp_path)
    named = contents.tables["profiles"].with_columns(owner_id=pl.lit("ada"))
    with pytest.raises(ContractBroken, match="profiles: not the columns of the format"):
        written(tmp_path, replace(contents, tables={**contents.tables, "profiles": named}))


@pytest.mark.parametrize("talk", [TALK + b"!", TALK[:-1] + b"\x00"])
def test_a_conversation_whose_bytes_changed_is_not_written(tmp_path, talk):
    rows = {"conversations": [(*ROWS["conversations"][0][:3], len(talk), "2026-W45")]}
    with pytest.raises(BundleFault, match=f"The conversation {TALK_SHA256} no longer has the bytes"):
        written(tmp_path, small_contents(tmp_path, rows, talk=talk))
    assert list((tmp_path / "bundles").iterdir()) == []


def test_a_conversation_that_is_gone_is_not_written(tmp_path):
    contents = small_contents(tmp_path)
    (tmp_path / "talk").unlink()
    with pytest.raises(BundleFault, match=f"The conversation {TALK_SHA256} no longer has the bytes"):
        written(tmp_path, contents)


def test_a_place_that_is_no_folder_is_a_sentence(tmp_path):
    (tmp_path / "bundles").write_text("")
    with pytest.raises(DiskFault, match=r"Writing a bundle under .* failed"):
        written(tmp_path)


def test_killed_at_any_step_the_folder_holds_whole_bundles_in_unbroken_sequence(tmp_path):
    """Steps are what the process asks of the file system; it kills itself at one of them, and the next one goes on."""
    script = [sys.executable, "-W", "ignore", str(ROOT / "tests/arena/killed_writer.py"), str(tmp_path)]
    done = subprocess.run(
        script, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120
    )
    assert done.stderr == ""
    killed = [f"{event} {n} killed" for event, n in MOMENTS]
    assert done.stdout.splitlines() == ["never 0 0", *killed, "never 0 0", "checked 0"]


def test_what_a_killed_process_left_is_swept(tmp_path):
    (tmp_path / "bundles" / ".000001.half" / "schemas").mkdir(parents=True)
    written(tmp_path)
    assert [path.name for path in (tmp_path / "bundles").iterdir()] == ["000001"]


def test_nothing_in_a_bundle_or_its_description_is_secret(tmp_path):
    made = written(tmp_path)
    keys = keyring(tmp_path)
    secrets = [path.read_bytes().strip() for path in keys.folder.iterdir() if path.name == "signing.key"]
    secrets.append(json.loads((keys.folder / "epochs.json").read_bytes())["key"].encode())
    assert [path for path, data in bytes_of(made.path).items() for secret in secrets if secret in data] == []
    assert str(tmp_path).encode() not in b"".join(bytes_of(made.path).values())
