"""How well the states of a trained model keep apart what they remember, by lag, up to twice the gap of its training.

What is predicted from here of longer gaps is no test of them; the lags from the gap on say where the states go.
"""

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.models.base import SequenceModel
from seqbench.plan import RunSpec, seeding
from seqbench.statistics.spread import Groups, States, critical_factor, moved, spread
from seqbench.tasks.base import Batch, Task
from seqbench.tasks.classification import Classification
from seqbench.training.afterwards import verdict_stands
from seqbench.training.build import at_gap
from seqbench.training.evaluation import Table

#: Sequences at each lag, with as many groups as there may be four to a group; and of these, in a batch.
SEQUENCES, TOGETHER = 256, 64
MOST_GROUPS = 64
#: The lags, as multiples of the gap.
MULTIPLES = (0.5, 1, 1.25, 1.5, 1.75, 2)

Answers = Int[np.ndarray, "sequences answers"]


def spread_of(spec: RunSpec, task: Task, model: SequenceModel) -> dict[str, Table]:
    """The table "spread" of a run: in each row a lag, and of the states at the answers, when they are asked that late,
    W and B within and between groups with the same answers, and how far these have moved since the gap.

    Of several answers, the states at all of them count, side by side. The row of the gap has the factor at which the
    readout errs, unless it never does: see `seqbench.statistics.spread`. Nothing for tasks without classed answers, for
    words, for tasks whose tests have data of their own, and where there are more than `MOST_GROUPS` groups. A lag that
    the task refuses with ValueError has no row, and a core that refuses one has no table.
    """
    if not _is_classed(task):
        return {}
    most = max(task.gap, model.core.most_steps)
    drawn = {lag: batch for lag, batch in _drawn(spec, task, most).items() if _as_many(task.asked(batch))}
    answers = {lag: batch.targets[task.asked(batch)].numpy().reshape(SEQUENCES, -1) for lag, batch in drawn.items()}
    groups = _groups(answers) if task.gap in drawn else {}
    rows = list[dict[str, float]]()
    with verdict_stands(f"the spread of the states of {spec.model.name} on {spec.task.name}"):
        states = {lag: _states(task, drawn[lag], model) for lag in groups}  # a core may take no such lag
        rows = [_row(lag, states, groups, task.gap) for lag in states]  # groups of one sequence have none
    for row in rows:
        row |= _factor(states[task.gap], answers[task.gap], groups[task.gap], model) if row["lag"] == task.gap else {}
    return {"spread": rows} if rows else {}


def _is_classed(task: Task) -> bool:
    own_data = type(task).batch is not Task.batch
    return isinstance(task, Classification) and task.gap > 0 and task.words is None and not own_data


def _drawn(spec: RunSpec, task: Task, most: int) -> dict[int, Batch]:
    """By lag, of the same random numbers at each: where these say alike, sequences differ in their blanks alone."""
    drawn = {}
    lags = {max(1, round(task.gap * multiple)) for multiple in MULTIPLES}
    for lag in sorted(lag for lag in lags if lag <= most):
        rng = seeding.generator(spec.seed, type(task).__name__, f"load={task.load}", "spread")
        try:
            drawn[lag] = at_gap(spec, lag, exactly=True).sample(rng, SEQUENCES)
        except ValueError:
            continue
    return drawn


def _as_many(asked: Bool[Tensor, "sequences time"]) -> bool:
    """Whether all sequences have the same number of answers."""
    return bool((asked.sum(1) == asked[0].sum()).all())


def _groups(answers: dict[int, Answers]) -> dict[int, Groups]:
    """What must be remembered is all answers of a sequence; empty where that makes too many groups, or one."""
    kinds, number = np.unique(np.concatenate(list(answers.values())), axis=0, return_inverse=True)
    few = 2 <= len(kinds) <= MOST_GROUPS
    return dict(zip(answers, number.reshape(len(answers), SEQUENCES), strict=True)) if few else {}


@torch.inference_mode()
def _states(task: Task, batch: Batch, model: SequenceModel) -> States:
    model.eval()
    parts = zip(torch.split(batch.inputs, TOGETHER), torch.split(task.asked(batch), TOGETHER), strict=True)
    seen = [model.hidden(inputs.to(model.device))[asked.to(model.device)].cpu() for inputs, asked in parts]
    return torch.cat(seen).double().numpy().reshape(SEQUENCES, -1)


def _row(lag: int, states: dict[int, States], groups: dict[int, Groups], gap: int) -> dict[str, float]:
    found = spread(states[lag], groups[lag])
    since = moved(states[gap], groups[gap], states[lag], groups[lag])
    return {"lag": float(lag), "within": found.within, "between": found.between, "moved": since}


def _factor(states: States, answers: Answers, groups: Groups, model: SequenceModel) -> dict[str, float]:
    """Found with the run's own readout, in double precision."""
    weight, bias = (part.detach().double().cpu().numpy() for part in model.readout.parameters())

    def errors(states: Float[np.ndarray, "sequences width"]) -> float:
        """The share of answers that the readout gets wrong from these states."""
        outputs = states.reshape(-1, weight.shape[1]) @ weight.T + bias
        return float((outputs.argmax(1) != answers.ravel()).mean())

    factor = critical_factor(states, groups, errors)
    return {"factor": factor} if np.isfinite(factor) else {}
