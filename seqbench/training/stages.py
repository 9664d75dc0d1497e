"""The gaps that a run is trained at, from the shortest to that of its task: a curriculum (`training.curriculum`)."""

from collections.abc import Iterator

from seqbench.config.regime import Curriculum
from seqbench.events import CURRICULUM_GAP, Metrics
from seqbench.models.base import SequenceModel
from seqbench.plan import RunSpec
from seqbench.tasks.base import Task
from seqbench.training.build import at_gap
from seqbench.training.examination import Examination


class Stages:
    """Those of a run: `task` is what it is trained on now. Without a curriculum that is its own task all the time.

    A shorter gap counts as solved as every task does: so many validations in a row, and then a test, at that gap. The
    verdict on the run knows nothing of this: it is taken at the gap of its task.
    """

    def __init__(self, spec: RunSpec, task: Task, model: SequenceModel) -> None:
        self.spec, self.own, self.model = spec, task, model
        self.given = spec.training.curriculum is not None
        self.gaps = Curriculum(**spec.training.curriculum or {}).gaps(task.gap) if self.given else [task.gap]
        self._begin()

    def _begin(self) -> None:
        """At the first gap of those that are left."""
        self.gap, *self.gaps = self.gaps
        self.task = at_gap(self.spec, self.gap) if self.gaps else self.own
        self.examination = Examination(self.spec, self.task, self.model)

    def validate(self, step: int) -> Iterator[Metrics]:
        """On a way that has not ended: whether the present gap is solved, and then the next one."""
        if not self.gaps:
            return
        self.examination.validate(step)
        if self.examination.outcome == "solved":
            self._begin()
            yield from self.told(step)

    def told(self, step: int) -> Iterator[Metrics]:
        """The gap that is trained at from here on; nothing without a curriculum."""
        if self.given:
            yield Metrics(step, {CURRICULUM_GAP: self.gap})
