"""Which trained models a report looks into: the best and the worst gated arm, and one of each task."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from seqbench.config.importing import quickly
from seqbench.report.forks import Fork

if TYPE_CHECKING:
    from seqbench.analysis.findings import Findings
    from seqbench.record.values import Record
    from seqbench.trace.values import Trace

    Elsewhere = Callable[..., dict[str, Trace]]


def traces(found: "Findings", elsewhere: "Elsewhere") -> "dict[str, Trace]":
    """A sequence through each of `looked_into`, by the id of its run; a model that was not saved is left out.

    They are made in a place that has torch at hand (see `seqbench.executors.base.Executor.elsewhere`).
    """
    wanted = looked_into(found)
    return elsewhere(_made, wanted, found.record.experiment) if wanted else {}


class Looks(Mapping[str, "Trace"]):
    """The same where no place has torch at hand: made beside other work, and waited for when they are looked at.

    Torch takes longer to import than to use, so that is begun now; `of` says whose runs are wanted. At the end of the
    block, what nobody has looked at is ended.
    """

    def __init__(self) -> None:
        self._here: Callable[[], dict[str, Trace]] = dict
        told, self._tell = os.pipe()
        # Once torch is imported, a fork cannot use it: torch's threads would be missing there.
        self._fork = None if "torch" in sys.modules else Fork(_made_once_told, told, self._tell)
        os.close(told)

    def __enter__(self) -> "Looks":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._tell)
        self._stop()

    def of(self, found: "Findings") -> "Looks":
        """Into the models of this record."""
        wanted, experiment = looked_into(found), found.record.experiment
        if not wanted:
            self._stop()
        elif self._fork:
            self._fork.here = partial(_made, wanted, experiment)
            with suppress(BrokenPipeError):  # it has ended, and the looks are made here
                os.write(self._tell, json.dumps([wanted, experiment]).encode() + b"\n")
        else:
            self._here = partial(_made, wanted, experiment)
        return self

    def _stop(self) -> None:
        if self._fork:
            self._fork.stop()
            self._fork = None

    @cached_property
    def _all(self) -> "dict[str, Trace]":
        return self._fork.result() if self._fork else self._here()

    def __getitem__(self, run_id: str) -> "Trace":
        return self._all[run_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._all)

    def __len__(self) -> int:
        return len(self._all)


def _made_once_told(told: int, tell: int) -> "dict[str, Trace]":
    os.close(tell)  # else it would wait for itself once the other process is gone
    with quickly():
        import seqbench.record.saved
        import seqbench.trace.telling  # noqa: F401

    with os.fdopen(told) as words:
        return _made(*json.loads(words.readline()))


def _made(run_ids: Sequence[str], experiment: str) -> "dict[str, Trace]":
    found = {run_id: traced(run_id, experiment) for run_id in run_ids}
    return {run_id: trace for run_id, trace in found.items() if trace is not None}


def looked_into(found: "Findings") -> tuple[str, ...]:
    """Ids of the runs whose models are looked into, each once."""
    from seqbench.analysis.gated import best_and_worst

    return tuple(dict.fromkeys([*best_and_worst(found), *examples(found.record).values()]))


def examples(record: "Record") -> dict[str, str]:
    """Of each task with a gap, the id of a run whose sequences are as short as there are."""
    runs = record.runs[(record.runs.gap > 0) & record.runs.outcome.isin(("solved", "unsolved"))]
    first = runs.sort_values(["gap", "seed", "arm"], kind="stable").groupby("task", sort=True).run_id.first()
    return {str(task): str(run_id) for task, run_id in first.items()}


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
