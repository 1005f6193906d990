from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from xview.errors import TrainingError
from xview.jobs.closed_form import PROJECTIONS
from xview.jobs.events import Progress
from xview.jobs.reporter import Reporter
from xview.jobs.train import train
from xview.models.projections import load
from xview.spaces.baseline import fit_space
from xview.spaces.encode import encode_outside
from xview.spaces.library import open_data, single_modal, unseen_classes
from xview.spaces.trained import find_spaces


@pytest.fixture
def runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XVIEW_RUNS", str(tmp_path))
    return tmp_path


def run(folder: Path, **config: Any) -> tuple[str, list[Progress]]:
    folder.mkdir()
    told: list[Progress] = []
    return train({"data": "emoji", **config}, folder, Reporter(told.append)), told


@pytest.mark.parametrize("system", ["cca", "ridge"])
def test_a_run_leaves_a_space_that_places_what_comes_from_outside(runs: Path, system: str) -> None:
    result, told = run(runs / "mine", system=system)
    assert result == PROJECTIONS
    assert set(load(runs / "mine" / result).weights) == {"sketches", "images", "texts"}
    (progress,) = told
    assert (progress.done, progress.total) == (1, 1)
    assert progress.metrics["validation mAP"] > 0.15
    assert progress.metrics["unseen mAP"] > 0.25  # by chance .1

    opened = open_data("emoji")
    spaces, problems = find_spaces(opened.dataset, sorted(unseen_classes(opened.dataset)))
    assert list(spaces) == ["mine"] and not problems
    space = spaces["mine"]
    assert space.made_by["system"] == system
    picture = opened.dataset.collection("images").payloads.picture(1500)
    assert picture is not None
    placed = encode_outside(space, "images", picture)
    assert (space.unit("images") @ placed).argmax() == 1500


def test_nothing_held_out_gives_the_baseline_itself(runs: Path) -> None:
    run(runs / "all", system="cca", modalities=["sketches", "images"], training={"validation": 0})
    opened = open_data("emoji")
    spaces, _ = find_spaces(opened.dataset, sorted(unseen_classes(opened.dataset)))
    own = single_modal(opened.spaces)
    baseline = fit_space(opened.dataset, {m: own[m] for m in ("sketches", "images")})
    a, b = (space.unit("sketches") @ space.unit("images")[::9].T for space in (spaces["all"], baseline))
    np.testing.assert_allclose(a, b, atol=1e-4)


def test_a_system_takes_as_many_modalities_as_it_can(runs: Path) -> None:
    with pytest.raises(TrainingError, match="CCA learns from 2 or more modalities, not from 1"):
        run(runs / "one", system="cca", modalities=["images"])
    with pytest.raises(TrainingError, match=r"MMC-Net learns from 2 modalities, not from 3"):
        run(runs / "three", system="mmc_net", modalities=["images", "texts", "sketches"])
