"""Where things are: read once at the edge, passed on as arguments. No module below the edge asks the environment.

Not here: what lies in a home (store/), and the rules (game/).
"""

import getpass
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from pipelines.game.faults import PodiumError

HOME_VARIABLE = "PODIUM_HOME"
DEFAULT_HOME = Path("data")
BROWSER_VARIABLE = "PODIUM_CHROMIUM"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARENA_KEYS_VARIABLE = "PODIUM_ARENA_KEYS"
CONFIGURATION_VARIABLE = "XDG_CONFIG_HOME"


class NoHome(PodiumError):
    """A home that is none: most likely mistyped."""


class NoKeysFolder(PodiumError):
    """Where the keys of the arena lie cannot be told without the account's home directory, which is not known."""


@dataclass(frozen=True)
class Settings:
    """A home (warehouse, landing folder, generations, report, exports) and the rulebook that lies over the defaults."""

    home: Path
    rulebook: Path | None = None

    @property
    def landing(self) -> Path:
        """The folder that is watched for new files."""
        return self.home / "landing"

    @property
    def report(self) -> Path:
        """The folder of the report site, unless another is asked for."""
        return self.home / "report"

    @property
    def exports(self) -> Path:
        """The folder of the boards that are written as files every night."""
        return self.home / "exports"

    @property
    def arena(self) -> Path:
        """The folder of what leaves for the arena: bundles, the budget, shared conversations, the preview."""
        return self.home / "arena"


def account() -> str:
    """The name of the account that this runs under: the user whose transcripts lie here, unless another is told."""
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name, as in some containers
        return "local-user"


def arena_keys() -> Path:
    """The folder of the arena's secrets: PODIUM_ARENA_KEYS, else `podium/arena` in the user's configuration.

    The latter is XDG_CONFIG_HOME, else ~/.config (XDG Base Directory Specification, which ignores relative paths).

    Raises:
        NoKeysFolder: there is no home directory in which to look.
    """
    configuration = Path(os.environ.get(CONFIGURATION_VARIABLE, ""))
    try:
        if asked := os.environ.get(ARENA_KEYS_VARIABLE):
            return Path(asked).expanduser()
        return (configuration if configuration.is_absolute() else Path.home() / ".config") / "podium" / "arena"
    except RuntimeError:
        raise NoKeysFolder(
            "The home directory in which the keys of the arena would lie is not known. "
            f"Name a folder for them by its whole path with {ARENA_KEYS_VARIABLE}."
        ) from None


def browser() -> str | None:
    """The Chromium that makes pictures: PODIUM_CHROMIUM, else the first of BROWSERS on the path; None without one."""
    asked = os.environ.get(BROWSER_VARIABLE)
    return shutil.which(asked) if asked else next(filter(None, map(shutil.which, BROWSERS)), None)


def settings(home: Path | None = None, rulebook: Path | None = None) -> Settings:
    """What was asked for, else PODIUM_HOME, else `./data`; a `rulebook.toml` in the home is used unasked."""
    chosen = home or Path(os.environ.get(HOME_VARIABLE) or DEFAULT_HOME)
    own = chosen / "rulebook.toml"
    return Settings(chosen, rulebook or (own if own.is_file() else None))


def standing(home: Path | None = None) -> Settings:
    """The settings of a home that is there already, for whoever should not make one by looking. Raises NoHome."""
    where = settings(home)
    if not where.home.is_dir():
        raise NoHome(f"There is no home {where.home}: nothing was ever read there. --home names another one.")
    return where
