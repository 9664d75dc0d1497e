"""Runs of one task whose times to solve are known."""

from dataclasses import replace

import pandas as pd
import synthetic

from seqbench.analysis.findings import Findings, findings


def runs_of(**changes: object) -> pd.DataFrame:
    """rnn solves gap 10, lstm gaps up to 50 (one seed less), lstm_chrono all, on one task."""
    return synthetic.record(**{"tasks": ("adding",), **changes}).runs  # type: ignore[arg-type]


def findings_of(runs: pd.DataFrame) -> Findings:
    """What a record of these runs, without curves, says."""
    nothing = synthetic.record(arms=("rnn",), gaps=(10,), seeds=(0,))
    return findings(replace(nothing, runs=runs, curves=nothing.curves.iloc[:0], lags=nothing.lags.iloc[:0]))
