"""What is asked of a run after its verdict: it may fail, and the verdict stands."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from seqbench.config import in_one_line


@contextmanager
def verdict_stands(what: str) -> Iterator[None]:
    """`what` ends here if it raises anything but an interrupt.

    ValueError is how a task or a core refuses a length, and needs no word. Anything else is told in a warning: want of
    memory for long sequences, or a fault of the core.
    """
    try:
        yield
    except ValueError:
        pass
    except (Exception, SystemExit) as error:
        warnings.warn(f"{what} ended early, the verdict stands: {in_one_line(error)}", stacklevel=3)
