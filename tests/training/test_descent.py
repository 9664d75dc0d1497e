"""How parameters follow their gradient, worked out by hand: `training.optimizer_options` and `training.clip`."""

import pytest
import torch
from torch import nn

from seqbench.config import Training
from seqbench.training.descent import Descent, options

PLAIN_SGD = {"optimizer": "SGD", "learning_rate": 0.1, "clip_norm": None}


def after(gradients, **training):
    """Where two parameters are that begin at 0, after steps with these gradients."""
    parameter = nn.Parameter(torch.zeros(2))
    descent = Descent(Training(**training), [parameter])
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient)
        descent.update(float(parameter.grad.norm()))
    return parameter.tolist()


def test_momentum_adds_up_what_it_is_told_to_keep():
    """v = 1, then 0.5 * 1 + 1 = 1.5; the parameter is at -0.1 (1 + 1.5)."""
    options = {"momentum": 0.5}
    assert after([[1.0, 0.0]] * 2, **PLAIN_SGD, optimizer_options=options) == pytest.approx([-0.25, 0.0])
    assert after([[1.0, 0.0]] * 2, **PLAIN_SGD) == pytest.approx([-0.2, 0.0])


def test_a_list_of_betas_is_taken():
    """With betas of 0, Adam makes steps of its learning rate, whatever the length of the gradient."""
    told = {"learning_rate": 0.1, "clip_norm": None, "optimizer_options": {"betas": [0.0, 0.0]}}
    assert after([[1.0, -7.0]], **told) == pytest.approx([-0.1, 0.1])
    assert after([[1.0, -7.0], [5.0, -1.0]], **told) == pytest.approx([-0.2, 0.2])


def test_a_bound_of_the_value_cuts_each_number_and_one_of_the_norm_shortens_the_whole():
    gradient = [[3.0, 0.4]]
    assert after(gradient, **PLAIN_SGD, clip={"value": 0.5}) == pytest.approx([-0.05, -0.04])
    assert after([[-3.0, 0.4]], **PLAIN_SGD, clip={"value": 0.5}) == pytest.approx([0.05, -0.04])
    shortened = {**PLAIN_SGD, "clip_norm": 0.5}
    assert after([[3.0, 4.0]], **shortened) == pytest.approx([-0.03, -0.04], rel=1e-4)
    assert after(gradient, **PLAIN_SGD) == pytest.approx([-0.3, -0.04])


def test_what_an_optimiser_has_by_itself_is_no_option():
    assert options("Adam", {"betas": [0.9, 0.999], "weight_decay": 0, "amsgrad": False}) == {}
    assert options("AdamW", {"weight_decay": 0}) == {"weight_decay": 0.0}
    assert options("RMSprop", {"centered": True, "alpha": 0.9}) == {"alpha": 0.9, "centered": True}


@pytest.mark.parametrize(
    ("optimizer", "given", "told"),
    [
        ("SGD", {"betas": [0.9, 0.9]}, "SGD has no option 'betas'; it has dampening, maximize, momentum, nesterov, we"),
        ("Adam", {"lr": 0.1}, "Adam has no option 'lr'; it has amsgrad, betas, "),
        ("Adam", {"foreach": True}, "Adam has no option 'foreach'; it has amsgrad, betas, "),
        ("Adam", {"betas": 0.9}, "betas of Adam: 0.9 is not allowed; it should be a list of 2 numbers"),
        ("Adam", {"betas": [0.9]}, "betas of Adam: [0.9] is not allowed; it should be a list of 2 numbers"),
        ("Adam", {"betas": [0.9, "x"]}, "betas of Adam: 'x' is not allowed; it should be a finite number"),
        ("Adam", {"betas": [0.9, 1.5]}, "Adam does not take it: Invalid beta parameter at index 1: 1.5"),
        ("Adam", {"amsgrad": 1}, "amsgrad of Adam: 1 is not allowed; it should be true or false"),
        ("Adam", {"weight_decay": True}, "weight_decay of Adam: True is not allowed; it should be a finite number"),
        ("Adam", {"eps": float("inf")}, "eps of Adam: inf is not allowed; it should be a finite number"),
        ("SGD", {"momentum": -1}, "SGD does not take it: Invalid momentum value: -1.0"),
        ("SGD", {"nesterov": True}, "SGD does not take it: Nesterov momentum requires a momentum and zero dampening"),
    ],
)
def test_what_an_optimiser_does_not_have_or_take_is_told_in_one_line(optimizer, given, told):
    with pytest.raises(ValueError) as raised:
        options(optimizer, given)
    assert str(raised.value).startswith(told)
    assert "\n" not in str(raised.value)
