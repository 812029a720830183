"""What axe finds wrong with a page for those who read it otherwise: its structure, and colours that are hard to tell.

Not here: which pages are looked at.
"""

from typing import Any

FOUND = "found => found.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 120)).join(' | '))"
AXE = f"axe.run(%s, {{resultTypes: ['violations'], elementRef: false, preload: false, %s}}).then({FOUND})"
STRUCTURE = AXE % ("document", "rules: {'color-contrast': {enabled: false}}")
COLOURS = AXE % ("podiumOfEachLook()", "runOnly: ['color-contrast', 'link-in-text-block']")
# To look behind every text takes axe long. Texts with the same tags and classes from the page down look the same, so
# one of each is enough.
OF_EACH_LOOK = """window.podiumOfEachLook = () => {
  const first = new Map(), says = (node) => node.nodeType === Node.TEXT_NODE && node.textContent.trim();
  const look = (e) => [e.tagName, e.className.baseVal ?? e.className, e.disabled, e.ariaSort, e.ariaCurrent].join();
  const looks = (e) => (e ? looks(e.parentElement) + " " + look(e) : "");
  for (const e of document.querySelectorAll("body *")) if ([...e.childNodes].some(says)) first.set(looks(e), e);
  return { include: [...first.values()] };
}"""


def load(page: Any, axe: str) -> None:
    """Bring axe into a page that is open."""
    page.evaluate(axe)
    page.evaluate(OF_EACH_LOOK)


def of_structure(page: Any) -> list[str]:
    """All but colours, which one look at any of them finds."""
    return list(page.evaluate(STRUCTURE))


def of_colours(page: Any) -> list[str]:
    """Contrast, in the colours and the width that the page has now."""
    return list(page.evaluate(COLOURS))
