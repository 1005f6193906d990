from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from xview.models.pooling import CompactBilinear, bilinear, compact_bilinear, signed_root

ARRAYS = Path(__file__).parents[2] / "conformance" / "losses-cbp.npz"


@pytest.fixture(scope="module")
def reference() -> dict[str, Tensor]:
    with np.load(ARRAYS) as stored:
        return {name: torch.from_numpy(stored[name]) for name in stored}


def test_agrees_with_the_reference_arrays(reference: dict[str, Tensor]) -> None:
    places = torch.stack([reference["h1"], reference["h2"]])
    signs = torch.stack([reference["s1"], reference["s2"]])
    found = compact_bilinear(reference["f"], reference["g"], places, signs, 16)
    torch.testing.assert_close(found, reference["out"], rtol=1e-8, atol=1e-10)
    torch.testing.assert_close(signed_root(found), reference["signed_sqrt_l2"], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("dim", [7, 8])
def test_is_the_count_sketch_of_the_outer_product(dim: int) -> None:
    torch.manual_seed(0)
    f, g = torch.randn(3, 5, dtype=torch.float64), torch.randn(3, 5, dtype=torch.float64)
    pool = CompactBilinear(5, dim)
    expected = torch.zeros(3, dim, dtype=torch.float64)
    for row, i, j in product(range(3), range(5), range(5)):
        at = int(pool.places[0, i] + pool.places[1, j]) % dim
        expected[row, at] += pool.signs[0, i] * pool.signs[1, j] * f[row, i] * g[row, j]
    torch.testing.assert_close(pool(f, g), expected)


def test_keeps_inner_products_of_outer_products_on_average() -> None:
    """<pool(f, g), pool(u, v)> is <f, u> <g, v>, which is that of the outer products, in expectation."""
    torch.manual_seed(0)
    f, g, u, v = torch.randn(4, 1, 12, dtype=torch.float64)
    told = [float((pool(f, g) * pool(u, v)).sum()) for pool in (CompactBilinear(12, 64) for _ in range(2000))]
    exact = float((bilinear(f, g) * bilinear(u, v)).sum())
    assert exact == pytest.approx(float((f * u).sum() * (g * v).sum()))
    assert np.mean(told) == pytest.approx(exact, abs=4 * np.std(told) / np.sqrt(len(told)))


def test_signed_root_has_unit_rows_and_a_finite_slope_at_zero() -> None:
    x = torch.tensor([[4.0, -9.0, 0.0], [0.0, 0.0, 0.0]], requires_grad=True)
    found = signed_root(x)
    torch.testing.assert_close(found[0], torch.tensor([2.0, -3.0, 0.0]) / 13**0.5)
    assert (found[1] == 0).all()
    found.sum().backward()  # type: ignore[no-untyped-call]
    assert x.grad is not None and torch.isfinite(x.grad).all()


def test_half_precision_is_pooled_in_single() -> None:
    """There is no Fourier transform of bfloat16."""
    torch.manual_seed(0)
    f, g = torch.randn(2, 4, 6)
    pool = CompactBilinear(6, 16)
    torch.testing.assert_close(pool(f.bfloat16(), g.bfloat16()), pool(f, g), rtol=0.1, atol=0.05)


def test_gradients_are_those_of_finite_differences() -> None:
    torch.manual_seed(0)
    f, g = (torch.randn(2, 4, dtype=torch.float64, requires_grad=True) for _ in range(2))
    pool = CompactBilinear(4, 6)
    assert torch.autograd.gradcheck(pool, (f, g))
