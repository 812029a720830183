"""Names in Markdown cannot become markup."""

import pytest

from pipelines.reports.markdown import cell


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("ada", "`ada`"),
        ("<script>alert(1)</script>", "`<script>alert(1)</script>`"),
        ("[here](https://example.org)", "`[here](https://example.org)`"),
        ("a|b", "`a\\|b`"),
        ("a\\|b", "`a\\\\\\|b`"),
        ("ends with \\", "`ends with \\ `"),
        ("`code`", "`` `code` ``"),
        ("two\nlines", "`two lines`"),
        ("x" * 200, f"`{'x' * 200}`"),
    ],
)
def test_a_name_is_shown_as_code_so_that_no_markup_link_or_cell_end_in_it_lives(name: str, shown: str) -> None:
    assert cell(name) == shown


def test_a_long_name_is_cut_where_there_is_no_room_for_it() -> None:
    assert cell("x" * 200, longest=60) == f"`{'x' * 60}…`"
