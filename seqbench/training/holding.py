"""How far beyond the gap that it was trained at a run solves its task: tested after the verdict, without training.

A run that solves its task is tested at 2, 4, 8, ... times its gap, on fresh sequences of the same load, until it fails.
Its hold is the longest multiple at which the criterion is met, as at every shorter one. At its own gap the verdict's
test counts, but where gaps are mixed (`min_gap`): then it is tested again, at its gap exactly.

A test is of 500 sequences, from 8 times the gap on of 2,000 over the multiple, and of 100 at the least.
"""

import itertools
from collections.abc import Iterator
from typing import NamedTuple

from seqbench.events import Hold
from seqbench.models.base import MOST_STEPS
from seqbench.models.prediction import Predict
from seqbench.plan import RunSpec
from seqbench.training.afterwards import verdict_stands
from seqbench.training.build import at_gap
from seqbench.training.evaluation import Evaluation, Table

#: Sequences of a test: at most, at least, and times the multiple.
MOST, LEAST, TIMES_MULTIPLE = 500, 100, 2000
#: Steps of all sequences of a batch, so that long ones take no more memory than many.
STEPS_TOGETHER = 400_000


class Held(NamedTuple):
    """What there is to tell, and "hold", the scores at each multiple that was tested."""

    hold: Hold | None
    tables: dict[str, Table]


def sequences(multiple: int) -> int:
    """Those of the test at a multiple of the gap."""
    return max(LEAST, min(MOST, TIMES_MULTIPLE // multiple))


def held(spec: RunSpec, test: Evaluation | None, predict: Predict, most_steps: int = MOST_STEPS) -> Held:
    """Of a run with this verdict; sequences of more than `most_steps` are not tried.

    A multiple at which the task or the core raises an error is not tested, nor is any beyond it. There is nothing
    where it is not asked for, or the task has no gap to set.
    """
    if spec.training.hold is None or "gap" not in spec.task.settings:
        return Held(None, {})
    hold, rows = Hold(0, 1), Table()
    if test is not None and test.solved():
        for multiple, found in _tests(spec, test, predict, most_steps):
            rows.append({"multiple": multiple, "gap": found.task.gap, **found.scores()})
            hold = Hold(multiple if found.solved() else hold.multiple, multiple)
            if hold.multiple < multiple:
                break
    return Held(hold, {"hold": rows})


def _tests(spec: RunSpec, test: Evaluation, predict: Predict, most_steps: int) -> Iterator[tuple[int, Evaluation]]:
    """At each multiple, for as long as there is one."""
    yield 1, (test if test.task.min_gap is None else _at(spec, 1, test.task.gap, predict))
    doubled = (2**n for n in itertools.count(1))
    for multiple in itertools.takewhile(lambda multiple: multiple <= (spec.training.hold or 1), doubled):
        if multiple * test.task.gap > most_steps:
            return
        found = list[Evaluation]()
        with verdict_stands(f"the test at {multiple} times the gap of {spec.model.name} on {spec.task.name}"):
            found.append(_at(spec, multiple, multiple * test.task.gap, predict))
        if not found:
            return
        yield multiple, found[0]


def _at(spec: RunSpec, multiple: int, gap: int, predict: Predict) -> Evaluation:
    task = at_gap(spec, gap, exactly=True)
    together = max(1, STEPS_TOGETHER // (task.evidence_lag + 1))
    return Evaluation(task, predict, spec.seed, "test", 0, sequences(multiple), together)
