"""How a checkup looks in a terminal: a mark, a sentence, and the first of the things it speaks of.

Not here: what is looked at (checkup.py, quality_checks.py).
"""

from rich.table import Table
from rich.text import Text

from pipelines.reports.findings import Finding
from pipelines.reports.terminal import Screen, safe

MAX_DETAILS = 5
_STYLES = {"ok": "green", "attention": "yellow", "broken": "bold red"}


def show_checkup(findings: list[Finding], screen: Screen) -> None:
    """Show the findings: of the home, of each source of logs, and the broken ones last, where the eye rests."""
    screen.say()
    section = None
    for finding in sorted(findings, key=lambda found: found.mark == "broken"):
        if finding.source not in (None, section) and finding.mark != "broken":
            screen.say()
            screen.say(f"Source {finding.source}", "bold")
        section = finding.source
        _show(finding, screen)
    n_broken = sum(finding.mark == "broken" for finding in findings)
    n_attention = sum(finding.mark == "attention" for finding in findings)
    screen.say()
    screen.say(f"{n_broken} broken, {n_attention} to look at." if n_broken + n_attention else "All is well.", "bold")


def _show(finding: Finding, screen: Screen) -> None:
    signs = {"ok": screen.signs.ok, "attention": screen.signs.attention, "broken": screen.signs.broken}
    line = Table.grid(padding=(0, 1, 0, 0))
    line.add_row(Text(f"{signs[finding.mark]:>2}", style=_STYLES[finding.mark]), Text(safe(finding.sentence)))
    screen.show(line)
    for detail in finding.details[:MAX_DETAILS]:
        screen.say(f"     {screen.cut(detail, screen.width - 6)}", "dim")
    if len(finding.details) > MAX_DETAILS:
        screen.say(f"     and {len(finding.details) - MAX_DETAILS} more", "dim")


def for_machines(findings: list[Finding]) -> list[dict[str, object]]:
    """The findings as plain data."""
    return [
        {"check": f.check, "mark": f.mark, "source": f.source, "sentence": f.sentence, "details": list(f.details)}
        for f in findings
    ]
