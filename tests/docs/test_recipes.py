"""Every command line in the pages names a command and options that exist; every relative link leads somewhere."""

import re
import shlex

import pytest

from tests.docs.pages import PAGES, ROOT, all_examples, without_fences

SHELL = ("", "bash", "sh", "console")


def command_lines() -> list[tuple[str, str]]:
    """The lines of examples that call podium, with where they stand."""
    found = []
    for example in all_examples(*SHELL):
        for number, line in enumerate(example.lines(), example.line + 1):
            called = re.match(r"(?:.*\buv run )?podium (.*)", line)
            if called:
                found.append((f"{example.page}:{number}", called[1]))
    return found


@pytest.mark.parametrize("line", [pytest.param(line, id=where) for where, line in command_lines()])
def test_a_recipe_names_a_command_with_its_options_and_arguments(line):
    import typer.main

    from pipelines.cli import app

    name, *arguments = shlex.split(line, comments=True)
    commands = typer.main.get_command(app).commands
    assert name in commands
    commands[name].make_context(name, arguments)  # raises if an option is unknown or an argument is missing


@pytest.mark.parametrize("arguments", [["--windov", "week"], []])
def test_a_recipe_with_an_unknown_option_or_without_its_argument_would_be_found(arguments):
    import typer
    import typer.main

    from pipelines.cli import app

    with pytest.raises(typer.BadParameter.__base__):  # UsageError
        typer.main.get_command(app).commands["board"].make_context("board", arguments)


def test_the_pages_show_every_command():
    import typer.main

    from pipelines.cli import app

    shown = {line.split()[0] for _, line in command_lines()}
    assert set(typer.main.get_command(app).commands) - shown == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_link_leads_to_a_file_and_a_heading_that_exist(path):
    for target in re.findall(r"(?:\]\(|\bsrc=\")([^)\s\"]+)", without_fences(path.read_text("utf-8"))):
        if "://" in target:
            continue
        file, _, anchor = target.partition("#")
        there = (path.parent / file).resolve() if file else path
        assert there.exists(), target
        assert there.is_relative_to(ROOT), target
        if anchor:
            headings = re.findall(r"^#+ (.*)$", without_fences(there.read_text("utf-8")), re.MULTILINE)
            assert anchor in {_anchor(heading) for heading in headings}, target


def _anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
