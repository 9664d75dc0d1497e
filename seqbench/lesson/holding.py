"""Which units hold what is asked: how much of what they vary at the question is decided by the right answer."""

import copy
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Shaped

from seqbench.gradients.flow import encoded, unroll
from seqbench.lesson.asked import first_of_test
from seqbench.models.base import SequenceModel
from seqbench.record.saved import SavedModel
from seqbench.trace.values import Rows

Values = Float[np.ndarray, "sequences units"]
Answers = Shaped[np.ndarray, " sequences"]
THIRDS = ("low", "mid", "high")


@dataclass(frozen=True)
class Holding:
    """What the units of a network hold at the question, over the first sequences of its test."""

    states: Float[np.ndarray, "sequences time units"]
    answers: Answers
    same: Bool[np.ndarray, " sequences"]
    """Those that are asked at the step in question; of others, nothing counts."""
    question: int
    order: list[int]
    """Units, by how much of their variance the answer decides; the first decides most."""
    share: float
    """The part of the variance of the first."""

    def means(self) -> dict[int | str, Float[np.ndarray, " time"]]:
        """The mean course of the first unit for each answer; numbers in three equal groups, the smallest first."""
        groups, courses = _groups(self.answers[self.same]), self.states[self.same, : self.question + 1, self.order[0]]
        return {name: courses[groups == name].mean(0) for name in _in_order(groups)}

    @property
    def at_question(self) -> Float[np.ndarray, " asked"]:
        """The first unit at the question, in the sequences that count."""
        values: Float[np.ndarray, " asked"] = self.states[self.same, self.question, self.order[0]]
        return values

    def rows(self, index: int, seen: Rows, most: int) -> list[int]:
        """Where the first units stand in a trace of a sequence, which has its units in an order of its own."""
        courses = self.states[index, : seen.shape[1], self.order[:most]]
        return [int(np.abs(seen - course).sum(1).argmin()) for course in courses]


def holding(saved: SavedModel, state: str, question: int) -> Holding:
    """A cell counts as the network shows it, by tanh: one that counts steps may vary much and tell nothing."""
    batch = first_of_test(saved)
    with torch.no_grad():
        model = SequenceModel.double(copy.deepcopy(saved.model))
        place = model.core.state_names.index(state)
        states = torch.stack([one[place] for one in unroll(model.core, encoded(model, batch))[1:]], 1).numpy()
    same = (saved.task.probed(batch) == question).numpy()
    answers = batch.targets[:, question].numpy()
    decided, share = decided_by(np.tanh(states[same, question]), answers[same])
    order = np.argsort(-decided, kind="stable").tolist()
    return Holding(states, answers, same, question, order, float(share[order[0]]))


def decided_by(values: Values, answers: Answers) -> tuple[Float[np.ndarray, " units"], Float[np.ndarray, " units"]]:
    """The variance of each unit that its answers decide, and its share of all its variance.

    Of classes, the variance between them; of numbers, that along the straight line through them.
    """
    centred, all_of_it = values - values.mean(0), values.var(0)
    if answers.dtype.kind == "f":
        along = answers - answers.mean()
        decided = (centred.T @ along) ** 2 / max(float(along @ along), 1e-300) / len(answers)
    else:
        groups = [answers == answer for answer in np.unique(answers)]
        decided = sum(group.mean() * centred[group].mean(0) ** 2 for group in groups)
    return decided, decided / np.where(all_of_it > 0, all_of_it, 1.0)


def _groups(answers: Answers) -> np.ndarray:
    if answers.dtype.kind != "f":
        return answers
    place = np.searchsorted(np.quantile(answers, [1 / 3, 2 / 3]), answers)
    return np.array(THIRDS)[place]


def _in_order(groups: np.ndarray) -> list[int | str]:
    known = set(groups.tolist())
    return [name for name in THIRDS if name in known] or sorted(known)
