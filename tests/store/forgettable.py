"""A season of two people, one of whom is to be forgotten, and whose traces lie wherever a log can hide them."""

import json
from pathlib import Path
from typing import Any

OWNER = "u-canary"
SECRET = "warbler"  # stands in every text of the owner's
Line = dict[str, Any]


def call(event_id: str, clock: str, user: str = "bob", **more: Any) -> Line:
    told = {"user_id": user, "agent_id": "py", "action_type": "task_completion", "success": True, **more}
    return {"type": "agent_call", "event_id": event_id, "at": clock, **told}


def submission(event_id: str, clock: str, agent: str, **more: Any) -> Line:
    told = {"submission_id": f"s-{event_id}", "agent_id": agent, "task_id": "t1", "submitted_at": clock, **more}
    return {"type": "submission", "event_id": event_id, "at": clock, "verdict": "verified", **told}


def consent(event_id: str, owner: str) -> Line:
    told = {"owner_id": owner, "scope": "metrics", "granted": True}
    return {"type": "consent", "event_id": event_id, "at": "2026-03-01T00:00:00Z", **told}


def task(task_id: str, title: str) -> Line:
    told = {"task_id": task_id, "problem": "collatz", "task_type": "compute", "difficulty": "easy", "title": title}
    return {"type": "task", "event_id": f"e-{task_id}", "at": "2026-03-01T00:00:00Z", **told}


OWNERS: list[Line | str] = [  # all that is theirs: records, and lines that were refused
    call("c1", "2026-03-02T10:00:00Z", OWNER, description=SECRET, evidence_type="innovation", evidence=SECRET),
    call("c2", "2026-03-09T10:00:00Z", OWNER, session_id=f"{OWNER}-s", note=SECRET, agent_id="only-theirs"),
    call("c1", "2026-03-02T11:00:00Z", OWNER, description=f"{SECRET} again"),  # a conflict
    submission("e1", "2026-03-02T12:00:00Z", "wren", user_id=OWNER, source=SECRET),
    submission("e2", "2026-03-03T12:00:00Z", "wren"),  # without a user, of an agent of theirs
    submission("e3", "2026-03-03T13:00:00Z", "shared", user_id=OWNER, submission_id="revised"),
    submission("e4", "2026-03-03T14:00:00Z", "shared", submission_id="revised"),
    submission("e5", "2026-03-03T15:00:00Z", OWNER),  # an agent of their name
    consent("k1", OWNER),
    call("c3", "2999-03-02T10:00:00Z", OWNER, description=SECRET),  # from the future
    f"not JSON, of u-can\\u0061ry: {SECRET}",
]


def of_others(said: str, escaped: str, session: str) -> list[Line | str]:
    """What others did, with the owner's name in their texts, or what such texts become."""
    note = {} if said == "<removed>" else {"note": {"by": [said]}}
    evidence = {"evidence_type": "innovation", "evidence": said, "base_points": 20}
    return [
        task("t1", said),
        task("t2", "The canary in the mine, u-canaryx and xu-canary are others"),
        call("b1", "2026-03-02T09:00:00Z", description=said, session_id=f"{session}-1", **evidence, **note),
        call("b2", "2026-03-03T09:00:00Z", session_id=f"{session}-2", description=escaped),
        submission("b3", "2026-03-02T13:00:00Z", "shared", user_id="bob"),
        submission("b4", "2026-03-04T13:00:00Z", "robin", task_id="t2", verdict="pending", submission_id="two"),
        submission("b5", "2026-03-05T13:00:00Z", "robin", task_id="t2", submission_id="two"),
        consent("k2", "bob"),
    ]


NAMING = of_others(f"Ask {OWNER.upper()}!", f"about\n{OWNER}", f"to-{OWNER}")
BLANKED = of_others("<removed>", "<removed>", "to-<removed>")


def write(path: Path, lines: list[Line | str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join((x if isinstance(x, str) else json.dumps(x)) + "\n" for x in lines), "utf-8")
    return path


def logs(folder: Path) -> list[Path]:
    """Both people's lines mixed in a log that bears the owner's name, a table of theirs, and a log of others."""
    mixed = [*NAMING[:4], *OWNERS, *NAMING[4:]]
    table = folder / "more.csv"
    paths = [write(folder / f"of-{OWNER}" / "log.jsonl", mixed), table]
    table.write_text(
        "type,event_id,at,user_id,agent_id,action_type,success,description\n"
        f"agent_call,v1,2026-03-02T10:30:00Z,{OWNER},py,task_completion,true,{SECRET}\n"
        f"agent_call,v2,2026-03-02,{OWNER},py,task_completion,true,{SECRET}\n",  # refused: a date is no instant
        "utf-8",
    )
    return [*paths, write(folder / "others.jsonl", ["a line of nobody's that is no JSON"])]
