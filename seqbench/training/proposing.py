"""A run of an arm that is not trained: its proposals are judged one after the other."""

import itertools
import time

from seqbench import seeding
from seqbench.events import Finished
from seqbench.models.prediction import Predict
from seqbench.models.reference import Reference
from seqbench.plan import RunSpec
from seqbench.tasks.base import Task
from seqbench.training.diagnosis import Diagnosis, Validation, diagnose
from seqbench.training.evaluation import Evaluation, tables


def try_proposals(spec: RunSpec, task: Task, reference: Reference, began: float) -> Finished:
    """Each proposal in the budget is one step: a training batch, then the validation, then the test may refuse it."""
    training, seed = spec.training, spec.seed
    with seeding.torch_seeded(seed, "init"):
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
    scores = test.scores()
    last = Validation(step, scores["loss"], task.shortfall(scores))
    return _finished(spec, step, test, predict, diagnose(None, [last], task.baselines), began)


def _finished(
    spec: RunSpec, step: int, test: Evaluation, predict: Predict, diagnosis: Diagnosis, began: float
) -> Finished:
    solved = diagnosis.label == "solved"
    return Finished(
        outcome="solved" if solved else "unsolved",
        steps=step,
        steps_to_solve=step if solved else None,
        test=test.scores(),
        tables=tables(test, predict, spec.seed, spec.training.variant_sequences),
        label=diagnosis.label,
        evidence=diagnosis.evidence,
        seconds=time.perf_counter() - began,
    )
