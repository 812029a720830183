"""What happens in one session of Claude Code, and what a reader should find in it: for transcripts.py.

Here: turns, calls in the foreground and in the background and all the ways they end, copied rows, half-written lines.
Not here: the work itself (transcript_work.py), how a row is spelt (transcript_rows.py), the folder and the sums
(transcripts.py).
"""

from collections import Counter
from dataclasses import dataclass, field
from random import Random

import transcript_rows as rows
from transcript_rows import Filler, Thread
from transcript_work import HABITS, MODELS, OWN, REACH, Habit, Run, Worker

VERSIONS = {
    "1.0": ("1.0.35", "1.0.56", "1.0.128"),
    "2.0": ("2.0.37", "2.0.55"),
    "2.1": ("2.1.17", "2.1.42", "2.1.114", "2.1.128"),
}
AGE_SHARES = {"1.0": 0.1, "2.0": 0.2, "2.1": 0.7}
PARTS = ("api", "web", "core", "cli", "docs")
PROJECTS = tuple(f"{name}-{part}" for name in ("clock", "ledger", "atlas", "harbor", "quill") for part in PARTS)
UNKNOWN = ("ai-title", "pr-link", "worktree-state", "bridge-session", "mode")
DESCRIPTIONS = ("Explore the parser", "Fix failing test", "Review the change", "Debug the error in CI",
                "Write the docs", "Plan the migration", "Find the bug in ranking", "Compare libraries")  # fmt: skip
FAILURES, FAILURE_WEIGHTS = ("error", "interrupted", "rejected"), (5, 2, 3)
ATTACHED = 0.36  # of the notifications come as an attachment only


@dataclass
class Call:
    """One call of a sub-agent, as it really was.

    `ending`: completed, failed, killed, error, interrupted, rejected; pending_* while no end is in the folder.
    `end_in`: the row that tells the end: result, notification (a user row), attachment.
    `linked_by`: how its tokens are found: agent_id, side_chain (rows in the session, whose first one repeats the
    prompt), prompt (a file that only the prompt ties to the call), nothing (there is no file).
    """

    call_id: str
    session_id: str
    agent_type: str
    age: str
    is_background: bool
    started_at: str
    ending: str = ""
    end_in: str = "result"
    ended_at: str | None = None
    agent_id: str | None = None
    model: str | None = None
    linked_by: str = "nothing"
    duration_ms: int | None = None  # as the transcript tells it
    tool_uses: int | None = None
    tokens: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    n_requests: int = 0
    later: dict[str, str] | None = None  # what changes once the folder has grown


class Session(Worker):
    """A session and its files, played until it is about `budget` characters long."""

    def __init__(self, seed: int, index: int, begin_ms: int, filler: Filler, resumed: "Session | None" = None) -> None:
        rng = Random(f"session {seed} {index}")
        super().__init__(rng, filler, rng.choices(list(AGE_SHARES), list(AGE_SHARES.values()))[0])
        name, self.version = rng.choice(PROJECTS), rng.choice(VERSIONS[self.age])
        self.project, self.cwd = f"-home-dev-{name}", f"/home/dev/{name}"
        self.session_id = rows.uuid(rng)
        self.copied: list[str] = []
        self.at = begin_ms
        if resumed:
            self.age, self.version, self.project, self.cwd = resumed.age, resumed.version, resumed.project, resumed.cwd
            self.at = max(begin_ms, resumed.at + 60_000)
            self.copied = resumed.lines[: rng.randint(1, len(resumed.lines))]
            if rng.random() < 0.5:
                self.copied = [line.replace(resumed.session_id, self.session_id) for line in self.copied]
        self.kinds: Counter[str] = Counter()
        self.tokens = [0, 0, 0, 0]  # of the session's own requests
        self.main = self._thread()
        self.calls: list[Call] = []
        self.files: list[tuple[str, str]] = []
        self.later: list[dict[str, str]] = []
        self.side_size, self.half = 0, ""
        self.counts: Counter[str] = Counter(copied_rows=len(self.copied), resumed_sessions=bool(resumed))

    @property
    def path(self) -> str:
        return f"{self.project}/{self.session_id}.jsonl"

    def play(self, budget: int) -> None:
        rng, begun = self.rng, sum(map(len, self.copied))
        self._opening()
        while begun + self.main.size + self.side_size < budget or not self.main.rows:
            self._turn()
        if rng.random() < 0.05:
            self._compaction()
        if self.age == "2.0" and rng.random() < 0.3:
            self._warmup()
        is_half = rng.random() < 0.05
        if is_half and rng.random() < 0.5:
            self._delegate(is_half=True)
        self.main.rows.sort(key=lambda row: row[0])
        self.at = max(self.at, self.main.rows[-1][0])
        self.lines = self.copied + [line for _, line in self.main.rows]
        if rng.random() < 0.02:
            self.lines.insert(len(self.lines) // 2, '{"parentUuid":"' + self.fill(rng, 80) + "\n")
            self.counts["broken_lines"] += 1
        self.files.append((self.path, "".join(self.lines) + (self._cut() if is_half else "")))

    def _cut(self) -> str:
        """A last line of which only the beginning is written yet; the rest waits in `later`."""
        line = self.half or self.main.spelt(self.at + 900, rows.user(f'"{self.fill(self.rng, 2_000)}"'))
        place = self.rng.randint(20, len(line) - 20)
        self.counts["half_lines"] += 1
        call_id = self.calls[-1].call_id if self.half else ""
        self.later.insert(0, {"path": self.path, "text": line[place:], "call_id": call_id, "kind": "user"})
        return line[:place]

    def _thread(self, agent_id: str | None = None, is_side: bool = False) -> Thread:
        return Thread(self.rng, self.kinds, self.cwd, self.session_id, self.version, agent_id, is_side)

    def _opening(self) -> None:
        rng, sid = self.rng, self.session_id
        if self.age == "1.0":
            self.main.add(self.at, "summary", f'{{"type":"summary","summary":"Clock","leafUuid":"{rows.uuid(rng)}"}}\n')
        else:
            mode = f'{{"type":"permission-mode","permissionMode":"default","sessionId":"{sid}"}}\n'
            self.main.add(self.at, "permission-mode", mode)

    def _turn(self) -> None:
        """The user asks; the session works by itself; it may call agents; it may have told of odd things."""
        rng = self.rng
        self.at += int(rng.expovariate(1 / 90_000))
        self.main.row(self.at, "user", rows.user(f'"{self.fill(rng, rng.randint(40, 1_500))}"'))
        snapshot = rows.uuid(rng)
        kept = f'"snapshot":{{"messageId":"{snapshot}","trackedFileBackups":{{}}}},"isSnapshotUpdate":false'
        self.main.add(
            self.at, "file-history-snapshot",
            f'{{"type":"file-history-snapshot","messageId":"{snapshot}",{kept}}}\n',
        )  # fmt: skip
        run = self.work(self.main, OWN, self.at + 500, rng.choice(MODELS[self.age]), self._follow_own)
        self.tokens = [a + b for a, b in zip(self.tokens, run.tokens, strict=True)]
        self.at = run.end
        if rng.random() < 0.6:
            self._delegate()
        if rng.random() < 0.1:
            kind = rng.choice(UNKNOWN)
            self.main.add(self.at, "unknown", f'{{"type":"{kind}","value":"x","sessionId":"{self.session_id}"}}\n')
        if self.age == "2.1" and rng.random() < 0.05:  # a command's end, which is no agent's
            done = rows.notification("b" + rows.uuid(rng)[:7], rows.short_id(rng, "toolu_01"), "completed",
                                     'Background command \\"make\\" completed (exit code 0)', "ok", "")  # fmt: skip
            self.main.row(self.at + 10, "user", rows.user(f'"{done}"'))
        self.main.row(self.at + 20, "system", '"type":"system","subtype":"turn_duration","durationMs":247515')

    def _follow_own(self, at: int, _body: str) -> None:
        """Progress rows about the session's own tools."""
        rng = self.rng
        if self.age == "1.0" or rng.random() < 0.05:
            return
        tool_id = rows.short_id(rng, "toolu_01")
        for n in range(1 + (rng.random() < 0.4)):
            hooked = rng.random() < 0.5
            body = rows.hook_progress(tool_id) if hooked else rows.tool_progress(tool_id, self.fill(rng, 500), n + 2)
            self.main.row(at + n, "progress", body)

    def _delegate(self, is_half: bool = False) -> None:
        """One message that calls one to three agents; the session waits for those in the foreground."""
        rng, at = self.rng, self.at
        chosen = rng.choices(HABITS, REACH, k=1 if is_half else rng.choices((1, 2, 3), (7, 2, 1))[0])
        name = "Task" if self.age != "2.1" or self.version in ("2.1.17", "2.1.42") else "Agent"
        asked, blocks = [], [rows.text(self.fill(rng, 150))]
        for habit in chosen:
            is_background = not is_half and rng.random() < {"1.0": 0, "2.0": 0.1, "2.1": 0.45}[self.age]
            call = Call(
                rows.short_id(rng, "toolu_01"), self.session_id, habit.name, self.age, is_background, rows.instant(at)
            )
            prompt = f"{call.call_id[-6:]}: {self.fill(rng, rng.randint(300, 3_000))}"
            description = rng.choice(DESCRIPTIONS)
            named = "" if habit.name == "general-purpose" and rng.random() < 0.4 else f',"subagent_type":"{habit.name}"'
            ground = ',"run_in_background":true' if is_background else ""
            of = f'"description":"{description}","prompt":"{prompt}"{named}{ground}'
            blocks.append(rows.tool_use(call.call_id, name, of))
            asked.append((call, habit, prompt, description))
        spent = self.message(self.main, at, rng.choice(MODELS[self.age]), blocks,
                              (3, rng.randrange(200, 3_000), 30_000, 2_000), self._follow_own)  # fmt: skip
        self.tokens = [a + b for a, b in zip(self.tokens, spent, strict=True)]
        for call, habit, prompt, description in asked:
            self.calls.append(call)
            ends = self._background if call.is_background else self._foreground
            self.at = max(self.at, ends(call, habit, prompt, description, at + 50, is_half))

    def _agent(self, call: Call, habit: Habit, prompt: str, description: str, at: int) -> Run:
        """The agent's own rows: in a file of its own, or in the session."""
        rng, agent_id = self.rng, rows.uuid(self.rng).replace("-", "")
        agent_id = "a" + agent_id[:16] if self.age == "2.1" else agent_id[:8]
        thread = self._thread(None if self.age == "1.0" else agent_id, is_side=True)

        def follow(at: int, body: str) -> None:
            if self.age == "1.0":
                return
            if rng.random() < 0.97:
                self.main.row(at, "progress", rows.agent_progress(call.call_id, agent_id, prompt, body))
            if rng.random() < 0.15:
                thread.row(at, "progress", rows.hook_progress(call.call_id))

        thread.row(at, "user", rows.user(f'"{prompt}"'))
        call.model = rng.choice(MODELS[self.age])
        run = self.work(thread, habit, at + 30, call.model, follow)
        call.tokens, call.n_requests = run.tokens, run.n_requests
        if self.age == "1.0":
            self.main.rows += thread.rows
            self.main.size += thread.size
            call.linked_by = "side_chain"
            return run
        call.agent_id, call.linked_by = agent_id, "agent_id"
        meta = f'{{"agentType":"{habit.name}","description":"{description}"}}' if self.age == "2.1" else None
        self._agent_file(agent_id, thread, meta)
        return run

    def _agent_file(self, agent_id: str, thread: Thread, meta: str | None) -> None:
        folder = f"{self.project}/{self.session_id}/subagents" if self.age == "2.1" else self.project
        self.files.append((f"{folder}/agent-{agent_id}.jsonl", "".join(line for _, line in thread.rows)))
        if meta:
            self.files.append((f"{folder}/agent-{agent_id}.meta.json", meta))
        self.side_size += thread.size
        self.counts["agent_files"] += 1

    def _foreground(self, call: Call, habit: Habit, prompt: str, description: str, at: int, is_half: bool) -> int:
        rng = self.rng
        if is_half or rng.random() < habit.success:
            call.ending = "pending_no_result" if not is_half and rng.random() < 0.03 else "completed"
        else:
            call.ending = rng.choices(FAILURES, FAILURE_WEIGHTS)[0]
        if call.ending == "rejected" or (call.ending == "error" and rng.random() < 0.5):
            return self._refused(call, at)
        run = self._agent(call, habit, prompt, description, at)
        if call.ending == "completed":
            call.duration_ms, call.tool_uses = run.end - at, run.tool_uses
            answer = self.fill(rng, rng.choice((400, 4_000)))
            body = rows.tool_result(call.call_id, f"[{rows.text(answer)}]")
            told = (call.duration_ms, run.tool_uses, run.last)
            after = rows.completed(self.age, call.agent_id or "", habit.name, prompt, answer, told)
            if is_half:
                self.half = self.main.spelt(run.end + 20, body, after)
                call.ending = "pending_half_line"
                call.later = {"ending": "completed", "ended_at": rows.instant(run.end + 20)}
                return run.end
            self.main.row(run.end + 20, "user", body, after)
            call.ended_at = rows.instant(run.end + 20)
        else:
            call.linked_by = "side_chain" if self.age == "1.0" else "prompt"
            if call.ending != "pending_no_result":
                self._refused(call, run.end)
        return run.end + 30

    def _refused(self, call: Call, at: int) -> int:
        """A result that is an error, the user's no, or an interruption: a string instead of an object."""
        content, told = {
            "error": ("API Error: 529 overloaded", "Error: API Error: 529 overloaded"),
            "rejected": (rows.REJECTED, "User rejected tool use"),
            "interrupted": (rows.INTERRUPTED, rows.INTERRUPTED),
        }[call.ending]
        body = rows.tool_result(call.call_id, f'"{content}"', is_error=True)
        self.main.row(at + 20, "user", body, f',"toolUseResult":"{told}"')
        call.ended_at = rows.instant(at + 20)
        if call.ending == "interrupted":
            self.main.row(at + 21, "user", rows.user(f"[{rows.text(rows.INTERRUPTED)}]"))
        return at + 30

    def _background(self, call: Call, habit: Habit, prompt: str, description: str, at: int, _is_half: bool) -> int:
        rng = self.rng
        run = self._agent(call, habit, prompt, description, at)
        content = rows.text(f"Async agent launched successfully.\\nagentId: {call.agent_id}")
        self.main.row(at + 10, "user", rows.tool_result(call.call_id, f"[{content}]"),
                      rows.launched(call.agent_id or "", description, prompt))  # fmt: skip
        status = "completed" if rng.random() < habit.success else rng.choice(("failed", "failed", "killed"))
        ended = {"ending": status, "ended_at": rows.instant(run.end + 40)}
        call.duration_ms, call.tool_uses = run.end - at, run.tool_uses
        told = rows.notified_usage(rng.randrange(3), sum(run.last), run.tool_uses, call.duration_ms)
        text = rows.notification(call.agent_id or "", call.call_id, status, f'Agent \\"{description}\\" {status}',
                                 self.fill(rng, 1_000), told)  # fmt: skip
        body = rows.user(f'"{text}"', ',"origin":{"kind":"task-notification"}')
        if rng.random() < 0.08:
            call.ending = "pending_background"
            if rng.random() < 0.5:
                call.later = {**ended, "end_in": "notification"}
                line = self.main.spelt(run.end + 40, body)
                self.later.append({"path": self.path, "text": line, "call_id": call.call_id, "kind": "user"})
            return at + 100
        call.ending, call.ended_at, call.end_in = status, ended["ended_at"], "notification"
        self._notify(call, run.end + 40, text, body)
        return at + 100

    def _notify(self, call: Call, at: int, text: str, body: str) -> None:
        """The end, as a user row or as an attachment; often queued before, sometimes told twice."""
        rng = self.rng
        if rng.random() < 0.6:
            self.main.add(at - 5, "queue-operation", f'{{"type":"queue-operation","operation":"enqueue","timestamp":'
                          f'"{rows.instant(at)}","sessionId":"{self.session_id}","content":"{text}"}}\n')  # fmt: skip
        if self.age == "2.1" and rng.random() < ATTACHED:
            call.end_in = "attachment"
            self.main.row(at, "attachment", f'"attachment":{{"type":"queued_command","prompt":"{text}",'
                          '"commandMode":"task-notification"},"type":"attachment"')  # fmt: skip
            return
        self.main.row(at, "user", body)
        if rng.random() < 0.05:
            self.main.row(at + 7_000, "user", body)

    def _compaction(self) -> None:
        """The summary's own request, in a file that is no agent's."""
        agent_id = "acompact-" + rows.uuid(self.rng)[:6]
        self._stray(agent_id, "compaction_files", "Summarise the conversation so far.")

    def _warmup(self) -> None:
        self._stray(rows.uuid(self.rng)[:8], "warmup_files", "Warmup")

    def _stray(self, agent_id: str, kind: str, prompt: str) -> None:
        thread = self._thread(agent_id)
        thread.row(self.at, "user", rows.user(f'"{prompt}"'))
        self.message(thread, self.at + 900, MODELS[self.age][0], [rows.text(self.fill(self.rng, 3_000))],
                      (3, 2_000, 90_000, 500), lambda _at, _body: None)  # fmt: skip
        self._agent_file(agent_id, thread, None)
        self.counts.update({kind: 1, "agent_files": -1})
