"""What is said of a report that was written. Not here: the report (site/)."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from pipelines.reports.quantities import counted
from pipelines.reports.terminal import Screen

if TYPE_CHECKING:
    from pipelines.reports.site.publishing import SiteReport

HOME_PAGE = "index.html"


def report_for_machines(report: "SiteReport") -> dict[str, Any]:
    """Where it is, and how large."""
    return {
        "out": str(report.out),
        "index": str(report.out / HOME_PAGE),
        "n_pages": report.n_pages,
        "n_bytes": report.n_bytes,
        "n_profiles": report.n_profiles,
        "n_subjects": report.n_subjects,
    }


def show_report(report: "SiteReport", screen: Screen) -> None:
    """Where it is, how large, who has no page in it, and how to open it."""
    size = f"{report.n_bytes / 10**6:,.1f} MB"
    screen.say(f"Wrote {counted(report.n_pages, 'page')} ({size}) into {report.out}/.")
    if report.n_profiles < report.n_subjects:
        screen.say(
            f"{report.n_profiles:,} of {report.n_subjects:,} agents, users and teams have a page of their own: the "
            "first by what they earned. --profiles N makes more, --agent ID and --user ID add one."
        )
    screen.say(f"Open it in a browser: {link(report.out)}", "bold")


def show_where(out: Path, screen: Screen) -> None:
    """Where the report is that a run has written."""
    screen.say(f"The report, to open in a browser: {link(out)}")


def link(out: Path) -> str:
    """The address of the first page."""
    return (out / HOME_PAGE).absolute().as_uri()
