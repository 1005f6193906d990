from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from xview.models.losses.ranking import both_ways, one_way

Array = npt.NDArray[np.float64]
CONFORMANCE = np.load(Path(__file__).parents[3] / "conformance" / "losses-birank.npz")


def drawn(b: int = 14, d: int = 5, seed: int = 0) -> tuple[Array, Array, Array]:
    """Two modalities of b // 2 things, two rows each."""
    rng = np.random.default_rng(seed)
    centre = rng.normal(size=(b, d))
    return centre + rng.normal(size=(b, d)), centre + rng.normal(size=(b, d)), np.arange(b) // 2


def cosine(a: Array, b: Array) -> float:
    return float(a @ b / np.sqrt((a @ a) * (b @ b)))


def by_loops(x: Array, y: Array, ids: Array, margin: float, n: int, cross: float, intra: float) -> float:
    """Eq. 5.7 and 5.8, in distances, one triplet at a time."""
    total = 0.0
    for i in range(len(x)):
        matched = 1 - cosine(x[i], y[i])
        distance = {j: 1 - cosine(x[i], y[j]) for j in range(len(y)) if ids[j] != ids[i]}
        violators = [j for j in distance if distance[j] < matched + margin]
        for j in sorted(violators, key=lambda j: distance[j])[:n]:
            total += cross * max(0.0, matched - distance[j] + margin)
            total += intra * max(0.0, matched - (1 - cosine(y[i], y[j])) + margin)
    return total / (n * len(x))


def tensors(*arrays: Array) -> tuple[torch.Tensor, ...]:
    return tuple(torch.from_numpy(a) for a in arrays)


@pytest.mark.parametrize("n", [1, 3, 50])
@pytest.mark.parametrize(("cross", "intra"), [(1.0, 0.0), (1.0, 0.5), (0.0, 2.0)])
def test_agrees_with_loops_over_triplets(n: int, cross: float, intra: float) -> None:
    x, y, ids = drawn()
    found = one_way(*tensors(x, y, ids), margin=0.3, negatives=n, cross=cross, intra=intra)
    assert found.item() == pytest.approx(by_loops(x, y, ids, 0.3, n, cross, intra), rel=1e-10)


@pytest.mark.parametrize("n", [3, 50])
@pytest.mark.parametrize(("name", "weights"), [("thesis_beta_2_1", (2, 1)), ("code_1_2", (1, 2))])
def test_agrees_with_the_transcribed_program(n: int, name: str, weights: tuple[float, float]) -> None:
    x, y, ids = (torch.from_numpy(CONFORMANCE[key]) for key in ("image", "text", "ids"))
    found = both_ways(x, y, ids, margin=0.1, negatives=n, weights=weights, intra=0.5)
    assert found.item() == pytest.approx(float(CONFORMANCE[f"N{n}_total_{name}"]), rel=1e-10)


def test_one_direction_agrees_with_the_transcribed_program() -> None:
    x, y, ids = (torch.from_numpy(CONFORMANCE[key]) for key in ("image", "text", "ids"))
    for name, (a, b) in {"i2t": (x, y), "t2i": (y, x)}.items():
        found = one_way(a, b, ids, margin=0.1, negatives=3, intra=0.5) * 3 * len(ids)
        assert found.item() == pytest.approx(float(CONFORMANCE[f"N3_{name}_sum"]), rel=1e-10)


def test_items_of_the_same_thing_are_never_negatives() -> None:
    x, y, ids = drawn()
    rows = tensors(x, y)
    assert one_way(*rows, torch.zeros(len(ids)), margin=1.0, negatives=5, intra=1.0).item() == 0
    # Another caption, moved onto the anchor, would be the hardest negative of all
    y[1] = x[0]
    alone = one_way(*tensors(x, y), torch.arange(len(ids)), margin=0.2, negatives=1)
    assert alone > one_way(*tensors(x, y, ids), margin=0.2, negatives=1)


def test_lengths_of_rows_do_not_matter() -> None:
    x, y, ids = drawn()
    rng = np.random.default_rng(1)
    scaled = (x * rng.uniform(0.1, 9, (len(x), 1)), y * rng.uniform(0.1, 9, (len(y), 1)))
    kept = both_ways(*tensors(x, y, ids), margin=0.2, negatives=4, intra=0.5)
    torch.testing.assert_close(both_ways(*tensors(*scaled, ids), margin=0.2, negatives=4, intra=0.5), kept)


def test_gradient_is_the_slope() -> None:
    x, y, ids = drawn(b=8)

    def loss(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
        return both_ways(a, b, torch.from_numpy(ids), margin=0.2, negatives=3, weights=(2, 1), intra=0.5)

    assert torch.autograd.gradcheck(loss, tuple(t.requires_grad_() for t in tensors(x, y)))


def test_a_separated_batch_costs_nothing_and_gives_no_bad_gradient() -> None:
    x = torch.eye(6, requires_grad=True)
    loss = both_ways(x, torch.eye(6), torch.arange(6), margin=0.5, negatives=50, intra=0.5)
    loss.backward()  # type: ignore[no-untyped-call]
    assert loss.item() == 0
    assert x.grad is not None and not x.grad.any()
