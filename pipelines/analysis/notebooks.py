"""The notebooks: where they are, and copies of them to open in JupyterLab.

Tracked are jupytext percent scripts without outputs. What is opened is a copy of each as `.ipynb` in the home, so that
the scripts stay as they are; a copy that somebody changed is theirs and is never written over. Not here: what a
notebook asks (notebooks/).
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from pipelines.game.faults import PodiumError
from pipelines.reports.choices import one_of
from pipelines.settings import HOME_VARIABLE
from pipelines.store.durable import replaced

if TYPE_CHECKING:
    from nbformat import NotebookNode

FOLDER = "notebooks"  # in a home
EXTRA = "uv run --extra notebooks podium notebook"
_PLACES = (Path(__file__).parent / "scripts", Path(__file__).parents[2] / "notebooks")  # of a wheel; of a clone
_TRANSPORT = "ipc" if os.name == "posix" else "tcp"  # to a kernel: files of ours, not ports that others may listen at
_MARK = "podium"  # of the metadata of a copy: what its cells were when it was written


class NoJupyter(PodiumError):
    """Notebooks need JupyterLab and jupytext, which are an extra."""


@dataclass(frozen=True)
class Copy:
    """A notebook's copy: `new`, `same` as before, `renewed` after the script changed, or `kept` since it is changed."""

    path: Path
    state: Literal["new", "same", "renewed", "kept"]


@dataclass(frozen=True)
class Script:
    """A tracked notebook: its name, and the question that it answers."""

    name: str
    question: str
    path: Path


def scripts() -> list[Script]:
    """The notebooks, by name. Raises PodiumError where they are not at hand."""
    folder = next((place for place in _PLACES if place.is_dir()), None)
    found = sorted(folder.glob("[0-9]*.py")) if folder else []
    if not found:
        raise PodiumError(f"The notebooks are not at hand: {' and '.join(str(place) for place in _PLACES)} hold none.")
    return [Script(path.stem, _question(path), path) for path in found]


def script(name: str) -> Script:
    """The notebook of a name, or of its number such as `03` or `3`. Raises Misuse for one that does not exist."""
    held = {found.name: found for found in scripts()}
    numbered = [found for found in held if found.split("_")[0] == name.zfill(2)]
    return held[numbered[0] if numbered else one_of(name.removesuffix(".py"), tuple(held), "notebook")]


def copies(home: Path) -> list[Copy]:
    """Put a copy of every notebook into the home. Raises NoJupyter without jupytext."""
    return [_copy(found, home / FOLDER / f"{found.name}.ipynb") for found in scripts()]


def notebook_of(path: Path) -> "NotebookNode":
    """A script as a notebook: the same cells each time, and a mark of what they were. Raises NoJupyter."""
    jupytext = _needed("jupytext")
    notebook: NotebookNode = jupytext.read(path)
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place:02}"
    notebook.metadata.pop("jupytext", None)
    notebook.metadata[_MARK] = {"cells_sha256": _cells(notebook)}
    return notebook


def executed(found: Script, home: Path) -> "NotebookNode":
    """A notebook with the outputs of its cells, run in a kernel of its own on the season of a home.

    Raises NoJupyter, and PodiumError with the cell's fault if one fails.
    """
    nbclient = _needed("nbclient")
    notebook = notebook_of(found.path)
    config = _needed("traitlets.config").Config({"ConnectionFileMixin": {"transport": _TRANSPORT}})
    client = nbclient.NotebookClient(notebook, timeout=600, kernel_name="python3", config=config)
    try:
        client.execute(env=_variables(home))
    except nbclient.exceptions.CellExecutionError as fault:
        raise PodiumError(f"The notebook {found.name} failed: {fault.ename}: {fault.evalue}") from fault
    return notebook


def write(notebook: "NotebookNode", path: Path) -> None:
    """Write a notebook as `.ipynb`, whole or not at all."""
    text: str = _needed("nbformat").writes(notebook)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replaced(path) as fresh:
        fresh.write_text(f"{text}\n", "utf-8")


def open_lab(home: Path) -> int:
    """Open JupyterLab on the copies in a home, and wait for its end: its exit code. Raises NoJupyter without it."""
    _needed("jupyterlab")
    is_root = ["--allow-root"] if os.geteuid() == 0 else []  # as root, in a container say, it refuses to start without
    words = [sys.executable, "-m", "jupyterlab", str(home.absolute() / FOLDER), *is_root]
    return subprocess.run(words, env=_variables(home), check=False).returncode  # noqa: S603 - words of ours


def _copy(found: Script, path: Path) -> Copy:
    fresh = notebook_of(found.path)
    if not path.exists():
        write(fresh, path)
        return Copy(path, "new")
    held = _read(path)
    mark = held.metadata.get(_MARK, {}).get("cells_sha256") if held else None
    if held is None or mark != _cells(held):
        return Copy(path, "kept")
    if mark == fresh.metadata[_MARK]["cells_sha256"]:
        return Copy(path, "same")
    write(fresh, path)
    return Copy(path, "renewed")


def _read(path: Path) -> "NotebookNode | None":
    """A copy; None if it is no notebook any more, and so somebody's."""
    nbformat = _needed("nbformat")
    try:
        held: NotebookNode = nbformat.read(path, as_version=4)
    except (ValueError, OSError, nbformat.ValidationError):
        return None
    return held


def _cells(notebook: "NotebookNode") -> str:
    """SHA-256 of the cells' kinds and texts: outputs do not count."""
    text = "\0".join(f"{cell.cell_type}\0{cell.source}" for cell in notebook.cells)
    return hashlib.sha256(text.encode()).hexdigest()


def _question(path: Path) -> str:
    """The heading of its first cell."""
    lines = path.read_text("utf-8").splitlines()
    return next((line.removeprefix("# # ") for line in lines if line.startswith("# # ")), path.stem)


def _variables(home: Path) -> dict[str, str]:
    return {**os.environ, HOME_VARIABLE: str(home.absolute())}


def _needed(module: str) -> Any:
    """A module of the extra. Raises NoJupyter with what to do."""
    if importlib.util.find_spec(module) is None:
        raise NoJupyter(
            f"Notebooks need {module}, which is not installed: `{EXTRA}` brings it along "
            "(or: pip install 'podium[notebooks]')."
        )
    return importlib.import_module(module)
