"""`python -m seqbench.report gap_sweep`: write the report of an experiment from its record.

A report that would come out as it is stays as it is; with `--config-dir` it is always written again. `--brief` writes
what a repository keeps of it.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from seqbench.config import ConfigError
from seqbench.config.importing import quickly
from seqbench.record import store
from seqbench.report import on_disk
from seqbench.report.traces import Looks
from seqbench.terminal import Parser, exit_code, experiment_name, own_folder

WHOLE, BRIEF = Path("reports"), Path("reports/reference")


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0, 2 if there is no such experiment, 3 if store or folder cannot be reached."""
    words = sys.argv[1:] if arguments is None else arguments
    return exit_code(lambda: _write(_options(words)), LookupError, ConfigError)


def _options(words: Sequence[str]) -> argparse.Namespace:
    parser = Parser(prog="python -m seqbench.report", description=__doc__)
    parser.add_argument("experiment", help="name of an experiment that has runs")
    parser.add_argument(
        "--folder", type=Path, help=f"where NAME/index.html is written; {WHOLE} by default, {BRIEF} in brief"
    )
    parser.add_argument(
        "--brief", action="store_true", help="the page with its first figure alone, and its small tables"
    )
    parser.add_argument("--svg", default="", help="with --brief: figures that are files too, such as success,loss")
    parser.add_argument("--config-dir", help="folder of what is your own: classes of models, figures/*.py")
    own, others = own_folder(words)
    options = parser.parse_args(others)
    options.own_figures = own and own / "figures"
    return options


def _write(options: argparse.Namespace) -> None:
    folder = (options.folder or (BRIEF if options.brief else WHOLE)) / experiment_name(options.experiment)
    store.require_writable(folder)
    (_brief if options.brief else _report)(options, folder)


def _brief(options: argparse.Namespace, folder: Path) -> None:
    with quickly():
        from seqbench.analysis.findings import findings
        from seqbench.record import results
        from seqbench.report.brief import write_brief

    found = findings(results.load(options.experiment))
    print(f"report in brief: {write_brief(found, folder, options.svg.replace(',', ' ').split())}")


def _report(options: argparse.Namespace, folder: Path) -> None:
    with ExitStack() as until_then:
        # Begun before pandas is imported, unless nothing may have changed.
        looks = None if on_disk.whole_in(folder) else until_then.enter_context(Looks())
        with quickly():
            from seqbench.record import results
            from seqbench.report import seal

        record = results.load(options.experiment)
        if not options.own_figures and (page := seal.unchanged(record, folder)):
            print(f"report: {page} (nothing has changed since it was written)")
            return
        if looks is None:
            looks = until_then.enter_context(Looks())
        with quickly():
            from seqbench.analysis.findings import findings
            from seqbench.report import write_report

        found = findings(record)
        print(f"report: {write_report(found, folder, looks.of(found), options.own_figures)}")


if __name__ == "__main__":
    sys.exit(main())
