"""Agents at work, request by request: for transcript_sessions.py.

Here: forty types of agents with habits of their own, messages that stand on several lines, tools and what they give
back. Not here: who calls an agent and how that ends (transcript_sessions.py), how a row is spelt (transcript_rows.py).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

import transcript_rows as rows
from transcript_rows import Filler, Thread, Usage

NAMES = (
    "general-purpose", "Explore", "Plan", "code-reviewer", "test-writer", "debugger", "docs-writer", "refactorer",
    "security-auditor", "sql-expert", "frontend-dev", "backend-dev", "api-designer", "perf-tuner", "migration-helper",
    "release-manager", "ci-fixer", "dependency-updater", "type-checker", "lint-fixer", "data-analyst", "log-reader",
    "bug-hunter", "architect", "ux-writer", "translator", "schema-designer", "fixture-maker", "benchmark-runner",
    "git-historian", "pr-describer", "error-tracer", "config-doctor", "container-builder", "cloud-deployer",
    "accessibility-checker", "regex-smith", "notebook-runner", "statusline-setup", "output-style-setup",
)  # fmt: skip
MODELS = {"1.0": ("claude-sonnet-4-20250514",), "2.0": ("claude-sonnet-4-5-20250929", "claude-haiku-4-5-20251001"),
          "2.1": ("claude-opus-4-7", "claude-sonnet-4-6", "claude-haiku-4-5-20251001")}  # fmt: skip
TOOLS = (("Bash", '"command":"{}","description":"look"'), ("Read", '"file_path":"{}"'), ("Grep", '"pattern":"{}"'),
         ("Edit", '"file_path":"/src/a.ts","old_string":"{0}","new_string":"{0}"'))  # fmt: skip
SIZES, SIZE_WEIGHTS = (300, 1_500, 6_000, 30_000), (0.5, 0.32, 0.14, 0.04)  # characters of what tools give back


@dataclass(frozen=True)
class Habit:
    """A type of agent: the middle of its durations and requests, its share of success, how it spends tokens."""

    name: str
    seconds: float
    requests: float
    success: float
    context: int
    output: int


def habits() -> tuple[Habit, ...]:
    """The forty types, the same in every folder."""
    made = []
    for name in NAMES:
        rng = Random(f"habit of {name}")
        made.append(Habit(name, math.exp(rng.uniform(3, 6.5)), math.exp(rng.uniform(0.7, 2.7)),
                          rng.uniform(0.72, 0.99), rng.randrange(3_000, 50_000), rng.randrange(80, 1_500)))  # fmt: skip
    return tuple(made)


HABITS, REACH = habits(), tuple(1 / n for n in range(1, len(NAMES) + 1))
OWN = Habit("", 240, 5, 1, 25_000, 500)  # the session itself
TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_creation_tokens")


@dataclass
class Run:
    """What an agent did, or the session itself: when it ended, tools it used, its last request, all its tokens."""

    end: int
    tool_uses: int = 0
    last: Usage = (0, 0, 0, 0)
    tokens: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    n_requests: int = 0


Follow = Callable[[int, str], None]  # told of each row of a thread: its instant and its body


class Worker:
    """Does the work of agents, and that of the session itself."""

    def __init__(self, rng: Random, fill: Filler, age: str) -> None:
        self.rng, self.fill, self.age = rng, fill, age

    def work(self, thread: Thread, habit: Habit, at: int, model: str, follow: Follow) -> Run:
        """Requests one after another, each of one or more lines, with what their tools gave back."""
        rng, fill = self.rng, self.fill
        n = min(max(int(rng.lognormvariate(math.log(habit.requests), 0.6)), 1), 80)
        step = max(int(habit.seconds * 1_000 * rng.lognormvariate(0, 0.5) / n), 200)
        run, context = Run(at), 0
        for number in range(n):
            is_last, tools, blocks = number == n - 1, [], []
            if rng.random() < 0.5:
                blocks.append(rows.thinking(fill(rng, 700), fill(rng, 600)))
            if is_last or rng.random() < 0.55:
                blocks.append(rows.text(fill(rng, rng.choice((200, 3_000)) if is_last else 200)))
            for _ in range(0 if is_last else rng.choice((1, 1, 1, 2, 3))):
                name, spelt = rng.choice(TOOLS)
                tools.append((rows.short_id(rng, "toolu_01"), name))
                blocks.append(rows.tool_use(*tools[-1], spelt.format(fill(rng, 60))))
            made = habit.context if number == 0 else rng.randrange(100, 6_000)
            output = max(int(rng.expovariate(1 / habit.output)), 9)
            spent = self.message(thread, at, model, blocks, (rng.randrange(2, 12), output, context, made), follow)
            context += made
            run.last, run.tokens = spent, [a + b for a, b in zip(run.tokens, spent, strict=True)]
            for number_of_tool, (tool_id, name) in enumerate(tools):
                self._tool_result(thread, at + step // 2 + number_of_tool, tool_id, name, follow)
            run.tool_uses += len(tools)
            at += step
        run.end, run.n_requests = at, n
        return run

    def message(self, thread: Thread, at: int, model: str, blocks: list[str], spent: Usage, follow: Follow) -> Usage:
        """One message, a line a block. Gives back its true usage: that of the row with the greatest output."""
        rng, (into, output, read, made) = self.rng, spent
        message_id, request_id = rows.short_id(rng, "msg_01"), rows.short_id(rng, "req_011")
        if self.age == "2.0":
            outputs = [output] * len(blocks)
        else:  # placeholders that grow while the answer streams; a third of the messages never gets past them
            outputs = sorted(rng.randint(1, 8) for _ in blocks)
            outputs[-1] = output if rng.random() < 0.67 else outputs[-1]
            if rng.random() < 0.03:
                outputs.reverse()
        for n, (block, seen) in enumerate(zip(blocks, outputs, strict=True)):
            stop = '"tool_use"' if seen == output else "null"
            body = rows.assistant(message_id, request_id, model, block, stop, (into, seen, read, made))
            thread.row(at + n, "assistant", body)
            follow(at + n, body)
        return into, max(outputs), read, made

    def _tool_result(self, thread: Thread, at: int, tool_id: str, name: str, follow: Follow) -> None:
        rng = self.rng
        if rng.random() < 0.04:
            body, after = rows.tool_result(tool_id, '"EISDIR"', is_error=True), ',"toolUseResult":"Error: EISDIR"'
        else:
            content = self.fill(rng, rng.choices(SIZES, SIZE_WEIGHTS)[0])
            body, after = rows.tool_result(tool_id, f'"{content}"'), ""
            if name == "Bash":
                after = f',"toolUseResult":{{"stdout":"{content}","stderr":"","interrupted":false,"isImage":false}}'
            elif name == "Read":
                after = f',"toolUseResult":{{"type":"text","file":{{"filePath":"/src/a.ts","content":"{content}"}}}}'
        thread.row(at, "user", body, after)
        follow(at, body)
