"""What happens inside a model while it reads one sequence, as plain arrays by time."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from seqbench.events import HIDDEN
from seqbench.gradients.flow import Flow
from seqbench.models.base import SequenceModel
from seqbench.tasks.base import Batch, Task
from seqbench.trace.telling import Telling
from seqbench.trace.values import Rows, Trace

#: A gate in name only: what is written, not how much of it.
CANDIDATE = "candidate"


def sequence_of_test(task: Task, seed: int, index: int, sequences: int) -> Batch:
    """A sequence of the test that a run with so many test sequences takes first, as a batch of one, unpadded.

    Raises ValueError if there is no such sequence.
    """
    if not 0 <= index < sequences:
        raise ValueError(f"sequence={index}: the test of this run has sequences 0 to {sequences - 1:,}")
    sizes = task.sizes("test", sequences)
    block = next(i for i in range(len(sizes)) if index < sum(sizes[: i + 1]))
    row = index - sum(sizes[:block])
    inputs, targets, mask, lengths = (part[row : row + 1] for part in task.batch(seed, "test", block, sizes[block]))
    time = int(lengths[0])
    return Batch(inputs[:, :time], targets[:, :time], mask[:, :time], lengths)


def trace(model: SequenceModel, task: Task, batch: Batch, chosen: Telling | None = None) -> Trace:
    """Follow a batch of one sequence, `chosen` if by a rule. A core that states no step shows its outputs alone."""
    flow = Flow(model, task, batch)
    core, question = flow.model.core, int(flow.probe[0])
    gates, states = _gates(flow), _states(flow)
    candidate = gates.pop(CANDIDATE, None)
    order, by = _order(gates.get(str(core.keep_gate)), states[HIDDEN])
    return Trace(
        inputs=_rows(flow.inputs.flatten(2)),
        gates={name: values[order] for name, values in gates.items()},
        states={name: values[order] for name, values in states.items()},
        order=by,
        evidence=tuple(task.evidence(batch)[0].nonzero()[:, 0].tolist()),
        question=question,
        gradient={curve.state: curve.log10[0, question::-1] for curve in flow.gradients()},
        answer=_answer(flow, question) + (f", {_best_guess(task, chosen)}" if chosen else ""),
        sequence=chosen.words(_named(task, chosen.guess)) if chosen else "",
        candidate=None if candidate is None else candidate[order],
        words=tuple(task.words[int(word)] for word in batch.inputs[0]) if task.words else (),
    )


@torch.no_grad()
def _gates(flow: Flow) -> dict[str, Rows]:
    """By step, the one that keeps first; with what is written through them."""
    if not flow.follows_states:
        return {}
    core = flow.model.core
    by_step = [core.gates(x_t, flow.states[t]) for t, x_t in enumerate(flow.inputs.unbind(1))]
    names = sorted(by_step[0], key=lambda name: name != core.keep_gate)
    return {name: _rows(torch.stack([gates[name] for gates in by_step], 1)) for name in names}


@torch.no_grad()
def _states(flow: Flow) -> dict[str, Rows]:
    """Those that have a value for each unit, after each step; the cell before what it shows."""
    core = flow.model.core
    if not flow.follows_states:
        return {HIDDEN: _rows(core(flow.inputs))}
    named = zip(core.state_names, zip(*flow.states[1:], strict=True), strict=True)
    stacked = {name: torch.stack(steps, 1) for name, steps in named}
    return {name: _rows(s) for name, s in reversed(stacked.items()) if s.shape[-1] == core.hidden_size}


def _order(keep: Rows | None, h: Rows) -> tuple[np.ndarray, str]:
    """The unit that keeps longest first; without such a gate, the most active."""
    if keep is not None:
        return np.argsort(-keep.mean(1), kind="stable"), "timescale, longest on top"
    return np.argsort(-np.abs(h).mean(1), kind="stable"), "mean activity, largest on top"


@torch.no_grad()
def _answer(flow: Flow, question: int) -> str:
    hidden = flow.states[question + 1][0] if flow.follows_states else flow.model.core(flow.inputs)[:, question]
    output, target = flow.model.readout(hidden)[0], flow.batch.targets[0, question]
    said = float(output[0]) if target.is_floating_point() else int(output.argmax())
    return f"answer: {_named(flow.task, said)}, right is {_named(flow.task, target.item())}"


def _best_guess(task: Task, chosen: Telling) -> str:
    return f"best constant guess {_named(task, chosen.guess)}"


def _named(task: Task, answer: float | int) -> str:
    """A number to three decimals, a word, or a class."""
    if isinstance(answer, float):
        return f"{answer:.3f}"
    return f"class {answer}" if task.words is None else repr(task.words[answer])


def _rows(values: Float[Tensor, "1 time units"]) -> Rows:
    return values[0].T.detach().numpy()
