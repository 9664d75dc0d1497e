"""How many numbers a model carries from step to step."""

import pytest
import torch

from seqbench.models.base import Core, SequenceModel
from seqbench.models.carried import numbers_carried
from seqbench.models.controls import Bag, Memoryless, Window
from seqbench.models.gru import GRU
from seqbench.models.lstm import LSTM
from seqbench.models.rnn import RNN


@pytest.mark.parametrize(
    ("core", "number"),
    [
        (RNN(2, hidden_size=6), 6),
        (GRU(2, hidden_size=6), 6),
        (LSTM(2, hidden_size=6), 12),
        (Memoryless(2, hidden_size=6), 0),
        (Bag(2, hidden_size=6), 6),
    ],
)
def test_the_numbers_are_those_that_the_next_step_reads(core: Core, number: int) -> None:
    """An LSTM reads its output and its cell, a bag its sum alone, and what has no memory nothing."""
    assert numbers_carried(SequenceModel(core, 1), 2) == number


def test_a_window_carries_the_inputs_that_it_will_see_again() -> None:
    core = Window(2, hidden_size=6, window=4)
    assert numbers_carried(SequenceModel(core, 1), 2) == core.initial_state(torch.zeros(1, 2))[1].numel()


class NoStep(Core):
    hidden_size = 3

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return inputs.cumsum(1)


def test_of_a_core_without_a_step_nobody_knows() -> None:
    assert numbers_carried(SequenceModel(NoStep(), 1), 3) is None
