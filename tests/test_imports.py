"""The house's own rules of building, held by a program: directions of imports, size of files, docstrings."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / "pipelines").rglob("*.py"))
NAMES = [str(path.relative_to(ROOT)) for path in FILES]


def linted(config, cache):
    call = "from importlinter.cli import lint_imports_command; lint_imports_command()"
    options = ["--config", str(config), "--cache-dir", str(cache)]
    return subprocess.run([sys.executable, "-c", call, *options], cwd=ROOT, capture_output=True, text=True)


def test_imports_run_one_way(tmp_path):
    run = linted(ROOT / "pyproject.toml", tmp_path / "cache")
    assert run.returncode == 0, run.stdout + run.stderr
    assert "0 broken" in run.stdout


def test_an_import_the_wrong_way_would_be_found(tmp_path):
    """Turned round, the direction is broken: the linter sees what it is asked about."""
    config = tmp_path / "turned.toml"
    config.write_text(
        '[tool.importlinter]\nroot_package = "pipelines"\n'
        '[[tool.importlinter.contracts]]\nid = "turned"\nname = "Turned"\ntype = "layers"\n'
        'layers = ["pipelines.game", "pipelines.store"]\n'
    )
    run = linted(config, tmp_path / "cache")
    assert run.returncode == 1
    assert "pipelines.store is not allowed to import pipelines.game" in run.stdout


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_says_what_lives_in_it(path):
    assert ast.get_docstring(ast.parse(path.read_text("utf-8")))


def test_no_file_is_longer_than_300_lines():
    n_lines = {name: path.read_text("utf-8").count("\n") for name, path in zip(NAMES, FILES, strict=True)}
    assert {name: n for name, n in n_lines.items() if n > 300} == {}, "one subject, one page: split it"


def test_no_file_is_a_drawer_for_odds_and_ends():
    assert [name for name in NAMES if Path(name).stem in ("utils", "util", "helpers", "common", "misc")] == []


def test_help_does_not_wait_for_heavy_packages():
    code = "import sys, pipelines.cli; print(*{'duckdb', 'dagster', 'pandera', 'pyarrow', 'polars'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert (run.returncode, run.stdout.strip()) == (0, ""), run.stderr
