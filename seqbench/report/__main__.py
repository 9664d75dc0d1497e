"""`python -m seqbench.report gap_sweep`: write the report of an experiment from its record."""

import argparse
import sys
from pathlib import Path

from seqbench.record import results, store
from seqbench.terminal import exit_code


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, 2 if there is no such experiment, 3 if store or folder cannot be reached."""
    parser = argparse.ArgumentParser(prog="python -m seqbench.report", description=__doc__)
    parser.add_argument("experiment", help="name of an experiment that has runs")
    parser.add_argument("--folder", type=Path, default=Path("reports"), help="where NAME/index.html is written")
    parser.add_argument("--config-dir", type=Path, help="folder of what is your own: classes of models, figures/*.py")
    options = parser.parse_args(arguments)
    if options.config_dir is not None:
        sys.path.append(str(options.config_dir.absolute()))
    own_figures = options.config_dir and options.config_dir / "figures"
    return exit_code(lambda: _report(options.experiment, options.folder, own_figures), results.NoSuchExperiment)


def _report(experiment: str, folder: Path, own_figures: Path | None) -> None:
    store.require_writable(folder)
    record = results.load(experiment)
    from seqbench.report import write_report
    from seqbench.report.traces import traces

    print(f"report: {write_report(record, folder / experiment, traces(record), own_figures)}")


if __name__ == "__main__":
    sys.exit(main())
