from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xview.arrays import Floats
from xview.errors import DataError, SpaceError
from xview.models.projections import Projections, load, save


def projections() -> Projections:
    """Of a (3 numbers) and b (2), onto two dimensions."""
    rng = np.random.default_rng(0)

    def floats(*shape: int) -> Floats:
        return rng.normal(size=shape).astype(np.float32)

    return Projections({"a": floats(3), "b": floats(2)}, {"a": floats(3, 2), "b": floats(2, 2)}, floats(2))


def test_every_modality_goes_its_own_way_to_one_space() -> None:
    found = projections()
    x = np.arange(6).reshape(2, 3)
    by_hand = [
        [sum((x[i, j] - found.means["a"][j]) * found.weights["a"][j, k] for j in range(3)) for k in range(2)]
        for i in range(2)
    ]
    np.testing.assert_allclose(found.apply("a", x), by_hand, rtol=1e-5)
    assert found.apply("b", np.ones((4, 2))).shape == (4, 2)


@pytest.mark.parametrize("measured", [True, False])
def test_projections_survive_a_file(tmp_path: Path, measured: bool) -> None:
    found = projections()
    if not measured:
        found = Projections(found.means, found.weights)
    save(found, tmp_path / "p.safetensors")
    back = load(tmp_path / "p.safetensors")
    assert back.to_arrays().keys() == found.to_arrays().keys()
    for name, array in found.to_arrays().items():
        np.testing.assert_array_equal(back.to_arrays()[name], array)
    assert [p.name for p in tmp_path.iterdir()] == ["p.safetensors"]


def test_a_file_that_holds_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.safetensors"
    with pytest.raises(DataError, match=r"p\.safetensors"):
        load(path)
    path.write_bytes(b"not one")
    with pytest.raises(DataError, match=r"p\.safetensors"):
        load(path)


def test_vectors_of_another_width_are_refused() -> None:
    with pytest.raises(SpaceError, match=r"fitted were \(n, 3\)"):
        projections().apply("a", np.ones((2, 4)))
    with pytest.raises(SpaceError, match="c was not fitted"):
        projections().apply("c", np.ones((2, 3)))
