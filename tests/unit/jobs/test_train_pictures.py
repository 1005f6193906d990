from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.numpy import load_file

from xview.data.open import open_dataset
from xview.errors import TrainingError
from xview.jobs.events import Progress
from xview.jobs.reporter import PauseRequested, Reporter
from xview.jobs.train import train
from xview.spaces.trained import read_spaces
from xview.training.checkpoint import read_header
from xview.training.names import BEST, LAST

SETTINGS = {
    "backbone": "small",
    "height": 12,
    "width": 10,
    "channels": 1,
    "maps": 3,
    "dim": 6,
    "lr": 0.01,
    "classes_per_batch": 2,
    "items_per_class": 3,
}


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Bars in three places, dark on light and light on dark, eight pictures of each."""
    rng = np.random.default_rng(0)
    for modality, light in (("dark", 0), ("light", 255)):
        for label in range(3):
            folder = tmp_path / "data" / modality / f"bar {label}"
            folder.mkdir(parents=True)
            for number in range(8):
                pixels = rng.integers(90, 166, (12, 10)).astype(np.uint8)
                pixels[:, 3 * label : 3 * label + 3] = light
                Image.fromarray(pixels).save(folder / f"{number}.png")
    return tmp_path / "data"


def config(data: Path, **settings: object) -> dict[str, object]:
    return {
        "data": str(data),
        "unseen": None,
        "system": "two_stream",
        "settings": SETTINGS | settings,
        "training": {"epochs": 3, "device": "cpu"},
    }


def run(told: dict[str, object], folder: Path, reporter: Reporter | None = None) -> Path:
    folder.mkdir(exist_ok=True)
    return folder / train(told, folder, reporter or Reporter(lambda _: None))


def test_a_run_from_pixels_leaves_the_three_spaces_of_the_paper(data: Path, tmp_path: Path) -> None:
    best = run(config(data), tmp_path / "run")
    header = read_header(best)
    assert best.name == BEST
    assert header.origin.features == {"dark": "pictures", "light": "pictures"}
    assert header.origin.facts["inputs"] == {"dark": [1, 12, 10], "light": [1, 12, 10]}
    spaces = read_spaces(tmp_path / "run", open_dataset(data), [])
    assert {name: space.modalities for name, space in spaces.items()} == {
        "run": ("dark", "light"),
        "run · dark": ("dark",),
        "run · light": ("light",),
    }
    for space in spaces.values():
        assert all(part.shape == (24, 6) for part in space.parts.values())


def test_a_run_that_paused_ends_where_one_without_a_pause_does(data: Path, tmp_path: Path) -> None:
    whole = run(config(data), tmp_path / "whole").parent

    class Pause:
        steps = 0

        def __call__(self) -> bool:
            self.steps += 1
            if self.steps == 8:
                raise PauseRequested
            return False

    told: list[Progress] = []
    with pytest.raises(PauseRequested):
        run(config(data), tmp_path / "parts", Reporter(told.append, Pause()))
    place = read_header(tmp_path / "parts" / LAST).place
    assert 0 < place.steps < read_header(whole / LAST).place.steps
    run(config(data), tmp_path / "parts")
    expected, found = (load_file(folder / LAST) for folder in (whole, tmp_path / "parts"))
    assert expected.keys() == found.keys()
    assert [name for name in expected if expected[name].tobytes() != found[name].tobytes()] == []


def test_texts_are_refused_in_a_sentence(tmp_path: Path) -> None:
    told = config(Path("emoji")) | {"data": "emoji", "modalities": ["texts", "images"]}
    with pytest.raises(TrainingError, match="texts comes as features, which backbone=small cannot take"):
        run(told, tmp_path / "run")
