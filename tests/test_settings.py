"""Where the secrets of the arena lie, and what leaves for it."""

from pathlib import Path

import pytest

from pipelines.settings import NoKeysFolder, Settings, arena_keys


@pytest.mark.parametrize(
    ("asked", "configuration", "found"),
    [
        ("/keys", "/configuration", "/keys"),
        ("~/keys", "", "/people/ada/keys"),
        (".", "/configuration", "."),
        (None, "/configuration", "/configuration/podium/arena"),
        ("", "/configuration", "/configuration/podium/arena"),
        (None, None, "/people/ada/.config/podium/arena"),
        (None, "relative", "/people/ada/.config/podium/arena"),
    ],
)
def test_keys_lie_where_the_variable_says_else_in_the_users_configuration(
    asked: str | None, configuration: str | None, found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "PODIUM_ARENA_KEYS": asked,
        "XDG_CONFIG_HOME": configuration,
        "HOME": "/people/ada",
    }.items():
        if value is None:
            monkeypatch.delenv(name, raising=False)
        else:
            monkeypatch.setenv(name, value)
    assert arena_keys() == Path(found)


def test_without_a_home_directory_one_is_told_to_name_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODIUM_ARENA_KEYS", "~there-is-no-such-account/keys")
    with pytest.raises(NoKeysFolder, match=r"Name a folder for them by its whole path with PODIUM_ARENA_KEYS\.$"):
        arena_keys()


def test_what_leaves_lies_in_the_home() -> None:
    assert Settings(Path("home")).arena == Path("home/arena")
