"""Train one run: `fit(spec)` yields its events and depends on the spec alone."""

import math
import time
from collections.abc import Iterator

import torch
from torch import nn

from seqbench import seeding
from seqbench.config import Training, load_class
from seqbench.events import Event, Finished, GradientByLag, Metrics, Outcome, Started
from seqbench.gradients import gradient_by_lag, gradient_norm, parameter_blocks
from seqbench.models.base import Core, SequenceModel
from seqbench.plan import RunSpec
from seqbench.tasks.base import Batch, Task

#: Sequences evaluated at a time: large enough for efficient matrix products, small enough for the cache.
EVALUATION_BATCH = 500


def build(spec: RunSpec) -> tuple[Task, SequenceModel]:
    """The task and the freshly initialised model of a run. Raises what their constructors raise."""
    task: Task = load_class(spec.task.target, Task)(**spec.task.settings)
    with seeding.torch_seeded(spec.seed, "init"):
        core: Core = load_class(spec.model.target, Core)(task.input_size, **spec.model.settings)
        return task, SequenceModel(core, task.output_size)


def fit(spec: RunSpec) -> Iterator[Event]:
    """Train, follow the gradient, and judge. The last event is `Finished`."""
    began = time.perf_counter()
    make_repeatable()
    task, model = build(spec)
    run = Run(spec, task, model)
    yield _introduce(task, model)
    yield from run.probe("init")
    yield from run.train()
    yield from run.probe("end")
    yield run.verdict(began)


def make_repeatable() -> None:
    """Results on a CPU depend on the number of threads; vanishing gradients make slow denormal numbers."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def _introduce(task: Task, model: SequenceModel) -> Started:
    return Started(
        num_parameters=model.num_parameters,
        evidence_lag=task.evidence_lag,
        loss_name=task.loss_name,
        score_name=task.score_name,
        criterion=task.criterion,
        baselines=tuple((b.name, b.loss, b.score) for b in task.baselines),
    )


class Run:
    """One run in training; `fit` tells the story, this holds what it needs from step to step."""

    def __init__(self, spec: RunSpec, task: Task, model: SequenceModel) -> None:
        self.training: Training = spec.training
        self.seed, self.task, self.model = spec.seed, task, model
        optimizer = getattr(torch.optim, self.training.optimizer)
        self.optimizer = optimizer(model.parameters(), lr=self.training.learning_rate)
        self.parameters, self.blocks = list(model.parameters()), parameter_blocks(model)
        self.step, self.streak, self.examinations = 0, 0, 0
        self.outcome: Outcome = "unsolved"
        self.test: dict[str, float] = {}

    def train(self) -> Iterator[Event]:
        """Optimiser steps until the task is solved, the loss is no longer finite, or the budget is spent."""
        losses: list[float] = []
        while self.step < self.training.max_steps and self.outcome == "unsolved":
            self.step += 1
            loss, norm = self._backward()
            if not (math.isfinite(loss) and math.isfinite(norm)):
                self.outcome, self.test = "diverged", {}
                return
            losses.append(loss)
            if self.step % self.training.record_every == 0:
                yield Metrics(self.step, self._norms(norm) | {"train/loss": sum(losses) / len(losses)})
                losses.clear()
            self._update(norm)
            if self.step % self.training.validate_every == 0:
                yield self._validate()

    def _backward(self) -> tuple[float, float]:
        """Loss of the next batch, and the norm of its gradient before clipping."""
        batch = self.task.batch(self.seed, "train", self.step, self.training.batch_size)
        loss = self._loss(batch)
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        return loss.item(), gradient_norm(self.parameters).item()

    def _loss(self, batch: Batch) -> torch.Tensor:
        return self.task.loss(self.model(batch.inputs, batch.mask), batch.targets[batch.mask]).mean()

    def _norms(self, whole: float) -> dict[str, float]:
        by_block = {f"gradient/{name}": gradient_norm(block).item() for name, block in self.blocks.items()}
        return {"gradient/norm": whole, **by_block}

    def _update(self, norm: float) -> None:
        if self.training.clip_norm is not None:
            nn.utils.clip_grads_with_norm_(self.parameters, self.training.clip_norm, torch.tensor(norm))
        self.optimizer.step()

    def _validate(self) -> Metrics:
        """Score the fixed validation sequences; after enough passes in a row, take the test."""
        scores = self._evaluate("validation", 0, self.training.validation_sequences)
        self.streak = self.streak + 1 if self.task.solved(scores) else 0
        if self.streak >= self.training.validations_to_solve:
            self._examine()
        return Metrics(self.step, {f"validation/{name}": value for name, value in scores.items()})

    def _examine(self) -> None:
        """Take the verdict on test sequences that no examination before has seen; if it fails, go on training."""
        self.test = self._evaluate("test", self.examinations, self.training.test_sequences)
        self.examinations += 1
        if self.task.solved(self.test):
            self.outcome = "solved"
        self.streak = 0

    @torch.inference_mode()
    def _evaluate(self, stream: str, index: int, sequences: int) -> dict[str, float]:
        """Scores and mean loss over a block of sequences; another `index` is another block."""
        sizes = [min(EVALUATION_BATCH, sequences - i) for i in range(0, sequences, EVALUATION_BATCH)]
        batches = (self.task.batch(self.seed, stream, index * len(sizes) + i, n) for i, n in enumerate(sizes))
        parts = [(self.model(b.inputs, b.mask), b.targets[b.mask], b.mask) for b in batches]
        outputs, targets, mask = (torch.cat(part) for part in zip(*parts, strict=True))
        return {
            "loss": self.task.loss(outputs, targets).mean().item(),
            **self.task.score(outputs, targets, mask),
        }

    def probe(self, stage: str) -> Iterator[GradientByLag]:
        """Gradient by lag on the probe sequences, as the model stands."""
        batch = self.task.batch(self.seed, "probe", 0, self.training.probe_sequences)
        for curve in gradient_by_lag(self.model, self.task, batch):
            mean, spread = curve.mean_and_spread()
            yield GradientByLag(curve.state, stage, mean, spread)

    def verdict(self, began: float) -> Finished:
        """The result of the run; a run that did not solve its task is tested where it stands."""
        if self.outcome == "unsolved":
            self.test = self._evaluate("test", self.examinations, self.training.test_sequences)
            if not math.isfinite(self.test["loss"]):  # the last update did it
                self.outcome, self.test = "diverged", {}
        solved_at = self.step if self.outcome == "solved" else None
        return Finished(self.outcome, self.step, solved_at, self.test, time.perf_counter() - began)
