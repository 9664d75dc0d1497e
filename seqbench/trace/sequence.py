"""What happens inside a model while it reads one sequence, as plain arrays by time."""

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from seqbench.events import HIDDEN, of_layer
from seqbench.gradients.flow import Flow
from seqbench.models.base import Core, SequenceModel
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
    order, by = _order(gates, states, core.keep_gate)
    gates, states = _ordered(gates, order), _ordered(states, order)
    return Trace(
        inputs=_rows(flow.inputs.flatten(2)),
        gates={name: rows for name, rows in gates.items() if of_layer(name)[0] != CANDIDATE},
        states=states,
        order=by,
        evidence=tuple(task.evidence(batch)[0].nonzero()[:, 0].tolist()),
        question=question,
        gradient={c.state: c.log10[0, question::-1] for c in flow.gradients() if _is_shown(c.state, core)},
        answer=_answer(flow, question) + (f", {_best_guess(task, chosen)}" if chosen else ""),
        sequence=chosen.words(_named(task, chosen.guess)) if chosen else "",
        candidate=gates.get(CANDIDATE),
        words=tuple(task.words[int(word)] for word in batch.inputs[0]) if task.words else (),
    )


def _gates(flow: Flow) -> dict[str, Rows]:
    """By step, from the lowest layer up, in each the one that keeps first; with what is written through them."""
    names, kept = list(flow.gates[0]) if flow.gates else [], of_layer(str(flow.model.core.keep_gate))[0]
    ordered = sorted(names, key=lambda name: (of_layer(name)[1] or 0, of_layer(name)[0] != kept))
    return {name: _rows(torch.stack([gates[name] for gates in flow.gates], 1)) for name in ordered}


@torch.no_grad()
def _states(flow: Flow) -> dict[str, Rows]:
    """Those that have a value for each unit, after each step, from the lowest layer up; the cell before what it shows.

    Without those that no later step reads: the output of a stack is made of what its layers show.
    """
    core = flow.model.core
    if not flow.follows_states:
        return {HIDDEN: _rows(core(flow.inputs))}
    by_name = list(zip(core.state_names, zip(*flow.states[1:], strict=True), strict=True))[core.carried]
    stacked = {name: torch.stack(steps, 1) for name, steps in reversed(by_name)}
    named = {name: _rows(s) for name, s in stacked.items() if s.shape[-1] == core.hidden_size and _is_shown(name, core)}
    return {name: named[name] for name in sorted(named, key=lambda name: of_layer(name)[1] or 0)}


def _is_shown(state: str, core: Core) -> bool:
    return of_layer(state)[0] not in core.auxiliary


def _order(
    gates: Mapping[str, Rows], states: Mapping[str, Rows], keep_gate: str | None
) -> tuple[dict[int | None, np.ndarray], str]:
    """By layer: the unit that keeps longest first; where no gate of each unit does, the most active."""
    h, kept = _by_layer(states, HIDDEN), _by_layer(gates, of_layer(str(keep_gate))[0])
    by_gate = bool(kept) and all(len(rows) == len(h[layer]) for layer, rows in kept.items())
    ranked = {
        layer: np.argsort(-np.abs(rows).mean(1), kind="stable") for layer, rows in (kept if by_gate else h).items()
    }
    return ranked, "timescale, longest on top" if by_gate else "mean activity, largest on top"


def _by_layer(rows: Mapping[str, Rows], name: str) -> dict[int | None, Rows]:
    return {of_layer(key)[1]: values for key, values in rows.items() if of_layer(key)[0] == name}


def _ordered(rows: Mapping[str, Rows], order: Mapping[int | None, np.ndarray]) -> dict[str, Rows]:
    """What there is for each unit, in the order of its layer."""
    places = {name: order[of_layer(name)[1]] for name in rows}
    return {name: values[places[name]] if len(values) == len(places[name]) else values for name, values in rows.items()}


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
