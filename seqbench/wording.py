"""Numbers and lists as a reader expects them in a sentence or on an axis."""

import math
import re
import unicodedata
from collections.abc import Iterable

NOT_TRAINED = "not trained"
"""How a run of no training steps is called, whose outcome in the record is "unsolved"."""
_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def count(number: float) -> str:
    """Whole number with thousands separated: 2,000."""
    return f"{number:,.0f}"


def grouped(text: object) -> str:
    """A text with the thousands of its whole numbers separated: "> 2,000"."""
    return re.sub(r"\d+", lambda found: count(int(found[0])), str(text))


def printable(text: object, most: int = 2000) -> str:
    """Anybody's text as it can be stored, printed and drawn: control characters, those that turn the direction of
    writing among them, and half surrogates as their escapes.

    Of one that is longer than `most` characters, which are 60 or more, both ends.
    """
    whole = str(text)
    if len(whole) <= most and len(escaped := _escaped(whole)) <= most:
        return escaped
    note = f"[... of {count(len(whole))} characters ...]"
    end = (most - len(note)) // 2
    return f"{_escaped(whole[:end])[:end]}{note}{_escaped(whole[-end:])[-end:]}"  # it may be very long


def _escaped(text: str) -> str:
    return "".join(repr(char)[1:-1] if _unprintable(char) else char for char in text)


def _unprintable(char: str) -> bool:
    """What moves a cursor, breaks a line in secret or turns the direction of writing."""
    if unicodedata.bidirectional(char) in _TURNS:
        return True
    return unicodedata.category(char) in ("Cc", "Cs", "Zl", "Zp") and char not in "\n\t"


def plural(number: int, noun: str) -> str:
    """ "1 run", "2,000 runs", "2 searches"."""
    ending = "es" if noun.endswith("ch") else "s"
    return f"{count(number)} {noun}{'' if number == 1 else ending}"


def number(value: float) -> str:
    """Two significant digits, as a power of ten where the plain form would be unreadable; "n/a" if not finite."""
    if not math.isfinite(value):
        return "n/a"
    if value == 0:
        return "0"
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:,.0f}" if abs(value) >= 100 else f"{value:#.2g}".rstrip(".")
    mantissa, exponent = f"{value:.0e}".split("e")  # rounded together: 9.7e-4 is 1e-3
    return f"{mantissa}·{power_of_ten(int(exponent))}"


def gap(steps: float) -> str:
    """An estimated gap: two significant digits, whole steps from 100 on. 11, 6.6, 103."""
    return f"{steps:.0f}" if steps >= 100 else f"{steps:.2g}"


def estimate(value: str, low: str | None, high: str | None, *, interval: str = "({} to {})") -> str:
    """ "18 (13 to 27)"; with an open end, which is None, the interval alone: "13 or more".

    Where the runs do not bound a number on one side, the estimate is the word of a prior or of a model, not theirs.
    """
    if low is None and high is None:
        return "not bounded"
    if low is None or high is None:
        return f"{low} or more" if high is None else f"{high} or less"
    return f"{value} {interval.format(low, high)}"


def duration(seconds: float) -> str:
    """In minutes, or in hours from two hours on."""
    return f"{seconds / 3600:.1f} hours" if seconds >= 7200 else f"{seconds / 60:.1f} minutes"


def level(value: float) -> str:
    """A loss or a score: three significant digits."""
    return f"{value:#.3g}".rstrip(".") if 1e-3 <= abs(value) < 1e3 else number(value)


def from_log10(exponent: float) -> str:
    """A value given by its decimal logarithm, which may be far below the smallest float: 0.32, 3·10⁻¹⁷.

    One digit stands before the power: the power alone would make a tenfold contrast of two values that are 7 % apart.
    """
    if not math.isfinite(exponent):
        return "n/a"
    if -2 <= exponent < 5:
        return number(10**exponent)
    power = math.floor(exponent)
    digit = round(10 ** (exponent - power))
    return f"1·{power_of_ten(power + 1)}" if digit == 10 else f"{digit}·{power_of_ten(power)}"


def gradient(exponent: float, zero: float) -> str:
    """A mean over sequences by its logarithm, and the share of those that have none: "3·10⁻⁷ [zero in 28 %]"."""
    if zero == 1:
        return "0"
    return from_log10(exponent) + (f" [zero in {percent(zero)}]" if zero > 0 else "")


def power_of_ten(exponent: int) -> str:
    """10⁻¹⁷, and 1 for 10⁰."""
    return f"10{str(exponent).translate(_SUPERSCRIPTS)}" if exponent else "1"


def setting(name: str, value: object) -> str:
    """In the name of a run, a task or an arm: "hidden_size=32", and "no hold" where there is none."""
    return f"no {name}" if str(value) == "None" else f"{name}={value}"


def listed(items: Iterable[object], conjunction: str = "and") -> str:
    """ "10, 20 and 50"."""
    words = [str(item) for item in items]
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {conjunction} {words[-1]}"


def arm(label: str) -> str:
    """An arm, or a task, inside a sentence, where commas are the sentence's: "lstm (layers=2, block=residual)"."""
    name, *settings = label.split(", ")
    return f"{name} ({', '.join(settings)})" if settings else name


def arms(labels: Iterable[str]) -> str:
    """Several of them, what all share once: "gru and lstm (each with layers=2, block=residual)"."""
    parts = [label.split(", ") for label in labels]
    shared = [one for one in parts[0][1:] if all(one in own[1:] for own in parts)] if len(parts) > 1 else []
    told = [arm(", ".join([name, *(one for one in own if one not in shared)])) for name, *own in parts]
    return listed(told) + (f" (each with {', '.join(shared)})" if shared else "")


def percent(share: float) -> str:
    """20 %; a share that is neither none nor all is never rounded to it."""
    if 0 < share < 0.005 or 0.995 < share < 1:
        return "under 1 %" if share < 0.5 else "over 99 %"
    return f"{100 * share:.0f} %"


def cell(task: str, gap: int) -> str:
    """ "copy, gap 10"; the task alone where it has no gap to set."""
    return f"{task}, gap {gap}" if gap else task


def at(task: str, gap: int) -> str:
    """ "copy at gap 10"; the task alone where it has no gap to set."""
    return f"{task} at gap {gap}" if gap else task


_FEW = {(0, 0): "No run", (0, 1): "No run", (1, 1): "The only run", (0, 2): "Neither run", (2, 2): "Both runs"}


def tally(part: int, whole: int) -> str:
    """ "4 of 5"."""
    return f"{part} of {whole}"


def share(part: int, whole: int) -> str:
    """Runs as the subject of a sentence: "3 of 5 runs", "None of the 5 runs", "All 5 runs", "Both runs"."""
    if (part, whole) in _FEW:
        return _FEW[part, whole]
    if part == 0:
        return f"None of the {plural(whole, 'run')}"
    return f"All {plural(whole, 'run')}" if part == whole else f"{count(part)} of {plural(whole, 'run')}"


def joined(*sentences: str) -> str:
    """Sentences with a space between; empty ones are left out."""
    return " ".join(sentence for sentence in sentences if sentence)
