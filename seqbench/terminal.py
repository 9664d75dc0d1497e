"""How commands speak and end: lines on standard output; an exit code, and a line on standard error, not a traceback."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from seqbench.record.store import Unavailable

if TYPE_CHECKING:
    from rich.console import Console


def exit_code(command: Callable[[], None], *wrong: type[Exception]) -> int:
    """Carry out a command: 0, 2 after an error of these kinds (what was typed, or is missing), 3 after Unavailable."""
    try:
        command()
    except Unavailable as error:
        return failed(3, error)
    except wrong as error:
        return failed(2, error)
    return 0


def failed(code: int, error: object) -> int:
    """Say what is wrong; gives the code back."""
    print(f"seqbench: {error}", file=sys.stderr)
    return code


def console() -> "Console":
    """Standard output, tables never squeezed where no terminal sets a width."""
    from rich.console import Console

    out = Console(highlight=False)
    return out if out.is_terminal else Console(highlight=False, width=200)


def say(line: str) -> None:
    """One line on standard output, never wrapped."""
    console().print(line, markup=False, soft_wrap=True)
