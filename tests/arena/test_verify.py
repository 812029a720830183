"""Checking bundles: whatever was changed, by whomever, is refused with a sentence."""

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.arena.keys import Keyring
from pipelines.arena.verify import BundleRefused, verify
from tests.arena.bundles import (
    bytes_of,
    keyring,
    refusal_of,
    said,
    sign,
    signed_anew,
)

MIB = 1024**2
Change = Callable[[Path, Keyring], None]


@given(data=st.data())
def test_one_changed_byte_of_any_file_is_refused(origin, tmp_path_factory, data):
    bundle = Path(shutil.copytree(origin[0], tmp_path_factory.mktemp("flipped") / "bundle"))
    held = bytes_of(bundle)
    name = data.draw(st.sampled_from(sorted(name for name, content in held.items() if content)))
    place = data.draw(st.integers(0, len(held[name]) - 1))
    flipped = bytearray(held[name])
    flipped[place] ^= data.draw(st.integers(1, 255))
    (bundle / name).write_bytes(flipped)
    with pytest.raises(BundleRefused):
        verify(bundle)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=4,
)


@given(data=st.data())
def test_whatever_a_publisher_signs_is_refused_or_read(origin, tmp_path_factory, data):
    bundle = Path(shutil.copytree(origin[0], tmp_path_factory.mktemp("signed") / "bundle"))
    name = data.draw(st.sampled_from(sorted(path for path in bytes_of(bundle) if path.endswith((".json", ".jsonl")))))
    text = (bundle / name).read_text()
    content = json.loads((text.partition("\n")[0] or "{}") if name.endswith("l") else text)
    content[data.draw(st.sampled_from([*sorted(content), "more"]))] = data.draw(JSON)
    changed = json.dumps(content).encode("utf-8", "surrogatepass")
    if name == "manifest.json":
        sign(bundle, changed, origin[1])
    else:
        (bundle / name).write_bytes(changed + b"\n")
        manifest = json.loads((bundle / "manifest.json").read_bytes())
        manifest["files"][name] = said(changed + b"\n")
        sign(bundle, json.dumps(manifest).encode(), origin[1])
    with suppress(BundleRefused):
        verify(bundle)


@pytest.mark.parametrize(
    "name",
    ["manifest.json", "manifest.sig", "datapackage.json", "schemas/usage.json", "usage.jsonl", "conversations/*"],
)
def test_a_changed_byte_of_each_kind_of_file_is_refused(bundle, name):
    path = next(bundle.glob(name))
    content = path.read_bytes()
    path.write_bytes(content[:20] + bytes([content[20] ^ 1]) + content[21:])
    assert refusal_of(bundle)


def nothing_there(bundle: Path, keys: Keyring) -> None:
    shutil.rmtree(bundle)


def no_signature(bundle: Path, keys: Keyring) -> None:
    (bundle / "manifest.sig").unlink()


def missing(bundle: Path, keys: Keyring) -> None:
    (bundle / "usage.jsonl").unlink()


def more(bundle: Path, keys: Keyring) -> None:
    (bundle / "names.csv").write_text("ada")


def cut_off(bundle: Path, keys: Keyring) -> None:
    (bundle / "usage.jsonl").write_bytes((bundle / "usage.jsonl").read_bytes()[:-1])


def cut_off_and_signed(bundle: Path, keys: Keyring) -> None:
    cut_off(bundle, keys)
    signed_anew(bundle, keys)


def linked(bundle: Path, keys: Keyring) -> None:
    (bundle / "usage.jsonl").rename(bundle.parent / "usage.jsonl")
    (bundle / "usage.jsonl").symlink_to(bundle.parent / "usage.jsonl")


def linked_manifest(bundle: Path, keys: Keyring) -> None:
    (bundle / "manifest.json").rename(bundle.parent / "manifest.json")
    (bundle / "manifest.json").symlink_to(bundle.parent / "manifest.json")


def linked_folder(bundle: Path, keys: Keyring) -> None:
    (bundle / "schemas").rename(bundle.parent / "schemas")
    (bundle / "schemas").symlink_to(bundle.parent / "schemas")


def piped(bundle: Path, keys: Keyring) -> None:
    (bundle / "manifest.json").unlink()
    os.mkfifo(bundle / "manifest.json")


def doubled_key(bundle: Path, keys: Keyring) -> None:
    sign(bundle, (bundle / "manifest.json").read_bytes().replace(b'"k": 10', b'"k": 10, "k": 1000'), keys)


def no_number(bundle: Path, keys: Keyring) -> None:
    sign(bundle, (bundle / "manifest.json").read_bytes().replace(b'"k": 10', b'"k": NaN'), keys)


def too_deep(bundle: Path, keys: Keyring) -> None:
    sign(bundle, b'{"format":' + b"[" * 100_000, keys)


def no_json(bundle: Path, keys: Keyring) -> None:
    sign(bundle, b"\xff", keys)


def no_object(bundle: Path, keys: Keyring) -> None:
    sign(bundle, b"[]", keys)


def bloated(bundle: Path, keys: Keyring) -> None:
    sign(bundle, b" " * (4 * 1024**2 + 1), keys)


def endless_number(bundle: Path, keys: Keyring) -> None:
    digits = b'"sequence": 1' + b"0" * 400
    (bundle / "manifest.json").write_bytes((bundle / "manifest.json").read_bytes().replace(b'"sequence": 1', digits))


def empty_folder(bundle: Path, keys: Keyring) -> None:
    (bundle / "names" / "of").mkdir(parents=True)


def manifest_that_is_a_folder(bundle: Path, keys: Keyring) -> None:
    (bundle / "manifest.json").unlink()
    (bundle / "manifest.json").mkdir()


def half_listed(bundle: Path, keys: Keyring) -> None:
    (bundle / "usage.jsonl").unlink()
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    del manifest["files"]["usage.jsonl"]
    sign(bundle, json.dumps(manifest).encode(), keys)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (nothing_there, "A bundle is a folder, and there is none."),
        (no_signature, '"manifest.sig" cannot be read: No such file or directory.'),
        (missing, '"usage.jsonl" is missing.'),
        (more, '"names.csv" is in the folder, and the manifest does not list it.'),
        (cut_off, '"usage.jsonl" has 346 bytes, and the manifest says 347.'),
        (cut_off_and_signed, "`usage.jsonl`: the last line: it does not end with a line end, so it may be cut off."),
        (linked, '"usage.jsonl" is a symbolic link, and only plain files make a bundle. "usage.jsonl" is missing.'),
        (linked_manifest, '"manifest.json" cannot be read: Too many levels of symbolic links.'),
        (linked_folder, '"schemas" is a symbolic link'),
        (piped, '"manifest.json" cannot be read: it is no plain file.'),
        (doubled_key, "`manifest.json` holds a key twice in one object."),
        (no_number, "`manifest.json` holds NaN, which is no number in JSON."),
        (too_deep, "`manifest.json` is nested too deeply."),
        (no_json, "`manifest.json` is not UTF-8 at byte 1."),
        (no_object, "`manifest.json` holds no object."),
        (bloated, "`manifest.json` has more than 4194304 bytes, which no bundle's has."),
        (endless_number, "`manifest.json`: `sequence` is 1000"),
        (empty_folder, '"names/of/" is an empty folder, and a bundle has none.'),
        (manifest_that_is_a_folder, '"manifest.json" cannot be read: it is no plain file.'),
        (half_listed, "The manifest does not list `usage.jsonl`, which every bundle has."),
    ],
)
def test_a_folder_that_is_not_as_it_was_signed_is_refused(origin, bundle, change, sentence):
    change(bundle, origin[1])
    assert refusal_of(bundle).startswith(sentence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"format": "podium-arena/2"}, 'It is of the format "podium-arena/2", and this Podium reads `podium-arena/1`'),
        ({"format": "other"}, 'Its format is "other", and not `podium-arena/1`.'),
        ({"publisher": "0" * 32}, f"The publisher {'0' * 32} is not the one of its key, "),
        ({"public_key": "0" * 64}, "The publisher "),
        ({"sequence": 0}, "`manifest.json`: `sequence` is 0; it must be at least 1."),
        ({"sequence": True}, "`manifest.json`: `sequence` is true; it must be a whole number."),
        ({"sequence": 10**12 + 1}, "`manifest.json`: `sequence` is 1000000000001; it must lie within -1000000000000"),
        ({"week": "2025-W53"}, "The manifest's `week` is none of the calendar, or before 2000."),
        ({"week": "0000-W01"}, "The manifest's `week` is none of the calendar, or before 2000."),
        ({"week": "9999-W52"}, "The manifest's `week` is none of the calendar, or before 2000."),
        ({"sequence": 2}, "The first bundle of a publisher, and no other, has none before it"),
        ({"week": "2026-W54"}, '`manifest.json`: `week` is "2026-W54"; it must look as the format says'),
        ({"week": "2026-W45\n"}, '`manifest.json`: `week` is "2026-W45\\n"; it must look as the format says'),
        ({"week": "２０２６-W45"}, "`manifest.json`: `week` is"),
        ({"comment": "hello"}, '`manifest.json`: the key "comment": it is not one of the format.'),
        ({"tables": {}}, "`manifest.json`: `tables` must say of every table of the format"),
        ({"files": []}, "`manifest.json`: `files` and `tables` must both be objects."),
        ({"files": {"usage.jsonl": {"bytes": -1, "sha256": "0" * 64}}}, "`manifest.json` does not say size and"),
        ({"files": {"usage.jsonl": None}}, "`manifest.json` does not say size and checksum of"),
    ],
)
def test_a_manifest_that_says_what_it_must_not_is_refused(origin, bundle, changes, sentence):
    signed_anew(bundle, origin[1], **changes)
    assert refusal_of(bundle).startswith(sentence)


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("/etc/passwd", "is unsafe: it does not begin in the bundle."),
        ("C:/profiles.jsonl", "is unsafe: it does not begin in the bundle."),
        ("https://example.org/profiles.jsonl", "is unsafe: it does not begin in the bundle."),
        ("../profiles.jsonl", "is unsafe: only `/` may part its steps, and none may be empty, `.` or `..`."),
        ("schemas/../../profiles.json", "is unsafe: only `/`"),
        ("schemas//usage.json", "is unsafe: only `/`"),
        ("schemas\\usage.json", "is unsafe: only `/`"),
        ("Profiles.jsonl", "is none of the format. The path"),
        ("names.jsonl", "is none of the format."),
        ("profiles.jsonl\n", "is none of the format."),
        ("conversations/talk.txt", "is none of the format."),
    ],
)
def test_an_unsafe_path_is_refused_wherever_it_is_named(origin, bundle, path, sentence):
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["files"][path] = said(b"")
    sign(bundle, json.dumps(manifest).encode(), origin[1])
    assert f"The path {json.dumps(path)} {sentence}" in refusal_of(bundle)

    package = json.loads((bundle / "datapackage.json").read_bytes())
    package["resources"][0]["path"] = ["usage.jsonl", path]
    data = json.dumps(package).encode()
    (bundle / "datapackage.json").write_bytes(data)
    del manifest["files"][path]
    manifest["files"]["datapackage.json"] = said(data)
    sign(bundle, json.dumps(manifest).encode(), origin[1])
    assert refusal_of(bundle).startswith(f"`datapackage.json` names the path {json.dumps(path)}, which is ")


def test_paths_that_differ_in_case_alone_are_refused(origin, bundle):
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    signed_anew(bundle, origin[1], files={**manifest["files"], "Usage.jsonl": said(b"")})
    assert 'The path "Usage.jsonl" differs from another in case alone.' in refusal_of(bundle)


@pytest.mark.parametrize("resources", [[], [None], "usage.jsonl", [{"path": 7}], [{"name": "usage"}]])
def test_a_description_of_other_files_is_refused(origin, bundle, resources):
    package = json.loads((bundle / "datapackage.json").read_bytes()) | {"resources": resources}
    data = json.dumps(package).encode()
    (bundle / "datapackage.json").write_bytes(data)
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    manifest["files"]["datapackage.json"] = said(data)
    sign(bundle, json.dumps(manifest).encode(), origin[1])
    assert refusal_of(bundle).startswith("`datapackage.json` ")


def test_a_bundle_signed_by_another_key_is_refused(bundle, tmp_path):
    other = keyring(tmp_path, "other")
    signed_anew(bundle, other)
    assert refusal_of(bundle).startswith("The signature is not one of the publisher's key over these bytes")


def test_a_signature_spelled_otherwise_is_refused(bundle):
    (bundle / "manifest.sig").write_text((bundle / "manifest.sig").read_text().upper())
    assert refusal_of(bundle).startswith("`manifest.sig` is no signature: 128 hexadecimal digits and a line end.")


def test_at_most_five_faults_are_told_and_none_can_write_to_a_terminal(origin, bundle):
    for n in range(9):
        (bundle / f"{n}\x1b[2J").write_text("")
    told = refusal_of(bundle)
    assert told.count("does not list it") == 5
    assert told.isprintable()


@pytest.mark.parametrize("name", ["names.csv", "profiles.jsonl", "conversations/"])
def test_a_stripped_bundle_that_holds_anything_else_is_refused(bundle, name):
    """Also what the manifest lists: without its tables nobody says that they are as they were signed."""
    for path in sorted(bundle.rglob("*"), reverse=True):
        if path.parent != bundle or not path.name.startswith("manifest"):
            path.rmdir() if path.is_dir() else path.unlink()
    assert verify(bundle).is_stripped
    (bundle / name).mkdir() if name.endswith("/") else (bundle / name).write_text("ada")
    assert f'"{name}"' in refusal_of(bundle)


def test_a_bundle_that_is_half_stripped_names_the_first_file_of_those_that_are_left(bundle):
    (bundle / "datapackage.json").unlink()
    assert refusal_of(bundle) == (
        "It has no `datapackage.json`, so it is a stripped one or broken: a stripped one holds `manifest.json` and "
        '`manifest.sig` alone, and in this one lies "achievements.jsonl" and 17 more as well.'
    )


@pytest.mark.parametrize(
    ("sizes", "sentence"),
    [
        ({"usage": 64 * MIB + 1}, "`usage.jsonl` has 67108865 bytes, and at most 67108864 are read."),
        (
            dict.fromkeys(("usage", "profiles", "tombstones", "withheld", "achievements"), 52 * MIB),
            "The tables have 272631010 bytes together, and at most 268435456 are read.",
        ),
    ],
)
def test_tables_that_are_too_large_are_refused_and_not_read(origin, bundle, sizes, sentence):
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    for table, size in sizes.items():
        os.truncate(bundle / f"{table}.jsonl", size)  # a hole, which takes no space
        manifest["files"][f"{table}.jsonl"] = {"bytes": size, "sha256": "0" * 64}
    sign(bundle, json.dumps(manifest).encode(), origin[1])
    assert refusal_of(bundle) == sentence


def test_of_a_folder_of_bundles_one_is_to_be_named(origin):
    assert refusal_of(origin[0].parent).endswith("It is a folder of bundles: name one of them.")
