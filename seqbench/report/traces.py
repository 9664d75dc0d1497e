"""Which trained models a report looks into: the best and the worst gated arm, and one of each task."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from seqbench.config.importing import quickly
from seqbench.record.values import Record
from seqbench.report.forks import Fork

if TYPE_CHECKING:
    from seqbench.trace.sequence import Trace

    Elsewhere = Callable[..., dict[str, Trace]]


def traces(record: Record, elsewhere: "Elsewhere | None" = None) -> "Mapping[str, Trace]":
    """A sequence through each of `looked_into`, by the id of its run; a model that was not saved is left out.

    Where torch is not imported yet, they are made beside other work, and waited for when they are first looked at. Once
    it is, a fork cannot use it: torch's threads would be missing there. `elsewhere` is a place that has torch at hand
    (see `seqbench.executors.base.Executor.elsewhere`).
    """
    found = looked_into(record)
    if found and elsewhere is not None:
        return elsewhere(_made, found, record.experiment)
    if not found or "torch" in sys.modules:
        return _made(found, record.experiment)
    return _Traces(found, record.experiment)


class _Traces(Mapping[str, "Trace"]):
    def __init__(self, run_ids: Sequence[str], experiment: str) -> None:
        self._begun = Fork(_made, run_ids, experiment)

    @cached_property
    def _all(self) -> "dict[str, Trace]":
        return self._begun.result()

    def __getitem__(self, run_id: str) -> "Trace":
        return self._all[run_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _made(run_ids: Sequence[str], experiment: str) -> "dict[str, Trace]":
    found = {run_id: traced(run_id, experiment) for run_id in run_ids}
    return {run_id: trace for run_id, trace in found.items() if trace is not None}


def looked_into(record: Record) -> tuple[str, ...]:
    """Ids of the runs whose models are looked into, each once."""
    return tuple(dict.fromkeys([*best_and_worst_gated(record), *examples(record).values()]))


def examples(record: Record) -> dict[str, str]:
    """Of each task with a gap, the id of a run whose sequences are as short as there are."""
    runs = record.runs[(record.runs.gap > 0) & record.runs.outcome.isin(("solved", "unsolved"))]
    first = runs.sort_values(["gap", "seed", "arm"], kind="stable").groupby("task", sort=True).run_id.first()
    return {str(task): str(run_id) for task, run_id in first.items()}


def best_and_worst_gated(record: Record) -> tuple[str, ...]:
    """Ids of a run of each, of one task, gap and seed, so that both read the same sequences; best first.

    The arms are ranked by the share of their runs that solved their task, then by the steps they took. The runs are at
    the longest gap that the best arm solved. Empty without gated arms, one run if there is just one.
    """
    gated = record.lags[record.lags.state == "direct_mean"].run_id.unique()
    runs = record.runs[record.runs.run_id.isin(gated) & record.runs.outcome.isin(("solved", "unsolved"))]
    if runs.empty:
        return ()
    arms = _ranked(runs)
    best = _run_to_show(runs[runs.arm == arms[0]])
    same = runs[(runs.task == best.task) & (runs.gap == best.gap) & (runs.seed == best.seed)]
    worst = [arm for arm in arms[1:] if (same.arm == arm).any()][-1:]
    return (best.run_id, *(same[same.arm == arm].run_id.iloc[0] for arm in worst))


def _ranked(runs: pd.DataFrame) -> list[str]:
    by_arm = runs.assign(solved=runs.outcome == "solved").groupby("arm").agg({"solved": "mean", "steps": "mean"})
    return list(by_arm.sort_values(["solved", "steps"], ascending=[False, True], kind="stable").index)


def _run_to_show(runs: pd.DataFrame) -> pd.Series:
    """Solved if any is, at the longest gap of those, the first seed."""
    order = runs.assign(unsolved=runs.outcome != "solved").sort_values(
        ["unsolved", "gap", "task", "seed"], ascending=[True, False, True, True], kind="stable"
    )
    return order.iloc[0]


def traced(run_id: str, experiment: str | None = None) -> "Trace | None":
    """A telling test sequence through the model of a run; None where the model was not saved or cannot be built.

    Loads torch and the model. Raises Unavailable where the store cannot be reached.
    """
    with quickly():
        from seqbench.record.finding import NoSuchModel
        from seqbench.record.saved import load_saved
        from seqbench.trace.sequence import sequence_of_test, trace
        from seqbench.trace.telling import telling

    try:
        saved = load_saved(run_id, experiment)
    except NoSuchModel:
        return None
    test = saved.spec.training.test_sequences
    chosen = telling(saved.task, saved.spec.seed, test)
    batch = sequence_of_test(saved.task, saved.spec.seed, chosen.index, test)
    return trace(saved.model, saved.task, batch, chosen)
