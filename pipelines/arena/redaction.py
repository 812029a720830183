"""What a conversation may give away: known shapes of secrets and of people, told by line before it is shared.

It only warns: not a byte is changed, and nothing is held back. What it does not know it does not see, so that it does
not warn proves nothing (NO_PROOF). A warning shows at most the first three characters of what it found. Not here:
sharing (conversations.py).
"""

import ipaddress
import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

NO_PROOF = (
    "Only a few known shapes are looked for, so what is not named here may still be there: "
    "that nothing is found proves nothing. Read what you share."
)
NOT_TEXT = "It is not plain UTF-8 text: pictures, packed files and other encodings were not looked through."
_N_SHOWN = 3  # characters of a find, or a third of it if that is less
_MIN_NAME = 3  # a shorter name of an owner would be found everywhere
_RANDOM_SHARE, _MOST_BITS = 0.85, 5.5
_NOBODY = frozenset({"default", "name", "public", "runner", "shared", "user", "username", "vscode", "you"})
_NO_MAILBOX = frozenset({"git", "no-reply", "noreply"})
_RUN_BEGINS, _RUN_ENDS = r"(?<![\w+/=-])(?!(?:toolu|srvtoolu|msg|req|call|chatcmpl|resp)_)", r"={0,2}(?![\w+/=-])"
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|[\"\\/bfnrt])")


def _is_mixed(piece: str) -> bool:
    """Whether letters and digits stand together, as in no plain word."""
    return any(c.isdigit() for c in piece) and any(c.isalpha() for c in piece)


def _is_random(piece: str) -> bool:
    """Whether small and capital letters and digits are mixed, and nearly as evenly as chance would mix them.

    Entropy of the characters (Shannon 1948) against the most that a text of this length could have. Of random strings
    of 24 to 100 characters 97 of 100 are found; hashes and UUIDs are not, because they have one kind of letter.
    """
    if not (_is_mixed(piece) and any(c.islower() for c in piece) and any(c.isupper() for c in piece)):
        return False
    n = len(piece)
    bits = -sum(k / n * math.log2(k / n) for k in Counter(piece).values())
    return bits >= _RANDOM_SHARE * min(math.log2(n), _MOST_BITS)


def _is_somebody(name: str) -> bool:
    return name.lower() not in _NOBODY


def _is_mailbox(name: str) -> bool:
    return name.lower() not in _NO_MAILBOX


def _is_address(text: str) -> bool:
    """Whether it is an IP address, and neither that of every machine itself nor of a whole network (120.0.0.0)."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_unspecified or text.endswith((".0.0.0", ".255.255.255")))


def _is_phone(text: str) -> bool:
    return 8 <= sum(c.isdigit() for c in text) <= 15


@dataclass(frozen=True)
class _Shape:
    """A kind of find: its groups are what must not be shown (none: all of it), and `holds` says which finds count.

    All patterns are bounded, or begin where no longer match could have begun: a long line costs time in proportion.
    """

    name: str
    pattern: re.Pattern[str]
    holds: Callable[[str], bool] = lambda piece: True


_KNOWN = (  # the first that claims a place has it
    _Shape("private key", re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY")),
    _Shape("AWS access key", re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9])")),
    _Shape("GitHub token", re.compile(r"(?<![A-Za-z0-9])(?:gh[oprsu]_[A-Za-z0-9]{30,}|github_pat_\w{30,})")),
    _Shape("OpenAI or Anthropic key", re.compile(r"(?<![\w-])sk-[\w-]{20,}"), _is_mixed),
    _Shape(
        "token of a service",  # Slack, GitLab, Google, Stripe, Hugging Face, npm, PyPI
        re.compile(
            r"(?<![A-Za-z0-9])(?:xox[a-z]-[\w-]{10,}|glpat-[\w-]{20,}|AIza[\w-]{35}|[rs]k_(?:live|test)_\w{16,}"
            r"|hf_[A-Za-z0-9]{30,}|npm_[A-Za-z0-9]{36}|pypi-[\w-]{50,})"
        ),
    ),
    _Shape("JSON Web Token", re.compile(r"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*")),
    _Shape(
        "password in a URL",
        re.compile(r"(?<![\w+.-])[A-Za-z][\w+.-]{1,20}://[^\s/@:\"'\\]{0,100}:([^\s/@\"'\\$<{*][^\s/@\"'\\]{0,200})@"),
    ),
    _Shape(
        "password or key by its name",
        re.compile(
            r"(?:password|passwd|passphrase|secret|api[_-]?key|access[_-]?key|token)[\"']?\s{0,3}[:=]\s{0,3}[\"']?"
            r"([^\s\"'`,;:(){}\[\]<>$\\*]{8,200})"
            r"|bearer\s{1,3}([\w.~+/=-]{16,})",
            re.IGNORECASE,
        ),
        _is_mixed,
    ),
    _Shape(
        "e-mail address",
        re.compile(r"(?<![\w.+%-])([\w.+%-]{1,64})@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}"),
        _is_mailbox,
    ),
    _Shape(
        "path with a user's name",
        re.compile(
            r"(?:(?<![\w.~-])(?:/var)?/home/|(?<![\w.~-])(?:/mnt/[a-z])?/Users/|\b[A-Za-z]:[\\/]{1,2}Users[\\/]{1,2})"
            r"([^\s/\\\"'<>:;,*?|$`(){}\[\]]{1,64})"
            r"|projects/-(?:home|Users)-([^\s/\\\"'<>-]{1,64})"
        ),
        _is_somebody,
    ),
    _Shape(
        "IP address",
        re.compile(
            r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?!\.?\w)|(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){3,7}[0-9A-Fa-f]{0,4}(?![\w:])"
        ),
        _is_address,
    ),
    _Shape(
        "phone number",  # international, or of North America
        re.compile(
            r"(?<![\w.+-])(?:\+\d{1,3}(?:[ .-]?\(?\d{2,5}\)?){2,5}|(?:\(\d{3}\) ?|\d{3}[.-])\d{3}[.-]\d{4})(?![\w-])"
        ),
        _is_phone,
    ),
)
_RANDOM = (  # identifiers of messages, requests and uses of tools are random too, and no secret
    _Shape("random-looking string", re.compile(_RUN_BEGINS + r"[A-Za-z0-9+/_-]{24,200}" + _RUN_ENDS), _is_random),
    _Shape("encoded data", re.compile(_RUN_BEGINS + r"[A-Za-z0-9+/_-]{201,}" + _RUN_ENDS), _is_random),
)


def warnings_of(data: bytes, names: Collection[str] = ()) -> list[str]:
    """What looks like a secret or a person, by line: one sentence for each kind and line, in that order.

    `names` of known owners are looked for too, as whole words in either case, but for those under three characters.
    Every line is also read with its JSON escapes undone, once and twice, as a conversation stands in a transcript.
    """
    text = data.decode("utf-8", "replace")
    warnings = [] if _is_text(data) else [NOT_TEXT]
    own = tuple(_shapes_of(names, text))
    for number, line in enumerate(text.split("\n"), 1):
        for name, pieces in _found(line, own):
            times = f", {len(pieces):,} times" if len(pieces) > 1 else ""
            warnings.append(f"Line {number:,}: {name}{times} ({_masked(pieces[0])}).")
    return warnings


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def _shapes_of(names: Collection[str], text: str) -> Iterator[_Shape]:
    """A shape for each name that stands somewhere, so that the many that do not cost little."""
    once = _unescaped(text)
    everything = "\n".join([text, once, _unescaped(once)]).lower()
    for name in sorted(names):
        if len(name) >= _MIN_NAME and name.lower() in everything:
            word = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
            yield _Shape("name of a known owner", word)


def _found(line: str, own: Sequence[_Shape]) -> Iterator[tuple[str, list[str]]]:
    """The kinds of finds in a line, each with what was found, read in the way that finds most.

    What has no shape of its own but is random is taken from one reading alone, that which knows most of the others: in
    another it may be a known one behind half an escape.
    """
    readings = [line]
    if "\\" in line:
        once = _unescaped(line)
        readings = [_unescaped(once), once, line]
    known = [_finds(reading, _KNOWN) | _finds(reading, own) for reading in readings]
    most = max(known, key=lambda found: sum(map(len, found.values())))
    for name in dict.fromkeys(shape.name for shape in (*_KNOWN, *own)):
        if best := max((found.get(name, []) for found in known), key=len):
            yield name, best
    random = _finds(readings[known.index(most)], (*_KNOWN, *_RANDOM))
    yield from ((shape.name, random[shape.name]) for shape in _RANDOM if shape.name in random)


def _finds(line: str, shapes: Sequence[_Shape]) -> dict[str, list[str]]:
    """What is found in a line, by kind; a place that one shape has claimed is no other's."""
    claimed = bytearray(len(line))
    found: dict[str, list[str]] = {}
    for shape in shapes:
        for match in shape.pattern.finditer(line):
            piece = next((group for group in match.groups() if group), match[0])
            begin, end = match.span()
            if shape.holds(piece) and not any(claimed[begin:end]):
                claimed[begin:end] = bytes([1]) * (end - begin)
                found.setdefault(shape.name, []).append(piece)
    return found


def _unescaped(line: str) -> str:
    """The escapes of a JSON string undone; what would be no printable sign becomes a space."""
    return _ESCAPE.sub(_sign, line)


def _sign(escape: re.Match[str]) -> str:
    sign = chr(int(escape[1], 16)) if escape[1] else escape[0][1]
    return sign if sign.isprintable() and (escape[1] or sign in '"\\/') else " "


def _masked(piece: str) -> str:
    return piece[: min(_N_SHOWN, len(piece) // 3)] + "..."
