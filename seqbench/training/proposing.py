"""A run of an arm that is not trained: its proposals are judged one after the other."""

import itertools
import time

from seqbench.events import Finished
from seqbench.models.prediction import Predict
from seqbench.models.reference import Reference
from seqbench.plan import RunSpec, seeding
from seqbench.tasks.base import Task
from seqbench.training import holding
from seqbench.training.diagnosis import Diagnosis, diagnose
from seqbench.training.evaluation import Evaluation, tables


def try_proposals(spec: RunSpec, task: Task, reference: Reference, began: float) -> Finished:
    """Each proposal in the budget is one step: a training batch, then the validation, then the test may refuse it."""
    training, seed = spec.training, spec.seed
    with seeding.torch_seeded(seed, "init", *spec.place):
        budget = max(training.max_steps, 1)
        batches = (task.batch(seed, "train", step, training.batch_size) for step in range(1, budget + 1))
        proposals = itertools.islice(reference.propose(task, batches), budget)
        for step, predict in enumerate(proposals, 1):
            trial = Evaluation(task, predict, seed, "train", step, training.batch_size)
            if trial.solved():
                trial = Evaluation(task, predict, seed, "validation", 0, training.validation_sequences)
            if trial.solved():
                trial = Evaluation(task, predict, seed, "test", step, training.test_sequences)
            if trial.solved():
                return _finished(spec, step, trial, predict, Diagnosis("solved", ""), began)
        test = Evaluation(task, predict, seed, "test", 0, training.test_sequences)
        name = task.criterion.score
        passed = f"{name}, {test.scores()[name]:.4g}" if test.solved() else ""
    return _finished(spec, step, test, predict, diagnose(step, test.level(), [], task.baselines, passed=passed), began)


def _finished(
    spec: RunSpec, step: int, test: Evaluation, predict: Predict, diagnosis: Diagnosis, began: float
) -> Finished:
    held = holding.held(spec, test, predict)
    solved_at = step if diagnosis.label == "solved" else None
    return Finished(
        outcome="solved" if test.solved() else "unsolved",
        steps=step,
        steps_to_solve=solved_at,
        test=test.tested(),
        tables=tables(test, predict, spec.seed, spec.training.variant_sequences) | held.tables,
        label=diagnosis.label,
        evidence=diagnosis.evidence,
        seconds=time.perf_counter() - began,
        solved_by={budget: solved_at is not None and solved_at <= budget for budget in spec.training.budgets},
        hold=held.hold,
    )
