"""The verdict on a run: validations while it trains, the test when they are passed, and the test at the budget.

A run has solved its task at the step at which it passed `validations_to_solve` validations in a row and then the test,
on sequences that no test at another step has seen. When its budget ends the test alone decides, whatever came before. A
shorter budget is judged the same way on the way, so that one run tells of several.
"""

import math
from collections.abc import Mapping

from seqbench.config import Training
from seqbench.events import Outcome
from seqbench.models.base import SequenceModel
from seqbench.models.prediction import Predict, predictor
from seqbench.plan import RunSpec
from seqbench.tasks.base import Task
from seqbench.training.diagnosis import Diagnosis, Validation, diagnose
from seqbench.training.evaluation import Evaluation, Table, tables
from seqbench.training.holding import Held, held


class Examination:
    """What was found of one run so far."""

    def __init__(self, spec: RunSpec, task: Task, model: SequenceModel) -> None:
        self.spec = spec
        self.training: Training = spec.training
        self.seed, self.task, self.model = spec.seed, task, model
        self.validations: list[Validation] = []
        self.streak = 0
        self.outcome: Outcome = "unsolved"
        self.test: Evaluation | None = None
        self.solved_at: int | None = None
        self.solved_by: dict[int, bool] = {}
        """The verdict at each of the shorter budgets that the training has reached."""

    def validate(self, step: int) -> Mapping[str, float]:
        """Scores on the fixed validation sequences; after enough passes in a row the test is taken."""
        scores = self._evaluate("validation", 0, self.training.validation_sequences).scores()
        self.validations.append(Validation(step, scores["loss"], self.task.shortfall(scores)))
        self.streak = self.streak + 1 if self.validations[-1].passed else 0
        if self.streak >= self.training.validations_to_solve and not self.task.open_ended:
            self.streak = 0
            if self._passes_test(step):
                self.outcome, self.solved_at = "solved", step
        return scores

    @property
    def is_best(self) -> bool:
        """Whether no validation before the last had so low a loss."""
        *before, last = self.validations
        return all(last.loss < earlier.loss for earlier in before)

    @property
    def out_of_patience(self) -> bool:
        """Whether the last so many validations were no better than one before them."""
        patience, losses = self.training.patience, [v.loss for v in self.validations]
        return patience is not None and len(losses) > patience and min(losses[-patience:]) >= min(losses[:-patience])

    def settle(self, step: int) -> None:
        """Take the verdict on a shorter budget that ends at this step."""
        if step in self.training.budgets:
            self.solved_by[step] = self.outcome == "solved" or self._passes_test(step)

    def diverge(self) -> None:
        """A loss or gradient was not finite: there is nothing to be tested."""
        self.outcome, self.test = "diverged", None

    def conclude(self, step: int) -> None:
        """At the end of the training, a run that has not solved its task before is tested as it stands."""
        if self.outcome == "unsolved":
            passes = self._passes_test(step)
            if self.test is not None and not math.isfinite(self.test.scores()["loss"]):  # the last update did it
                self.diverge()
            elif passes:
                self.outcome = "solved"
        for budget in self.training.budgets:
            self.solved_by.setdefault(budget, self.solved_at is not None)

    def tables(self) -> dict[str, Table]:
        """What the last test shows beside its scores."""
        if self.test is None:
            return {}
        return tables(self.test, self._predict(), self.seed, self.training.variant_sequences)

    def held(self) -> Held:
        """How far beyond its gap the run solves its task, as it stands."""
        return held(self.spec, self.test, self._predict(), self.model.core.most_steps)

    def diagnosis(self, step: int) -> Diagnosis:
        """Why the run came to what it did, after so many steps."""
        if self.solved_at is not None or (self.outcome == "solved" and self.task.open_ended):
            return Diagnosis("solved", "")
        level = self.test.level() if self.test else None
        passed = self.decided_by() if self.outcome == "solved" else ""
        return diagnose(step, level, self.validations, self.task.baselines, passed=passed)

    def decided_by(self) -> str:
        """The number of the last test that the criterion asks for: "accuracy, 0.9934"."""
        name = self.task.criterion.score
        return f"{name}, {self.test.scores()[name]:.4g}" if self.test else ""

    def _passes_test(self, step: int) -> bool:
        """Each step has test sequences of its own, whatever was tested before; a text has one test for all."""
        block = 0 if self.task.open_ended else step
        self.test = self._evaluate("test", block, self.training.test_sequences)
        return self.test.solved()

    def _evaluate(self, stream: str, index: int, sequences: int) -> Evaluation:
        return Evaluation(self.task, self._predict(), self.seed, stream, index, sequences)

    def _predict(self) -> Predict:
        return predictor(self.model, self.task)
