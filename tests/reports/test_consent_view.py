"""Who shares what since when: from literal records to what a person and a machine are told."""

import datetime as dt
import io
import json
import re

import polars as pl
import pytest

from pipelines.arena.consents import EVENTS
from pipelines.reports.choices import Misuse
from pipelines.reports.consent_view import ConsentPage, consent_page, said_for_machines, show_consents, show_said
from pipelines.reports.consenting import Said
from pipelines.reports.machine import to_json
from pipelines.reports.terminal import screen
from tests.game.league import instant

HOSTILE = "<b>'ann' [red]"
SAID = [  # owner, scope, granted, day of November, policy
    ("ada", "metrics", True, 1, "1"),
    ("ada", "metrics", True, 5, "1"),
    ("ada", "achievements", True, 2, None),
    ("ada", "aggregates", True, 2, "1"),
    ("ada", "aggregates", False, 3, None),
    (HOSTILE, "conversations", True, 4, "1"),
    ("old", "metrics", True, 6, "0"),
]
NOW = dt.datetime(2026, 11, 30)  # noqa: DTZ001 - naive UTC, as inside
OWNERS = ["ada", HOSTILE, "old", "quiet", "silent"]


def events(rows: list[tuple[str, str, bool, int, str | None]] = SAID) -> pl.DataFrame:
    given = [
        (owner, scope, granted, instant(f"2026-11-{day:02}T09:30:00Z"), f"e{n}", version)
        for n, (owner, scope, granted, day, version) in enumerate(rows)
    ]
    return pl.DataFrame(given, schema=EVENTS, orient="row")


def shown(page: ConsentPage, width: int = 120) -> list[str]:
    output = io.StringIO()
    show_consents(page, screen(output, width, fancy=False))
    return [" ".join(line.split()) for line in output.getvalue().splitlines() if line.strip(" -")]


def test_a_scope_is_shared_since_the_first_grant_that_was_not_withdrawn() -> None:
    page = consent_page(events(), OWNERS, "1", NOW)
    states = {owner: {s: standing.state for s, standing in of.items()} for owner, of in page.owners.items()}
    assert states == {
        "ada": {
            "metrics": "shared", "achievements": "shared", "conversations": "never", "aggregates": "withdrawn",
        },
        HOSTILE: {
            "metrics": "never", "achievements": "never", "conversations": "shared", "aggregates": "never",
        },
        "old": {
            "metrics": "other_policy", "achievements": "never", "conversations": "never", "aggregates": "never",
        },
    }  # fmt: skip
    assert page.n_silent == 2
    assert json.loads(to_json(page.for_machines()))["owners"]["ada"]["metrics"] == {
        "state": "shared", "since": "2026-11-01T09:30:00Z", "event_id": "e0", "policy_version": "1",
    }  # fmt: skip


def test_a_terminal_shows_each_owner_in_a_line_and_names_as_they_are() -> None:
    assert shown(consent_page(events(), OWNERS, "1", NOW)) == [
        "owner metrics achievements conversations aggregates",
        "<b>'ann' [red] - - ok 2026-11-04 -",
        "ada ok 2026-11-01 ok 2026-11-02 - withdrawn",
        "old policy 0 - - -",
        "2 other owners have shared nothing: nothing of theirs leaves.",
        "A grant for another version of the policy than 1 does not count.",
    ]


def test_on_a_narrow_screen_no_scope_is_left_out() -> None:
    lines = shown(consent_page(events(), OWNERS, "1", NOW), 40)
    assert lines[lines.index("ada") :][:4] == [
        "ada", "metrics ok 2026-11-01", "achievements ok 2026-11-02", "aggregates withdrawn",
    ]  # fmt: skip


def test_of_one_owner_every_scope_is_shown_with_the_command_that_changes_it() -> None:
    lines = shown(consent_page(events(), OWNERS, "1", NOW, HOSTILE))
    assert lines[0] == HOSTILE
    assert [line.strip() for line in lines if "podium consent" in line] == [
        """podium consent grant '<b>'"'"'ann'"'"' [red]' metrics""",
        """podium consent grant '<b>'"'"'ann'"'"' [red]' achievements""",
        """podium consent revoke '<b>'"'"'ann'"'"' [red]' conversations""",
        """podium consent grant '<b>'"'"'ann'"'"' [red]' aggregates""",
    ]
    assert [line for line in lines if line.startswith(("metrics", "conversations"))] == [
        "metrics -", "conversations ok 2026-11-04",
    ]  # fmt: skip


def test_who_never_said_anything_shares_nothing_and_is_told_so() -> None:
    assert "Withdrawn at 2026-11-03T09:30:00Z." in shown(consent_page(events(), OWNERS, "1", NOW, "ada"))
    lines = shown(consent_page(events(), OWNERS, "1", NOW, "quiet"))
    assert lines[:2] == ["quiet", "Shares nothing: nothing leaves."]
    assert shown(consent_page(events([]), [], "1", NOW)) == [
        "Nobody has ever said that anything may be shared: nothing leaves."
    ]
    with pytest.raises(Misuse, match=re.escape("There is no owner `quite`. Did you mean `quiet`?")):
        consent_page(events(), OWNERS, "1", NOW, "quite")


def said(granted: bool, scopes: tuple[str, ...], shares: tuple[str, ...], *, is_known: bool = True) -> list[str]:
    output = io.StringIO()
    word = Said("ann o'hara", scopes, granted, shares, is_known)
    assert json.loads(to_json(said_for_machines(word)))["shares"] == list(shares)
    show_said(word, screen(output, 400, fancy=False))
    return output.getvalue().splitlines()


def test_a_grant_says_what_is_shared_now_and_how_to_look_before_it_leaves() -> None:
    assert said(True, ("metrics",), ("metrics", "aggregates"), is_known=False) == [
        "ann o'hara shares metrics.",
        "From now on ann o'hara shares metrics, aggregates.",
        "Nobody of that name has a record yet: look whether it is spelled as in the log.",
        """Nothing leaves before the next export. What would: podium arena preview '--owner=ann o'"'"'hara'""",
    ]


def test_a_withdrawal_says_what_cannot_be_undone() -> None:
    lines = said(False, ("metrics",), ())
    assert lines[:2] == ["ann o'hara withdraws metrics.", "From now on ann o'hara shares nothing."]
    assert lines[2].endswith("Copies that are already out cannot be recalled.")
    assert said(False, ("aggregates",), ("metrics",))[2:] == [
        "Sums that were released stay; later ones are made without this owner."
    ]
