"""The preview shows each owner exactly what would leave about them: every line of theirs, no line of anybody else."""

import html
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from pipelines.arena.budget import Ledger
from pipelines.arena.bundle import Contents, write_bundle
from pipelines.arena.leaving import Leaving
from pipelines.reports import arena_preview_pages
from pipelines.reports.arena_preview import Preview
from pipelines.reports.arena_preview_pages import PreviewReport, write_preview
from pipelines.reports.arena_preview_view import show_preview
from pipelines.reports.choices import Misuse
from pipelines.reports.machine import to_json
from pipelines.reports.site.folder import NotOurs
from pipelines.reports.terminal import screen
from tests.arena.bundles import keyring
from tests.reports.arena_house import HOSTILE, MONTHS, POLICY, house, ledger, pseudonym, talks
from tests.reports.site.rendered import words

OF_OWNERS = ("profiles", "agent_statistics", "leaderboard_entries", "achievements", "conversations")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("house")


@pytest.fixture(scope="module")
def leaving(place: Path) -> Leaving:
    return house(ledger(place))


@pytest.fixture(scope="module")
def report(place: Path, leaving: Leaving) -> PreviewReport:
    return write_preview(leaving, ledger(place), place / "arena" / "preview")


@pytest.fixture(scope="module")
def pages(report: PreviewReport) -> dict[str, str]:
    return pages_in(report.out)


def pages_in(folder: Path) -> dict[str, str]:
    """Texts of the pages by the owner in their title; the page of all under an empty name."""
    found = {}
    for path in folder.rglob("*.html"):
        text = path.read_text("utf-8")
        title = html.unescape(re.findall("<title>(.*?)</title>", text)[0])
        found[title.removeprefix("What would leave").removeprefix(" about ").removesuffix(" · Podium")] = text
    return found


def lines_of(page: str) -> dict[str, str]:
    """The text of each block of lines, as a browser reads it, by the file in which they stand."""
    blocks = re.findall(r'<pre class="lines"[^>]*aria-label="Lines of ([^"]*)">(.*?)</pre>', page, re.DOTALL)
    return {file: html.unescape(text) for file, text in blocks}


def test_every_line_of_a_bundle_stands_on_its_owners_page_byte_for_byte_and_on_no_other(
    place: Path, leaving: Leaving, pages: dict[str, str], tmp_path: Path
) -> None:
    made, said = ledger(place), (leaving.week, leaving.rulebook, POLICY)
    contents = Contents(leaving.tables, talks(tmp_path), *said, made.spent_micro_rho, made.head)
    bundle = write_bundle(tmp_path / "bundles", contents, keyring(tmp_path)).path
    for name in OF_OWNERS:
        file = f"{name}.jsonl"
        written = (bundle / file).read_bytes().decode()
        assert written
        shown = {owner: lines_of(page).get(file, "") for owner, page in pages.items()}
        assert sorted("".join(shown.values()).splitlines()) == sorted(written.splitlines())
        for owner, text in shown.items():
            own = {pseudonym(owner, scope) for scope in ("metrics", "achievements", "conversations")}
            rows = [json.loads(line) for line in text.splitlines()]
            assert {row.get("owner_pseudonym", row["pseudonym"]) for row in rows} <= own


def test_rows_are_read_as_a_person_reads_them(pages: dict[str, str]) -> None:
    shown = words(pages["ada"])
    assert "level 7 XP 12,340 calls 1,205 successes 1,100 success rate 91 % points 480" in shown
    assert "board period rank who score accuracy 2026-W45 1 lemma-lark 83 % points all time 1 lemma-lark 480" in shown
    assert "xp-user 2026-10 2 you 12,340" in shown
    assert "agent calls successes success rate XP level other 25 15 92 % 900 – python-pro 120 110 92 % 900 3" in shown
    assert "kind slug tier level week achievement bug-hunter gold – 2026-W44 badge first-blood – – 2026-W40" in shown
    assert "your agent lemma-lark metrics" in shown
    assert "success rate – points" in words(pages[HOSTILE])


def test_who_shares_nothing_is_told_so_big_and_plain(pages: dict[str, str]) -> None:
    page = pages["quiet"]
    shown = words(page)
    assert "<h2>Nothing leaves about you.</h2>" in page
    assert shown.count("not shared") == 4
    assert "podium consent grant quiet aggregates" in shown
    assert re.findall(r"\b[0-9a-f]{32}\b", page) == []
    assert lines_of(page) == {}
    assert "Nothing leaves about you." not in words(pages["bob"])


def test_an_owners_part_in_sums_stands_beside_what_was_released(pages: dict[str, str]) -> None:
    shown = words(pages["ada"])
    assert "Calls of agents, September 2026 out The sums stand" in shown
    assert "python-pro all together 20 4 3, -3 python-pro backend 18 3 4, -3" in shown
    assert "Calls of agents, October 2026 next Drawn at the next export. Your part: 2 figures" in shown
    assert "other all together 9 0 other other 9 0" in shown
    assert "Submissions, October 2026 next Drawn at the next export. You have no part in them." in shown
    assert "other collatz 7 2" in words(pages["bob"])


def test_how_sure_the_noise_is_is_said_with_its_figures(pages: dict[str, str]) -> None:
    shown = words(pages["bob"])
    assert "a standard deviation of 134." in shown
    assert "at most 58 times in 100" in shown
    assert "From all 24 releases that the budget allows together, at most 89 times" in shown
    assert "How sure is that?" not in words(pages[HOSTILE])


def test_what_is_left_out_is_named_with_its_reason(pages: dict[str, str]) -> None:
    ada, other = words(pages["ada"]), words(pages[HOSTILE])
    assert "counts are told in steps of 5, points and XP in steps of 10, and a share only where it is of at" in ada
    assert "they stand together in one row, as other." in ada
    assert "they stand together in one row, as other." not in other
    assert "Badges, achievements and levels: there is none yet that may be told." in other
    assert "Never there, whatever is shared: names," in ada
    assert "Copies that are already out cannot be recalled." in ada


def test_hostile_names_stay_text_and_files_are_called_safely(report: PreviewReport, pages: dict[str, str]) -> None:
    for page in pages.values():
        assert "<script" not in page
        assert "<b>bold" not in page
    assert words(pages[HOSTILE]).startswith(f"What would leave about {HOSTILE} If the bundle")
    names = [path.name for path in report.out.rglob("*")]
    assert [name for name in names if not re.fullmatch(r"[a-z0-9.-]+", name)] == []


def test_the_page_of_all_says_who_shares_what_is_withheld_and_what_the_next_export_costs(pages: dict[str, str]) -> None:
    shown = words(pages[""])
    assert "owners share something of 14 13 rows about single owners 15 thing withheld 1" in shown
    assert "ada metrics, achievements, conversations, aggregates ✓ shared ✓ shared ✓ shared ✓ shared 10" in shown
    assert "quiet nothing – not shared – not shared – not shared – not shared –" in shown
    assert "The next export 2 releases for 0.1 rho, which makes epsilon 3.13" in shown
    assert "leaderboard_entries: Boards of problems" in shown
    assert "This folder never leaves" in shown


def test_of_a_ledger_that_was_lost_no_budget_is_told(leaving: Leaving, tmp_path: Path) -> None:
    lost = replace(leaving, is_ledger_whole=False)
    shown = words(pages_in(write_preview(lost, Ledger.open(tmp_path / "none"), tmp_path / "preview").out)[""])
    assert "The ledger of privacy was lost or set back: what was spent is not known here." in shown
    assert "of the budget of privacy" not in shown
    assert "rho spent" not in shown


def test_only_the_account_itself_may_look_into_the_folder(report: PreviewReport) -> None:
    modes = {path: path.stat().st_mode & 0o777 for path in [report.out, *report.out.rglob("*")]}
    assert {mode for path, mode in modes.items() if path.is_dir()} == {0o700}
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o600}


def test_the_folder_is_replaced_whole_and_nothing_of_another_is(place: Path, leaving: Leaving, tmp_path: Path) -> None:
    made, out = ledger(place), tmp_path / "preview"
    first = write_preview(leaving, made, out)
    again = {path.relative_to(out): path.read_bytes() for path in out.rglob("*.html")}
    assert len(again) == first.n_pages == 15
    one = write_preview(leaving, made, out, "ada")
    assert [path.relative_to(out).as_posix() for path in out.rglob("*.html")] == [one.first.relative_to(out).as_posix()]
    assert "All owners" not in one.first.read_text("utf-8")
    write_preview(leaving, made, out)
    assert {path.relative_to(out): path.read_bytes() for path in out.rglob("*.html")} == again
    shutil.rmtree(out)
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(NotOurs, match=r"holds something else than a preview, which would be lost: move it away\."):
        write_preview(leaving, made, out)


def test_an_owner_of_whom_nothing_is_known_is_refused_before_anything_is_written(
    place: Path, leaving: Leaving, tmp_path: Path
) -> None:
    with pytest.raises(Misuse, match="There is no owner `adda`"):
        write_preview(leaving, ledger(place), tmp_path / "preview", "adda")
    assert list(tmp_path.iterdir()) == []


def test_of_many_who_share_nothing_the_first_have_a_page(
    place: Path, leaving: Leaving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arena_preview_pages, "N_SILENT", 1)
    crowd = pl.Series("owner_id", ["ada", "quiet", "x1", "x2"])
    alone = house(ledger(place), owners=crowd, allowing_aggregates=crowd.head(1), identities=leaving.identities)
    write_preview(alone, ledger(place), tmp_path / "preview")
    found = pages_in(tmp_path / "preview")
    assert set(found) == {"", "ada", HOSTILE, "quiet"}
    assert "2 more owners share nothing and have no page here" in words(found[""])


@pytest.mark.parametrize(
    ("limits", "kept", "states"),
    [
        ({}, 12, ["released", "released", "due", "due"]),
        ({}, 9, ["released", "released", "few_people", "few_people"]),
        ({"k": 12}, 12, ["released", "released", "few_others", "few_others"]),
        ({"budget_micro_rho": 199_999}, 12, ["released", "released", "due", "budget"]),
    ],
)
def test_what_becomes_of_sums_is_known_before_they_are_drawn(
    place: Path, leaving: Leaving, limits: dict[str, int], kept: int, states: list[str]
) -> None:
    policy = POLICY.model_copy(update={"aggregates": POLICY.aggregates.model_copy(update=limits)})
    about = house(ledger(place), policy=policy, allowing_aggregates=leaving.allowing_aggregates.head(kept))
    preview = Preview(about, ledger(place))
    assert list(preview.states) == [(kind, month) for month in MONTHS for kind in ("calls", "submissions")]
    assert list(preview.states.values()) == states
    assert preview.cost == 50_000 * states.count("due")
    assert preview.n_withheld == 1 + sum(state not in ("released", "due") for state in states)


def test_sums_that_were_drawn_and_never_told_are_told_next_where_they_may(place: Path, leaving: Leaving) -> None:
    """As an export leaves them that was killed before its bundle stood."""
    untold = {**leaving.tables, "usage": leaving.tables["usage"].clear()}
    preview = Preview(house(ledger(place), tables=untold), ledger(place))
    assert list(preview.states.values()) == ["drawn", "drawn", "due", "due"]
    assert (preview.n_due, preview.n_withheld) == (2, 1)
    assert [row["successes"] for row in preview.page_of("ada").sums[0].rows] == [20, 18]
    few = house(ledger(place), tables=untold, allowing_aggregates=leaving.allowing_aggregates.head(9))
    assert set(Preview(few, ledger(place)).states.values()) == {"few_people"}


def test_sums_that_were_drawn_and_may_not_be_told_are_withheld(leaving: Leaving, tmp_path: Path) -> None:
    drawn = {**ledger(tmp_path).releases[0].drawn, "sigma": 0.5}
    nearly_exact = Ledger.open(tmp_path / "nearly_exact.jsonl")
    nearly_exact.release(f"calls/{MONTHS[0]}", 50_000, 10**9, lambda: drawn)
    untold = {**leaving.tables, "usage": leaving.tables["usage"].clear()}
    preview = Preview(replace(leaving, tables=untold), nearly_exact)
    assert preview.states["calls", MONTHS[0]] == "narrow_bounds"
    assert preview.page_of("ada").sums[0].rows == []


def test_the_terminal_says_how_much_would_leave_and_machines_get_the_same(
    place: Path, leaving: Leaving, report: PreviewReport, tmp_path: Path
) -> None:
    assert told(report)[:3] == [
        "13 of 14 owners share something. 15 rows would leave under pseudonyms, up to the end of week 2026-W46.",
        "The next export draws 2 releases of sums for 0.1 rho.",
        "1 thing is withheld: the page says what and why.",
    ]
    assert told(report)[-1].endswith("/arena/preview/index.html")
    assert json.loads(to_json(report.for_machines()))["n_due"] == 2
    bob, quiet = (write_preview(leaving, ledger(place), tmp_path / name, name) for name in ("bob", "quiet"))
    assert told(bob)[:2] == [
        "bob shares aggregates. 0 rows would leave under pseudonyms, up to the end of week 2026-W46.",
        "A part in sums over everybody leaves under noise.",
    ]
    assert told(quiet)[0] == "Nothing leaves about quiet."
    assert quiet.for_machines()["scopes"] == []


def told(report: PreviewReport) -> list[str]:
    output = io.StringIO()
    show_preview(report, screen(output, 400, fancy=False))
    return output.getvalue().splitlines()
