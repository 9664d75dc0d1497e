"""When runs with a curriculum came to each of its gaps."""

from collections.abc import Iterator

import pandas as pd

from seqbench.config.regime import Curriculum
from seqbench.events import CURRICULUM_GAP

START, FACTOR = "training.curriculum.start", "training.curriculum.factor"


def reached(timed: pd.DataFrame, metrics: pd.DataFrame) -> pd.DataFrame:
    """A row per gap after the first of each run of `timed` that has a curriculum, at the longest gap of its task.

    As `timed`, for a survival curve: `gap` is that of the row, `outcome` "solved" where training at it began, after
    `steps_to_solve` steps. A run that has solved its task has come to every gap.
    """
    own = timed[timed[START].notna()] if START in timed else timed.iloc[:0]
    own = own[own.gap == own.groupby("task").gap.transform("max")]
    began = metrics[metrics.metric == CURRICULUM_GAP]
    rows = [row for run in own.to_dict("records") for row in _of_run(run, began[began.run_id == run["run_id"]])]
    return pd.DataFrame(rows, columns=own.columns)


def _of_run(run: dict[str, object], began: pd.DataFrame) -> Iterator[dict[str, object]]:
    given = Curriculum(start=int(str(run[START])), factor=float(str(run[FACTOR])))
    for gap in given.gaps(int(str(run["gap"])))[1:]:
        there = began[began.value >= gap].step
        if len(there):
            yield {**run, "gap": gap, "outcome": "solved", "steps_to_solve": float(there.min())}
        else:
            yield {**run, "gap": gap}
