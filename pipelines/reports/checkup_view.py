"""How a checkup looks in a terminal: a mark, a sentence, and the first of the things it speaks of.

Not here: what is looked at (checkup.py).
"""

from rich.text import Text

from pipelines.reports.checkup import Finding
from pipelines.reports.terminal import Screen, safe

MAX_DETAILS = 5
_STYLES = {"ok": "green", "attention": "yellow", "broken": "bold red"}


def show_checkup(findings: list[Finding], screen: Screen) -> None:
    """Show the findings, the broken ones last, where the eye rests."""
    signs = {"ok": screen.signs.ok, "attention": screen.signs.attention, "broken": screen.signs.broken}
    screen.say()
    for finding in sorted(findings, key=lambda found: found.mark == "broken"):
        mark = f"{signs[finding.mark]:>2} "
        screen.show(Text.assemble((mark, _STYLES[finding.mark]), safe(finding.sentence)))
        for detail in finding.details[:MAX_DETAILS]:
            screen.say(f"     {screen.cut(detail, screen.width - 6)}", "dim")
        if len(finding.details) > MAX_DETAILS:
            screen.say(f"     and {len(finding.details) - MAX_DETAILS} more", "dim")
    n_broken = sum(finding.mark == "broken" for finding in findings)
    n_attention = sum(finding.mark == "attention" for finding in findings)
    screen.say()
    screen.say(f"{n_broken} broken, {n_attention} to look at." if n_broken + n_attention else "All is well.", "bold")


def for_machines(findings: list[Finding]) -> list[dict[str, object]]:
    """The findings as plain data."""
    return [{"check": f.check, "mark": f.mark, "sentence": f.sentence, "details": list(f.details)} for f in findings]
