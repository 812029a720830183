"""A house about to share, written down by hand: who shares what, rows of every table, and a ledger of two releases.

`ada` shares everything, a stranger with a hostile name too, `bob` sums alone, `quiet` nothing. Not here: what is shown.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from pipelines.arena.budget import Ledger
from pipelines.arena.leaving import COUNTS, IDENTITIES, Leaving
from pipelines.arena.policy import Policy, load_policy
from pipelines.arena.releases import released_so_far
from pipelines.arena.tables import BUNDLE_TABLES

WEEK = "2026-W46"
HOSTILE = "</pre><script>window.pwned=1</script>\"'&{{7*7}}"
MONTHS = ("2026-09", "2026-10")
POLICY = load_policy()


def pseudonym(owner: str, scope: str, agent: str = "") -> str:
    """What stands for an owner or agent here."""
    return hashlib.sha256(f"{owner}|{scope}|{agent}".encode()).hexdigest()[:32]


def rows(name: str, *given: dict[str, Any]) -> pl.DataFrame:
    """Rows of a table of the bundle, in its order."""
    contract = BUNDLE_TABLES[name]
    return pl.DataFrame(list(given), schema=contract.schema, orient="row").sort(contract.sort_by, nulls_last=False)


def profile(owner: str, **more: Any) -> dict[str, Any]:
    plain = {"level": 7, "xp": 12_340, "calls": 1_205, "successes": 1_100, "success_share": 0.91, "points": 480}
    tasks = {"tasks_completed": 40, "attempts": 50, "accuracy": 0.8, "daily_best": 12, "last_active_week": WEEK}
    return {"pseudonym": pseudonym(owner, "metrics"), **plain, **tasks, **more}


def statistic(owner: str, agent: str, calls: int = 120, **more: Any) -> dict[str, Any]:
    plain = {"calls": calls, "successes": calls - 10, "success_share": 0.92, "xp": 900, "level": 3}
    return {"pseudonym": pseudonym(owner, "metrics"), "agent": agent, **plain, **more}


def entry(owner: str, board: str, period: str, rank: int, score: float, agent: str = "") -> dict[str, Any]:
    who = {"pseudonym": pseudonym(owner, "metrics", agent), "owner_pseudonym": pseudonym(owner, "metrics")}
    kind = {"subject_type": "agent" if agent else "owner"}
    return {"board": board, "period": period, "rank": rank, **kind, **who, "score": score}


def achieved(owner: str, kind: str, slug: str, week: str, **more: Any) -> dict[str, Any]:
    who = {"pseudonym": pseudonym(owner, "achievements"), "kind": kind, "slug": slug, "week": week}
    return {"tier": None, "level": None, **who, **more}


def conversation(owner: str, text: str) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    told = {"sha256": digest, "file": f"conversations/{digest}", "n_bytes": len(text), "week": "2026-W45"}
    return {"pseudonym": pseudonym(owner, "conversations"), **told}


def talks(folder: Path) -> dict[str, Path]:
    """Files with the bytes of both conversations, by their SHA-256."""
    found = {}
    for text in ("one", "two"):
        path = folder / hashlib.sha256(text.encode()).hexdigest()
        path.write_text(text, "utf-8")
        found[path.name] = path
    return found


def counted(owner: str, kind: str, month: str, agent: str, category: str | None, ok: int, bad: int) -> tuple[Any, ...]:
    return owner, kind, month, agent, category, ok, bad


def identities(*owners: str, agents: Sequence[tuple[str, str]] = ()) -> pl.DataFrame:
    named = [
        (owner, None, scope, pseudonym(owner, scope))
        for owner in owners
        for scope in ("metrics", "achievements", "conversations")
    ]
    of_agents = [(owner, agent, "metrics", pseudonym(owner, "metrics", agent)) for owner, agent in agents]
    return pl.DataFrame([*named, *of_agents], schema=IDENTITIES, orient="row")


def ledger(path: Path, policy: Policy = POLICY) -> Ledger:
    """Two releases, drawn by hand: figures that no noise has touched."""
    made = Ledger.open(path / "budget.jsonl")
    for kind, categories in (("calls", ["backend", "other"]), ("submissions", ["collatz", "other"])):
        n = 2 * (len(categories) + 1)
        told = {"kind": kind, "month": MONTHS[0], "agents": ["other", "python-pro"], "categories": categories}
        figures = {"successes": list(range(n)), "failures": [-3] * n, "sigma": 134.165, "max_norm": 30, "k": 10}
        drawn = {**told, **figures, "policy": policy.fingerprint}
        made.release(f"{kind}/{MONTHS[0]}", policy.aggregates.release_micro_rho, 10**9, lambda drawn=drawn: drawn)
    return made


def house(made: Ledger, **other: Any) -> Leaving:
    """All that would leave; `other` fields instead of these."""
    agents = [("ada", "lemma-lark"), (HOSTILE, "<b>bold</b>")]
    ten_more = [f"one-of-ten-{n}" for n in range(10)]
    tables = {
        "profiles": rows("profiles", profile("ada"), profile(HOSTILE, success_share=None, last_active_week=None)),
        "agent_statistics": rows(
            "agent_statistics", statistic("ada", "python-pro"), statistic("ada", "other", 25, level=None),
            statistic(HOSTILE, "debugger", 1_020),
        ),
        "leaderboard_entries": rows(
            "leaderboard_entries", entry("ada", "points", "all", 1, 480.0, "lemma-lark"),
            entry("ada", "accuracy", "2026-W45", 1, 0.83, "lemma-lark"),
            entry("ada", "xp-user", "2026-10", 2, 12_340.0), entry(HOSTILE, "xp-user", "2026-10", 1, 98_760.0),
            entry(HOSTILE, "problem:collatz", "all", 1, 35.0, "<b>bold</b>"),
        ),
        "achievements": rows(
            "achievements", achieved("ada", "badge", "first-blood", "2026-W40"),
            achieved("ada", "achievement", "bug-hunter", "2026-W44", tier="gold"),
            achieved("ada", "level", "level", "2026-W45", level=7),
        ),
        "usage": released_so_far(made),
        "conversations": rows("conversations", conversation("ada", "one"), conversation(HOSTILE, "two")),
        "withheld": rows("withheld", {
            "table": "leaderboard_entries", "kind": None, "period": None, "reason": "no_words",
            "sentence": "Boards of problems that are no public words of the policy are left out.",
        }),
    }  # fmt: skip
    counts = [
        counted("ada", "calls", MONTHS[0], "python-pro", None, 20, 4),
        counted("ada", "calls", MONTHS[0], "python-pro", "backend", 18, 3),
        counted("ada", "calls", MONTHS[1], "other", None, 9, 0),
        counted("ada", "calls", MONTHS[1], "other", "other", 9, 0),
        counted("bob", "submissions", MONTHS[1], "other", "collatz", 7, 2),
    ]
    leaving = Leaving(
        week=WEEK,
        rulebook="0123456789abcdef",
        policy=POLICY,
        owners=pl.Series("owner_id", sorted(["ada", "bob", "quiet", HOSTILE, *ten_more])),
        tables=tables,
        identities=identities("ada", HOSTILE, agents=agents),
        allowing_aggregates=pl.Series("owner_id", sorted(["ada", "bob", *ten_more])),
        counted=pl.DataFrame(counts, schema=COUNTS, orient="row"),
        conversations={},
        months=MONTHS,
    )
    return replace(leaving, **other)
