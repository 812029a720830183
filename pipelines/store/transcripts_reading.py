"""One transcript on its way into a batch: how the file lies there, and what its lines and its neighbour say.

Here: the reading of a file, block by block, into observations. Not here: lines and bytes
(`sources/claude_code_lines.py`), what a row says (`sources/claude_code.py`), the batch (`transcripts.py`).
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from pipelines.game.events import Refusal
from pipelines.game.records import Reason
from pipelines.sources.claude_code import Observations, Source, digest
from pipelines.sources.claude_code_lines import MAX_ROW_BYTES, RowBlock, TranscriptLines
from pipelines.sources.lines import SourceUnreadable
from pipelines.store.transcripts_files import FileState, Look, TranscriptOptions, meta_of, path_key, state_of

_BLANK: Final = b" \t\r\n"


@dataclass
class Reading:
    """One file of a batch: how it lay there, and what was read of it."""

    path: Path
    source: Source
    look: Look
    before: FileState | None
    lines: TranscriptLines
    n_lines: int = 0
    n_blank: int = 0
    first_at: str = ""
    last_at: str = ""

    def take(self, block: RowBlock, seen: Observations) -> None:
        """Take a block of lines; those over the limit are refused unseen."""
        offset, source = block.offset, self.source
        for number, line in enumerate(block.lines, block.first_line):
            if line.strip(_BLANK):
                seen.take(line, number, offset, source)
            else:
                self.n_blank += 1
            offset += len(line) + 1
        self.n_lines += len(block.lines)
        if block.oversized is not None:
            key = digest(f"{path_key(self.path)}\0{offset}\0{block.oversized}".encode(errors="surrogateescape"))
            sentence = f"The line has {block.oversized} bytes; of a transcript at most {MAX_ROW_BYTES} are read."
            why = Refusal(Reason.OVERSIZED, sentence)
            seen.refuse(why, key, source.file, block.first_line, offset, block.oversized)
            self.n_lines += 1

    def finish(self, seen: Observations) -> None:
        """Add what stands beside a sub-agent's file to its run, and keep the span of the file."""
        if self.source.agent_id is not None and self.look.meta_ns:
            agent_type, tool_use_id = meta_of(self.path)
            for span in seen.runs.values():
                span.name(None, agent_type, tool_use_id)
        firsts = [at for at in (self.first_at, seen.first_at) if at]
        self.first_at, self.last_at = min(firsts, default=""), max(self.last_at, seen.last_at)

    def state(self, options: TranscriptOptions) -> FileState:
        """What is remembered of the file."""
        state = state_of(self.look, self.lines.mark, options, self.before)
        firsts = [at for at in (state.first_at, self.first_at) if at]
        return replace(state, first_at=min(firsts, default=""), last_at=max(state.last_at, self.last_at))


def look_at(path: Path) -> Look:
    """How a file lies there. Raises SourceUnreadable if it is gone."""
    try:
        return Look.at(path)
    except OSError as fault:
        raise SourceUnreadable(f"{path} cannot be read: {fault.strerror}. Nothing of it was taken.") from None
