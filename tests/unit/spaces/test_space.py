"""A declared space is what its files say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.qt.data_sets import write_data
from xview.data.open import open_dataset
from xview.errors import DataError, SpaceError
from xview.models.projections import Projections, save
from xview.spaces.space import load_space


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = write_data(tmp_path / "pairs", {"photos": "vector", "notes": "vector"})
    lines = ['[spaces."projected"]', 'photos = "photos-0.npy"', 'notes = "notes-1.npy"']
    with (folder / "dataset.toml").open("a", encoding="utf-8") as file:
        file.write("\n" + "\n".join([*lines, 'projections = "p.safetensors"']))
    return folder


def test_a_space_of_projected_features_is_projected_when_it_is_loaded(source: Path) -> None:
    random = np.random.default_rng(0)
    means = {m: random.normal(size=8).astype(np.float32) for m in ("photos", "notes")}
    weights = {m: random.normal(size=(8, 3)).astype(np.float32) for m in means}
    save(Projections(means, weights), source / "p.safetensors")
    space = load_space(open_dataset(source), "projected")
    assert (space.modalities, space.dimension) == (("photos", "notes"), 3)
    for modality, file in (("photos", "photos-0.npy"), ("notes", "notes-1.npy")):
        row = np.load(source / file)[5]
        expected = [
            sum((row[i] - means[modality][i]) * weights[modality][i, j] for i in range(8)) for j in range(3)
        ]
        np.testing.assert_allclose(space.parts[modality][5], expected, rtol=1e-4, atol=1e-5)


def test_projections_that_are_none_or_do_not_fit_are_told(source: Path) -> None:
    (source / "p.safetensors").write_bytes(b"no safetensors")
    with pytest.raises(DataError, match="no projections"):
        load_space(open_dataset(source), "projected")
    ones = np.ones((5, 2), np.float32)
    save(Projections({"photos": ones[:, 0]}, {"photos": ones}), source / "p.safetensors")
    with pytest.raises(SpaceError, match="fitted were"):
        load_space(open_dataset(source), "projected")
