"""Keys that would be shared, that others may read, or that are not whole: a sentence, and never a secret in it."""

import json
import traceback
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.arena.keys import Keyring
from pipelines.arena.secret_files import KeysFault
from pipelines.game.faults import PodiumError
from pipelines.store.durable import DiskFault
from tests.arena.keyrings import bytes_of, consents, opened, secrets_of

SHARED = consents(("ada", "metrics", "e1"), ("bob", "achievements", "e2"))


@pytest.mark.parametrize("keys", ["repository/data", "repository/data/arena/keys", "link/keys"])
def test_keys_inside_the_home_are_refused(tmp_path: Path, keys: str) -> None:
    home = tmp_path / "repository" / "data"
    home.mkdir(parents=True)
    (tmp_path / "link").symlink_to(home)
    with pytest.raises(KeysFault) as refused:
        Keyring.open(tmp_path / keys, home)
    assert str(refused.value) == (
        f"The keys of the arena may not lie in {tmp_path / keys}: that is inside the home, {home}, and whoever copies "
        "or shares it would hand on the secrets. Name a folder outside of it with PODIUM_ARENA_KEYS, and move there "
        "what lies in this one."
    )
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("home", ["repository/data", "repository/link"])
def test_keys_inside_the_work_tree_of_the_home_are_refused(tmp_path: Path, home: str) -> None:
    repository = tmp_path / "repository"
    repository.mkdir()
    (repository / "link").symlink_to(tmp_path / "elsewhere")
    (repository / ".git").write_text("gitdir: where a linked work tree has its own")
    with pytest.raises(KeysFault, match=f"inside the git work tree of the home, {repository}, and"):
        Keyring.open(repository / "keys", tmp_path / home)
    assert Keyring.open(tmp_path / "keys", tmp_path / home).epoch == 1


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
@pytest.mark.parametrize("name", ["signing.key", "epochs.json", "salts.json"])
def test_a_file_that_others_may_read_or_write_is_refused(tmp_path: Path, name: str, mode: int) -> None:
    path = opened(tmp_path).folder / name
    path.chmod(mode)
    with pytest.raises(KeysFault) as refused:
        opened(tmp_path)
    assert str(refused.value) == (
        f"{path} is open to other accounts of this machine. Who reads the keys can tell whom pseudonyms stand for, and "
        f"sign in your name. Run `chmod 600 {path}`."
    )
    path.chmod(0o600)
    opened(tmp_path)


def test_a_folder_that_others_may_enter_is_refused(tmp_path: Path) -> None:
    folder = opened(tmp_path).folder
    folder.chmod(0o750)
    with pytest.raises(KeysFault, match=f"Run `chmod 700 {folder}`"):
        opened(tmp_path)


def test_without_the_keys_of_its_publisher_a_home_says_what_to_copy_or_what_is_lost(tmp_path: Path) -> None:
    publisher = opened(tmp_path).publisher
    named, other = tmp_path / "home/arena/publisher.json", tmp_path / "new machine"
    with pytest.raises(KeysFault) as refused:
        Keyring.open(other, tmp_path / "home")
    assert str(refused.value) == (
        f"The keys of the publisher {publisher}, whom {named} names, are not in {other}. On a new machine copy the "
        f"folder {publisher} there from the old one. If it is lost, remove {named} to begin as a new publisher: "
        "everyone is then told of under new pseudonyms, and what the old one has published can no longer be withdrawn."
    )
    (tmp_path / "keys").rename(other)
    assert Keyring.open(other, tmp_path / "home").publisher == publisher
    named.unlink()
    assert Keyring.open(other, tmp_path / "home").publisher != publisher


WRONG_EPOCHS = [{}, [], {"epoch": 1}, {"epoch": True, "key": "0" * 64}, {"epoch": 0, "key": "0" * 64}]
WRONG_EPOCHS += [{"epoch": 1, "key": "0" * 63}, {"epoch": 1, "key": "g" * 64}, {"epoch": 1, "key": 7}]
WRONG_SALTS = [[], {"ada": []}, {"ada": {"metrics": "0" * 64}}, {"ada": {"metrics": {"salt": "0" * 64}}}]
WRONG_SALTS += [{"ada": {"metrics": {"salt": "0" * 62, "since": "e"}}}, {"ada": {"metrics": {"salt": 1, "since": "e"}}}]
WRONG_SALTS += [{"ada": {"metrics": {"salt": "0" * 64, "since": None}}}]
NO_JSON = [b"", b"{", b"\xff\xfe{", b"[" * 100_000, b"\0" * 64]
DAMAGES = [
    *(("signing.key", content) for content in (b"", b"0" * 63, b"0" * 65, b"g" * 64, b"\xff" * 64)),
    *(("epochs.json", content) for content in (*NO_JSON, *(json.dumps(value).encode() for value in WRONG_EPOCHS))),
    *(("salts.json", content) for content in (*NO_JSON, *(json.dumps(value).encode() for value in WRONG_SALTS))),
]


def test_a_damaged_or_missing_file_is_named_and_left_as_it_is(tmp_path: Path) -> None:
    folder = opened(tmp_path).folder
    for name, content in [*DAMAGES, *((name, None) for name in ("signing.key", "epochs.json", "salts.json"))]:
        whole = (folder / name).read_bytes()
        if content is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(content)
        left = bytes_of(tmp_path)
        with pytest.raises(KeysFault, match=f"^{folder / name} is missing or damaged: .* from a backup. Without one"):
            opened(tmp_path)
        assert bytes_of(tmp_path) == left
        (folder / name).touch(0o600)
        (folder / name).write_bytes(whole)
    opened(tmp_path)


def test_what_the_sentences_advise_works(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    keyring.pseudonyms(SHARED)
    (keyring.folder / "salts.json").write_text("{}")
    (keyring.folder / "epochs.json").write_text(json.dumps({"epoch": 5, "key": "0a" * 32}))
    again = opened(tmp_path)
    assert [again.publisher, again.epoch, again.forget("ada")] == [keyring.publisher, 5, 0]


def test_a_name_that_is_no_unicode_is_kept_until_it_is_dropped(tmp_path: Path) -> None:
    keyring = opened(tmp_path)
    keyring.pseudonyms(SHARED)
    path = keyring.folder / "salts.json"
    path.write_bytes(path.read_bytes().replace(b'"ada"', rb'"\ud800"'))
    assert [keyring.forget("bob"), opened(tmp_path).forget("\ud800")] == [1, 1]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"publisher": 1}', '{"publisher": "../keys"}', '{"publisher": "%s\\n"}' % ("0" * 32)]
)
def test_a_home_that_names_no_publisher_is_a_sentence(tmp_path: Path, content: str) -> None:
    opened(tmp_path)
    (tmp_path / "home/arena/publisher.json").write_text(content)
    with pytest.raises(KeysFault, match=r"publisher\.json is damaged: it should be .* bear the names of publishers\.$"):
        opened(tmp_path)


def test_a_signing_key_of_another_publisher_is_refused(tmp_path: Path) -> None:
    one, other = opened(tmp_path), Keyring.open(tmp_path / "keys", tmp_path / "other")
    (one.folder / "signing.key").write_bytes((other.folder / "signing.key").read_bytes())
    with pytest.raises(KeysFault, match="it is the key of another publisher"):
        opened(tmp_path)


@pytest.mark.parametrize("in_the_way", ["keys", "home", "home/arena/publisher.begun/"])
def test_what_lies_in_the_way_is_a_sentence(tmp_path: Path, in_the_way: str) -> None:
    if in_the_way.endswith("/"):
        (tmp_path / in_the_way).mkdir(parents=True)
    else:
        (tmp_path / in_the_way).write_text("")
    with pytest.raises(DiskFault, match=r"^Opening the keys of the arena under .* failed: "):
        opened(tmp_path)


def everything_about(fault: BaseException) -> str:
    """All that a log could tell of a fault: its traceback, and what it and those behind it carry."""
    told = "".join(traceback.format_exception(fault))
    behind: BaseException | None = fault
    while behind is not None:
        told += repr((behind, behind.args, vars(behind), getattr(behind, "doc", None), getattr(behind, "object", None)))
        behind = behind.__cause__ or behind.__context__
    return told


def broken_json(folder: Path, name: str) -> None:
    path = folder / name
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize(
    "harm",
    [
        lambda folder: broken_json(folder, "salts.json"),
        lambda folder: broken_json(folder, "epochs.json"),
        lambda folder: (folder / "signing.key").write_bytes((folder / "signing.key").read_bytes() + b"\xff0"),
        lambda folder: (folder / "salts.json").write_bytes((folder / "salts.json").read_bytes() + b"\xff"),
        lambda folder: (folder / "salts.json").chmod(0o644),
        lambda folder: folder.rename(folder.with_name("gone")),
    ],
)
def test_nothing_that_is_shown_or_raised_holds_a_secret(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    keyring = opened(tmp_path)
    names = keyring.pseudonyms(SHARED)
    secrets = secrets_of(keyring.folder)
    assert len(secrets) == 4
    harm(keyring.folder)
    shown = repr(keyring) + str(keyring) + repr(names) + str(names) + repr(vars(keyring))
    for use in (
        lambda: opened(tmp_path),
        lambda: keyring.pseudonyms(SHARED),
        keyring.rotate,
        lambda: keyring.sign(b""),
    ):
        try:
            use()
        except PodiumError as fault:
            shown += everything_about(fault)
    assert "KeysFault" in shown
    assert f"Keyring(publisher='{keyring.publisher}')" in shown
    for secret in secrets:
        assert secret not in shown
        assert repr(bytes.fromhex(secret))[2:-1] not in shown
