"""The affine scan, by a loop and by doubling, is the recurrence and has its gradient."""

import pytest
import torch

from seqbench.models import scan
from seqbench.models.scan import affine_scan
from seqbench.plan import seeding

NEVER, ALWAYS = 0, 10**9


@pytest.fixture(params=[NEVER, ALWAYS], ids=["loop", "doubling"])
def way(request, monkeypatch):
    monkeypatch.setattr(scan, "MOST_BY_DOUBLING", request.param)
    monkeypatch.setattr(scan, "FEWEST_PASSES", 1)


def drawn(*shape, dtype=torch.float64):
    with seeding.torch_seeded(0, "scan"):
        return torch.randn(*shape, dtype=dtype)


def by_definition(a, b, h):
    outputs = []
    for a_t, b_t in zip(a.expand_as(b), b, strict=True):
        h = a_t * h + b_t
        outputs.append(h)
    return torch.stack(outputs)


def gradients(forward, *given):
    given = [one.clone().requires_grad_() for one in given]
    h = forward(*given)
    weights = torch.linspace(-1, 2, h.numel(), dtype=torch.float64).view_as(h)
    return h, *torch.autograd.grad(((h.real + 2 * h.imag if h.is_complex() else h) * weights).sum(), given)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("dtype", [torch.float64, torch.complex128], ids=str)
@pytest.mark.parametrize("time", [1, 2, 3, 8, 33])
@pytest.mark.parametrize("varies", [True, False])
def test_it_is_the_recurrence_and_so_is_its_gradient(dtype, time, varies):
    """Factors of any sign, some above 1, one of them 0; and one factor for all steps and sequences."""
    a, b, h_0 = drawn(*((time, 2) if varies else (1, 1)), 3, dtype=dtype), drawn(time, 2, 3, dtype=dtype), drawn(2, 3)
    a.view(-1)[1] = 0
    given = a, b, h_0.to(dtype)
    torch.testing.assert_close(gradients(affine_scan, *given), gradients(by_definition, *given), rtol=1e-11, atol=1e-11)


@pytest.mark.usefixtures("way")
def test_its_gradient_is_that_of_finite_differences():
    given = [one.requires_grad_() for one in (drawn(5, 2, 2), drawn(5, 2, 2), drawn(2, 2))]
    assert torch.autograd.gradcheck(affine_scan, given)


@pytest.mark.usefixtures("way")
def test_a_thousand_factors_that_shrink_or_grow_lose_no_digits():
    """The closed form of a constant factor: h_t = a^t h_0 + (1 - a^t) / (1 - a)."""
    ones = torch.ones(1000, 1, 1, dtype=torch.float64)
    for factor in (0.5, -0.999, 1.01):
        powers = factor ** torch.arange(1, 1001, dtype=torch.float64)
        found = affine_scan(factor * ones, ones, ones[0])[:, 0, 0]
        torch.testing.assert_close(found, powers + (1 - powers) / (1 - factor), rtol=1e-10, atol=1e-12)


def test_doubling_is_for_long_sequences_of_few_numbers():
    assert scan._doubling_wins(torch.zeros(100, 1, 64))
    assert not scan._doubling_wins(torch.zeros(32, 1, 64))
    assert not scan._doubling_wins(torch.zeros(400, 32, 64))
