"""How a command ends: with an exit code, and with a line on standard error where a traceback would help nobody."""

import sys
from collections.abc import Callable

from seqbench.store import Unavailable


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
