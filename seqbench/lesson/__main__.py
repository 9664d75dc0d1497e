"""`python -m seqbench.lesson [EXPERIMENT]`: write a lesson from the record of a finished experiment.

Writes reports/lessons/EXPERIMENT/: index.html, a page that needs nothing but itself; lesson.ipynb, the same as a
notebook; sheet.html, questions to print, with answers. Without EXPERIMENT, of the experiment made for it
(python -m seqbench +experiment=lesson). What the record lacks is left out, with a line that says why.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from seqbench.config import ConfigError
from seqbench.config.importing import quickly
from seqbench.record import results, store
from seqbench.terminal import Parser, exit_code, experiment_name, own_folder

DEFAULT = "lesson"


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 2 if there is nothing to teach from, 3 if store or folder cannot be reached, 130."""
    words = sys.argv[1:] if arguments is None else arguments
    return exit_code(lambda: _write(_options(words)), LookupError, ConfigError)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = Parser(
        prog="python -m seqbench.lesson", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("experiment", nargs="?", default=DEFAULT, help="name of an experiment that has runs")
    parser.add_argument("--task", help="which task it is about; by default, the one with most runs")
    parser.add_argument("--folder", type=Path, default=Path("reports/lessons"), help="where EXPERIMENT/ is written")
    parser.add_argument("--config-dir", help="folder of the classes of your own, as when the runs were made")
    return parser.parse_args(own_folder(words)[1])


def _write(options: argparse.Namespace) -> None:
    experiment_name(options.experiment)
    store.require_writable(options.folder)
    try:
        record = results.load(options.experiment)
    except store.NoSuchExperiment as error:
        if options.experiment != DEFAULT:
            raise
        raise LookupError(f"{error}; python -m seqbench +experiment={DEFAULT} makes what a lesson needs") from error
    with quickly():
        from seqbench.analysis.findings import findings
        from seqbench.lesson import NOTEBOOK, SHEET, write_lesson
        from seqbench.lesson.material import Material

    folder = options.folder / record.experiment
    page = write_lesson(Material(findings(record), options.task), folder)
    print(f"lesson: {page}\n        {folder / NOTEBOOK}\n        {folder / SHEET}")


if __name__ == "__main__":
    sys.exit(main())
