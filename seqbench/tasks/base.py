"""The contract of a task: a pure function from (seed, stream, index) to a batch, and what it means to solve it."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, TypeVar

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor

from seqbench.config import Scalar
from seqbench.events import Baseline, TaskFacts
from seqbench.plan.seeding import generator

Its = TypeVar("Its", bound="Task")

#: Sequences evaluated at a time: large enough for efficient matrix products, small enough for the cache.
EVALUATION_BATCH = 500


class Batch(NamedTuple):
    """Sequences padded on the right to a common time; `mask` marks the positions with a loss, none of them padding."""

    inputs: Shaped[Tensor, "batch time *features"]
    targets: Shaped[Tensor, "batch time"]
    mask: Bool[Tensor, "batch time"]
    lengths: Int[Tensor, " batch"]

    def to(self, device: torch.device) -> "Batch":
        """The same with its numbers there; what says where they stand stays, because indices are made of it.

        It is drawn on the CPU for all devices. It is too small for a copy beside the computation to pay.
        """
        return self._replace(inputs=self.inputs.to(device), targets=self.targets.to(device))


@dataclass(frozen=True)
class Criterion:
    """When a task counts as solved: `score` lies at most `allowed` away from `best`. Everything else asks this."""

    score: str
    """Its key among the scores: "accuracy", "loss"."""
    best: float
    allowed: float
    words: str

    @property
    def level(self) -> float:
        """The value of the score from which on the task counts as solved."""
        return self.best + self.allowed if self.best == 0 else round(self.best - self.allowed, 9)

    def shortfall(self, scores: Mapping[str, float]) -> float:
        """How far scores are from it, as a factor of the error that it allows: solved from 1 downwards."""
        return round(abs(scores[self.score] - self.best) / self.allowed, 9)  # .99 is enough, however it is rounded


class Task(ABC):
    """A sequence task whose dependency gap is a knob.

    A subclass takes its knobs as annotated keyword-only parameters (see `seqbench.config`), `gap` among them, and
    states the class and instance attributes below. Raise `version` whenever the data or the scoring change.
    """

    version: ClassVar[int] = 1
    loss_name: ClassVar[str]
    score_name: ClassVar[str]
    #: Knobs that a class got after there were records of it: at their defaults, runs are what they were without them.
    later: ClassVar[frozenset[str]] = frozenset()

    gap: int
    load: int
    #: With a shortest gap, each sequence of a batch draws its own from here to `gap`; the shorter ones are padded.
    min_gap: int | None = None
    #: Width of what the core sees: of an input, or of the embedding of a word.
    input_size: int
    output_size: int
    #: The vocabulary of a task over words: its inputs are places in it, which the model embeds.
    words: tuple[str, ...] | None = None
    #: Whether training goes on when the task is solved: there is no best score, and the verdict comes at the end.
    open_ended: bool = False
    #: Whether batches go on where earlier ones ended, so that the state is carried across them: see `continues`.
    carries_state: bool = False

    def __init__(self, gap: int, load: int = 1, min_gap: int | None = None) -> None:
        if min_gap is not None and min_gap > gap:
            raise ValueError(f"min_gap={min_gap} is longer than gap={gap}")
        self.gap, self.load, self.min_gap = gap, load, min_gap

    @property
    @abstractmethod
    def evidence_lag(self) -> int:
        """Steps from the first needed evidence to the position that is asked first."""

    @property
    def length(self) -> int:
        """Steps of the longest sequence that is drawn; fewer where that is a matter of chance."""
        return self.evidence_lag + 1

    @property
    @abstractmethod
    def baselines(self) -> tuple[Baseline, ...]:
        """Closed-form scores, from no memory upwards."""

    @property
    @abstractmethod
    def criterion(self) -> Criterion:
        """When the task counts as solved."""

    @abstractmethod
    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw `size` sequences from `rng` and from nothing else."""

    @abstractmethod
    def loss(
        self, outputs: Float[Tensor, "scored output"], targets: Shaped[Tensor, " scored"]
    ) -> Float[Tensor, " scored"]:
        """Training loss of each scored position."""

    @abstractmethod
    def score(
        self,
        outputs: Float[Tensor, "scored output"],
        targets: Shaped[Tensor, " scored"],
        scored: Int[Tensor, " batch"],
    ) -> dict[str, float]:
        """Scores at the asked positions of a set of sequences, `scored` of each; among them `score_name`, if it is one.

        `score_name` decides, and may be in what `in_other_units` gives instead.
        """

    def shortfall(self, scores: Mapping[str, float]) -> float:
        """See `Criterion.shortfall`."""
        return self.criterion.shortfall(scores)

    def solved(self, scores: Mapping[str, float]) -> bool:
        """Whether the scores of a set of sequences meet the criterion."""
        return self.shortfall(scores) <= 1

    def facts(self) -> TaskFacts:
        """What a reader of its results must know."""
        decides = self.criterion
        level = decides.level if decides.score == self.score_name else None
        known = self.loss_name, self.score_name, decides.words, self.baselines, self.about()
        return TaskFacts(*known, level, self.distinct_sequences)

    @property
    def distinct_sequences(self) -> int | None:
        """How many different sequences there are, where training may see all of them; None where there are too many."""
        return None

    @abstractmethod
    def oracle(self, batch: Batch) -> Float[Tensor, "scored output"]:
        """Outputs of a rule that may look back: the proof that the task can be solved and is scored right."""

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        """The positions whose answers decide: all that have a loss, unless a task trains on more than it asks."""
        return batch.mask

    def probed(self, batch: Batch) -> Int[Tensor, " batch"]:
        """The position from whose loss the gradient is followed back: the first that is asked."""
        return self.asked(batch).int().argmax(1)

    def in_other_units(self, loss: float, stream: str) -> dict[str, float]:
        """The mean loss over a stream as readers expect it, e.g. perplexity; nothing by default."""
        return {}

    def variants(self, sequences: int) -> "Iterable[tuple[dict[str, float], Task]]":
        """Other tasks that a trained model is tested on too, with what sets them apart: {"gap": 40}; none by default.

        They do not decide. Each is tested on so many `sequences`.
        """
        return ()

    def sizes(self, stream: str, sequences: int) -> list[int]:
        """The batches in which so many sequences of an evaluation are drawn."""
        return [min(EVALUATION_BATCH, sequences - i) for i in range(0, sequences, EVALUATION_BATCH)]

    def continues(self, stream: str, index: int, size: int) -> bool:
        """Whether each row of this batch goes on where that of the batch before ended, so that state is carried."""
        return False

    def about(self) -> dict[str, Scalar]:
        """What a reader must know of the data beside the settings, by name; nothing by default."""
        return {}

    @classmethod
    def data(cls, **settings: Any) -> str:
        """A hash of what the task reads from outside its settings, such as files; the run is void if it changes.

        Raises ValueError where it cannot be read.
        """
        return ""

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        """The steps at which something is shown that the answer rests on, for figures; none unless a task says so."""
        return torch.zeros_like(batch.mask)

    def batch(self, seed: int, stream: str, index: int, size: int) -> Batch:
        """The batch number `index` of a stream ("train", "validation", "test", "probe"), always the same.

        Another gap or load has other streams: runs of one seed share no sequences across them.
        """
        rng = generator(seed, type(self).__name__, f"gap={self.gap}", f"load={self.load}", stream, index)
        return self.sample(rng, size) if self.min_gap is None else self._sample_mixed(rng, size, self.min_gap)

    def _sample_mixed(self, rng: np.random.Generator, size: int, min_gap: int) -> Batch:
        """Sequences of gaps drawn uniformly from `min_gap` to `gap`, in the order in which they were drawn."""
        gaps = rng.integers(min_gap, self.gap + 1, size=size)
        parts = [
            self._with_gap(int(gap)).sample(rng, int(count))
            for gap, count in zip(*np.unique(gaps, return_counts=True), strict=True)
        ]
        time = max(part.inputs.shape[1] for part in parts)
        drawn = torch.from_numpy(np.argsort(np.argsort(gaps, kind="stable")))
        return Batch(*(torch.cat(tensors)[drawn] for tensors in zip(*(pad(part, time) for part in parts), strict=True)))

    def _with_gap(self: Its, gap: int) -> Its:
        """The same task at another gap: a task derives everything from `self.gap` when it is asked."""
        task = copy.copy(self)
        task.gap = gap
        return task


def pad(batch: Batch, time: int) -> Batch:
    """The batch with zeros, unscored, after the end of its sequences."""
    more = time - batch.inputs.shape[1]
    features = (0, 0) * (batch.inputs.ndim - 2)
    inputs = torch.nn.functional.pad(batch.inputs, (*features, 0, more))
    targets, mask = (torch.nn.functional.pad(x, (0, more)) for x in (batch.targets, batch.mask))
    return Batch(inputs, targets, mask, batch.lengths)
