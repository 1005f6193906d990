from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.data.files import memory_limit
from xview.data.payloads import ItemPayloads
from xview.data.records import Collection, Kind
from xview.errors import DataError, TrainingError
from xview.training.pictures import decoded, digest, read_pictures


def png(pixels: np.ndarray) -> bytes:  # type: ignore[type-arg]
    packed = io.BytesIO()
    Image.fromarray(pixels).save(packed, "PNG")
    return packed.getvalue()


class Pictures:
    """Counts how often it is read."""

    def __init__(self, pictures: Sequence[bytes | None]) -> None:
        self.pictures, self.read_so_far = pictures, 0

    def read(self, row: int) -> bytes | None:
        self.read_so_far += 1
        return self.pictures[row]


def collection(pictures: Pictures, kind: Kind = Kind.IMAGE) -> Collection:
    count = len(pictures.pictures)
    names = np.array([f"item {i}" for i in range(count)])
    return Collection(
        modality="views",
        kind=kind,
        ids=names,
        titles=names,
        labels=np.zeros(count, np.int64),
        payloads=ItemPayloads(pictures),
    )


def noise(count: int, height: int = 6, width: int = 5) -> np.ndarray:  # type: ignore[type-arg]
    return np.random.default_rng(0).integers(0, 256, (count, height, width, 3)).astype(np.uint8)


def test_every_picture_is_there_pixel_by_pixel(tmp_path: Path) -> None:
    pixels = noise(150)
    found = read_pictures(collection(Pictures([png(p) for p in pixels])), (3, 6, 5), tmp_path / "views.npy")
    assert found.dtype == np.uint8
    np.testing.assert_array_equal(found, pixels.transpose(0, 3, 1, 2))


def test_pictures_are_decoded_once(tmp_path: Path) -> None:
    pictures = Pictures([png(p) for p in noise(3)])
    first = read_pictures(collection(pictures), (3, 6, 5), tmp_path / "views.npy")
    again = read_pictures(collection(pictures), (3, 6, 5), tmp_path / "views.npy")
    assert pictures.read_so_far == 3
    np.testing.assert_array_equal(first, again)


def test_changes_stay_in_memory(tmp_path: Path) -> None:
    taken = collection(Pictures([png(p) for p in noise(3)]))
    read_pictures(taken, (3, 6, 5), tmp_path / "views.npy")[:] = 0
    assert read_pictures(taken, (3, 6, 5), tmp_path / "views.npy").any()


def test_a_file_that_is_something_else_is_made_again(tmp_path: Path) -> None:
    taken = collection(Pictures([png(p) for p in noise(3)]))
    whole = read_pictures(taken, (3, 6, 5), tmp_path / "views.npy").copy()
    for wrong in (b"", b"\x93NUMPY", (tmp_path / "views.npy").read_bytes()[:-1]):
        (tmp_path / "views.npy").write_bytes(wrong)
        np.testing.assert_array_equal(read_pictures(taken, (3, 6, 5), tmp_path / "views.npy"), whole)


def test_a_picture_is_scaled_and_greyed() -> None:
    halves = np.zeros((8, 16, 3), np.uint8)
    halves[:, 8:] = (255, 0, 0)
    found = decoded(png(halves), (1, 4, 4), "here")
    assert found.shape == (1, 4, 4)
    assert found[0, :, 0].max() < 10
    assert np.abs(found[0, :, 3].astype(int) - round(0.299 * 255)).max() < 10


def test_nothing_is_seen_through_as_white_paper() -> None:
    glass = np.zeros((4, 4, 4), np.uint8)
    glass[:2, :, 3] = 255
    found = decoded(png(glass), (3, 4, 4), "here")
    assert not found[:, :2].any() and (found[:, 2:] == 255).all()


@pytest.mark.parametrize(
    ("bad", "words"), [(b"no picture", "no picture"), (None, "no picture to learn from")]
)
def test_a_picture_that_cannot_be_read_is_named(tmp_path: Path, bad: bytes | None, words: str) -> None:
    taken = collection(Pictures([*(png(p) for p in noise(2)), bad]))
    with pytest.raises(DataError, match=f"views: item 'item 2'.*{words}"):
        read_pictures(taken, (3, 6, 5), tmp_path / "views.npy")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_cut_short_is_named(tmp_path: Path) -> None:
    whole = png(noise(1, 60, 60)[0])
    with pytest.raises(DataError, match=r"item 'item 0'.*damaged"):
        read_pictures(collection(Pictures([whole[: len(whole) // 2]])), (3, 6, 5), tmp_path / "views.npy")


def test_texts_have_no_pictures_to_learn_from() -> None:
    with pytest.raises(TrainingError, match=r"views has no pictures.*backbone=features"):
        digest(collection(Pictures([b""]), Kind.TEXT))


def test_other_pictures_and_another_order_have_another_digest() -> None:
    a, b, c = (png(p) for p in noise(3))
    digests = {digest(collection(Pictures(taken))) for taken in ([a, b], [b, a], [a, c], [a, b, c])}
    assert len(digests) == 4
    assert digest(collection(Pictures([a, b]))) in digests


def test_progress_is_told_and_may_end_it(tmp_path: Path) -> None:
    taken = collection(Pictures([png(p) for p in noise(130)]))
    told: list[tuple[int, int]] = []

    def stop(done: int, total: int) -> None:
        told.append((done, total))
        if done >= 64:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_pictures(taken, (3, 6, 5), tmp_path / "views.npy", stop)
    assert told == [(0, 130), (64, 130)]
    assert list(tmp_path.iterdir()) == []


def test_memory_stays_small_however_many_pictures_there_are(tmp_path: Path) -> None:
    one = png(noise(1, 64, 64)[0])
    taken = collection(Pictures([one] * 400))
    with memory_limit(1 << 20):  # the array has 4.7 MB
        read_pictures(taken, (3, 64, 64), tmp_path / "views.npy")


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(TrainingError, match=r"cannot be written.*XVIEW_CACHE"):
        read_pictures(collection(Pictures([png(noise(1)[0])])), (3, 6, 5), tmp_path / "file" / "views.npy")
