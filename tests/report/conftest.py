"""One whole report for the tests that look at its page and its files."""

from pathlib import Path

import pytest
import synthetic

from seqbench.analysis.findings import findings
from seqbench.report import write_report


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the whole synthetic record, with a crashed and a diverged run."""
    outcomes = {("copy", "rnn", 100, 1): "diverged", ("adding", "lstm", 50, 2): "failed"}
    record = synthetic.record(outcomes=outcomes)
    return write_report(findings(record), tmp_path_factory.mktemp("report"), synthetic.traces(record)).parent
