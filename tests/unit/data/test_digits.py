from __future__ import annotations

import io
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.unit.data import files
from tests.unit.data.files import memory_limit
from xview.arrays import AnyArray
from xview.data.open import open_dataset, recognise
from xview.data.records import Collection
from xview.errors import DataError

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (7, 28, 28), dtype=np.uint8)
GREY_LABELS = np.array([3, 0, 9, 1, 3, 3, 7])
RGB = RNG.integers(0, 256, (5, 32, 32, 3), dtype=np.uint8)
RGB_LABELS = np.array([0, 9, 1, 0, 4])


def mnist(folder: Path, suffix: str = "") -> Path:
    folder.mkdir(exist_ok=True)
    for part, rows in (("train", slice(0, 4)), ("t10k", slice(4, 7))):
        files.idx(folder / f"{part}-images-idx3-ubyte{suffix}", GREY[rows])
        files.idx(folder / f"{part}-labels-idx1-ubyte{suffix}", GREY_LABELS[rows])
    return folder


def seen_picture(collection: Collection, row: int) -> AnyArray:
    data = collection.payloads.picture(row)
    assert data is not None
    return np.asarray(Image.open(io.BytesIO(data)))


def check_mnist(collection: Collection, classes: tuple[str, ...]) -> None:
    order = [4, 5, 6, 0, 1, 2, 3]  # t10k before train
    assert collection.ids.tolist() == [
        "t10k-0",
        "t10k-1",
        "t10k-2",
        "train-0",
        "train-1",
        "train-2",
        "train-3",
    ]
    assert [int(classes[label]) for label in collection.labels] == GREY_LABELS[order].tolist()
    assert collection.seen is not None and collection.seen.tolist() == [False] * 3 + [True] * 4
    for row, source in enumerate(order):
        np.testing.assert_array_equal(seen_picture(collection, row), GREY[source])


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_mnist_as_released(suffix: str, tmp_path: Path) -> None:
    data = open_dataset(mnist(tmp_path, suffix))
    assert list(data.collections) == ["mnist"] and data.classes == ("0", "1", "3", "7", "9")
    check_mnist(data.collection("mnist"), data.classes)
    assert data.notes == ("Training pictures count as seen, test pictures as unseen.",)


@pytest.mark.parametrize("packed", [True, False])
def test_svhn_as_released(packed: bool, tmp_path: Path) -> None:
    files.svhn(tmp_path / "train_32x32.mat", RGB, RGB_LABELS, packed=packed)
    for source in (tmp_path, tmp_path / "train_32x32.mat"):
        data = open_dataset(source)
        svhn = data.collection("svhn")
        assert [int(data.classes[label]) for label in svhn.labels] == RGB_LABELS.tolist()
        assert svhn.ids[1] == "train-1" and svhn.seen is None
        for row in range(5):
            np.testing.assert_array_equal(seen_picture(svhn, row), RGB[row])


def test_both_in_one_folder_are_two_modalities(tmp_path: Path) -> None:
    mnist(tmp_path / "mnist", ".gz")
    (tmp_path / "svhn").mkdir()
    files.svhn(tmp_path / "svhn" / "test_32x32.mat", RGB, RGB_LABELS)
    files.svhn(tmp_path / "svhn" / "extra_32x32.mat", RGB[:2], RGB_LABELS[:2])
    data = open_dataset(tmp_path)
    assert list(data.collections) == ["mnist", "svhn"]
    check_mnist(data.collection("mnist"), data.classes)
    svhn = data.collection("svhn")
    assert svhn.ids.tolist()[:3] == ["extra-0", "extra-1", "test-0"]
    assert svhn.seen is not None and svhn.seen.tolist() == [True] * 2 + [False] * 5
    np.testing.assert_array_equal(seen_picture(svhn, 6), RGB[4])
    found = recognise(tmp_path)
    assert found.reader == "digits"
    assert found.sentences[:2] == (
        "mnist: 7 image items of 5 classes, 4 seen and 3 unseen.",
        "svhn: 7 image items of 4 classes, 2 seen and 5 unseen.",
    )


def test_one_file_brings_the_labels_beside_it(tmp_path: Path) -> None:
    data = open_dataset(mnist(tmp_path) / "train-images-idx3-ubyte")
    assert len(data.collection("mnist")) == 4 and data.collection("mnist").seen is None


def test_a_packed_copy_beside_a_plain_one_is_passed_over(tmp_path: Path) -> None:
    mnist(mnist(tmp_path, ".gz"))
    data = open_dataset(tmp_path)
    check_mnist(data.collection("mnist"), data.classes)
    assert (
        "t10k-images-idx3-ubyte.gz was passed over, because t10k-images-idx3-ubyte holds the same."
        in data.notes
    )


def test_missing_labels_and_missing_pictures_are_told(tmp_path: Path) -> None:
    (mnist(tmp_path) / "train-labels-idx1-ubyte").unlink()
    (tmp_path / "t10k-images-idx3-ubyte").unlink()
    data = open_dataset(tmp_path)
    assert data.collection("mnist").labels.tolist() == [-1] * 4
    assert data.notes[:2] == (
        "t10k-labels-idx1-ubyte was passed over, because its pictures are missing.",
        "train-images-idx3-ubyte has no file of labels beside it, so its items have no class.",
    )
    (tmp_path / "train-images-idx3-ubyte").unlink()
    with pytest.raises(DataError, match="holds labels but no pictures"):
        open_dataset(tmp_path)


def test_numbers_that_disagree_are_told(tmp_path: Path) -> None:
    files.idx(mnist(tmp_path) / "train-labels-idx1-ubyte", GREY_LABELS[:3])
    with pytest.raises(
        DataError, match=r"train-images-idx3-ubyte holds 4 pictures but train-labels-idx1-ubyte 3"
    ):
        open_dataset(tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (struct.pack(">4B3I", 0, 0, 8, 3, 60_000, 28, 28) + b"\0" * 900, "promises 47,040,016 bytes"),
        (struct.pack(">4B3I", 0, 0, 8, 3, *[2**32 - 1] * 3), "promises"),
        (struct.pack(">4B3I", 0, 0, 8, 3, 0, 28, 28), "holds no items"),
        (struct.pack(">4B3I", 0, 0, 13, 3, 1, 1, 1) + b"\0" * 4, "hold bytes in one dimension"),
        (struct.pack(">4B", 0, 0, 8, 3), "header is missing"),
    ],
)
def test_a_lying_idx_header_is_refused(content: bytes, told: str, tmp_path: Path) -> None:
    (tmp_path / "train-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(DataError, match=f"train-images-idx3-ubyte: .*{told}"), memory_limit(5 << 20):
        open_dataset(tmp_path)


def test_a_cut_off_gzip_is_told_at_once(tmp_path: Path) -> None:
    path = mnist(tmp_path, ".gz") / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: is cut off.*the gzip file is cut off"):
        open_dataset(tmp_path)


def test_damage_inside_a_gzip_is_told_when_somebody_looks(tmp_path: Path) -> None:
    path = mnist(tmp_path, ".gz") / "train-images-idx3-ubyte.gz"
    raw = bytearray(path.read_bytes())
    raw[-8] ^= 1  # the checksum
    path.write_bytes(raw)
    data = open_dataset(tmp_path)
    with pytest.raises(DataError, match=r"train-images-idx3-ubyte.gz: is cut off, damaged"):
        data.collection("mnist").payloads.picture(3)


def test_wrong_digits_are_told(tmp_path: Path) -> None:
    files.svhn(tmp_path / "train_32x32.mat", RGB, RGB_LABELS + 20)
    with pytest.raises(DataError, match=r"train_32x32.mat: y holds other values than the digits 1 to 10"):
        open_dataset(tmp_path)
    files.svhn(tmp_path / "train_32x32.mat", RGB, RGB_LABELS[:3])
    with pytest.raises(DataError, match=r"train_32x32.mat: X holds 5 pictures but y 3 labels"):
        open_dataset(tmp_path)
