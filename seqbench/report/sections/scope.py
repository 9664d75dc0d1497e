"""What was compared, how much of it there is, and what to beware of."""

from collections.abc import Sequence

import pandas as pd

from seqbench import wording
from seqbench.analysis import cells, leaderboard, outcomes
from seqbench.analysis.arms import arms_in_order
from seqbench.analysis.entries import COMMON
from seqbench.analysis.findings import Findings
from seqbench.horizon.axis import GAP, Axis
from seqbench.record.labels import shared
from seqbench.record.values import frozen as is_frozen
from seqbench.report.drawn import Drawn


def values(found: Findings, _: Drawn) -> dict[str, object]:
    """The scope in a sentence, the settings that are mixed, and how runs stand in the record, if not as they should."""
    return {"scope": scope(found), "mixed": mixed(found.runs), "warnings": outcomes.warnings(found.runs)}


def scope(found: Findings) -> str:
    """What was compared, and how much of it there is."""
    runs, places = found.runs, _places(found)
    searched = {task: entry.task for entry in found.board for task in entry.run_tasks}  # at many loads as at one
    tasks = sorted({searched.get(task, task) for task in runs.task})
    kinds = arms_in_order(found.of_arms.arm if len(found.of_arms) else runs.arm)
    return (
        f"This report sets {wording.plural(len(kinds), 'kind')} of model ({_named(kinds, shared(runs))}) to "
        f"{wording.plural(len(tasks), 'task')} ({wording.listed(map(wording.arm, tasks))}), "
        f"{places}with {wording.plural(runs.seed.nunique(), 'random seed')}. {_training(found, bool(places))} "
        f"{wording.share(len(found.done), len(runs))} came to a result.{_aside(found)}"
    )


def _named(kinds: Sequence[str], alike: Sequence[str]) -> str:
    """All of them, and what they are alike in, which no name says: "gru and lstm, each with block=residual"."""
    each = ", each with " if len(kinds) > 1 else ", with "
    return wording.arms(kinds) + (each + wording.listed(alike) if alike else "")


def _training(found: Findings, gaps: bool) -> str:
    if found.untrained:
        return "No run is trained."
    budgets = wording.listed(wording.count(budget) for budget in sorted(found.runs.budget.unique()))
    return (
        f"Each run trains for at most {budgets} steps{' and stops early when it has solved its task' if gaps else ''}."
    )


def _aside(found: Findings) -> str:
    """What was run to stand beside the arms, and is none."""
    columns = {column for entry in found.board for column in entry.beside}
    frozen = is_frozen(found.done).any() and not is_frozen(found.of_arms).any()
    told = ["arms with a frozen core"] * bool(frozen) + ["arms at the common learning rate"] * (COMMON in columns)
    return f" Beside them stand {wording.listed(told)}." if told else ""


def _places(found: Findings) -> str:
    """The gaps, and the loads where these were searched; empty where no task has a gap to set."""
    runs, axes = cells.with_gap(found.runs), [GAP, *leaderboard.axes(found.board)]
    told = [_along(axis, sorted(map(int, runs[axis.name].unique()))) for axis in dict.fromkeys(axes)]
    return f"with {wording.listed(told)}, and " if len(runs) else ""


def _along(axis: Axis, places: Sequence[int]) -> str:
    if len(places) > cells.MOST_GAPS:
        return f"{len(places)} {axis.name}s from {places[0]} to {places[-1]} {axis.unit}"
    return f"a {axis.name} of {wording.listed(places, 'or')} {axis.unit}"


def mixed(runs: pd.DataFrame) -> list[str]:
    """Settings that differ within some cell (task, arm, gap): its runs are then no repetitions of one another."""
    columns = [column for column in runs.columns if column.startswith(("task.", "model.", "training."))]
    if not columns or runs.empty:
        return []
    kinds = runs[columns].astype(str).groupby([runs[key] for key in cells.CELL]).nunique()
    return [column for column in columns if (kinds[column] > 1).any()]
