"""Say what differs between two experiments, two arms or two revisions, and which differences are beyond noise.

    python -m seqbench.compare A B                       two experiments, cell by cell (task, arm, gap)
    python -m seqbench.compare --experiment NAME A B     two arms of one experiment, task by task and gap by gap
    python -m seqbench.compare NAME@REV1 NAME@REV2       one experiment at two git revisions, as recorded with its runs

A revision may be abbreviated; any experiment may be named with one. Runs that share task, arm, gap and seed are
compared as pairs. Exit code 0, 2 if there is nothing to compare, 3 if the record cannot be reached.
"""

import argparse
import sys
from collections.abc import Sequence

from seqbench.compare.sides import Usage, sides
from seqbench.record import store
from seqbench.terminal import Parser, exit_code


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 2 if there is nothing to compare, 3 if the record cannot be reached."""
    parser = Parser(
        prog="python -m seqbench.compare", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("first", metavar="A", help="an experiment (NAME or NAME@REVISION), or an arm")
    parser.add_argument("second", metavar="B", help="what is compared with it")
    parser.add_argument("--experiment", metavar="NAME", help="A and B are arms of this experiment")
    options = parser.parse_args(arguments)
    return exit_code(lambda: _compare(options), Usage, store.NoSuchExperiment)


def _compare(options: argparse.Namespace) -> None:
    first, second = sides(options.first, options.second, options.experiment)
    from seqbench.compare.comparison import compare
    from seqbench.compare.printing import print_comparison

    print_comparison(compare(first, second))


if __name__ == "__main__":
    sys.exit(main())
