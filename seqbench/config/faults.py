"""What is wrong with a configuration, in words; all of it is found, not only the first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a configuration: `key` as typed, and the problem in plain words.

    `arm` is set where something is wrong with one arm, and may be with others: "task=copy model=lstm".
    """

    key: str
    problem: str
    arm: str = ""

    def __str__(self) -> str:
        return f"{' with '.join(filter(None, (clipped(self.key), self.arm)))}: {self.problem}"


class ConfigError(ValueError):
    """A configuration that must not run, with everything that is wrong with it; what arms share is told once."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        arms: dict[Fault, dict[str, None]] = {}
        for fault in faults:
            arms.setdefault(replace(fault, arm=""), {})[_at_fault(fault)] = None
        self.faults = tuple(replace(fault, arm=_named(list(names))) for fault, names in arms.items())
        super().__init__("\n".join(map(str, self.faults)))


def message(error: BaseException) -> str:
    """What an exception of other people's code says; it may fail at that, too."""
    if isinstance(error, SystemExit):
        return f"it calls sys.exit({error.code!r})"
    if isinstance(error, KeyboardInterrupt):
        return "it raises KeyboardInterrupt"
    try:
        return str(error)
    except Exception:
        return "what it says cannot be read"


def in_one_line(error: BaseException) -> str:
    """The first line of what it says; its kind where it says nothing."""
    return message(error).strip().partition("\n")[0] or type(error).__name__


#: So many arms with the same fault are named, and so many characters of what was typed are repeated.
MOST_ARMS, MOST_CHARACTERS = 3, 100


def _at_fault(fault: Fault) -> str:
    """The part of its arm that its key belongs to: with "model.hidden", it is the model, whatever the task."""
    group = fault.key.partition(".")[0]
    return next((word for word in fault.arm.split() if word.startswith(f"{group}=")), fault.arm)


def _named(arms: Sequence[str]) -> str:
    groups = {arm.partition("=")[0] for arm in arms}
    if len(groups) == 1 and not any(" " in arm for arm in arms):
        arms = [*arms[:1], *(arm.partition("=")[2] for arm in arms[1:])]
    others = len(arms) - MOST_ARMS
    more = f" and {others:,} other{'s' * (others > 1)}" if others > 0 else ""
    return ", ".join(arms[:MOST_ARMS]) + more


def shown(value: object) -> str:
    """A value as it is repeated to whoever typed it."""
    return clipped(repr(value))


def clipped(text: str) -> str:
    """Its beginning and its end, if it is long."""
    half = MOST_CHARACTERS // 2
    return text if len(text) <= MOST_CHARACTERS else f"{text[:half]} ... {text[-half // 2 :]}"
