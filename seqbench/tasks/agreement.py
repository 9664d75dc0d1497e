"""Subject-verb agreement across a gap (Linzen, Dupoux & Goldberg 2016), in generated English."""

import math
from collections.abc import Iterable
from typing import Annotated

import numpy as np
import torch
from annotated_types import Ge
from jaxtyping import Bool, Float, Int
from torch import Tensor

from seqbench.config import Count
from seqbench.events import Baseline
from seqbench.language.english import (
    IS_NOUN,
    NUMBER,
    OTHER_FORM,
    bigram_loss,
    english,
    is_made_soon,
    require_made_soon,
    shortest_gap,
)
from seqbench.language.lexicon import WORDS
from seqbench.tasks.base import Batch, Criterion, Task
from seqbench.tasks.classification import enough_right
from seqbench.tasks.next_word import NextWord

#: A finished run is tested on gaps so many times as long as trained, with each of these numbers of attractors.
FACTORS, ATTRACTORS = (1, 1.5, 2, 3), (0, 1, 2, 3)


class Agreement(NextWord):
    """Every next word is predicted; asked is the first verb: its right form, or that of the other number?

    Exactly `gap` words stand between the verb and the head noun that decides, `attractors` nouns of the other number
    among them, with as many of the same. So the verb's answer is due `gap` steps after the head noun was seen.

    >>> task = Agreement(gap=6, attractors=1)
    >>> batch = task.batch(seed=0, stream="train", index=0, size=1)
    >>> print(" ".join(task.words[i] for i in batch.inputs[0]))
    <end> his hungry cabinets with his horse from the doctors follow her painters
    >>> asked = task.asked(batch)
    >>> print(task.words[batch.inputs[task.evidence(batch)]], "-", task.words[batch.targets[asked]])
    cabinets - follow
    """

    score_name = "accuracy"

    def __init__(
        self,
        *,
        gap: Count,
        attractors: Annotated[int, Ge(0)] = 0,
        min_gap: Count | None = None,
        embedding: Count = 32,
    ) -> None:
        super().__init__(WORDS, embedding, gap, min_gap)
        self.attractors = attractors
        require_made_soon(self._gaps, attractors)
        english(self._gaps.start, attractors)  # refuses attractors that do not fit

    @property
    def _gaps(self) -> range:
        return range(self.gap if self.min_gap is None else self.min_gap, self.gap + 1)

    @property
    def evidence_lag(self) -> int:
        return self.gap

    @property
    def baselines(self) -> tuple[Baseline, ...]:
        """Exact losses; the second is known for one gap alone, where the words so far tell how far the verb is."""
        grammars = [english(gap, self.attractors) for gap in self._gaps]
        no_memory = Baseline("no memory", bigram_loss(np.sum([grammar.pairs for grammar in grammars], axis=0)), 0.5)
        if len(grammars) > 1:
            return (no_memory,)
        (grammar,) = grammars
        without_number = (grammar.entropy + math.log(2)) / grammar.expected_length
        return no_memory, Baseline("all remembered but the head noun's number", without_number, 0.5)

    @property
    def criterion(self) -> Criterion:
        return enough_right("the right form of the verb more probable than the wrong one in {} of the sentences")

    def sample(self, rng: np.random.Generator, size: int) -> Batch:
        sentences = english(self.gap, self.attractors).sample(rng, size)
        targets = torch.from_numpy(sentences.words)
        inputs = torch.nn.functional.pad(targets[:, :-1], (1, 0))  # an end stands before each sentence
        lengths = torch.from_numpy(sentences.lengths)
        return Batch(inputs, targets, torch.arange(targets.shape[1]) < lengths[:, None], lengths)

    def asked(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        """Where the target is the first verb in the present tense; other forms with a number are nouns."""
        shown = torch.from_numpy((NUMBER > 0) & ~IS_NOUN)[batch.targets]
        return shown & (shown.cumsum(1) == 1)

    def evidence(self, batch: Batch) -> Bool[Tensor, "batch time"]:
        """The first noun: the head of the first clause."""
        nouns = torch.from_numpy(IS_NOUN)[batch.inputs]
        return nouns & (nouns.cumsum(1) == 1)

    def score(
        self,
        outputs: Float[Tensor, "scored words"],
        targets: Int[Tensor, " scored"],
        scored: Int[Tensor, " batch"],
    ) -> dict[str, float]:
        """The share of verbs whose right form is more probable than the wrong one; equally probable counts half."""
        wrong = torch.from_numpy(OTHER_FORM)[targets]
        right_form, wrong_form = (outputs.gather(1, form[:, None])[:, 0] for form in (targets, wrong))
        ties = (right_form == wrong_form).double()
        return {"accuracy": ((right_form > wrong_form).double() + ties / 2).mean().item()}

    def oracle(self, batch: Batch) -> Float[Tensor, "scored words"]:
        """The forms that agree with the head noun, at every position."""
        number = torch.from_numpy(NUMBER)[batch.inputs[self.evidence(batch)]]
        agrees = torch.from_numpy(NUMBER) == number[:, None]
        outputs: Tensor = torch.where(agrees, 10.0, 0.0)[batch.mask.nonzero()[:, 0]]
        return outputs

    def variants(self, sequences: int) -> Iterable[tuple[dict[str, float], Task]]:
        for attractors in ATTRACTORS:
            for gap in sorted({round(self.gap * factor) for factor in FACTORS}):
                if gap >= shortest_gap(attractors) and is_made_soon(range(gap, gap + 1), attractors):
                    variant = Agreement(gap=gap, attractors=attractors, embedding=self.input_size)
                    yield {"gap": gap, "attractors": attractors}, variant
