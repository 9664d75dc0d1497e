"""What is wrong with a configuration, in words; all of it is found, not only the first."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a configuration: `key` as typed, and the problem in plain words."""

    key: str
    problem: str

    def __str__(self) -> str:
        return f"{self.key}: {self.problem}"


class ConfigError(ValueError):
    """A configuration that must not run, with everything that is wrong with it."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(dict.fromkeys(faults))
        super().__init__("\n".join(map(str, self.faults)))


def message(error: BaseException) -> str:
    """What an exception of other people's code says; it may fail at that, too."""
    if isinstance(error, SystemExit):
        return f"it calls sys.exit({error.code!r})"
    try:
        return str(error)
    except Exception:
        return "what it says cannot be read"


def nearest(name: str, valid: Iterable[str], prefix: str = "") -> str:
    """ "; did you mean 'x'?" with the nearest valid name, else the list of valid names, each after `prefix`."""
    names = sorted(valid)
    if not names:
        return ""
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.55)
    if close:
        return f"; did you mean {prefix + close[0]!r}?"
    return f"; choose from {', '.join(prefix + name for name in names)}"
