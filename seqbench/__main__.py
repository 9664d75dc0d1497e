"""`python -m seqbench`, and the command `seqbench`."""

import sys
from typing import NoReturn

from seqbench.executors import children, early, interrupts


def main() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    interrupts.catch_at_once()
    early.begin(sys.argv[1:])
    try:
        from seqbench import cli  # meanwhile

        cli.main()
    finally:
        children.stop_server()


if __name__ == "__main__":
    main()
