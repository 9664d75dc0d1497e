"""Train one run: `fit(spec)` yields its events and depends on the spec alone."""

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from safetensors.torch import load, save

from seqbench.config import CPU, Training
from seqbench.config.given import takes
from seqbench.events import (
    END,
    GRADIENT,
    INIT,
    TRAIN_LOSS,
    VALIDATION,
    Event,
    Exactness,
    Finished,
    GradientByLag,
    Metrics,
    Saved,
    Started,
    Timescales,
)
from seqbench.gradients.flow import Flow
from seqbench.gradients.norms import gradient_norm, parameter_blocks
from seqbench.models.base import Model, SequenceModel, State
from seqbench.models.carried import numbers_carried
from seqbench.models.reference import Reference
from seqbench.plan import RunSpec, seeding
from seqbench.tasks.base import Batch, Task
from seqbench.training.build import build, classes
from seqbench.training.descent import Descent
from seqbench.training.device import card, computing
from seqbench.training.evaluation import Table
from seqbench.training.examination import Examination
from seqbench.training.numerics import stated
from seqbench.training.proposing import try_proposals
from seqbench.training.spread import spread_of
from seqbench.training.stages import Stages
from seqbench.training.stopwatch import Stopwatch


@takes(spec=(RunSpec, "a run, such as make_plan(...).jobs[0].run"))
def fit(spec: RunSpec) -> Iterator[Event]:
    """Train, follow the gradient, and judge. The last event is `Finished`."""
    began = time.perf_counter()
    classes(spec)  # a module is imported once in a process, and may change what decides numbers
    with stated(spec.seed, *spec.place), computing(spec.device):
        yield from _story(spec, began)


def _story(spec: RunSpec, began: float) -> Iterator[Event]:
    task, model = build(spec)
    if isinstance(model, Reference):
        yield _introduce(task, type(model), CPU)
        yield try_proposals(spec, task, model, began)
        return
    run = Run(spec, task, model)
    of_core = model.num_parameters, numbers_carried(model, task.input_size)
    yield _introduce(task, model.core, spec.device, *of_core)
    yield from run.probe(INIT)
    yield from run.train()
    if run.step:  # else it would be the first probe again
        yield from run.probe(END)
    yield from run.verdict(began)


def _introduce(
    task: Task, model: Model | type[Model], device: str, num_parameters: int = 0, state_size: int | None = None
) -> Started:
    return Started(
        num_parameters=num_parameters,
        evidence_lag=task.evidence_lag,
        facts=task.facts(),
        words=task.words,
        card=card(device),
        family=model.family,
        state_size=state_size,
        auxiliary=getattr(model, "auxiliary", ()),
    )


class Run:
    """One run in training; `fit` tells the story, this holds what it needs from step to step."""

    def __init__(self, spec: RunSpec, task: Task, model: SequenceModel) -> None:
        self.training: Training = spec.training
        self.seed, self.place, self.task = spec.seed, spec.place, task
        self.model = model.to(spec.device)  # initialised on the CPU, with the same numbers for all devices
        self.blocks = parameter_blocks(model)
        if self.training.freeze_core:
            model.freeze_core()
            self.blocks = {"readout": self.blocks["readout"]}
        self.parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        self.descent = Descent(self.training, self.parameters)
        self.step = 0
        self.clock = Stopwatch()
        self.examination = Examination(spec, task, model)
        self.stages = Stages(spec, task, model)
        self.best: Saved | None = None
        self.state: State | None = None

    def train(self) -> Iterator[Event]:
        """Steps until the task is solved, the loss not finite, the budget spent, or validation no longer better."""
        losses: list[float] = []
        yield from self.stages.told(self.step)
        while self._goes_on():
            self.step += 1
            with self.clock:
                loss, norm = self._backward()
            if not (math.isfinite(loss) and math.isfinite(norm)):
                self.examination.diverge()
                return
            losses.append(loss)
            if self.step % self.training.record_every == 0:
                yield Metrics(self.step, self._norms(norm) | {TRAIN_LOSS: sum(losses) / len(losses)})
                losses.clear()
            with self.clock:
                self.descent.update(norm)
            self.clock.lap()
            if self.step % self.training.validate_every == 0:
                yield self._validate()
                if self.examination.outcome == "unsolved":
                    yield from self.stages.validate(self.step)
            self.examination.settle(self.step)
            if self._snapshot_is_due():
                yield from self.probe(f"step_{self.step}")

    def _goes_on(self) -> bool:
        found = self.examination
        return self.step < self.training.max_steps and found.outcome == "unsolved" and not found.out_of_patience

    def _backward(self) -> tuple[float, float]:
        """Loss of the next batch, and the norm of its gradient before clipping."""
        task = self.stages.task
        batch = task.batch(self.seed, "train", self.step, self.training.batch_size).to(self.model.device)
        targets = batch.targets[batch.mask]
        if self.training.shuffle_targets:
            targets = targets[seeding.generator(self.seed, *self.place, "shuffle", self.step).permutation(len(targets))]
        loss = task.loss(self._outputs(batch), targets).mean()
        self.descent.optimizer.zero_grad()
        torch.autograd.backward(loss)
        return loss.item(), gradient_norm(self.parameters).item()

    def _outputs(self, batch: Batch) -> torch.Tensor:
        """In training: with dropout, and from the state at the end of the last batch if it is passed to this one."""
        self.model.train()
        passed = self.training.initial_state == "passed"
        with self._dropping_out():
            if passed or self.task.carries_state:
                goes_on = passed or self.task.continues("train", self.step, self.training.batch_size)
                state = self.state if goes_on else None
                outputs, self.state = self.model.go_on(batch.inputs, batch.mask, state, self.training.truncate)
            else:
                outputs = self.model(batch.inputs, batch.mask, self.training.truncate)
            return outputs

    def _dropping_out(self) -> AbstractContextManager[None]:
        if not self.training.dropout:
            return nullcontext()
        return seeding.torch_seeded(self.seed, *self.place, "dropout", self.step)

    def _norms(self, whole: float) -> dict[str, float]:
        by_block = {f"{GRADIENT}{name}": gradient_norm(block).item() for name, block in self.blocks.items()}
        return {f"{GRADIENT}norm": whole, **by_block}

    def _validate(self) -> Metrics:
        scores = self.examination.validate(self.step)
        if (self.training.save_model or self.training.patience is not None) and self.examination.is_best:
            self.best = Saved(self.step, save(self.model.state_dict()))
        return Metrics(self.step, {f"{VALIDATION}{name}": value for name, value in scores.items()})

    def _snapshot_is_due(self) -> bool:
        every = self.training.probe_every
        return every is not None and self.step % every == 0 and self.step < self.training.max_steps

    def probe(self, stage: str) -> Iterator[Event]:
        """Gradient by lag on the probe sequences, as the model stands, with what theory says of it."""
        batch = self.task.batch(self.seed, "probe", 0, self.training.probe_sequences)
        flow = Flow(self.model, self.task, batch)
        for curve in flow.curves():
            means, zero = curve.mean_and_spread(), curve.zero_share()
            yield GradientByLag(curve.state, stage, self.step, *means, curve.not_finite, zero)
        if flow.follows_states and self.model.core.keep_gate is not None:
            for layer, steps in flow.timescales().items():
                yield Timescales(stage, tuple(steps.tolist()), layer)
        if flow.follows_states and self.model.core.exact_direct:
            yield Exactness(stage, flow.apart())

    def verdict(self, began: float) -> Iterator[Event]:
        """The result; with patience, of the model at its best."""
        found = self.examination
        if self.training.patience is not None and self.best is not None and found.outcome == "unsolved":
            self.model.load_state_dict(load(self.best.content))
        found.conclude(self.step)
        if self.best is not None and self.training.save_model:
            yield self.best
        diagnosis, held = found.diagnosis(self.step), found.held()
        yield Finished(
            outcome=found.outcome,
            steps=self.step,
            steps_to_solve=found.solved_at,
            test=found.test.tested() if found.test else {},
            tables=found.tables() | held.tables | self._spread(),
            label=diagnosis.label,
            evidence=diagnosis.evidence,
            seconds=time.perf_counter() - began,
            milliseconds_per_step=self.clock.milliseconds,
            solved_by=found.solved_by,
            hold=held.hold,
        )

    def _spread(self) -> dict[str, Table]:
        """Where it has learned what to hold, and is asked how far it does."""
        found, asked = self.examination, self.training.hold is not None
        return spread_of(found.spec, self.task, self.model) if asked and found.outcome == "solved" else {}
