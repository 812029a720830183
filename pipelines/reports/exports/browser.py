"""Pictures and print through a Chromium that is there: a page of ours goes in, the bytes of a PNG or a PDF come out.

It runs without a window, in a profile of its own that is thrown away, and reaches no network. Not here: the pages
(picture.py, print_file.py), which browser it is (settings.py).
"""

import os
import signal
import subprocess
import tempfile
from pathlib import Path

from pipelines.game.faults import PodiumError
from pipelines.settings import BROWSER_VARIABLE, browser

TIMEOUT_S = 300
_SWITCHES = (
    "--headless",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--proxy-server=127.0.0.1:9",  # addresses in figures are not resolved: they end at a port that discards
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
)
_POLICY = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""


class NoBrowser(PodiumError):
    """Pictures and print need a Chromium, and there is none."""


def screenshot(svg: str, width: int, height: int, scale: int) -> bytes:
    """A picture as PNG, `scale` times its width and height in pixels. Raises NoBrowser, or PodiumError if it fails."""
    page = f'<!doctype html><meta charset="utf-8">{_POLICY}<style>body{{margin:0}}svg{{display:block}}</style>{svg}'
    return _made(page, "png", "screenshot", f"--window-size={width},{height}", f"--force-device-scale-factor={scale}")


def printed(page: str, *, is_tagged: bool = True) -> bytes:
    """A page of HTML as PDF, `is_tagged` for screen readers. Raises NoBrowser, or PodiumError if it fails."""
    untagged = [] if is_tagged else ["--disable-pdf-tagging"]
    return _made(page, "pdf", "print-to-pdf", "--no-pdf-header-footer", *untagged)


def _made(page: str, suffix: str, switch: str, *switches: str) -> bytes:
    program = browser()
    if program is None:
        raise NoBrowser(
            "PNG and PDF are made by Chromium, which was not found: install it (Debian: apt install chromium), or name "
            f"one in {BROWSER_VARIABLE}. SVG needs none."
        )
    with tempfile.TemporaryDirectory(prefix="podium-", ignore_cleanup_errors=True) as scratch:
        source, made = Path(scratch, "page.html"), Path(scratch, f"made.{suffix}")
        source.write_text(page, "utf-8")
        own = [f"--user-data-dir={scratch}/profile", f"--{switch}={made}", source.as_uri()]
        is_root = ["--no-sandbox"] if os.geteuid() == 0 else []  # as root Chromium refuses to start with one
        said = _run([program, *_SWITCHES, *is_root, *switches, *own], scratch)
        if not made.is_file() or made.stat().st_size == 0:
            raise PodiumError(
                f"{program} made no {suffix.upper()}: {said or 'it does not say why'}. SVG needs no browser."
            )
        return made.read_bytes()


def _run(words: list[str], home: str) -> str:
    """Run the browser with nothing of ours in its environment; the last line that it says, if it says any."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "FONTCONFIG_PATH") if name in os.environ}
    variables = {**kept, "HOME": home, "TMPDIR": home, "TZ": "UTC"}
    process = subprocess.Popen(  # noqa: S603 - a program that the user has installed, with arguments of ours
        words, env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        start_new_session=True,
    )  # fmt: skip
    try:
        _, said = process.communicate(timeout=TIMEOUT_S)
    except BaseException as fault:
        os.killpg(process.pid, signal.SIGKILL)  # its renderers too
        process.communicate()
        if isinstance(fault, subprocess.TimeoutExpired):
            raise PodiumError(
                f"{words[0]} took longer than {TIMEOUT_S} s and was ended: try again with --top."
            ) from None
        raise
    lines = said.decode("utf-8", "replace").strip().splitlines()
    return lines[-1] if lines else ""
