from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from xview.errors import DataError, SpaceError
from xview.spaces.reduction import fit_reduction, load_reduction, save_reduction


def vectors() -> np.ndarray:
    rng = np.random.default_rng(0)
    return rng.normal(size=(50, 8)) @ rng.normal(size=(8, 8)) + 3


def test_components_are_the_eigenvectors_of_the_covariance() -> None:
    x = vectors()
    values, directions = np.linalg.eigh(np.cov(x.T))
    found = fit_reduction(x, 3).apply(x)
    np.testing.assert_allclose(found.var(axis=0, ddof=1), values[::-1][:3], rtol=1e-4)
    np.testing.assert_allclose(
        np.abs(found), np.abs((x - x.mean(0)) @ directions[:, ::-1][:, :3]), rtol=1e-3, atol=1e-4
    )


def test_a_file_gives_the_same_reduction_back(tmp_path: Path) -> None:
    x = vectors()
    reduction = fit_reduction(x, 3)
    save_reduction(reduction, tmp_path / "r.safetensors")
    back = load_reduction(tmp_path / "r.safetensors")
    np.testing.assert_allclose(back.apply(x), reduction.apply(x), atol=0.02)
    assert [p.name for p in tmp_path.iterdir()] == ["r.safetensors"]


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpaceError, match="takes"):
        fit_reduction(vectors(), 3).apply(np.ones((2, 5)))
    (tmp_path / "r.safetensors").write_bytes(b"{}")
    for name in ("r.safetensors", "absent.safetensors"):
        with pytest.raises(DataError, match=name):
            load_reduction(tmp_path / name)
