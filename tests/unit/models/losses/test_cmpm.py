from __future__ import annotations

from math import exp, log, sqrt
from pathlib import Path

import numpy as np
import pytest
import torch

from xview.models.losses.cmpm import cmpm

ARRAYS = Path(__file__).parents[3] / "conformance" / "losses-jfse.npz"


def arrays() -> dict[str, torch.Tensor]:
    with np.load(ARRAYS) as stored:
        return {name: torch.from_numpy(stored[name]) for name in stored}


@pytest.mark.parametrize("case", ["cmpm_a", "cmpm_b"])
def test_value_and_gradients_are_those_of_the_original_program(case: str) -> None:
    given = arrays()
    image, text = (given[f"{case}_{side}"].requires_grad_() for side in ("image", "text"))
    value = cmpm(image, text, given[f"{case}_labels"], epsilon=float(given[f"{case}_eps"]))
    value.backward()
    # The original adds another 1e-8 inside the logarithm
    assert value.item() == pytest.approx(given[f"{case}_total"].item(), rel=1e-6)
    torch.testing.assert_close(image.grad, given[f"{case}_grad_image"], rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(text.grad, given[f"{case}_grad_text"], rtol=1e-5, atol=1e-6)
    assert value.item() != pytest.approx(given[f"{case}_wrong_pytorch_port_total"].item(), rel=1e-3)


def test_agrees_with_loops_over_items() -> None:
    random = np.random.default_rng(0)
    x, y, labels = random.normal(size=(5, 3)), random.normal(size=(5, 3)), [0, 1, 0, 2, 1]

    def one_way(a: np.ndarray, b: np.ndarray) -> float:
        found = 0.0
        for i in range(5):
            projections = [sum(a[i] * b[j]) / sqrt(sum(b[j] ** 2)) for j in range(5)]
            matches = sum(label == labels[i] for label in labels)
            for j in range(5):
                p = exp(projections[j]) / sum(exp(value) for value in projections)
                q = (labels[i] == labels[j]) / matches
                found += p * log(p / (q + 1e-8)) / 5
        return found

    expected = one_way(x, y) + one_way(y, x)
    assert cmpm(torch.tensor(x), torch.tensor(y), torch.tensor(labels)).item() == pytest.approx(expected)


def test_falls_to_zero_where_only_equal_labels_match() -> None:
    labels = torch.tensor([0, 0, 1, 2])
    perfect = 60 * torch.eye(3)[labels]
    assert cmpm(perfect, perfect, labels).item() == pytest.approx(0, abs=1e-5)
    assert cmpm(perfect, perfect[torch.tensor([2, 3, 0, 1])], labels) > 10
