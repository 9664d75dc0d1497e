"""`python -m seqbench`, and the command `seqbench`."""

import sys
from typing import NoReturn

from seqbench.executors import children, early


def main() -> NoReturn:
    """Run the command line of this process and exit with its code."""
    early.begin(sys.argv[1:])
    try:
        from seqbench.driver import cli  # meanwhile

        cli.main()
    finally:
        children.stop_server()


if __name__ == "__main__":
    main()
