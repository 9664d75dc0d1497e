"""The manifest: from which runs the report was made, so that every figure can be traced."""

from collections.abc import Mapping, Sequence
from itertools import product

import pandas as pd

from seqbench.analysis import cells, entries
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.findings import Findings
from seqbench.analysis.outcomes import finished
from seqbench.report import on_disk
from seqbench.report.figures.plot import Plot

Json = dict[str, object]

OF_RUNS = RUNS, TUNING_RUNS = "runs", "tuning_runs"
"""Where the lists of all runs stand."""
_RUN_COLUMNS = ["run_id", "run_name", "task", "arm", "gap", "seed", "fingerprint", "status", "outcome"]


def manifest(found: Findings, plots: Sequence[Plot], content: Mapping[str, bytes]) -> Json:
    """The content of manifest.json, beside that of the other files. It holds no time of writing.

    The same record gives the same manifest.
    """
    gridded = entries.of_no_search(found.runs, found.searched)  # a search has no combinations to miss
    return {
        "experiment": found.record.experiment,
        "plan": {**axes(found.runs), "missing": missing(gridded)},
        "versions": versions(found.runs),
        "git_revision": _distinct(found.runs, "git_revision"),
        "figures": {plot.name: list(plot.run_ids) for plot in plots},
        RUNS: _listed(found.runs),
        **({TUNING_RUNS: _listed(found.record.tuning_runs)} if len(found.record.tuning_runs) else {}),
        on_disk.FILES: on_disk.checksums(content),
    }


def _listed(runs: pd.DataFrame) -> list[Json]:
    return [_run(run) for run in cells.runs_table(runs)[_RUN_COLUMNS].to_dict("records")]


def axes(runs: pd.DataFrame) -> dict[str, list[object]]:
    """The grid that the runs span."""
    return {
        "task": sorted(set(runs.task)),
        "arm": [*arms_in_order(runs.arm)],
        "gap": sorted({int(gap) for gap in runs.gap}),
        "seed": sorted({int(seed) for seed in runs.seed}),
    }


def missing(runs: pd.DataFrame) -> list[dict[str, object]]:
    """What of the grid has no run with a result; a task without a gap to set is asked for at none."""
    grid, done = axes(runs), finished(runs)
    there = set(zip(done.task, done.arm, done.gap, done.seed, strict=True))
    gapless = set(runs.task[runs.gap == 0])
    planned = [cell for cell in product(*grid.values()) if (cell[0] in gapless) == (cell[2] == 0)]
    return [dict(zip(grid, cell, strict=True)) for cell in planned if cell not in there]


def versions(runs: pd.DataFrame) -> dict[str, list[str]]:
    """Versions of the software that the runs were made with; several where runs differ."""
    columns = [column for column in runs.columns if column.startswith("version.")]
    return {column.removeprefix("version."): _distinct(runs, column) for column in sorted(columns)}


def _distinct(runs: pd.DataFrame, column: str) -> list[str]:
    return sorted({str(value) for value in runs[column].dropna()}) if column in runs else []


def _run(row: Mapping[str, object]) -> Json:
    return {column: _plain(value) for column, value in row.items()}


def _plain(value: object) -> object:
    """numpy's scalars as Python's, missing values as None: what JSON knows."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
