from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

from xview.models.losses.triplet import batch_hard, cosine_distance, euclidean_distance


def drawn(rows: int = 9, dim: int = 4, seed: int = 0) -> Tensor:
    return torch.from_numpy(np.random.default_rng(seed).normal(size=(rows, dim)))


def slow_distance(kind: str, a: Tensor, b: Tensor) -> float:
    if kind == "cosine":
        return 1 - float(a @ b / (a.norm() * b.norm()))
    return float((a - b).norm())


@pytest.mark.parametrize("kind", ["cosine", "euclidean"])
@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_hardest_triplet_of_every_anchor(kind: str, seed: int) -> None:
    x, labels = drawn(seed=seed), [0, 0, 0, 1, 1, 2, 2, 2, 3]  # the last has no positive
    losses = []
    for a in range(len(x)):
        positives = [slow_distance(kind, x[a], x[p]) for p in range(9) if labels[p] == labels[a] and p != a]
        negatives = [slow_distance(kind, x[a], x[n]) for n in range(9) if labels[n] != labels[a]]
        if positives:
            losses.append(max(0.0, 0.6 + max(positives) - min(negatives)))
    distances = {"cosine": cosine_distance, "euclidean": euclidean_distance}[kind](x)
    found = batch_hard(distances, torch.tensor(labels), 0.6)
    assert float(found) == pytest.approx(np.mean(losses), rel=1e-9)


@pytest.mark.parametrize("distance", [cosine_distance, euclidean_distance])
def test_its_gradient_is_that_of_finite_differences(distance: object) -> None:
    labels = torch.tensor([0, 0, 1, 1, 2, 2])
    assert callable(distance)
    assert torch.autograd.gradcheck(
        lambda x: batch_hard(distance(x), labels, 0.6), drawn(6).requires_grad_(), fast_mode=True
    )


def test_items_of_a_class_that_point_apart_are_pulled_together() -> None:
    """The released program clamps cosines at 0, and leaves such a pair alone."""
    x = torch.tensor([[1.0, 0.1], [-1.0, 0.1], [0.0, -1.0], [0.1, -1.0]], dtype=torch.double)
    x.requires_grad_()
    batch_hard(cosine_distance(x), torch.tensor([0, 0, 1, 1]), 0.6).backward()
    assert x.grad is not None
    moved = (x - x.grad).detach()
    assert cosine_distance(moved)[0, 1] < cosine_distance(x.detach())[0, 1] - 0.01


@pytest.mark.parametrize("distance", [cosine_distance, euclidean_distance])
def test_equal_items_have_a_finite_gradient(distance: object) -> None:
    assert callable(distance)
    x = torch.ones(4, 3, requires_grad=True)
    batch_hard(distance(x), torch.tensor([0, 0, 1, 1]), 0.6).backward()
    assert x.grad is not None and torch.isfinite(x.grad).all()


@pytest.mark.parametrize("labels", [[0, 0, 0], [0, 1, 2]])
def test_without_a_triplet_there_is_nothing_to_learn(labels: list[int]) -> None:
    x = drawn(3).requires_grad_()
    loss = batch_hard(cosine_distance(x), torch.tensor(labels), 0.6)
    loss.backward()
    assert float(loss.detach()) == 0
    assert x.grad is not None and not x.grad.any()
