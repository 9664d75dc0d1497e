"""How well the states of a trained model keep apart what they remember, by lag, up to the gap that it was trained at.

No lag is longer than that gap: what is predicted from here of longer gaps is no test of them.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int

from seqbench.models.base import SequenceModel
from seqbench.plan import RunSpec, seeding
from seqbench.statistics.spread import Groups, States, critical_factor, spread
from seqbench.tasks.base import Task
from seqbench.tasks.classification import Classification
from seqbench.training.build import at_gap
from seqbench.training.evaluation import Table

#: Sequences at each lag; with as many groups as there may be, four to a group.
SEQUENCES = 256
MOST_GROUPS = 64
#: Lags that the gap is divided into.
PARTS = 8


class Seen(NamedTuple):
    """What the readout reads and what it should say; of several answers, the states at all of them side by side."""

    states: States
    answers: Int[np.ndarray, "sequences answers"]
    groups: Groups
    """What must be remembered: all answers of a sequence."""


def spread_of(spec: RunSpec, task: Task, model: SequenceModel) -> dict[str, Table]:
    """The table "spread" of a run: in each row a lag, W and B of the states when they are asked that late.

    The row of the gap has the factor at which the readout errs, unless it never does (see
    `seqbench.statistics.spread.critical_factor`). Nothing for tasks without classed answers, for words, for tasks whose
    tests have data of their own, and where there are more than `MOST_GROUPS` groups. A lag that the task or the core
    does not take has no row.
    """
    if not _is_classed(task):
        return {}
    seen = {lag: found for lag in _lags(task.gap) if (found := _seen(spec, lag, model))}
    rows = [{"lag": float(lag), **_row(found)} for lag, found in seen.items()]
    if task.gap in seen:
        rows[-1] |= _factor(seen[task.gap], model)
    return {"spread": rows} if rows else {}


def _is_classed(task: Task) -> bool:
    own_data = type(task).batch is not Task.batch
    return isinstance(task, Classification) and task.gap > 0 and task.words is None and not own_data


def _lags(gap: int) -> list[int]:
    return sorted({max(1, round(gap * part / PARTS)) for part in range(1, PARTS + 1)})


@torch.inference_mode()
def _seen(spec: RunSpec, lag: int, model: SequenceModel) -> Seen | None:
    """Of the same random numbers at each lag: where they say alike, sequences differ in their blanks alone."""
    try:
        task = _at(spec, lag)
        rng = seeding.generator(spec.seed, type(task).__name__, f"load={task.load}", "spread")
        batch = task.sample(rng, SEQUENCES)
        hidden = model.eval().hidden(batch.inputs.to(model.device))
    except ValueError:
        return None
    asked = task.asked(batch)
    answers = batch.targets[asked].numpy()
    if (asked.sum(1) != asked[0].sum()).any():
        return None
    answers = answers.reshape(SEQUENCES, -1)
    kinds, groups = np.unique(answers, axis=0, return_inverse=True)
    if not 2 <= len(kinds) <= MOST_GROUPS:
        return None
    return Seen(hidden[asked.to(hidden.device)].double().cpu().numpy().reshape(SEQUENCES, -1), answers, groups)


def _at(spec: RunSpec, lag: int) -> Task:
    """The task at this gap, without shorter ones."""
    settings = {name: None if name == "min_gap" else value for name, value in spec.task.settings.items()}
    return at_gap(replace(spec, task=replace(spec.task, settings=settings)), lag)


def _row(seen: Seen) -> dict[str, float]:
    found = spread(seen.states, seen.groups)
    return {"within": found.within, "between": found.between}


def _factor(seen: Seen, model: SequenceModel) -> dict[str, float]:
    """Found with the run's own readout, in double precision."""
    weight, bias = (part.detach().double().cpu().numpy() for part in model.readout.parameters())

    def errors(states: Float[np.ndarray, "sequences width"]) -> float:
        outputs = states.reshape(-1, weight.shape[1]) @ weight.T + bias
        return float((outputs.argmax(1) != seen.answers.ravel()).mean())

    factor = critical_factor(seen.states, seen.groups, errors)
    return {"factor": factor} if np.isfinite(factor) else {}
