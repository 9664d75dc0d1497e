"""What a plan can show before it is run: for each task, the smallest p-value that a test between its arms can give."""

from collections import defaultdict
from dataclasses import dataclass
from itertools import combinations

from seqbench.plan import Plan
from seqbench.statistics.levels import LEVEL, holm, reach, smallest_p


@dataclass(frozen=True)
class Design:
    """Pairs of arms of a task that share so many seeds, and the smallest p, by Holm's method over all pairs."""

    task: str
    seeds: int
    pairs: int
    smallest: float

    def __str__(self) -> str:
        return f"{self.task}: {reach(self.seeds, self.pairs, self.smallest)}"

    @property
    def shows_nothing(self) -> bool:
        """Whether no two arms can be told apart, however different they are."""
        return self.smallest >= LEVEL


def designs(plan: Plan) -> list[Design]:
    """Of the tasks with a gap on which several arms are trained; none for claims, which are not compared.

    An axis gives each gap the same arms and seeds, so one gap tells for all of them.
    """
    cells: dict[tuple[str, str], dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for run in () if plan.controls else plan.runs:
        if run.gap and run.training.max_steps:
            cells[run.task.name, repr(run.task)][repr((run.model, run.training, run.device))].add(run.seed)
    found = (design for (task, _), arms in cells.items() for design in _designs(task, list(arms.values())))
    return list(dict.fromkeys(found))


def _designs(task: str, arms: list[set[int]]) -> list[Design]:
    seeds = [number for one, other in combinations(arms, 2) if (number := len(one & other))]
    smallest = dict(zip(seeds, holm([smallest_p(number) for number in seeds]), strict=True))
    return [Design(task, number, len(seeds), least) for number, least in sorted(smallest.items(), reverse=True)]
