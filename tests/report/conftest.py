"""One whole report for the tests that look at its page and its files."""

from pathlib import Path

import pytest
import synthetic
from together import once

from seqbench.analysis.findings import findings
from seqbench.report import write_report


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the whole synthetic record, with a crashed and a diverged run; to be read only."""
    return once(tmp_path_factory, "report", _write)


def _write(folder: Path) -> None:
    outcomes = {("copy", "rnn", 100, 1): "diverged", ("adding", "lstm", 50, 2): "failed"}
    record = synthetic.record(outcomes=outcomes)
    write_report(findings(record), folder, synthetic.traces(record))
