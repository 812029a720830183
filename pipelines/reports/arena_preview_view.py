"""What is said of a preview that was written, in a terminal.

Not here: what the preview shows (arena_preview.py, arena_preview_all.py), writing it (arena_preview_pages.py).
"""

from typing import TYPE_CHECKING

from pipelines.arena.consents import AGGREGATES
from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen

if TYPE_CHECKING:
    from pipelines.reports.arena_preview_pages import PreviewReport


def show_preview(report: "PreviewReport", screen: Screen) -> None:
    """Show how much would leave, how to look at it, and that the folder must stay."""
    for line in _of_all(report) if report.owner is None else _of_one(report, report.owner):
        screen.say(line)
    pages = counted(report.n_pages, "page")
    verb = "says" if report.n_pages == 1 else "say"
    screen.say(f"Nothing has been sent. {pages} in {report.out}/ {verb} whose each pseudonym is:")
    screen.say("keep the folder here, and hand an owner no page but their own.")
    screen.say(f"Open it in a browser: {report.first.absolute().as_uri()}", "bold")


def _of_all(report: "PreviewReport") -> list[str]:
    from pipelines.arena.budget import rho_text

    verb = "shares" if report.n_sharing == 1 else "share"
    told = [f"{report.n_sharing:,} of {counted(report.n_owners, 'owner')} {verb} something. {_rows(report)}."]
    if report.n_due:
        cost = rho_text(report.cost_micro_rho)
        told.append(f"The next export draws {counted(report.n_due, 'release')} of sums for {cost} rho.")
    if report.n_withheld:
        told.append(f"{counted(report.n_withheld, 'thing is', 'things are')} withheld: the page says what and why.")
    return told


def _of_one(report: "PreviewReport", owner: str) -> list[str]:
    if not report.scopes:
        return [f"Nothing leaves about {owner}."]
    told = [f"{owner} shares {', '.join(report.scopes)}. {_rows(report)}."]
    if AGGREGATES in report.scopes:
        told.append("A part in sums over everybody leaves under noise.")
    return told


def _rows(report: "PreviewReport") -> str:
    return f"{counted(report.n_rows, 'row')} would leave under pseudonyms, up to the end of week {report.week}"
