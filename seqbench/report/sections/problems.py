"""Runs that went wrong: those that say nothing about their arm, and those that diverged."""

import numpy as np
import pandas as pd

from seqbench import wording
from seqbench.analysis.cells import runs_table
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import RESULTS
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object]:
    """Both kinds with a row per run; the section stands also where all went well, and says so.

    Runs that learning rates were chosen by may diverge, but should not crash.
    """
    made = pd.concat([found.runs, found.record.tuning_runs])
    kinds = {
        "Crashed or not finished": made[~made.outcome.isin(RESULTS)],
        "Diverged": found.runs[found.runs.outcome == "diverged"],
    }
    return {"kinds": [(title, _rows(runs)) for title, runs in kinds.items() if len(runs)]}


def _rows(runs: pd.DataFrame) -> list[dict[str, object]]:
    shown = runs_table(runs).assign(steps=lambda frame: frame.steps.map(_steps)).fillna({"reason": ""})
    columns = ["run_name", "task", "arm", "gap", "seed", "status", "steps", "reason", "command"]
    return [dict(run) for run in shown.reindex(columns=columns, fill_value="").to_dict("records")]


def _steps(steps: float) -> str:
    return wording.count(steps) if np.isfinite(steps) else "not known"
