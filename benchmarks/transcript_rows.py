"""How Claude Code spells its rows, in three ages of its format (1.0, 2.0, 2.1): text for transcripts.py.

Here: one function a kind of row, filler text of any size, ids. Everything is put together as text, for `json.dumps` of
two gigabytes would take longer than all else. Not here: what happens in a session, and the account of it.
"""

import datetime as dt
from bisect import bisect_left
from collections import Counter
from itertools import accumulate
from random import Random

BEGIN = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
DAY_MS = 86_400_000
DAYS = [(BEGIN + dt.timedelta(days=n)).strftime("%Y-%m-%dT") for n in range(3_000)]
BASE62 = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
WORDS = (  # noqa: SIM905 - a page of words, not a list
    "the reader opens a file and counts each line once; parser index buffer cursor token block chunk schema column "
    "frame def return import class self None True False for in if else while with async await yield const let var "
    "function => src/engine/ranking.ts tests/test_reader.py 0x1f 42 3.14 HEAD main feature/clock "
    '\\"id\\": \\"name\\" C:\\\\work\\\\app {} [] () != == && || # // /* */ <div> </div> &amp; \\u001b[32m \\t'
).split(" ")
SIGNS = " → ✓ é ├── └──"  # in few lines, for text beyond ASCII takes twice the memory
ENVELOPE_LAST = ("2.1.114", "2.1.128")
REJECTED = "The user doesn't want to proceed with this tool use. The tool use was rejected."
INTERRUPTED = "[Request interrupted by user for tool use]"
Usage = tuple[int, int, int, int]  # input, output, cache read, cache creation


class Filler:
    """Believable text of about any size, already escaped for JSON: runs of whole lines out of one long page."""

    def __init__(self, seed: int) -> None:
        rng = Random(f"filler {seed}")
        lines = [
            " ".join(rng.choices(WORDS, k=rng.randint(3, 16))) + SIGNS * (n % 50 == 0) + "\\n" for n in range(30_000)
        ]
        self._page = "".join(lines)
        self._ends = [0, *accumulate(map(len, lines))]

    def __call__(self, rng: Random, size: int) -> str:
        """Text of `size` characters, and up to one line more."""
        first = int(rng.random() * 20_000)
        begin = self._ends[first]
        return self._page[begin : self._ends[min(bisect_left(self._ends, begin + size), 30_000)]]


def uuid(rng: Random) -> str:
    text = f"{rng.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-a{text[17:20]}-{text[20:]}"


def short_id(rng: Random, prefix: str) -> str:
    return prefix + "".join(rng.choices(BASE62, k=22))


def instant(at_ms: int) -> str:
    """Milliseconds since the beginning of all these transcripts, as they write them."""
    day, rest = divmod(at_ms, DAY_MS)
    seconds, ms = divmod(rest, 1_000)
    return f"{DAYS[day]}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}Z"


class Thread:
    """One chain of rows, each with its instant: a session's own, or those of one of its sub-agents."""

    def __init__(
        self, rng: Random, lines: Counter[str], cwd: str, session_id: str, version: str, agent_id: str | None = None,
        is_side: bool = False,
    ) -> None:  # fmt: skip
        self.rng, self.cwd, self.session_id, self.version = rng, cwd, session_id, version
        self.rows: list[tuple[int, str]] = []
        self.size = 0
        self._lines, self._parent = lines, "null"
        where = f'"cwd":"{cwd}","sessionId":"{session_id}","version":"{version}","gitBranch":"main"'
        if version in ENVELOPE_LAST:
            head, self._tail = "", f',"userType":"external","entrypoint":"cli",{where}}}'
        else:
            head, self._tail = f'"userType":"external",{where},', "}"
        self._head = f'"isSidechain":{"true" if is_side or agent_id else "false"},{head}'
        if agent_id:
            self._head += f'"agentId":"{agent_id}",'

    def row(self, at_ms: int, kind: str, body: str, after: str = "") -> str:
        """Add a row of the chain; gives back its text."""
        return self.add(at_ms, kind, self.spelt(at_ms, body, after))

    def spelt(self, at_ms: int, body: str, after: str = "") -> str:
        """A row as the next of the chain, which is not added."""
        own = uuid(self.rng)
        begin, end = f'{{"parentUuid":{self._parent},{self._head}', f"{after}{self._tail}\n"
        self._parent = f'"{own}"'
        return f'{begin}{body},"uuid":"{own}","timestamp":"{instant(at_ms)}"{end}'

    def add(self, at_ms: int, kind: str, line: str) -> str:
        """Add a line that is no link of the chain."""
        self.rows.append((at_ms, line))
        self.size += len(line)
        self._lines[kind] += 1
        return line


def usage(of: Usage) -> str:
    into, out, read, made = of
    return (
        f'{{"input_tokens":{into},"cache_creation_input_tokens":{made},"cache_read_input_tokens":{read},'
        f'"cache_creation":{{"ephemeral_5m_input_tokens":{made},"ephemeral_1h_input_tokens":0}},'
        f'"output_tokens":{out},"service_tier":"standard"}}'
    )


def user(content: str, after: str = "") -> str:
    """A user row's body; the content is JSON already."""
    return f'"type":"user","message":{{"role":"user","content":{content}}}{after}'


def assistant(message_id: str, request_id: str, model: str, block: str, stop: str, spent: Usage) -> str:
    """One line of a message: one block of it, and the whole message's usage as far as it was known."""
    return (
        f'"message":{{"model":"{model}","id":"{message_id}","type":"message","role":"assistant","content":[{block}],'
        f'"stop_reason":{stop},"stop_sequence":null,"usage":{usage(spent)}}},'
        f'"requestId":"{request_id}","type":"assistant"'
    )


def text(of: str) -> str:
    return f'{{"type":"text","text":"{of}"}}'


def thinking(of: str, signature: str) -> str:
    return f'{{"type":"thinking","thinking":"{of}","signature":"{signature}"}}'


def tool_use(tool_id: str, name: str, of: str) -> str:
    """A call of a tool; `of` is its input without the braces."""
    return f'{{"type":"tool_use","id":"{tool_id}","name":"{name}","input":{{{of}}}}}'


def tool_result(tool_id: str, content: str, is_error: bool = False) -> str:
    """What a tool gave back, as a user row's body; the content is JSON already."""
    failed = ',"is_error":true' if is_error else ""
    return user(f'[{{"tool_use_id":"{tool_id}","type":"tool_result","content":{content}{failed}}}]')


def completed(age: str, agent_id: str, agent_type: str, prompt: str, answer: str, run: "tuple[int, int, Usage]") -> str:
    """`toolUseResult` of a call that ended well; 1.0 names neither agent nor status, 2.0 no type."""
    duration_ms, tool_uses, last = run
    named = {
        "1.0": "",
        "2.0": f'"status":"completed","prompt":"{prompt}","agentId":"{agent_id}",',
        "2.1": f'"status":"completed","prompt":"{prompt}","agentId":"{agent_id}","agentType":"{agent_type}",',
    }[age]
    end = ',"wasInterrupted":false' if age == "1.0" else ""
    return (
        f',"toolUseResult":{{{named}"content":[{text(answer)}],"totalDurationMs":{duration_ms},'
        f'"totalTokens":{sum(last)},"totalToolUseCount":{tool_uses},"usage":{usage(last)}{end}}}'
    )


def launched(agent_id: str, description: str, prompt: str) -> str:
    """`toolUseResult` of a call that goes on in the background."""
    return (
        f',"toolUseResult":{{"isAsync":true,"status":"async_launched","agentId":"{agent_id}","description":'
        f'"{description}","prompt":"{prompt}","outputFile":"/tmp/claude-1000/tasks/{agent_id}.output"}}'
    )


def notification(task_id: str, tool_id: str, status: str, summary: str, result: str, spent: str) -> str:
    """The end of something in the background, as the text of a message, escaped for JSON."""
    return (
        f"<task-notification>\\n<task-id>{task_id}</task-id>\\n<tool-use-id>{tool_id}</tool-use-id>\\n"
        f"<output-file>/tmp/claude-1000/tasks/{task_id}.output</output-file>\\n<status>{status}</status>\\n"
        f"<summary>{summary}</summary>\\n<result>{result}</result>{spent}\\n</task-notification>"
    )


def notified_usage(spelling: int, tokens: int, tool_uses: int, duration_ms: int) -> str:
    """The usage within a notification, in each of its three spellings."""
    if spelling == 2:
        return f"\\n<usage>subagent_tokens: {tokens}\\ntool_uses: {tool_uses}\\nduration_ms: {duration_ms}</usage>"
    tag = ("total_tokens", "subagent_tokens")[spelling]
    return (
        f"\\n<usage><{tag}>{tokens}</{tag}><tool_uses>{tool_uses}</tool_uses>"
        f"<duration_ms>{duration_ms}</duration_ms></usage>"
    )


def agent_progress(tool_id: str, agent_id: str, prompt: str, body: str) -> str:
    """A progress row's body that repeats a sub-agent's row, usage and all."""
    return (
        f'"type":"progress","data":{{"type":"agent_progress","message":{{{body}}},"normalizedMessages":[],'
        f'"prompt":"{prompt}","agentId":"{agent_id}"}},"toolUseID":"agent_msg_{tool_id[6:]}","parentToolUseID":"{tool_id}"'
    )


def tool_progress(tool_id: str, output: str, seconds: int) -> str:
    return (
        f'"type":"progress","data":{{"type":"bash_progress","output":"{output}","fullOutput":"{output}",'
        f'"elapsedTimeSeconds":{seconds},"totalLines":{seconds}}},"toolUseID":"bash-progress-{seconds}",'
        f'"parentToolUseID":"{tool_id}"'
    )


def hook_progress(tool_id: str) -> str:
    return (
        '"type":"progress","data":{"type":"hook_progress","hookEvent":"PostToolUse","hookName":"PostToolUse:Bash",'
        f'"command":"~/.claude/hooks/after.sh"}},"parentToolUseID":"{tool_id}","toolUseID":"{tool_id}"'
    )
