"""What a terminal is shown: safe texts, signs for every kind of screen."""

import io

import pytest

from pipelines.reports.machine import to_json
from pipelines.reports.terminal import cells, safe, screen

REVERSED = "evil\u202egod"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("octal-dove", "octal-dove"),
        ("Erdős 素数", "Erdős 素数"),
        (REVERSED, r"evil\u202egod"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\r", r"two\nlines\r"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("\x9b2J", r"\x9b2J"),
        ("\ud800", r"\ud800"),
    ],
)
def test_control_and_bidirectional_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert safe(text) == shown


def shown(*texts: str, width: int = 40) -> str:
    output = io.StringIO()
    there = screen(output, width, fancy=False)
    table = there.table(("name", "left"), title="[bold]title[/bold]")
    table.add_row(*cells(texts))
    there.show(table)
    there.say(texts[0])
    return output.getvalue()


def test_names_are_never_read_as_markup_nor_as_emoji() -> None:
    text = shown("[red]agent[/red] :trophy: [link=http://x]y[/link]", width=80)
    assert text.count("[red]agent[/red] :trophy: [link=http://x]y[/link]") == 2
    assert "[bold]title[/bold]" in text
    assert "\x1b" not in text


def test_an_escape_in_a_name_never_reaches_the_terminal() -> None:
    assert not {"\x1b", "\u202e"} & set(shown("\x1b]0;pwned\x07" + REVERSED))


def test_what_is_no_terminal_gets_plain_ascii() -> None:
    assert shown("agent").isascii()


@pytest.mark.parametrize(
    ("text", "cut"), [("short", "short"), ("a-very-long-name", "a-very-..."), ("素数素数素数素数", "素数素...")]
)
def test_long_names_are_cut_by_the_cells_they_take(text: str, cut: str) -> None:
    assert screen(io.StringIO(), 80, fancy=False).cut(text, 10) == cut


@pytest.mark.parametrize(
    ("share", "bar"), [(0.0, ".........."), (0.999, "#########."), (1.0, "##########"), (7.0, "##########")]
)
def test_a_bar_is_full_only_when_all_is_done(share: float, bar: str) -> None:
    assert screen(io.StringIO(), 80, fancy=False).bar(share, 10) == bar


def test_json_is_ascii_and_holds_no_number_that_json_lacks() -> None:
    text = to_json({"name": REVERSED + "\x1b", "share": float("nan"), "points": 10})
    assert text.isascii()
    assert '"share": null' in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("n", "most", "shade"), [(0, 8, "."), (1, 800, "-"), (4, 8, "+"), (5, 8, "*"), (8, 8, "#"), (0, 0, ".")]
)
def test_only_nothing_is_drawn_as_nothing_and_only_much_as_the_most(n: int, most: int, shade: str) -> None:
    assert screen(io.StringIO(), 80, fancy=False).shade(n, most) == shade


def test_stars_are_drawn_out_of_the_most_there_are_and_said_where_they_are_many() -> None:
    there = screen(io.StringIO(), 80, fancy=False)
    assert [there.stars(2, 5), there.stars(0, 0), there.stars(7, 100)] == ["**...", "", "7 *"]
