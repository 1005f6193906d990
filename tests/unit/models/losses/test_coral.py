from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch

from xview.models.losses.coral import coral, covariance

ARRAYS = Path(__file__).parents[3] / "conformance" / "losses-jfse.npz"


def test_value_is_that_of_the_reference() -> None:
    with np.load(ARRAYS) as stored:
        u, z = torch.from_numpy(stored["coral_u"]), torch.from_numpy(stored["coral_z"])
        expected = stored["coral_value_4d2"].item()
    assert coral(u, z).item() == pytest.approx(expected, rel=1e-10)


def test_covariance_is_that_of_the_papers_equation_6_and_of_loops() -> None:
    random = np.random.default_rng(0)
    u, z = random.normal(size=(6, 3)) + 2, random.normal(size=(9, 3)) * 3

    def literal(x: np.ndarray) -> np.ndarray:
        ones = np.ones(len(x))
        return (x.T @ x - np.outer(ones @ x, ones @ x) / len(x)) / (len(x) - 1)

    torch.testing.assert_close(covariance(torch.tensor(u)), torch.tensor(literal(u)))
    expected = sum((literal(u)[i, j] - literal(z)[i, j]) ** 2 for i, j in product(range(3), repeat=2)) / 36
    assert coral(torch.tensor(u), torch.tensor(z)).item() == pytest.approx(expected, rel=1e-10)


def test_sees_the_shape_of_a_cloud_and_not_its_place() -> None:
    x = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    assert coral(x, x + 5).item() == pytest.approx(0, abs=1e-10)
    assert coral(x, 2 * x) > 0.01
