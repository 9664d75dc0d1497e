"""Train one run: `fit(spec)` yields its events and depends on the spec alone."""

import math
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext

import torch
from safetensors.torch import load, save
from torch import nn

from seqbench import seeding
from seqbench.config import Training
from seqbench.events import (
    END,
    GRADIENT,
    INIT,
    TRAIN_LOSS,
    VALIDATION,
    Event,
    Finished,
    GradientByLag,
    Metrics,
    Outcome,
    Saved,
    Started,
    Timescales,
)
from seqbench.gradients.flow import Flow, gradient_norm, parameter_blocks
from seqbench.models.base import SequenceModel, State
from seqbench.models.prediction import predictor
from seqbench.models.reference import Reference
from seqbench.plan import RunSpec
from seqbench.tasks.base import Batch, Task
from seqbench.training.build import build
from seqbench.training.diagnosis import Diagnosis, Validation, diagnose
from seqbench.training.evaluation import Evaluation, Table, tables
from seqbench.training.proposing import try_proposals


def fit(spec: RunSpec) -> Iterator[Event]:
    """Train, follow the gradient, and judge. The last event is `Finished`."""
    began = time.perf_counter()
    make_repeatable()
    task, model = build(spec)
    if isinstance(model, Reference):
        yield _introduce(task, 0)
        yield try_proposals(spec, task, model, began)
        return
    run = Run(spec, task, model)
    yield _introduce(task, model.num_parameters)
    yield from run.probe(INIT)
    yield from run.train()
    if run.step:  # else it would be the first probe again
        yield from run.probe(END)
    yield from run.verdict(began)


def make_repeatable() -> None:
    """Results on a CPU depend on the number of threads; vanishing gradients make slow denormal numbers."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def _introduce(task: Task, num_parameters: int) -> Started:
    return Started(
        num_parameters=num_parameters,
        evidence_lag=task.evidence_lag,
        facts=task.facts(),
        words=task.words,
    )


class Run:
    """One run in training; `fit` tells the story, this holds what it needs from step to step."""

    def __init__(self, spec: RunSpec, task: Task, model: SequenceModel) -> None:
        self.training: Training = spec.training
        self.seed, self.task, self.model = spec.seed, task, model
        optimizer = getattr(torch.optim, self.training.optimizer)
        self.optimizer = optimizer(model.parameters(), lr=self.training.learning_rate)
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self.training.learning_rate_factor)
        self.parameters, self.blocks = list(model.parameters()), parameter_blocks(model)
        self.step, self.streak, self.examinations = 0, 0, 0
        self.outcome: Outcome = "unsolved"
        self.test: Evaluation | None = None
        self.validations: list[Validation] = []
        self.best: Saved | None = None
        self.state: State | None = None

    def train(self) -> Iterator[Event]:
        """Steps until the task is solved, the loss not finite, the budget spent, or validation no longer better."""
        losses: list[float] = []
        while self.step < self.training.max_steps and self.outcome == "unsolved" and not self._out_of_patience():
            self.step += 1
            loss, norm = self._backward()
            if not (math.isfinite(loss) and math.isfinite(norm)):
                self.outcome, self.test = "diverged", None
                return
            losses.append(loss)
            if self.step % self.training.record_every == 0:
                yield Metrics(self.step, self._norms(norm) | {TRAIN_LOSS: sum(losses) / len(losses)})
                losses.clear()
            self._update(norm)
            if self.step % self.training.validate_every == 0:
                yield self._validate()
            if self._snapshot_is_due():
                yield from self.probe(f"step_{self.step}")

    def _backward(self) -> tuple[float, float]:
        """Loss of the next batch, and the norm of its gradient before clipping."""
        batch = self.task.batch(self.seed, "train", self.step, self.training.batch_size)
        targets = batch.targets[batch.mask]
        if self.training.shuffle_targets:
            targets = targets[seeding.generator(self.seed, "shuffle", self.step).permutation(len(targets))]
        loss = self.task.loss(self._outputs(batch), targets).mean()
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        return loss.item(), gradient_norm(self.parameters).item()

    def _outputs(self, batch: Batch) -> torch.Tensor:
        """In training: with dropout, and from the state at the end of the last batch if this one goes on there."""
        self.model.train()
        with self._dropping_out():
            if self.task.carries_state:
                carried = self.task.continues("train", self.step, self.training.batch_size)
                state = self.state if carried else None
                outputs, self.state = self.model.go_on(batch.inputs, batch.mask, state, self.training.truncate)
            else:
                outputs = self.model(batch.inputs, batch.mask, self.training.truncate)
            return outputs

    def _dropping_out(self) -> AbstractContextManager[None]:
        return seeding.torch_seeded(self.seed, "dropout", self.step) if self.training.dropout else nullcontext()

    def _norms(self, whole: float) -> dict[str, float]:
        by_block = {f"{GRADIENT}{name}": gradient_norm(block).item() for name, block in self.blocks.items()}
        return {f"{GRADIENT}norm": whole, **by_block}

    def _update(self, norm: float) -> None:
        if self.training.clip_norm is not None:
            nn.utils.clip_grads_with_norm_(self.parameters, self.training.clip_norm, torch.tensor(norm))
        self.optimizer.step()
        self.schedule.step()

    def _validate(self) -> Metrics:
        """Score the fixed validation sequences; after enough passes in a row, take the test."""
        scores = self._evaluate("validation", 0, self.training.validation_sequences).scores()
        validation = Validation(self.step, scores["loss"], self.task.shortfall(scores))
        if self._keeps_best() and all(validation.loss < earlier.loss for earlier in self.validations):
            self.best = Saved(self.step, save(self.model.state_dict()))
        self.validations.append(validation)
        self.streak = self.streak + 1 if validation.passed else 0
        if self.streak >= self.training.validations_to_solve and not self.task.open_ended:
            self._examine()
        return Metrics(self.step, {f"{VALIDATION}{name}": value for name, value in scores.items()})

    def _examine(self) -> None:
        """Take the verdict on test sequences that no examination before has seen; if it fails, go on training."""
        self.test = self._evaluate("test", self.examinations, self.training.test_sequences)
        self.examinations += 1
        if self.test.solved():
            self.outcome = "solved"
        self.streak = 0

    def _evaluate(self, stream: str, index: int, sequences: int) -> Evaluation:
        return Evaluation(self.task, predictor(self.model, self.task), self.seed, stream, index, sequences)

    def _keeps_best(self) -> bool:
        return self.training.save_model or self.training.patience is not None

    def _out_of_patience(self) -> bool:
        """Whether the last so many validations were no better than one before them."""
        patience, losses = self.training.patience, [v.loss for v in self.validations]
        return patience is not None and len(losses) > patience and min(losses[-patience:]) >= min(losses[:-patience])

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
            yield Timescales(stage, tuple(flow.timescales().tolist()))

    def verdict(self, began: float) -> Iterator[Event]:
        """The result; a run that did not solve its task is tested where it stands; with patience, at its best."""
        if self.outcome == "unsolved":
            self._take_last_test()
        if self.best is not None and self.training.save_model:
            yield self.best
        diagnosis = self._diagnosis()
        yield Finished(
            outcome=self.outcome,
            steps=self.step,
            steps_to_solve=self.step if self.outcome == "solved" else None,
            test=self.test.scores() if self.test else {},
            tables=self._tables(),
            label=diagnosis.label,
            evidence=diagnosis.evidence,
            seconds=time.perf_counter() - began,
        )

    def _take_last_test(self) -> None:
        if self.training.patience is not None and self.best is not None:
            self.model.load_state_dict(load(self.best.content))
        self.test = self._evaluate("test", self.examinations, self.training.test_sequences)
        if not math.isfinite(self.test.scores()["loss"]):  # the last update did it
            self.outcome, self.test = "diverged", None
        elif self.task.open_ended and self.test.solved():
            self.outcome = "solved"

    def _tables(self) -> dict[str, Table]:
        if self.test is None:
            return {}
        return tables(self.test, predictor(self.model, self.task), self.seed, self.training.variant_sequences)

    def _diagnosis(self) -> Diagnosis:
        if self.outcome == "solved":
            return Diagnosis("solved", "")
        diverged_at = self.step if self.outcome == "diverged" else None
        return diagnose(diverged_at, self.validations, self.task.baselines)
