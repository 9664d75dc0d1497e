"""`python -m seqbench.report gap_sweep`: write the report of an experiment from its record."""

import argparse
import sys
from pathlib import Path

from seqbench import results, store


def main(arguments: list[str] | None = None) -> int:
    """Exit code 0, 2 if there is no such experiment, 3 if store or folder cannot be reached."""
    parser = argparse.ArgumentParser(prog="python -m seqbench.report", description=__doc__)
    parser.add_argument("experiment", help="name of an experiment that has runs")
    parser.add_argument("--folder", type=Path, default=Path("reports"), help="where NAME/index.html is written")
    parser.add_argument("--config-dir", type=Path, help="folder of the classes of your own, to look into their models")
    options = parser.parse_args(arguments)
    if options.config_dir is not None:
        sys.path.append(str(options.config_dir.absolute()))
    try:
        store.require_writable(options.folder)
        record = results.load(options.experiment)
    except results.NoSuchExperiment as error:
        return _fail(2, error)
    except store.Unavailable as error:
        return _fail(3, error)
    from seqbench.report import write_report
    from seqbench.report.traces import traces

    print(f"report: {write_report(record, options.folder / options.experiment, traces(record))}")
    return 0


def _fail(code: int, error: Exception) -> int:
    print(f"seqbench: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
