from __future__ import annotations

from itertools import product
from math import exp
from pathlib import Path

import numpy as np
import pytest
import torch

from xview.models.losses.mmd import VARIANCES, mmd

ARRAYS = Path(__file__).parents[3] / "conformance" / "losses-mmd.npz"


def arrays() -> dict[str, torch.Tensor]:
    with np.load(ARRAYS) as stored:
        return {name: torch.from_numpy(stored[name]) for name in stored}


@pytest.mark.parametrize("case", ["same", "shift"])
def test_value_and_gradients_are_those_of_the_reference_program(case: str) -> None:
    given = arrays()
    x, y = (given[f"{case}_{side}"].requires_grad_() for side in "xy")
    value = mmd(x, y, VARIANCES)
    value.backward()
    assert value.item() == pytest.approx(given[f"{case}_value"].item(), rel=1e-10)
    torch.testing.assert_close(x.grad, given[f"{case}_grad_x"], rtol=1e-8, atol=1e-12)
    torch.testing.assert_close(y.grad, given[f"{case}_grad_y"], rtol=1e-8, atol=1e-12)
    for s in (0.5, 1.0, 2.0):
        expected = given[f"{case}_single_exp_minus_{s}"].item()
        assert mmd(x, y, [1 / (2 * s)]).item() == pytest.approx(expected, rel=1e-10)


def test_the_nineteen_bandwidths_are_the_reference_programs() -> None:
    assert tuple(arrays()["sigmas"].tolist()) == VARIANCES


def test_agrees_with_loops_over_pairs() -> None:
    random = np.random.default_rng(0)
    x, y = random.normal(size=(4, 3)), random.normal(size=(6, 3)) + 0.5
    variances = (0.3, 2.0)

    def mean(a: np.ndarray, b: np.ndarray) -> float:
        pairs = [sum(exp(-sum((p - q) ** 2) / 2 / v) for v in variances) for p, q in product(a, b)]
        return sum(pairs) / len(pairs)

    expected = mean(x, x) + mean(y, y) - 2 * mean(x, y)
    assert mmd(torch.tensor(x), torch.tensor(y), variances).item() == pytest.approx(expected, rel=1e-12)


def test_is_zero_for_equal_samples_in_float32_and_at_most_two_a_kernel() -> None:
    x = torch.randn(16, 300, generator=torch.Generator().manual_seed(0))
    assert mmd(x, x[torch.randperm(16)], VARIANCES).item() == pytest.approx(0, abs=1e-5)
    points = torch.zeros(3, 2)
    assert mmd(points, points + 1e4, [1.0, 2.0]).item() == pytest.approx(4)
