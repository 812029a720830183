"""Icons as SVG, drawn for Podium: emoji are empty boxes where no font has them.

`SYMBOLS` holds each as the inside of a `<symbol>` of 24 x 24 units, filled with the colour of its text. Not here: which
badge or page shows which one beyond `icon_of`.
"""

from pipelines.game.rules import BadgeRule
from pipelines.game.xp_rules import AchievementRule

SYMBOLS = {  # one drawing a line
    "flame": "M12 2c1 4 6 6.5 6 12a6 6 0 0 1-12 0c0-2 .8-3.6 2-5 .3 1.6 1 2.5 2 3C9.6 8.5 10.5 4.5 12 2z",
    "target": "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm0 3.2a6.8 6.8 0 1 1 0 13.6 6.8 6.8 0 0 1 0-13.6z"
    "m0 3.3a3.5 3.5 0 1 0 0 7 3.5 3.5 0 0 0 0-7z",
    "star": "M12 2l3.1 6.5 7 .9-5.2 4.9 1.3 7L12 17.9 5.8 21.3l1.3-7L1.9 9.4l7-.9z",
    "trophy": "M7 2h10v2h4v3c0 2.8-2 4.8-4.6 5A5.5 5.5 0 0 1 13 14.4V18h4v3H7v-3h4v-3.6A5.5 5.5 0 0 1 7.6 12"
    "C5 11.8 3 9.8 3 7V4h4zm0 4H5v1c0 1.4.8 2.4 2 2.8zm10 0v3.8c1.2-.4 2-1.4 2-2.8V6z",
    "bolt": "M13.5 1L4 14h6.5L9.5 23 20 9.5h-7z",
    "drop": "M12 2c3.5 5 7 8.7 7 12.5a7 7 0 0 1-14 0C5 10.7 8.5 7 12 2zm-3.6 12a1.2 1.2 0 0 0-1.2 1.3A4.7 4.7 0 0 0 "
    "11.6 19.5a1.2 1.2 0 0 0 .2-2.4 2.3 2.3 0 0 1-2.2-2 1.2 1.2 0 0 0-1.2-1.1z",
    "crown": "M3 6l5 5 4-8 4 8 5-5-2 12H5zm2 14h14v2H5z",
    "book": "M4 3h6a3 3 0 0 1 2 .8A3 3 0 0 1 14 3h6v16h-6a2 2 0 0 0-2 1.5A2 2 0 0 0 10 19H4zm2 2v12h4c.4 0 .7 0 1 .2V6"
    "c0-.6-.4-1-1-1zm8 0c-.6 0-1 .4-1 1v11.2c.3-.2.6-.2 1-.2h4V5z",
    "rise": "M3 17l6-6 4 4 5-5.2V13h3V5h-8v3h3.2L13 10.8l-4-4-8 8z",
    "prism": "M12 3l10 18H2zm0 5.5L6.8 18h10.4z",
    "spiral": "M12 3a9 9 0 1 1-8.5 6l2.8 1A6 6 0 1 0 12 6a4 4 0 1 0 3.7 5.5l2.8 1A7 7 0 1 1 12 3z",
    "magnifier": "M10.5 2a8.5 8.5 0 0 1 6.7 13.7l5 5-2.1 2.1-5-5A8.5 8.5 0 1 1 10.5 2zm0 3a5.5 5.5 0 1 0 0 11 5.5 5.5 0 "
    "0 0 0-11z",
    "shield": "M12 2l8 3v6c0 5-3.4 9.2-8 11-4.6-1.8-8-6-8-11V5zm-1.2 13.5l6-6-1.9-1.9-4.1 4.1-1.9-1.9L7 11.7z",
    "compass": "M12 2a10 10 0 1 1 0 20 10 10 0 0 1 0-20zm5 5l-7 3-3 7 7-3zm-5 3.7a1.3 1.3 0 1 1 0 2.6 1.3 1.3 0 0 1 0-2.6z",
    "bug": "M9 3.5L7.5 2 6 3.5l2 2A5 5 0 0 0 7 8H3v2h3v2H3v2h3a6 6 0 0 0 .3 2L3 18.5 4.5 20l2.9-2.2A6 6 0 0 0 11 20V9h2v11"
    "a6 6 0 0 0 3.6-2.2L19.5 20l1.5-1.5-3.3-2.5A6 6 0 0 0 18 14h3v-2h-3v-2h3V8h-4a5 5 0 0 0-1-2.5l2-2L16.5 2 15 3.5"
    "A5 5 0 0 0 12 3a5 5 0 0 0-3 .5z",
    "gem": "M6 3h12l4 6-10 12L2 9zm1.1 2L5 8h3.5L10 5zm9.8 0H14l1.5 3H19zM9.5 10l2.5 7 2.5-7zM5 10l4.5 5.5L7.6 10zm14 0h-2.6"
    "l-1.9 5.5z",
    "medal": "M7 2h3l2 4 2-4h3l-3 6.5a7 7 0 1 1-4 0zm5 8a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm0 2l1 2 2.2.3-1.6 1.5.4 2.2-2-1-2 1 "
    ".4-2.2-1.6-1.5L11 14z",
}

_BY_SLUG = {
    "first-blood": "drop",
    "on-fire": "flame",
    "sharpshooter": "target",
    "erdos-straus-master": "prism",
    "collatz-crawler": "spiral",
    "counterexample-hunter": "magnifier",
    "speed-demon": "bolt",
    "scholar": "book",
    "champion": "crown",
    "rising-star": "rise",
    "first-steps": "rise",
    "agent-explorer": "compass",
    "centurion": "shield",
    "quick-hands": "bolt",
    "quality-master": "gem",
    "bug-hunter": "bug",
    "streak-warrior": "flame",
    "elite-trainer": "trophy",
    "perfectionist": "target",
    "agent-whisperer": "star",
    "arena-legend": "crown",
}
_BY_METRIC = {
    "first_solves": "drop",
    "accuracy": "target",
    "counterexamples": "magnifier",
    "fast_solves": "bolt",
    "leads": "crown",
    "active_days": "flame",
    "agent_level": "trophy",
    "trophies": "crown",
}
N_HUES = 6  # colours of badges in the style sheet


def icon_of(rule: BadgeRule | AchievementRule) -> str:
    """The icon of a badge or achievement: its own, or one for what it counts."""
    return _BY_SLUG.get(rule.slug) or _BY_METRIC.get(rule.metric, "medal")


def hue_of(slug: str) -> int:
    """Which of the N_HUES colours a badge has: the same in every season."""
    return sum(slug.encode()) % N_HUES
