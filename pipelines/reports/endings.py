"""How a command ends: exit code 0, 1 (failed), 2 (usage) or 130 (stopped), and one sentence on standard error.

Never a traceback, unless PODIUM_TRACEBACK is set. Not here: what commands do (commands/).
"""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import TypeVar

import typer

from pipelines.game.faults import PodiumError
from pipelines.reports.choices import Misuse
from pipelines.reports.terminal import safe

TRACEBACK_VARIABLE = "PODIUM_TRACEBACK"
DONE, FAILED, MISUSED, STOPPED = 0, 1, 2, 130
_UsageError = typer.BadParameter.__mro__[1]  # typer's parser names it in a private module only
_WAKE_S = 0.1  # how long Ctrl-C may wait at the most
Result = TypeVar("Result")


def ended(command: Callable[[], object]) -> int:
    """Run `command` and say how it ended: the exit code. What it raises becomes a sentence."""
    with _ctrl_c() as is_stopped:
        try:
            code = command()
            sys.stdout.flush()
        except BaseException as fault:  # noqa: BLE001 - this is the edge: whatever it was, it ends in a sentence here
            return _sentenced(KeyboardInterrupt() if is_stopped else fault)
        if code == STOPPED:  # typer has caught the KeyboardInterrupt
            return _sentenced(KeyboardInterrupt())
    return code if isinstance(code, int) else DONE


def leave(code: int) -> None:
    """End the process. A stopped one does not wait for the work that it has left alone (see `stoppable`)."""
    if code == STOPPED:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)
    sys.exit(code)


def stoppable(work: Callable[[], Result]) -> Result:
    """Do `work` in a thread of its own, for Ctrl-C to reach the command at once: Dagster would hold it back.

    The work is then left alone until the process ends, which is no worse for it than a kill: it is made to bear that.
    """
    results: list[Result] = []
    faults: list[BaseException] = []

    def do() -> None:
        try:
            results.append(work())
        except BaseException as fault:  # noqa: BLE001 - raised again where it is waited for
            faults.append(fault)

    thread = threading.Thread(target=do, daemon=True)
    thread.start()
    while thread.is_alive():
        thread.join(_WAKE_S)
    if faults:
        raise faults[0]
    return results[0]


@contextmanager
def _ctrl_c() -> Iterator[list[int]]:
    """Note that Ctrl-C was pressed, beside raising KeyboardInterrupt: DuckDB makes another exception of that."""
    pressed: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield pressed
        return

    def note(number: int, frame: FrameType | None) -> None:
        pressed.append(number)
        signal.default_int_handler(number, frame)

    before = signal.signal(signal.SIGINT, note)
    try:
        yield pressed
    finally:
        signal.signal(signal.SIGINT, before)


def complain(sentences: Iterable[str]) -> None:
    """Say what failed, if anything did, and end the command as failed."""
    said = [print(f"podium: {_one_line(sentence)}", file=sys.stderr) for sentence in sentences]
    if said:
        raise typer.Exit(FAILED)


def _sentenced(fault: BaseException) -> int:
    if isinstance(fault, BrokenPipeError):
        _forget_output()
        return DONE  # whoever read has seen enough
    if isinstance(fault, SystemExit):
        return fault.code if isinstance(fault.code, int) else FAILED
    if os.environ.get(TRACEBACK_VARIABLE):
        traceback.print_exception(fault)
    code, sentence = _told(fault)
    if isinstance(fault, OSError):
        _forget_output()
    if sentence:
        print(f"podium: {sentence}", file=sys.stderr)
    return code


def _told(fault: BaseException) -> tuple[int, str]:
    if isinstance(fault, _UsageError):
        return MISUSED, _usage(fault)
    if isinstance(fault, Misuse):
        return MISUSED, str(fault)
    if isinstance(fault, PodiumError):
        return FAILED, _one_line(str(fault))
    if isinstance(fault, typer.Abort) or not isinstance(fault, Exception):
        return STOPPED, "Stopped. What is published stays whole; the next run begins anew."
    if isinstance(fault, OSError) and fault.strerror:
        about = f": {safe(fault.filename)}" if fault.filename else ""
        return FAILED, f"{fault.strerror}{about}. What is published stays whole."
    return FAILED, (
        f"A fault of Podium's own ({type(fault).__name__}): please report it. What is published stays whole. "
        f"{TRACEBACK_VARIABLE}=1 shows more."
    )


def _usage(fault: BaseException) -> str:
    """What was wrong with the arguments; nothing where the help has just been shown."""
    context, message = getattr(fault, "ctx", None), getattr(fault, "format_message", lambda: str(fault))()
    path = context.command_path if context is not None else "podium"
    wrong = _one_line(safe(message.replace("\n", " ")))
    if not wrong:
        return ""
    return f"{wrong}{'' if wrong.endswith(('.', '?')) else '.'} `{path} --help` shows how it is used."


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _forget_output() -> None:
    """Nobody reads on: keep the interpreter from complaining when it flushes at its end."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
