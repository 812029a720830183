"""How quantities read: shares with their uncertainty, durations, tokens, money. Not here: the quantities themselves."""

_LARGE = ((10**9, "G"), (10**6, "M"), (10**3, "k"))
_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def share(value: float) -> str:
    """A share from 0 to 1 in percent: `91.7 %`."""
    return f"{value * 100:.1f} %"


def chance(value: float) -> str:
    """A chance as a whole number of percent, without the sign; what is not sure does not read so: `>99`."""
    whole = round(value * 100)
    return "<1" if whole < 1 else ">99" if whole > 99 else str(whole)


def percent(value: float) -> str:
    """A chance alone: `12 %`, `>99 %`."""
    return f"{chance(value)} %"


def sure(value: float, low: float, high: float, n: int) -> str:
    """A share with its 95 % interval and the number it is taken from."""
    return f"{share(value)} (95 % interval {share(low)} to {share(high)}, n = {n:,})"


def signed(value: float) -> str:
    """A difference as a whole number with its sign; nought has none: `+1,200`, `-3`, `0`."""
    whole = round(value)
    return f"{whole:+,}" if whole else "0"


def number(value: float) -> str:
    """A number as short as it can be said: `1,200`, `0.95`; from 1,000 on without a fraction."""
    return f"{value:,.0f}" if value == int(value) or value >= 999.5 else f"{value:.3g}"


def decimal(value: float) -> str:
    """A small number written out, without an exponent: `0.000001`."""
    return f"{value:.15f}".rstrip("0").rstrip(".")


def duration(seconds: float) -> str:
    """A duration in its two largest units: `0.8 s`, `45 s`, `3 min 20 s`, `2 h 5 min`, `4 d 6 h`."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    for unit, name, less, below in ((_DAY, "d", _HOUR, "h"), (_HOUR, "h", _MINUTE, "min"), (_MINUTE, "min", 1, "s")):
        if whole >= unit:
            rest = whole % unit // less
            return f"{whole // unit:,} {name}" + (f" {rest} {below}" if rest else "")
    return f"{whole} s"


def large(n: float) -> str:
    """A large number in thousands or more: `830`, `12.3 k`, `4.6 M`."""
    for unit, name in _LARGE:
        if n >= unit * 0.99995:  # what would read 1000.0 of the next smaller unit
            return f"{n / unit:,.1f} {name}"
    return f"{n:,.0f}"


def money(usd: float) -> str:
    """US dollars: whole cents, of less than one the first digits."""
    return f"${usd:,.2f}" if usd >= 0.01 or usd == 0 else f"${usd:.2g}"


def counted(n: int, one: str, many: str = "") -> str:
    """A number of things: `1 call`, `1,200 calls`."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
