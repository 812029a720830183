"""A season of strangers: ids, titles, files and broken lines that mean harm, read from logs and played as any other.

Twice: the second time a verdict is reversed, so that the season has changes. Sixty ordinary agents make tables longer
than a page. Not here: what is asked of its site.
"""

import json
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

from pipelines.engines.recompute import recompute
from pipelines.game.rulebook import load_rulebook
from pipelines.reports.reading import Reading
from pipelines.settings import settings
from tests.end_to_end import seasons

PWNED = "window.pwned=1"
MARKUP = (
    f"<script>{PWNED}</script>",
    f'"><img src=x onerror={PWNED}>',
    f"</script><script>{PWNED}</script>",
    "<a href=https://example.com>x</a>",
    f"'-({PWNED})-'",
)
TEMPLATES = ("{{7*7}}", "${7*7}", "%{x}", "$\\alpha$", "%3Cscript%3E", "&lt;b&gt;&amp;")
PLACES = ("../../../etc/passwd", "con", "a/b\\c", f"javascript:{PWNED}", "#window=day")
OBJECTS = ("__proto__", "constructor", "toString")
SCRIPTS = ("שלום עולם", "محمد علي", "🦊🚀", "=cmd|'/c calc'!A1")
LONG = "w" * 200
NAMES = (*MARKUP, *TEMPLATES, *PLACES, *OBJECTS, *SCRIPTS, LONG)
PROBLEMS = (MARKUP[1], "__proto__", SCRIPTS[0], "collatz")
BEST = (*MARKUP[:2], TEMPLATES[0], PLACES[0], "__proto__", SCRIPTS[0], LONG)  # who earns most, in this order
RULES = "".join(
    f'[[board]]\nslug = "{slug}"\nenabled = false\n'
    for slug in ("accuracy", "team-points-mean", "team-xp", "team-xp-mean", "project-xp-user")
)  # boards that show nothing which others do not
N_ORDINARY = 60
TYPES, DIFFICULTIES = ("compute", "verify", "search", "pattern", "extend"), ("easy", "medium", "hard", "extreme")
ACTIONS = ("task_completion", "error_resolution", "quality_bonus", "milestone")


def play(home: Path) -> Reading:
    """Read the logs, play them, then the same with a verdict reversed; the season as it stands in the end."""
    logs = home.with_name("logs")
    logs.mkdir()
    broken = [f"no JSON: {name}" for name in NAMES]
    first, second = logs / f"<img src=x onerror={PWNED}>.jsonl", logs / "=reversed.jsonl"
    records = [*_tasks(), *_submissions(), *_calls()]
    first.write_text("\n".join([json.dumps(record) for record in records] + broken) + "\n", "utf-8")
    solved = next(r for r in records if r.get("verdict") == "verified" and r["agent_id"] == NAMES[0])
    at = "2026-04-10T12:00:00Z"
    reversed_ = {**solved, "event_id": f"again {solved['event_id']}", "verdict": "rejected", "at": at, "judged_at": at}
    second.write_text(json.dumps(reversed_) + "\n", "utf-8")
    rules = home.with_name("rules.toml")
    rules.write_text(RULES, "utf-8")
    for log in (first, second):
        seasons.ingest(home, [log])
        recompute(home, load_rulebook(rules))
    return Reading.open(settings(home))


def _tasks() -> Iterator[dict[str, Any]]:
    for n, (name, problem) in enumerate(zip(NAMES * 2, cycle(PROBLEMS), strict=False)):
        kinds = {"task_type": TYPES[n % 5], "difficulty": DIFFICULTIES[n % 4]}
        told = {"type": "task", "event_id": f"k{n} {name}"[:200], "at": "2026-03-01T00:00:00Z", "title": name}
        yield {**told, "task_id": _task(n), "problem": problem, **kinds}


def _task(n: int) -> str:
    return f"{n} {NAMES[n % len(NAMES)]}"[:200]


def _submissions() -> Iterator[dict[str, Any]]:
    """Strangers solve many tasks day by day and are rejected now and then, the best most; others solve one."""
    order = [*BEST, *(name for name in NAMES if name not in BEST)]
    for place, agent in enumerate(order):
        for n in range(2 * (len(NAMES) - place) + 6):
            at = f"2026-{3 + n // 28:02}-{1 + n % 28 // 2 + place % 7:02}T{2 * place % 24:02}:{n:02}:00Z"
            others = {"user_id": NAMES[place - 3], "team_id": order[place % 7], "model": NAMES[n % len(NAMES)]}
            yield _tried(f"{place}.{n} {agent}"[:200], agent, n, at, "rejected" if n % 6 == 5 else "verified", **others)
    for n in range(N_ORDINARY):
        yield _tried(f"o{n}", f"agent-{n:02}", n % 8, f"2026-04-0{1 + n % 7}T09:{n:02}:00Z", "verified")


def _tried(submission: str, agent: str, task: int, at: str, verdict: str, **more: Any) -> dict[str, Any]:
    told = {"type": "submission", "event_id": f"e{submission}"[:200], "at": at, "submission_id": submission}
    return {**told, "agent_id": agent, "task_id": _task(task), "submitted_at": at, "verdict": verdict, **more}


def _calls() -> Iterator[dict[str, Any]]:
    for n in range(6 * len(NAMES)):
        user, agent, project = NAMES[n % 9], NAMES[n % len(NAMES)], NAMES[n % 11]
        at = f"2026-{3 + n // 100:02}-{1 + n % 28:02}T{n % 24:02}:30:00Z"
        told = {"type": "agent_call", "event_id": f"c{n}", "at": at, "user_id": user, "agent_id": agent}
        work = {"action_type": ACTIONS[n % 4], "success": n % 5 > 0, "duration_s": 20.0 + n, "complexity": "complex"}
        cost = {"input_tokens": 900 + n, "output_tokens": 300, "cost_usd": 0.02, "tool_uses": n % 9}
        words = {"description": NAMES[n % len(NAMES)], "category": NAMES[n % 5], "model": NAMES[n % 4]}
        yield {
            **told,
            **work,
            **cost,
            **words,
            "project_id": project,
            "team_id": NAMES[n % 6],
            "response_quality": 0.96,
        }
