"""A picture or text from outside goes the way its space's items went: encoder, components, checkpoint."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.qt.data_sets import write_data
from tests.unit.spaces.runs import train_run
from xview.errors import CheckpointError, DataError, QueryError
from xview.spaces.encode import encode_outside, encoder_of
from xview.spaces.library import OpenData, open_data
from xview.spaces.provenance import PIXELS

TINY = {"hidden": 16, "dim": 8}
PICTURES = {"photos": "image", "drawings": "image"}


@pytest.fixture(scope="module", autouse=True)
def folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("outside")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XVIEW_CACHE", str(folder / "cache"))
        patch.setenv("XVIEW_RUNS", str(folder / "runs"))
        yield folder


@pytest.fixture(scope="module")
def emoji(folders: Path) -> OpenData:
    train_run(folders / "runs" / "features", "emoji", "two_stream", TINY, modalities=["sketches", "images"])
    return open_data("emoji")


@pytest.fixture(scope="module")
def pixels(folders: Path) -> OpenData:
    source = write_data(folders / "pictures", PICTURES, unseen=("class-3",))
    small = {"backbone": "small", "height": 16, "width": 12, "maps": 4, "dim": 8, "classes_per_batch": 2}
    train_run(folders / "runs" / "pixels", source, "two_stream", small)
    return open_data(source)


@pytest.mark.parametrize("space", ["features", "features · images"])
def test_a_picture_of_the_data_lands_on_itself_through_encoder_and_checkpoint(
    emoji: OpenData, space: str
) -> None:
    opened, row = emoji.spaces[space], 1500
    picture = emoji.dataset.collection("images").payloads.picture(row)
    assert picture is not None
    assert encoder_of(opened, "images", bytes) == "efficientnet-lite0"
    placed = encode_outside(opened, "images", picture)
    np.testing.assert_allclose(placed, opened.parts["images"][row], atol=0.02 * np.abs(placed).max())


@pytest.mark.parametrize("space", ["pixels", "pixels · photos"])
def test_a_picture_goes_straight_into_a_system_of_pixels(pixels: OpenData, space: str) -> None:
    opened = pixels.spaces[space]
    assert encoder_of(opened, "photos", bytes) == PIXELS
    for row in (0, 7):
        picture = pixels.dataset.collection("photos").payloads.picture(row)
        assert picture is not None
        placed = encode_outside(opened, "photos", picture)
        np.testing.assert_allclose(placed, opened.parts["photos"][row], rtol=1e-4, atol=1e-5)


def test_what_cannot_be_placed_says_why(pixels: OpenData, emoji: OpenData, tmp_path: Path) -> None:
    space = pixels.spaces["pixels"]
    with pytest.raises(QueryError, match="encoded from images"):
        encode_outside(space, "photos", "a word")
    with pytest.raises(DataError, match="the query"):
        encode_outside(space, "photos", b"no picture")
    picture = pixels.dataset.collection("photos").payloads.picture(0)
    assert picture is not None
    for changed, fault in (
        ({"checkpoint": str(tmp_path / "gone.safetensors")}, "gone.safetensors"),
        ({"checkpoint": emoji.spaces["features"].made_by["checkpoint"]}, "not on photos"),
        ({"output": "nothing"}, "not 'nothing'"),
        ({"encoder": {"photos": "efficientnet-lite0"}}, "takes photos of shape"),
    ):
        other = replace(space, made_by={**space.made_by, **changed})
        with pytest.raises((QueryError, CheckpointError), match=fault):
            encode_outside(other, "photos", picture)
