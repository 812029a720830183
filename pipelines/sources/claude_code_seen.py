"""What was observed in transcripts, before it is stored: sets, and the greatest or least of what was told.

Here: the observations of one or more files and how those of two files join. Not here: the rows that they come from
(`claude_code.py`), the tables that they go to (`store/transcripts_tables.py`).
"""

from dataclasses import dataclass, field

from pipelines.game.events import Refusal


@dataclass(slots=True)
class Span:
    """A run: its first and its last instant, the prompt it began with, its agent and its call where a file says so."""

    first_at: int | None = None
    last_at: int | None = None
    prompt: str | None = None
    agent_type: str | None = None
    tool_use_id: str | None = None

    def stretch(self, at: int) -> None:
        """Let the run reach to an instant."""
        if self.last_at is None or at > self.last_at:
            self.last_at = at
        if self.first_at is None or at < self.first_at:
            self.first_at = at

    def name(self, prompt: str | None, agent_type: str | None = None, tool_use_id: str | None = None) -> None:
        """Add names of the run; of several the least counts, whichever came first."""
        self.prompt = _least(self.prompt, prompt)
        self.agent_type = _least(self.agent_type, agent_type)
        self.tool_use_id = _least(self.tool_use_id, tool_use_id)

    def join(self, other: "Span") -> None:
        """Both together, whichever came first."""
        for at in (other.first_at, other.last_at):
            if at is not None:
                self.stretch(at)
        self.name(other.prompt, other.agent_type, other.tool_use_id)


Tokens = tuple[int, int, int, int]  # output, input, cache read, cache creation
Usages = tuple[Tokens, bool, str]  # the greatest tokens told, whether they are final, the model


@dataclass
class Seen:
    """What rows said; the tuples are the columns of the staged tables in `store/transcripts_tables.py`, in order."""

    rows: list[tuple[int, int, str, str | None]] = field(default_factory=list)
    bad: list[tuple[object, ...]] = field(default_factory=list)
    calls: list[tuple[object, ...]] = field(default_factory=list)
    results: list[tuple[object, ...]] = field(default_factory=list)
    notes: list[tuple[object, ...]] = field(default_factory=list)
    links: list[tuple[object, ...]] = field(default_factory=list)
    tools: set[tuple[str, str, str]] = field(default_factory=set)
    messages: dict[tuple[str, str, str], Usages] = field(default_factory=dict)
    runs: dict[tuple[str, str], Span] = field(default_factory=dict)
    first_at: str = ""
    last_at: str = ""

    def refuse(self, why: Refusal, key: str, file: int, number: int, offset: int, n_bytes: int) -> None:
        """Note a line that cannot be read, without its text. `key`: by what it is known if it comes again."""
        self.rows.append((file, number, key, None))
        self.bad.append((file, number, offset, n_bytes, why.reason, why.sentence))

    def span_of(self, run: str, session: str) -> Span:
        """The span of a run, begun if it is new."""
        return self.runs.setdefault((run, session), Span())

    def add_usage(self, message: tuple[str, str, str], told: Usages) -> None:
        """One message stands on several rows: of its usages the greatest is the last one told."""
        known = self.messages.get(message)
        if known is not None:
            told = max(known[0], told[0]), known[1] or told[1], max(known[2], told[2])
        self.messages[message] = told

    def absorb(self, other: "Seen") -> None:
        """Take over what another file said."""
        for name in ("rows", "bad", "calls", "results", "notes", "links"):
            getattr(self, name).extend(getattr(other, name))
        self.tools |= other.tools
        for message, told in other.messages.items():
            self.add_usage(message, told)
        for (run, session), span in other.runs.items():
            self.span_of(run, session).join(span)


def _least(one: str | None, other: str | None) -> str | None:
    return min((each for each in (one, other) if each is not None), default=None)
