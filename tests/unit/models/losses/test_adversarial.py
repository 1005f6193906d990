from __future__ import annotations

from math import exp, log

import pytest
import torch
from torch import Tensor, nn

from xview.models.losses.adversarial import gradient_penalty, origin_entropy, reverse_gradient


def items(rows: int, seed: int) -> Tensor:
    return torch.randn(rows, 3, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_penalty_of_a_linear_critic_is_known() -> None:
    """Its slope is its weight wherever one looks, and the penalty's own slope follows by hand."""
    weight = torch.tensor([2.0, -1.0, 2.0], dtype=torch.float64, requires_grad=True)  # of norm 3
    penalty = gradient_penalty(lambda x: x @ weight, items(4, 0), items(4, 1), torch.rand(4, 1).double())
    penalty.backward()
    assert penalty.item() == pytest.approx((3 - 1) ** 2)
    torch.testing.assert_close(weight.grad, 2 * (3 - 1) * weight.detach() / 3)


def test_penalty_and_its_gradient_agree_with_finite_differences() -> None:
    torch.manual_seed(0)
    critic = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    true, made = items(5, 0), items(5, 1)
    share = torch.linspace(0, 1, 5, dtype=torch.float64)[:, None]

    @torch.no_grad()
    def slow() -> float:
        found = 0.0
        for i in range(5):
            point, step = share[i] * true[i] + (1 - share[i]) * made[i], 1e-5
            slopes = []
            for axis in range(3):
                away = torch.zeros(3, dtype=torch.float64)
                away[axis] = step
                slopes.append(float(critic(point + away) - critic(point - away)) / (2 * step))
            found += (sum(slope**2 for slope in slopes) ** 0.5 - 1) ** 2 / 5
        return found

    penalty = gradient_penalty(critic, true, made, share)
    assert penalty.item() == pytest.approx(slow(), rel=1e-6)
    penalty.backward()
    weight = critic[0].weight
    with torch.no_grad():
        weight[1, 2] += 1e-4
        above = slow()
        weight[1, 2] -= 2e-4
        below = slow()
    assert weight.grad is not None
    assert weight.grad[1, 2].item() == pytest.approx((above - below) / 2e-4, rel=1e-3)


def test_penalty_asks_nothing_of_the_generator() -> None:
    weight = items(1, 2)[0].requires_grad_()
    made = items(4, 1).requires_grad_()
    penalty = gradient_penalty(lambda x: (x @ weight).tanh(), items(4, 0), made, torch.full((4, 1), 0.5))
    penalty.backward()
    assert made.grad is None
    assert weight.grad is not None


def test_reversal_keeps_values_and_flips_gradients() -> None:
    x = items(4, 0).requires_grad_()
    weight = items(4, 1).requires_grad_()
    reversed_ = reverse_gradient(x)
    torch.testing.assert_close(reversed_, x)
    (reversed_ * weight).sum().backward()
    torch.testing.assert_close(x.grad, -weight.detach())  # before the reversal: uphill
    torch.testing.assert_close(weight.grad, x.detach())  # after it: downhill


def test_origin_entropy_agrees_with_loops() -> None:
    one, three = items(4, 0)[:, :1], items(4, 1)
    for origin in (0, 1):
        chances = [1 / (1 + exp(-float(value))) for value in one[:, 0]]
        expected = -sum(log(p if origin else 1 - p) for p in chances) / 4
        assert origin_entropy(one, origin).item() == pytest.approx(expected)
    for origin in range(3):
        expected = -sum(log(exp(row[origin]) / sum(exp(v) for v in row)) for row in three.tolist()) / 4
        assert origin_entropy(three, origin).item() == pytest.approx(expected)
